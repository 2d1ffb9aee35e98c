"""What to say when an answer stops with an exception, or its process does not come back."""

from typing import Any

from musiclab.check.answering import MEMORY, SECONDS
from musiclab.check.outcomes import Raised

_GIGABYTES = f"{MEMORY / 1e9:.0f} GB"
# How a process may end without an answer: what to say in one line, and the likely cause.
DEATHS = {
    "time-limit": (
        f"Your function did not come back within {SECONDS} seconds.",
        "Is there a loop that never ends? Look at what must change in each round so that it stops.",
    ),
    "memory-limit": (
        f"Your function asked for more than {_GIGABYTES} of memory.",
        "Is something built that is far larger than the inputs, or a list that grows without end? "
        "Print the shapes as you go.",
    ),
    "process-ended": (
        "Your function ended the whole process that ran it.",
        "Does it call `os._exit`, or recurse very deep inside library code?",
    ),
    "print-limit": (
        "Your function prints without end.",
        "Is there a loop that never stops? A check needs no printing; return the result.",
    ),
    "output-limit": (
        "Your function returns far more numbers than the right answer has.",
        "Look at the shape of the result before you return it.",
    ),
}
_LIMITS = {
    "PrintsWithoutEnd": "print-limit",
    "TooLarge": "output-limit",
    "MemoryError": "memory-limit",
}
_CAUSES = {
    "NameError": "Python does not know this name. Is it spelled right, and imported or assigned?",
    "ModuleNotFoundError": "This module is not there for the check. Is its file in your folder?",
    "AttributeError": "The object has no such part. Print its `type` just before that line.",
    "IndexError": "A place past the end was asked for. Compare the largest index with the length.",
    "KeyError": "The dictionary has no such key. Print the keys just before that line.",
    "ZeroDivisionError": "Something was divided by 0. For which inputs does that number become 0?",
    "RecursionError": "The function calls itself without end. When should it stop?",
    "SystemExit": "A function should return its result and never end the program.",
    "AssertionError": "An `assert` in your own code did not hold. Print the two sides.",
    "UnboundLocalError": "The name is used before it has a value. Is a line missing above, or does "
    "it come too late?",
    "EOFError": "Nobody can type here: take what you need from the arguments, not from `input`.",
}
# What an exception says, where that tells more than its type.
_WORDS = {
    "view size is not compatible": "Once axes have moved, `view` cannot read the numbers in a row. "
    "Use `reshape`, or einops.",
    "shape of the mask": "A mask in brackets must have as many axes as the tensor. `masked_fill` "
    "and `torch.where` repeat it for you.",
}
_SHAPES = ("size of tensor", "shape", "dimension", "broadcast")
_ARGUMENTS = ("positional argument", "unexpected keyword argument", "required argument")


def limit_met(outcome: Any) -> str | None:
    """Return which limit an answer ran into, if it did: the id of a mistake."""
    if not isinstance(outcome, Raised):
        return None
    if "can't allocate memory" in outcome.says:  # torch's own words
        return "memory-limit"
    return next((limit for name, limit in _LIMITS.items() if name in outcome.types), None)


def stopped(raised: Raised) -> tuple[str, str, str]:
    """Explain an exception.

    Returns:
        The mistake's id, what is wrong in one line, and the likely cause.
    """
    if limit := limit_met(raised):
        return (limit, *DEATHS[limit])
    says = f": {raised.says}" if raised.says else ""
    what = f"Your function stopped with {raised.type}{says}"[:300].rstrip(".") + "."
    return f"raised-{raised.type}", what, _cause(raised)


def _cause(raised: Raised) -> str:
    if "TypeError" in raised.types and not raised.frames:
        if any(words in raised.says for words in _ARGUMENTS):
            return "It does not take the arguments that it is called with. Compare its first line."
        if "not callable" in raised.says:
            return "Give `check` the function itself, by its name, without parentheses after it."
    if "AttributeError" in raised.types and not raised.frames:
        return "The check looks for this part in what you made. Is it called as the statement says?"
    if told := next((says for words, says in _WORDS.items() if words in raised.says), None):
        return told
    known = next((_CAUSES[name] for name in raised.types if name in _CAUSES), "")
    if not known and any(words in raised.says for words in _SHAPES):
        return "Shapes do not fit. Print the shape of each tensor just before that line."
    return known or "Print the values that go into that line, and try them by hand."

"""Kinds of mistakes in what comes back at all: nothing, another container, not what was asked."""

from torch import Tensor

from musiclab.check.kinds.case import Case
from musiclab.check.outcomes import Other, Raised, as_tensor, kind_of_number, same


def no_return(case: Case) -> str | None:
    """Nothing came back."""
    missing = [right is not None and yours is None for _, yours, right in case]
    if not any(missing):
        return None
    if not all(missing):
        return (
            "For some inputs your function returns nothing.\nIt reaches its end there without a "
            "`return`. Follow each branch to its end."
        )
    if case.printed:
        return "Your function prints its result, but does not return it.\nEnd it with `return`."
    return (
        "Your function returns nothing.\nDoes it end with `return`? What changes a list in place, "
        "such as `.sort()` or `.append()`, returns None as well."
    )


def wrong_container(case: Case) -> str | None:
    """A list where a tensor is asked for, and the like."""
    kinds = {(_container(yours), _container(right)) for _, yours, right in case}
    if len(kinds) != 1 or any(isinstance(right, Raised) for right in case.right):
        return None
    ((mine, asked),) = kinds
    numeric = as_tensor(case.yours[0]) is not None and "a tensor" in (mine, asked)
    if mine == asked or (numeric and asked in ("a tensor", "a number")):
        return None  # the shapes tell more
    more = "Look at what the signature promises after the arrow."
    if all(isinstance(one, tuple) and len(one) == 1 for one in case.yours):
        more = "Is there a comma after the value? A comma alone makes a tuple."
    elif "generator" in mine or "iterator" in mine or mine in ("a map", "a zip", "a filter"):
        more = "It has not been run yet: put `list(...)` around it."
    elif "function" in mine or "method" in mine:
        more = "Is a pair of parentheses missing after its name?"
    return f"Your function returns {mine}, where {asked} is asked for.\n{more}"


def _container(value: object) -> str:
    if isinstance(value, Tensor):
        return "a tensor" if value.ndim else "a number"
    if isinstance(value, Other):
        return f"{'an' if value.type[:1].lower() in 'aeiou' else 'a'} {value.type}"
    names = {"str": "a text", "list": "a list", "tuple": "a tuple", "dict": "a dictionary"}
    names |= {"set": "a set", "NoneType": "None", "SimpleNamespace": "an object"}
    return "a number" if kind_of_number(value) else names.get(type(value).__name__, "something")


def number_type(case: Case) -> str | None:
    """The right values as another kind of number."""
    if not case.numbers or case.wrong:
        return None
    kinds = {(kind_of_number(as_tensor(y)), kind_of_number(as_tensor(r))) for _, y, r in case}
    differing = [(mine, asked) for mine, asked in kinds if mine != asked]
    if not differing:
        return None
    mine, asked = differing[0]
    return (
        f"The values are right, but they are {mine} numbers, where {asked} is asked for.\nA "
        "comparison gives bool, `/` gives float, `//` and `len` give int. Convert at the end."
    )


def not_refused(case: Case) -> str | None:
    """Inputs that make no sense are taken."""
    pairs = [(yours, right) for _, yours, right in case if isinstance(right, Raised)]
    if all(isinstance(yours, Raised) for yours, _ in pairs):
        return None
    name = pairs[0][1].type
    return (
        f"Some inputs make no sense, and your function takes them all the same.\nIt should raise "
        f"a {name} that says what is wrong. Which values can it not handle rightly?"
    )


def not_reproducible(case: Case) -> str | None:
    """Two calls with the same inputs differ, because of a global generator or without any."""
    if len(case.again) < 2:
        return None
    first, second = (trial.outcome for trial in case.again)
    if same(first, second, case.tolerance):
        return None
    return (
        "Two calls with the same inputs give different results.\nDoes your function draw from a "
        "global random generator, or keep something from one call to the next? All that is random "
        "must come from its arguments."
    )


def ignored_input(case: Case) -> str | None:
    """One input makes no difference, though it should."""
    for place, name in enumerate(case.names.inputs):
        calls, base = [], (None, None)
        for where, yours, right in case.varied:
            if where == -1:
                base = yours, right
            elif where == place and not case.same(right, base[1]):
                calls.append(same(yours, base[0]))
        if len(calls) >= 2 and all(calls):
            return (
                f"Your result does not depend on `{name}`.\nWe changed `{name}` alone: the right "
                "result changes, yours stays the same. Where should it come in?"
            )
    return None

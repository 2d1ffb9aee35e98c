"""Check an answer: the one function that every sheet calls."""

import linecache
from functools import cache, partial
from typing import Any

from musiclab.check.asking import pack, surroundings, the_judge
from musiclab.check.exercise import Order, Recall
from musiclab.check.finding import find
from musiclab.check.quick import Question, answer_to, name_in, source_of
from musiclab.check.record import record
from musiclab.check.result import Result
from musiclab.errors import CheckFailed


def check(id: Any, answer: Any) -> Result:
    """Try an answer, and say what it does: right, not begun, or which mistake it makes.

    It runs in a process of its own, so that whatever happens there, your notebook goes on.

    Args:
        id: Of the exercise, such as "attention-weights".
        answer: Your function or class; for "order-..." the numbers of the lines; for "recall-..."
            the letter.

    Returns:
        What was found. ``.passed`` tells whether it is right, ``.require()`` insists on it.

    Raises:
        CheckFailed: If there is no such exercise.
    """
    asked = find(id)
    if isinstance(asked, Recall):
        result = answer_to(asked, answer)
    elif answer is None or answer is ... or (isinstance(answer, list) and not answer):
        result = Result(id=id, blank=True, what="Not started yet.")
    else:
        try:
            request = _ordered(asked, answer) if isinstance(asked, Order) else _packed(id, answer)
            request |= surroundings()
        except (CheckFailed, ValueError) as error:
            return Result(id=id, mistake="cannot-be-tried", what=str(error))
        result = _result(id, the_judge().ask(request), request)
    if result.passed:
        record().note_passed(id)
    return result


def order(id: Any) -> Any:
    """Show the lines of an "order-..." exercise, to be moved, or a "recall-..." question.

    Raises:
        CheckFailed: If there is no such quick exercise.
    """
    asked = find(id)
    if isinstance(asked, Order):
        from musiclab.show.ordering import OrderLines

        return OrderLines(asked)
    if isinstance(asked, Recall):
        return Question(asked)
    raise CheckFailed(f"{id!r} has no lines to order; write a function, and check it")


def _packed(id: str, answer: Any) -> dict[str, Any]:
    return {"id": id, "pickled": pack(answer)}


def _ordered(asked: Order, numbers: Any) -> dict[str, Any]:
    if not isinstance(numbers, (list, tuple)):
        raise ValueError("Give the numbers of the lines as a list, such as [3, 1, 2].")
    source = source_of(asked, numbers)
    return {
        "id": asked.exercise,
        "source": source,
        "file": f"<{asked.id}>",
        "name": name_in(asked),
    }


def _result(id: str, verdict: dict[str, Any], request: dict[str, Any]) -> Result:
    """Make the result of a verdict; only this process has the text of the learner's lines."""
    frames, raised, audible = (verdict.pop(name) for name in ("frames", "raised", "audible"))
    written = request.get("source", "").splitlines()
    steps = []
    for file, number, name in frames:
        in_source = file.startswith("<") and 0 < number <= len(written)
        text = written[number - 1] if in_source else linecache.getline(file, number)
        steps.append(f"line {number}, in {name}\n    {text.strip()}".rstrip())
    if steps and raised:
        last = steps[-1].splitlines()
        at = f"It stopped in line {frames[-1][1]}" + (f": `{last[1].strip()}`" if last[1:] else "")
        verdict["example"] = f"{at}. {verdict['example']}".strip()
    trace = "\n".join([*steps, raised])
    hear = partial(_music, request, verdict["passed"]) if audible else None
    return Result(id=id, trace=trace, hear=hear, **verdict)


def _music(request: dict[str, Any], passed: bool) -> dict[str, Any]:
    """Have music made with an answer, and with the right function for comparison: by title."""
    yours, exact = the_judge().ask(request | {"hear": "yours"})["music"], find(request["id"]).exact
    right = None if passed or not yours else _right_music(request["id"])
    if right == yours:
        return {"yours; the right one sounds the same here": yours} if yours else {}
    pairs = (("yours", yours), ("right" if exact else "one that would do", right))
    return {title: music for title, music in pairs if music}


@cache
def _right_music(id: str) -> Any:
    return the_judge().ask({"id": id, "hear": "right"})["music"]

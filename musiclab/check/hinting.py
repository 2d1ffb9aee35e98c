"""Hints in three rungs, and the solution for who asks for it."""

import time
from typing import Any

from musiclab.check.blanks import marked, solved
from musiclab.check.display import Part, Shown
from musiclab.check.exercise import Exercise, Order
from musiclab.check.finding import find
from musiclab.check.record import record

PAUSE = 20.0  # seconds in which the same hint comes again


class Words(Shown):
    """Some paragraphs, with nothing to judge."""

    def __init__(self, *parts: Part) -> None:
        self._parts = list(parts)

    def parts(self) -> list[Part]:
        """Return the paragraphs."""
        return self._parts


def hint(id: Any) -> Words:
    """Give a hint; each call goes one step further, up to a question for you.

    Args:
        id: Of the exercise.

    Raises:
        CheckFailed: If there is no such exercise.
    """
    asked = find(id)
    if not isinstance(asked, Exercise):
        about = asked.exercise if isinstance(asked, Order) else asked.about
        return Words(Part(f'Look again at "{about}": your own answer there, or its hints.'))
    rung, when = record().last_hint(id)
    if rung and time.time() - when < PAUSE:
        again = "Try this first. If it does not help, ask again in a little while."
        return Words(Part(_rung(asked, rung)), Part(again))
    rung = min(rung + 1, len(asked.hints) + 1)
    record().note_hint(id, rung)
    return Words(Part(_rung(asked, rung)))


def _rung(exercise: Exercise, rung: int) -> str:
    if rung <= len(exercise.hints):
        return exercise.hints[rung - 1]
    return f"Now explain it to somebody, or to yourself: {exercise.explain}"


def solution(id: Any) -> Words:
    """Show the whole solution; you learn more if you try first.

    Args:
        id: Of the exercise.

    Raises:
        CheckFailed: If there is no such exercise.
    """
    asked = find(id)
    if isinstance(asked, Exercise):
        return Words(Part(solved(marked(asked)), "code"), Part(asked.explain))
    if isinstance(asked, Order):
        lines = "\n".join(asked.lines[number - 1] for number in asked.right)
        numbers = ", ".join(map(str, asked.right))
        return Words(Part(f"{asked.header}\n{lines}", "code"), Part(f"The numbers: [{numbers}]"))
    text, says = asked.choices[asked.right]
    return Words(Part(f"{asked.right}) {text}", "strong"), Part(says))

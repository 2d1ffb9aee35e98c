"""The quick exercises: lines to bring into order, and a question from an earlier notebook."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from musiclab.check.display import Part, Shown
from musiclab.check.exercise import Order, Recall
from musiclab.check.result import Result


class Question(Shown):
    """A question and its answers, by letter."""

    def __init__(self, recall: Recall) -> None:
        self._recall = recall

    def parts(self) -> list[Part]:
        """Return the question and the answers."""
        recall = self._recall
        answers = "\n".join(f"{letter}) {text}" for letter, (text, _) in recall.choices.items())
        ask = f'check("{recall.id}", "...") takes the letter.'
        return [Part(recall.question), Part(answers), Part(ask)]


def source_of(order: Order, numbers: Iterable[Any]) -> str:
    """Build the function from the lines chosen.

    Raises:
        ValueError: If the numbers are not such, or one stands there twice; the message says what.
    """
    numbers = list(numbers)
    for number in numbers:
        if type(number) is not int or not 1 <= number <= len(order.lines):
            raise ValueError(
                f"There is no line {number!r:.40}. Give numbers from 1 to {len(order.lines)}."
            )
        if numbers.count(number) > 1:
            raise ValueError(f"Line {number} stands there more than once. Each line is used once.")
    return "\n".join([order.header, *(order.lines[number - 1] for number in numbers)]) + "\n"


def name_in(order: Order) -> str:
    """Return what the function is called that an ``Order`` makes."""
    return re.findall(r"(?:def|class)\s+(\w+)", order.header)[0]


def answer_to(recall: Recall, letter: Any) -> Result:
    """Say whether a letter is the right one, and what there is to say to it."""
    if letter is None or letter is ... or letter == "":
        return Result(id=recall.id, blank=True, what="Not started yet.", cause=recall.question)
    chosen = letter.strip().lower() if isinstance(letter, str) else ""
    if chosen not in recall.choices:
        letters: Sequence[str] = list(recall.choices)
        what = f"Answer with one of the letters {', '.join(letters)}."
        return Result(id=recall.id, mistake="no-such-choice", what=what)
    passed = chosen == recall.right
    what = "Right." if passed else "Not that one."
    says = recall.choices[chosen][1]
    mistake = None if passed else f"choice-{chosen}"
    return Result(id=recall.id, passed=passed, mistake=mistake, what=what, cause=says)

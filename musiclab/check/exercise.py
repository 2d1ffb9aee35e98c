"""An exercise: what is asked, what is right, and which mistakes are known.

A mistake is a function that makes it, and its docstring is what the learner is told. An answer that
behaves like a mistake on all probes is given that mistake's name.
"""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

KINDS = ("fill-in", "implement", "find the bug", "open")


def call(answer: Callable[..., Any], *inputs: Any) -> Any:
    """Use an answer as most exercises do: call it."""
    return answer(*inputs)


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise; a file of ``musiclab/check/exercises`` holds one, as ``EXERCISE``.

    Args:
        id: Such as "attention-weights".
        notebook: The number of the notebook that it belongs to.
        place: Its place in that notebook's sheet, from 1.
        title: In a few words.
        kind: One of ``KINDS``.
        difficulty: From 1 to 5.
        importance: From 1 to 5.
        minutes: That it takes.
        further: Whether the sheet can spare it: for those who have time, or like to practise.
        why: Why it matters, in one sentence.
        signature: As the learner shall write it, with shapes.
        statement: What to do, in Markdown.
        reference: The right function; the library's own wherever there is one.
        solution: A right function as a learner would write it; its source is what is shown.
        probes: Takes a random generator and yields the inputs of one call after another, as tuples,
            the smallest first, so that the example in a message is small.
        mistakes: Functions that are wrong in a known way. The name is the mistake's id; the first
            line of the docstring says what is wrong, the rest the likely cause and where to look.
        properties: Functions of the result and the inputs, True where the result may be right; the
            docstring says what must hold. They are tried in order when no mistake is known.
        hints: Three rungs: a question or picture; pseudocode with shapes; partial code.
        explain: What the learner is asked to explain after the last hint.
        start: For "find the bug": the faulty function as given. Who returns it has not started.
        given: Code that stands above the answer in the sheet, such as a class that it takes.
        exact: Whether a right answer must equal the reference; False for an open question, whose
            properties and mistakes alone decide.
        use: How an answer is used: takes it and the inputs, returns what is compared. It builds the
            module, copies weights, or collects what was changed.
        may_change: Whether the answer may change its inputs.
        tolerance: How far numbers may lie from the right ones, absolutely and relative to them.
        hear: Takes an answer and returns music (a ``Chorale`` or ``NoteSequence``), so that a
            mistake can be heard beside the right one.
    """

    id: str
    notebook: int
    place: int
    title: str
    kind: str
    difficulty: int
    importance: int
    minutes: int
    why: str
    signature: str
    statement: str
    reference: Callable[..., Any]
    solution: Callable[..., Any]
    probes: Callable[[np.random.Generator], Iterable[tuple[Any, ...]]]
    mistakes: tuple[Callable[..., Any], ...]
    hints: tuple[str, str, str]
    explain: str
    properties: tuple[Callable[..., bool], ...] = ()
    start: Callable[..., Any] | None = None
    given: str = ""
    exact: bool = True
    use: Callable[..., Any] = call
    may_change: bool = False
    tolerance: float = 1e-5
    hear: Callable[..., Any] | None = None
    further: bool = False

    @property
    def mistake_ids(self) -> tuple[str, ...]:
        """The names of the known mistakes, in hyphens."""
        return tuple(one.__name__.replace("_", "-") for one in self.mistakes)

    @property
    def name(self) -> str:
        """What the learner's function, or class, is called."""
        words = self.id.split("-")
        whole = isinstance(self.solution, type)
        return "".join(map(str.capitalize, words)) if whole else "_".join(words)

    @property
    def solution_text(self) -> str:
        """The source of the solution, under the name that the learner gives it."""
        own = self.solution.__name__
        return re.sub(rf"\b{own}\b", self.name, inspect.getsource(self.solution), count=1)


@dataclass(frozen=True, kw_only=True)
class Order:
    """A Parsons problem: bring the lines of a solution into order, and leave the wrong ones out.

    The lines chosen are run as a function and judged as an answer to ``exercise`` would be, so that
    any order that works is right, and a wrong line has the name of the mistake that it makes.

    Args:
        id: Such as "order-06".
        notebook: The number of the notebook that it belongs to.
        exercise: The id of the exercise whose solution is put in order.
        header: The line "def name(arguments):" that stands above them.
        lines: All lines, indented as they belong, wrong ones among them, in the order shown.
        right: The numbers of the lines of one right order, from 1.
    """

    id: str
    notebook: int
    exercise: str
    header: str
    lines: tuple[str, ...]
    right: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Recall:
    """A question about something from two or more notebooks back.

    Args:
        id: Such as "recall-06".
        notebook: The number of the notebook in whose sheet it stands.
        about: The id of the exercise that it recalls.
        question: In Markdown.
        choices: The answers by letter, each with what to say to whoever takes it.
        right: The right letter.
    """

    id: str
    notebook: int
    about: str
    question: str
    choices: dict[str, tuple[str, str]]
    right: str


def normal(rng: np.random.Generator, *shape: int) -> Float[Tensor, "..."]:
    """Draw float32 numbers from the normal distribution."""
    return torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))

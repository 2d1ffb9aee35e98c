"""Keep an answer from asking for the solution instead of finding it.

What runs in the same Python as an answer can be hidden from it, but not for certain: this stops
whoever takes the straight way, and a few crooked ones.
"""

import inspect
import linecache
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from musiclab.check.exercise import Exercise

_PACKAGE = f"{__package__}.exercises"
_FOLDER = str(Path(__file__).parent / "exercises")


class TakesTheSolution(PermissionError):
    """An answer reads or calls what it was asked to write."""


def lock_away(exercise: Exercise) -> None:
    """Make the right functions of an exercise raise, by whatever name they are called.

    One that the check itself needs, to see what an answer does, is left as it is.
    """
    for right in (exercise.reference, exercise.solution):
        if right.__name__ in exercise.use.__code__.co_names:
            continue
        parts = list(vars(right).values()) if isinstance(right, type) else [right]
        for part in filter(inspect.isfunction, parts):
            _lock(part)


def forbid_reading() -> None:
    """Let nothing in this process open or import the exercises any more."""
    linecache.clearcache()

    def watch(event: str, told: Any, package: str = _PACKAGE, folder: str = _FOLDER) -> None:
        if event == "import" and str(told[0]).startswith(package):
            raise TakesTheSolution("an exercise was imported")
        if event == "open" and isinstance(told[0], str) and told[0].startswith(folder):
            raise TakesTheSolution("the file of an exercise was opened")

    sys.addaudithook(watch)


def _lock(function: Any) -> None:
    def locked(*inputs: Any, **named: Any) -> None:
        from musiclab.check.guard import TakesTheSolution  # it runs where another function stood

        raise TakesTheSolution("the right function was called")

    was = function.__code__
    # Its place stays as it was: what a learner was given is read from the source there.
    code = locked.__code__.replace(
        co_filename=was.co_filename, co_firstlineno=was.co_firstlineno, co_name=was.co_name
    )
    with suppress(ValueError):  # it uses what stands around it, and cannot be exchanged
        function.__code__ = code
        function.__defaults__ = function.__kwdefaults__ = None

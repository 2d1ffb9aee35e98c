"""Keep an answer from asking for the solution instead of finding it.

What runs in the same Python as an answer can be hidden from it, but not for certain: this stops
whoever takes the straight way, and a few crooked ones.
"""

import inspect
import linecache
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

from musiclab.check.exercise import Exercise

_PACKAGE = f"{__package__}.exercises"
_FOLDER = str(Path(__file__).parent / "exercises")
_CHECKS = str(Path(__file__).parent)
_LIBRARY = str(Path(__file__).parents[1])


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
            if part.__closure__ is None:  # what uses names around it cannot be exchanged
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
    def locked(*inputs: Any, open_to_the_library: Any, **named: Any) -> Any:
        import sys  # it runs where another function stood

        from musiclab.check import guard

        if guard.may_call(sys._getframe(1).f_code.co_filename):
            return open_to_the_library(*inputs, **named)
        raise guard.TakesTheSolution("the right function was called")

    was = function.__code__
    copy = FunctionType(was, function.__globals__, was.co_name, function.__defaults__)
    copy.__kwdefaults__ = function.__kwdefaults__
    # Its place stays as it was: what a learner was given is read from the source there.
    code = locked.__code__.replace(
        co_filename=was.co_filename, co_firstlineno=was.co_firstlineno, co_name=was.co_name
    )
    function.__code__ = code
    function.__defaults__, function.__kwdefaults__ = None, {"open_to_the_library": copy}


def may_call(file: str) -> bool:
    """Tell whether code of this file may call a right function: the library may, checks may not.

    The checks call the learner's answer, which may be the right function itself.
    """
    return file.startswith(_LIBRARY) and not file.startswith(_CHECKS)

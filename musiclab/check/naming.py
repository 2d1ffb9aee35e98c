"""What an exercise's inputs and their axes are called, as its signature says."""

import ast
import inspect
import re
from dataclasses import dataclass

from musiclab.check.exercise import Exercise, call


@dataclass(frozen=True)
class Names:
    """The names of an exercise's inputs, and of the axes of each and of the result."""

    inputs: tuple[str, ...]
    axes: dict[str, tuple[str, ...]]  # by input; "" for the result

    def axis(self, name: str, place: int, size: int) -> str:
        """Name one of ``size`` axes of an input, such as "the axis k_seq of query"."""
        known = self.axes.get(name, ())
        what = known[place] if len(known) == size else f"number {place}"
        return f"the axis {what}" + (f" of {name}" if name else "")


def names_of(exercise: Exercise, count: int) -> Names:
    """Read the names of ``count`` inputs from an exercise."""
    found = _inputs(exercise)
    inputs = found if len(found) == count else tuple(f"input {n + 1}" for n in range(count))
    return Names(inputs, _axes(exercise.signature))


def _inputs(exercise: Exercise) -> tuple[str, ...]:
    if exercise.use is not call:
        known = list(inspect.signature(exercise.use).parameters.values())[1:]
        if all(one.kind is not one.VAR_POSITIONAL for one in known):
            return tuple(one.name for one in known)
    try:
        ((function,),) = (ast.parse(f"def {exercise.signature}: ...").body,)
        return tuple(one.arg for one in function.args.args)  # type: ignore[attr-defined]
    except (SyntaxError, ValueError):
        return ()


def _axes(signature: str) -> dict[str, tuple[str, ...]]:
    pattern = r'(?:(\w+)\s*:|->)\s*\w+\[[\w.]+,\s*["\']([^"\']*)["\']\]'
    return {name: tuple(axes.split()) for name, axes in re.findall(pattern, signature)}

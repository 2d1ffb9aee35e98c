"""Try a function on an exercise's probes, and write down what came of it."""

import copy
import io
import random
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.outcomes import Raised, plain, same

Probe = tuple[Any, ...]
MAX_PRINTED = 1_000_000  # characters in one call
# Code in these folders is not the learner's.
_PYTHON = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_LIBRARIES = (*_PYTHON, str(Path(__file__).parents[1]), "<frozen", "<@")


@dataclass(frozen=True)
class Trial:
    """What one call came to."""

    outcome: Any  # plain data, or ``Raised``
    # The inputs that are no longer what they were, by place from 0: what became of them.
    changed: dict[int, Any] = field(default_factory=dict)
    printed: bool = False


class PrintsWithoutEnd(BaseException):
    """An answer prints more than anybody would read; no ``except Exception`` stops this."""


class Printed(io.TextIOBase):
    """Takes what an answer prints, and only counts it."""

    count = 0

    def write(self, text: str) -> int:
        """Count the characters."""
        self.count += len(text)
        if self.count > MAX_PRINTED:
            raise PrintsWithoutEnd
        return len(text)


def make_probes(exercise: Exercise, seeds: Iterable[int]) -> list[Probe]:
    """Draw the inputs of all calls; the same seeds give the same inputs."""
    return [probe for seed in seeds for probe in exercise.probes(np.random.default_rng(seed))]


def try_on(exercise: Exercise, answer: Callable[..., Any], probe: Probe, *, seed: int = 0) -> Trial:
    """Call an answer once, on a copy of the inputs.

    Args:
        exercise: Says how the answer is used.
        answer: The learner's, the right one, or a known mistake.
        probe: The inputs.
        seed: Of every global generator, so that what should be random is the same for all.
    """
    inputs, said, changed = copy.deepcopy(probe), Printed(), {}
    _seed_all(seed)
    with redirect_stdout(said), redirect_stderr(said):
        try:
            outcome = plain(exercise.use(answer, *inputs))
        except BaseException as error:  # also SystemExit, KeyboardInterrupt: the answer raised it
            outcome = raised(error)
        try:
            changed = _changed(inputs, probe)
        except BaseException as error:  # an input has grown beyond all bounds
            outcome = raised(error)
    return Trial(outcome, changed, printed=said.count > 0)


def alike(exercise: Exercise, yours: Trial, right: Trial) -> bool:
    """Tell whether two calls came to the same."""
    changed = exercise.may_change or same(yours.changed, right.changed, exercise.tolerance)
    return changed and same(yours.outcome, right.outcome, exercise.tolerance)


def raised(error: BaseException) -> Raised:
    """Write down an exception: what it is, what it says, and where it happened."""
    says = (str(error).strip().splitlines() or [""])[0][:300]
    frames = tuple(
        (one.filename, one.lineno or 0, one.name)
        for one in traceback.extract_tb(error.__traceback__)
        if not one.filename.startswith(_LIBRARIES)
    )
    return Raised(tuple(one.__name__ for one in type(error).__mro__), says, frames[-10:])


def _seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)


def _changed(inputs: Sequence[Any], before: Sequence[Any]) -> dict[int, Any]:
    pairs = enumerate((plain(new), plain(old)) for new, old in zip(inputs, before, strict=True))
    return {place: new for place, (new, old) in pairs if not same(new, old)}

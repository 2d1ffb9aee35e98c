"""Try a function on an exercise's probes, and write down what came of it."""

import copy
import io
import random
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.outcomes import Raised, TooLarge, plain, same

Probe = tuple[Any, ...]


@dataclass(frozen=True)
class Trial:
    """What one call came to."""

    outcome: Any  # plain data, or ``Raised``
    changed: tuple[int, ...] = ()  # which inputs are no longer what they were, from 0
    printed: bool = False


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
    inputs, said = copy.deepcopy(probe), io.StringIO()
    _seed_all(seed)
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        try:
            outcome = plain(exercise.use(answer, *inputs))
        except TooLarge:
            raise
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            outcome = raised(error)
    return Trial(outcome, _changed(inputs, probe), printed=bool(said.getvalue()))


def alike(exercise: Exercise, yours: Trial, right: Trial) -> bool:
    """Tell whether two calls came to the same."""
    changed = exercise.may_change or yours.changed == right.changed
    return changed and same(yours.outcome, right.outcome, exercise.tolerance)


def raised(error: BaseException) -> Raised:
    """Write down an exception: what it is, what it says, and where it happened."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if _is_learners(one)]
    line = f"line {frames[-1].lineno}: {frames[-1].line}" if frames else ""
    says = (str(error).strip().splitlines() or [""])[0][:300]
    types = tuple(one.__name__ for one in type(error).__mro__)
    trace = "".join(traceback.format_exception(error))[-5_000:]
    return Raised(types, says, line, trace)


def _is_learners(frame: traceback.FrameSummary) -> bool:
    return "ipykernel" in frame.filename or frame.filename.startswith("<")


def _seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _changed(inputs: Sequence[Any], before: Sequence[Any]) -> tuple[int, ...]:
    pairs = enumerate(zip(inputs, before, strict=True))
    return tuple(place for place, (new, old) in pairs if not same(plain(new), plain(old)))

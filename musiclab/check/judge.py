"""Judge what an answer did: right, a known mistake, or something else."""

from collections.abc import Callable, Sequence
from typing import Any

from musiclab.check.exercise import Exercise
from musiclab.check.trial import Probe, Trial, alike, try_on


def behaves_like(
    exercise: Exercise, other: Callable[..., Any], probes: Sequence[Probe], trials: Sequence[Trial]
) -> bool:
    """Tell whether an answer did what another function does, on every probe."""
    pairs = zip(probes, trials, strict=True)
    return all(alike(exercise, trial, try_on(exercise, other, probe)) for probe, trial in pairs)


def known_mistake(
    exercise: Exercise, probes: Sequence[Probe], trials: Sequence[Trial]
) -> Callable[..., Any] | None:
    """Find the known mistake that an answer behaves like; None if there is none."""
    for mistake in exercise.mistakes:
        if behaves_like(exercise, mistake, probes, trials):
            return mistake
    return None

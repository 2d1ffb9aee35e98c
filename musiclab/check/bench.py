"""An exercise on the test bench: its probes, and what its own functions make of them."""

from collections.abc import Callable, Sequence
from typing import Any

from musiclab.check.exercise import Exercise
from musiclab.check.naming import names_of
from musiclab.check.trial import Probe, Trial, alike, make_probes, try_on

Function = Callable[..., Any]


class Bench:
    """The probes of some seeds; each function of the exercise is called at most once on each.

    Args:
        exercise: What was asked.
        seeds: Of the probes; the same seeds give the same probes.
    """

    def __init__(self, exercise: Exercise, seeds: Sequence[int]) -> None:
        self.exercise, self.seeds = exercise, seeds
        self.probes = make_probes(exercise, seeds)
        self.names = names_of(exercise, len(self.probes[0]))
        self._known: dict[tuple[Function, int], Trial] = {}

    def trial(self, function: Function, place: int) -> Trial:
        """Return what a function of the exercise makes of one probe."""
        if (function, place) not in self._known:
            self._known[function, place] = try_on(self.exercise, function, self.probes[place])
        return self._known[function, place]

    def all_trials(self, function: Function) -> list[Trial]:
        """Return what a function of the exercise makes of every probe."""
        return [self.trial(function, place) for place in range(len(self.probes))]

    def behaves_like(self, function: Function, trials: Sequence[Trial]) -> bool:
        """Tell whether an answer did what a function of the exercise does, on every probe."""
        return all(
            alike(self.exercise, trial, self.trial(function, place))
            for place, trial in enumerate(trials)
        )

    def calls(self, trials: Sequence[Trial]) -> list[tuple[Probe, Trial, Trial]]:
        """Return for each probe what went in, what came of it, and what is right."""
        right = self.all_trials(self.exercise.reference)
        return list(zip(self.probes, trials, right, strict=True))

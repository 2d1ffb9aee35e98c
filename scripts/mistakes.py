"""Plant every known mistake of the exercises and see that it gets its own name, and no other's.

The reference and the solution must pass, with as many seeds as asked for.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from musiclab.check.exercise import Exercise
from musiclab.check.judge import behaves_like
from musiclab.check.registry import EXERCISES
from musiclab.check.trial import Probe, make_probes, try_on

SEEDS_A_CHECK = 3


def planted(exercise: Exercise, seeds: Sequence[int]) -> list[str]:
    """Try every mistake against all others and the reference; return what is wrong."""
    probes = make_probes(exercise, seeds)
    faults = []
    for name, mistake in zip(exercise.mistake_ids, exercise.mistakes, strict=True):
        trials = [try_on(exercise, mistake, probe) for probe in probes]
        if behaves_like(exercise, exercise.reference, probes, trials):
            faults.append(f"{name} passes")
        for other_name, other in zip(exercise.mistake_ids, exercise.mistakes, strict=True):
            like = behaves_like(exercise, other, probes, trials)
            if like != (other is mistake):
                faults.append(f"{name} is {'also ' if like else 'not '}{other_name}")
    return faults


def right(exercise: Exercise, seeds: int) -> list[str]:
    """Try the reference and the solution; return what is wrong."""
    faults = []
    for seed in range(seeds):
        probes = make_probes(exercise, [seed])
        for name in ("reference", "solution"):
            function = getattr(exercise, name)
            trials = [try_on(exercise, function, probe) for probe in probes]
            if not _passes(exercise, probes, trials):
                faults.append(f"{name} fails with seed {seed}")
    return faults


def _passes(exercise: Exercise, probes: Sequence[Probe], trials: Sequence[Any]) -> bool:
    held = all(
        rule(trial.outcome, *probe)
        for rule in exercise.properties
        for probe, trial in zip(probes, trials, strict=True)
        if type(trial.outcome).__name__ != "Raised"
    )
    return held and behaves_like(exercise, exercise.reference, probes, trials)


def row(exercise: Exercise, faults: Sequence[str]) -> str:
    """Say in a line how an exercise did, and below it what is wrong."""
    count = f"{len(exercise.mistakes):3} mistakes"
    lines = [f"{exercise.notebook:02} {exercise.id:24} {count}  {'ok' if not faults else 'FAILED'}"]
    return "\n".join([*lines, *(f"     {fault}" for fault in faults)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line an exercise and the counts; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", help="which exercises; all by default")
    parser.add_argument("--seeds", type=int, default=20, help="for the reference and the solution")
    options = parser.parse_args(arguments)
    wrong: list[str] = []
    chosen = [EXERCISES[id] for id in options.ids or EXERCISES]
    for exercise in chosen:
        faults = planted(exercise, range(SEEDS_A_CHECK)) + right(exercise, options.seeds)
        print(row(exercise, faults), flush=True)
        wrong += faults
    total = sum(len(one.mistakes) for one in chosen)
    print(f"{len(chosen)} exercises, {total} mistakes, {len(wrong)} faults")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

"""Plant every known mistake of the exercises and see that it gets its own name, and no other's.

The reference and the solution must pass, with as many seeds as asked for.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from musiclab.check.exercise import Exercise
from musiclab.check.judge import Verdict, behaves_like, diagnose
from musiclab.check.registry import EXERCISES
from musiclab.check.trial import Trial, make_probes, try_on

SEEDS_A_CHECK = 3


def tried(
    exercise: Exercise, answer: Callable[..., Any], seeds: Sequence[int]
) -> tuple[Verdict, list[Trial]]:
    """Try an answer and judge it, all in this process."""
    trials = [try_on(exercise, answer, probe) for probe in make_probes(exercise, seeds)]
    return diagnose(exercise, seeds, trials), trials


def planted(exercise: Exercise, seeds: Sequence[int]) -> list[str]:
    """Try every mistake; return a sentence for each that is not called by its one right name."""
    faults, probes = [], make_probes(exercise, seeds)
    mistakes = dict(zip(exercise.mistake_ids, exercise.mistakes, strict=True))
    if len(mistakes) < len(exercise.mistakes):
        faults.append("two mistakes have one name")
    for name, mistake in mistakes.items():
        verdict, trials = tried(exercise, mistake, seeds)
        if verdict.mistake != name:
            called = "passes" if verdict.passed else f"is called {verdict.mistake}"
            faults.append(f"{name} {called}")
        for other_name, other in mistakes.items():
            if other_name != name and behaves_like(exercise, other, probes, trials):
                faults.append(f"{name} cannot be told from {other_name}")
    return faults


def passing(exercise: Exercise, seeds: Sequence[int]) -> list[str]:
    """Try the reference and the solution; return a sentence for each seed that one fails with."""
    return [
        f"the {name} fails with seed {seed}: {verdict.mistake}, {verdict.what} {verdict.example}"
        for name in ("reference", "solution")
        for seed in seeds
        if not (verdict := tried(exercise, getattr(exercise, name), [seed, seed + 1])[0]).passed
    ]


def not_blank(exercise: Exercise, seeds: Sequence[int]) -> list[str]:
    """Try what the learner starts from; it must count as not begun."""
    if exercise.start is None or tried(exercise, exercise.start, seeds)[0].blank:
        return []
    return ["the start does not count as not begun"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line an exercise and the counts; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", help="which exercises; all by default")
    parser.add_argument("--seeds", type=int, default=20, help="for the reference and the solution")
    options = parser.parse_args(arguments)
    chosen = [EXERCISES[id] for id in options.ids or EXERCISES]
    count, start = 0, range(SEEDS_A_CHECK)
    for exercise in chosen:
        begun = time.perf_counter()
        seeds = range(options.seeds)
        faults = [*planted(exercise, start), *not_blank(exercise, start), *passing(exercise, seeds)]
        took, count = time.perf_counter() - begun, count + len(faults)
        names = " ".join(exercise.mistake_ids)
        state = f"{len(faults)} FAULTS" if faults else "ok"
        print(f"{exercise.notebook:02} {exercise.id:24} {state:9} {took:5.1f} s  {names}")
        print("".join(f"   {fault}\n" for fault in faults), end="", flush=True)
    total = sum(len(one.mistakes) for one in chosen)
    print(f"{len(chosen)} exercises, {total} mistakes, {options.seeds} seeds, {count} faults")
    return bool(count)


if __name__ == "__main__":
    sys.exit(main())

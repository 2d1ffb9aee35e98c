"""Plant every known mistake of the exercises and see that it gets its own name, and no other's.

The reference and the solution must pass, with as many seeds as asked for.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from musiclab.check.bench import Bench
from musiclab.check.judge import CHECKS, diagnose
from musiclab.check.registry import EXERCISES


def planted(bench: Bench) -> list[str]:
    """Try every mistake; return a sentence for each that is not called by its one right name."""
    exercise, faults = bench.exercise, []
    mistakes = dict(zip(exercise.mistake_ids, exercise.mistakes, strict=True))
    if len(mistakes) < len(exercise.mistakes):
        faults.append("two mistakes have one name")
    for name, mistake in mistakes.items():
        trials = bench.all_trials(mistake)
        verdict = diagnose(bench, trials)
        if verdict.mistake != name:
            called = f"is called {verdict.mistake}"
            if verdict.passed or verdict.blank:
                called = "passes" if verdict.passed else "counts as not begun, like the start"
            faults.append(f"{name} {called}")
        for other_name, other in mistakes.items():
            if other_name != name and bench.behaves_like(other, trials):
                faults.append(f"{name} cannot be told from {other_name}")
    return faults


def passing(bench: Bench) -> list[str]:
    """Try the reference and the solution; return a sentence for each that does not pass."""
    exercise, faults = bench.exercise, []
    for name in ("reference", "solution"):
        verdict = diagnose(bench, bench.all_trials(getattr(exercise, name)))
        if not verdict.passed:
            said = f"{verdict.mistake}: {verdict.what} {verdict.example}"
            faults.append(f"the {name} fails with seeds {list(bench.seeds)}: {said}")
    return faults


def not_begun(bench: Bench) -> list[str]:
    """Try what the learner starts from; it must count as not begun."""
    start = bench.exercise.start
    if start is None or diagnose(bench, bench.all_trials(start)).blank:
        return []
    return ["the start does not count as not begun"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line an exercise and the counts; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", help="which exercises; all by default")
    parser.add_argument("--seeds", type=int, default=20, help="how often right answers are tried")
    parser.add_argument("--planted", type=int, default=2, help="how often mistakes are planted")
    options = parser.parse_args(arguments)
    chosen = [EXERCISES[id] for id in options.ids or EXERCISES]
    count = 0
    for exercise in chosen:
        begun = time.perf_counter()
        faults = []
        for number in range(options.seeds):
            bench = Bench(exercise, range(number * CHECKS, (number + 1) * CHECKS))
            faults += passing(bench)
            if number < options.planted:
                faults += planted(bench) + not_begun(bench)
        took, count = time.perf_counter() - begun, count + len(faults)
        names = " ".join(exercise.mistake_ids)
        state = f"{len(faults)} FAULTS" if faults else "ok"
        print(f"{exercise.notebook:02} {exercise.id:24} {state:9} {took:5.1f} s  {names}")
        print("".join(f"   {fault}\n" for fault in faults), end="", flush=True)
    total = sum(len(one.mistakes) for one in chosen)
    print(f"{len(chosen)} exercises, {total} mistakes, {options.seeds} times, {count} faults")
    return bool(count)


if __name__ == "__main__":
    sys.exit(main())

"""Plant every known mistake of the exercises and see that it gets its own name, and no other's.

Right answers, the solution and those that were written in other ways, must pass with as many seeds
as asked for. What is not begun must never pass.
"""

import argparse
import runpy
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from musiclab.check.bench import Bench
from musiclab.check.exercise import Exercise
from musiclab.check.judge import CHECKS, Verdict, diagnose
from musiclab.check.registry import EXERCISES

ANSWERS = Path(__file__).parents[1] / "tests" / "check" / "right_answers"
SAYS = """{exercises} exercises
{mistakes} mistakes, planted {planted} times: {named} called by their own name, and by no other
{answers} right answers, tried {right} times: {passed} passed
{empty} blanks, tried {blanks} times: {waved through} passed"""


def plant(bench: Bench, count: Counter[str]) -> list[str]:
    """Try every mistake; return a sentence for each that is not called by its one right name."""
    exercise, faults = bench.exercise, []
    mistakes = dict(zip(exercise.mistake_ids, exercise.mistakes, strict=True))
    if len(mistakes) < len(exercise.mistakes):
        faults.append("two mistakes have one name")
    for name, mistake in mistakes.items():
        trials, said = bench.all_trials(mistake), len(faults)
        verdict = diagnose(bench, trials)
        if verdict.mistake != name:
            called = f"is called {verdict.mistake}"
            if verdict.passed or verdict.blank:
                called = "passes" if verdict.passed else "counts as not begun, like the start"
            faults.append(f"{name} {called}")
        for other_name, other in mistakes.items():
            if other_name != name and bench.behaves_like(other, trials):
                faults.append(f"{name} cannot be told from {other_name}")
        count.update(planted=1, named=len(faults) == said)
    return faults


def judged(bench: Bench, answer: Callable[..., Any]) -> Verdict:
    """Try an answer, and judge it."""
    return diagnose(bench, bench.all_trials(answer))


def pass_all(bench: Bench, answers: Sequence[Callable[..., Any]], count: Counter[str]) -> list[str]:
    """Try right answers; return a sentence for each that does not pass."""
    faults = []
    for answer in answers:
        verdict = judged(bench, answer)
        count.update(right=1, passed=verdict.passed)
        if not verdict.passed:
            said = f"{verdict.mistake}: {verdict.what} {verdict.example}"
            faults.append(f"{answer.__name__} fails with seeds {list(bench.seeds)}: {said}")
    return faults


def leave_blank(bench: Bench, count: Counter[str]) -> list[str]:
    """Try what a learner may leave in a gap, and what one starts from; none may pass."""
    start, faults = bench.exercise.start, []
    for name, blank in BLANKS.items() | ({("the start", start)} if start else set()):
        verdict = judged(bench, blank)
        count.update({"blanks": 1, "waved through": verdict.passed})
        if verdict.passed or (blank is start and not verdict.blank):
            faults.append(f"{name} {'passes' if verdict.passed else 'does not count as not begun'}")
    return faults


def _raises(*inputs: Any) -> Any:
    raise NotImplementedError


BLANKS = {"nothing": lambda *inputs: None, "a gap": lambda *inputs: ..., "an error": _raises}


def right_answers(exercise: Exercise) -> list[Callable[..., Any]]:
    """Return the reference, the solution, and answers that were written in other ways."""
    others = runpy.run_path(str(ANSWERS / f"{exercise.notebook:02}.py"))["RIGHT"]
    return [exercise.reference, exercise.solution, *others.get(exercise.id, [])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line an exercise and the counts; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", help="which exercises; all by default")
    parser.add_argument("--seeds", type=int, default=20, help="how often right answers are tried")
    parser.add_argument("--planted", type=int, default=2, help="how often mistakes are planted")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)  # as in a check: such small tensors are not worth a second one
    chosen, count, wrong = [EXERCISES[id] for id in options.ids or EXERCISES], Counter[str](), 0
    for exercise in chosen:
        begun, faults, answers = time.perf_counter(), [], right_answers(exercise)
        for number in range(options.seeds):
            faults += pass_all(Bench(exercise, [number]), answers, count)
        for number in range(options.planted):
            bench = Bench(exercise, range(number * CHECKS, (number + 1) * CHECKS))
            faults += plant(bench, count) + leave_blank(bench, count)
        took, wrong = time.perf_counter() - begun, wrong + len(faults)
        starts = exercise.start is not None
        count.update(exercises=1, mistakes=len(exercise.mistakes), answers=len(answers))
        count.update(empty=len(BLANKS) + starts)
        names = " ".join(exercise.mistake_ids)
        state = f"{len(faults)} FAULTS" if faults else "ok"
        print(f"{exercise.notebook:02} {exercise.id:24} {state:9} {took:5.1f} s  {names}")
        print("".join(f"   {fault}\n" for fault in faults), end="", flush=True)
    print(SAYS.format_map(count))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

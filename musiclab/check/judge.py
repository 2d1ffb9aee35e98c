"""Judge what an answer did: right, not begun, or wrong, and how."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from musiclab.check.bench import Bench
from musiclab.check.example import compare, describe_inputs
from musiclab.check.exceptions import DEATHS, limit_met, stopped
from musiclab.check.exercise import Exercise
from musiclab.check.findings import Later, find_fault, goes_wrong, known_mistake
from musiclab.check.outcomes import Other, Raised, same
from musiclab.check.processes import Event
from musiclab.check.trial import Probe, Trial
from musiclab.check.wire import from_json

CHECKS = 3  # how often the probes are drawn anew in one check
PASSED = "Visible checks passed."
NOT_BEGUN = "Not started yet."


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check found, as plain data."""

    passed: bool = False
    blank: bool = False
    mistake: str | None = None  # its id
    what: str  # in one line
    example: str = ""
    cause: str = ""  # the likely one, and where to look
    raised: str = ""  # the exception, type and text
    frames: tuple[tuple[str, int, str], ...] = ()  # where it was raised: file, line, function
    audible: bool = False  # whether there is something to hear


def judge(bench: Bench, events: Iterator[Event]) -> Verdict:
    """Judge an answer by what its process tells; listen no longer than needed.

    Args:
        bench: What was asked, with the seeds that the answer's process has too.
        events: What it tells, as ``answering.run`` does.
    """
    trials: list[Trial] = []
    for what, told in events:
        if what == "blank":
            return _not_begun(bench.exercise)
        if what != "trial":
            return _died(bench, what, told, len(trials))
        trials.append(from_json(told))
        if limit := limit_met(trials[-1].outcome):
            return _died(bench, limit, None, len(trials) - 1)
        if len(trials) == len(bench.probes):
            break
    return diagnose(bench, trials, events)


def diagnose(bench: Bench, trials: Sequence[Trial], more: Iterable[Event] | None = None) -> Verdict:
    """Judge an answer by its results on all probes.

    Args:
        bench: What was asked.
        trials: What came of each probe.
        more: What else the answer's process tells, if there is one; looked at only if the answer
            is wrong.
    """
    exercise, calls, more = bench.exercise, bench.calls(trials), Later(more)
    wrong = [goes_wrong(exercise, *call) for call in calls]
    if not any(wrong) and (exercise.exact or not known_mistake(bench, trials)):
        return Verdict(passed=True, what=PASSED, audible=bool(exercise.hear) and not exercise.exact)
    if _is_not_begun(bench, trials):
        return _not_begun(exercise)
    found = find_fault(bench, trials, more)
    place = [*wrong, True].index(True) % len(wrong) if found.place is None else found.place
    yours = trials[place].outcome
    stop = yours if isinstance(yours, Raised) else None
    return Verdict(
        mistake=found.mistake,
        what=found.what,
        example=_example(bench, *calls[place]),
        cause=found.cause,
        raised=f"{stop.type}: {stop.says}" if stop else "",
        frames=stop.frames if stop else (),
        audible=bool(exercise.hear) and not stop,
    )


def _not_begun(exercise: Exercise) -> Verdict:
    first = f'Write `{exercise.name}` first. hint("{exercise.id}") helps you to begin.'
    return Verdict(blank=True, what=NOT_BEGUN, cause=first)


def _is_not_begun(bench: Bench, trials: Sequence[Trial]) -> bool:
    """Tell whether an answer is still as it was given: a gap, or the faulty start."""
    start = bench.exercise.start
    gaps = all(_is_gap(trial.outcome) for trial in trials)
    return gaps or (start is not None and bench.behaves_like(start, trials))


def _is_gap(outcome: Any) -> bool:
    if isinstance(outcome, Raised):
        return "NotImplementedError" in outcome.types or "ellipsis" in outcome.says.lower()
    return outcome == Other("ellipsis")


def _died(bench: Bench, what: str, told: Any, place: int) -> Verdict:
    """Say how an answer's process stopped before all results were there."""
    if what == "unreadable":
        raised = from_json(told)
        id, says, cause = stopped(raised)
        text = f"{raised.type}: {raised.says}"
        return Verdict(mistake=id, what=says, cause=cause, raised=text, frames=raised.frames)
    says, cause = DEATHS.get(what, DEATHS["process-ended"])
    example = f"It was called with {describe_inputs(bench.names.inputs, bench.probes[place])}."
    return Verdict(mistake=what, what=says, example=example, cause=cause)


def _example(bench: Bench, probe: Probe, yours: Trial, right: Trial) -> str:
    """Show what went in, and your result beside the right one."""
    inputs = describe_inputs(bench.names.inputs, probe)
    if isinstance(yours.outcome, Raised) and not isinstance(right.outcome, Raised):
        return f"It was called with {inputs}."
    results = compare(yours.outcome, right.outcome, bench.exercise.tolerance)
    if same(yours.outcome, right.outcome, bench.exercise.tolerance):
        results = "The result itself is right."  # but an input has changed
    if not bench.exercise.exact:
        results = results.replace("Right:", "One that would do:")
        results = results.replace(", right ", ", one that would do ")
    return f"For {inputs}:\n{results}"

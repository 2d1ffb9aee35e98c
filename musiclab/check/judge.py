"""Judge what an answer did: right, not begun, a known mistake, or a kind of mistake."""

import copy
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from musiclab.check.answering import heard, varied
from musiclab.check.example import compare, describe_inputs
from musiclab.check.exceptions import DEATHS, stopped
from musiclab.check.exercise import Exercise
from musiclab.check.kinds import KINDS
from musiclab.check.kinds.case import Case
from musiclab.check.naming import Names, names_of
from musiclab.check.outcomes import Other, Raised, as_tensor, same
from musiclab.check.processes import Event
from musiclab.check.trial import Probe, Trial, alike, make_probes, try_on
from musiclab.check.wire import from_json

Call = tuple[Probe, Trial, Trial]  # what went in, what came of it, what is right
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
    music: tuple[Any, Any] | None = None  # yours and the right one, as plain data


@dataclass(frozen=True)
class Finding:
    """What is wrong, before an example of it is chosen."""

    mistake: str
    what: str
    cause: str = ""
    place: int | None = None  # of the call that shows it; None for the first that went wrong


def judge(exercise: Exercise, seeds: Sequence[int], events: Iterator[Event]) -> Verdict:
    """Judge an answer by what its process tells; listen no longer than needed.

    Args:
        exercise: What was asked.
        seeds: Of the probes; the answer's process has the same.
        events: What it tells, as ``answering.run`` does.
    """
    probes, trials = make_probes(exercise, seeds), []
    for what, told in events:
        if what == "blank":
            return not_begun(exercise)
        if what != "trial":
            return _died(exercise, what, told, probes[len(trials)])
        trials.append(from_json(told))
        if len(trials) == len(probes):
            break
    return diagnose(exercise, seeds, trials, events)


def diagnose(
    exercise: Exercise,
    seeds: Sequence[int],
    trials: Sequence[Trial],
    more: Iterable[Event] = (),
) -> Verdict:
    """Judge an answer by its results on all probes.

    Args:
        exercise: What was asked.
        seeds: Of the probes.
        trials: What came of each.
        more: What else the answer's process tells; looked at only if the answer is wrong.
    """
    probes = make_probes(exercise, seeds)
    right = [try_on(exercise, exercise.reference, probe) for probe in probes]
    calls = list(zip(probes, trials, right, strict=True))
    wrong = [_is_wrong(exercise, *one) for one in calls]
    known = _known(exercise, probes, trials) if any(wrong) or not exercise.exact else None
    if not any(wrong) and not known:
        return Verdict(passed=True, what=PASSED)
    if _is_not_begun(exercise, probes, trials):
        return not_begun(exercise)
    names, more = names_of(exercise, len(probes[0])), _Later(more)
    found = (
        known
        or _changed(exercise, names, calls)
        or _raised(calls)
        or (_kind(exercise, seeds, names, calls, more) if exercise.exact else None)
        or _rule(exercise, calls)
        or Finding("different", "Your result differs from the right one.")
    )
    place = (wrong.index(True) if any(wrong) else 0) if found.place is None else found.place
    yours = trials[place].outcome
    stop = yours if isinstance(yours, Raised) else None
    return Verdict(
        mistake=found.mistake,
        what=found.what,
        example=_example(exercise, names, *calls[place]),
        cause=found.cause,
        raised=f"{stop.type}: {stop.says}" if stop else "",
        frames=stop.frames if stop else (),
        music=_music(exercise, more),
    )


class _Later:
    """What an answer's process tells after its results, asked for once and only if needed."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = events

    @cached_property
    def all(self) -> list[Event]:
        return list(self._events)


def not_begun(exercise: Exercise) -> Verdict:
    """Say that there is no answer yet; that is no fault."""
    first = f'Write `{exercise.name}` first. hint("{exercise.id}") helps you to begin.'
    return Verdict(blank=True, what=NOT_BEGUN, cause=first)


def _died(exercise: Exercise, what: str, told: Any, probe: Probe) -> Verdict:
    """Say how an answer's process stopped before all results were there."""
    if what == "unreadable":
        raised = from_json(told)
        id, says, cause = stopped(raised)
        text = f"{raised.type}: {raised.says}"
        return Verdict(mistake=id, what=says, cause=cause, raised=text, frames=raised.frames)
    says, cause = DEATHS.get(what, DEATHS["process-ended"])
    inputs = describe_inputs(names_of(exercise, len(probe)).inputs, probe)
    return Verdict(mistake=what, what=says, example=f"It was called with {inputs}.", cause=cause)


def behaves_like(
    exercise: Exercise, other: Callable[..., Any], probes: Sequence[Probe], trials: Sequence[Trial]
) -> bool:
    """Tell whether an answer did what another function does, on every probe."""
    pairs = zip(probes, trials, strict=True)
    return all(alike(exercise, trial, try_on(exercise, other, probe)) for probe, trial in pairs)


def _is_not_begun(exercise: Exercise, probes: Sequence[Probe], trials: Sequence[Trial]) -> bool:
    """Tell whether an answer is still as it was given: a gap, or the faulty start."""
    gaps = [
        outcome == Other("ellipsis")
        if not isinstance(outcome, Raised)
        else "NotImplementedError" in outcome.types or "ellipsis" in outcome.says.lower()
        for outcome in (trial.outcome for trial in trials)
    ]
    start = exercise.start
    return all(gaps) or (start is not None and behaves_like(exercise, start, probes, trials))


def _is_wrong(exercise: Exercise, probe: Probe, yours: Trial, right: Trial) -> bool:
    """Tell whether a call went wrong; where many results are right, by the properties alone."""
    if exercise.exact or isinstance(right.outcome, Raised):
        return not alike(exercise, yours, right)
    changed = not exercise.may_change and yours.changed != right.changed
    return changed or any(_breaks(rule, probe, yours, right) for rule in exercise.properties)


def _known(exercise: Exercise, probes: Sequence[Probe], trials: Sequence[Trial]) -> Finding | None:
    for id, mistake in zip(exercise.mistake_ids, exercise.mistakes, strict=True):
        if behaves_like(exercise, mistake, probes, trials):
            what, _, cause = (inspect.getdoc(mistake) or id).partition("\n")
            return Finding(id, what, cause.strip())
    return None


def _changed(exercise: Exercise, names: Names, calls: Sequence[Call]) -> Finding | None:
    for place, (_, yours, theirs) in enumerate(calls):
        if not exercise.may_change and set(yours.changed) - set(theirs.changed):
            name = names.inputs[yours.changed[0]]
            return Finding(
                "input-changed",
                f"Your function changes its input `{name}`.",
                "The caller may still need it. Work on a copy (`.clone()`, `list(...)`), or build "
                "a new result instead of changing what you were given.",
                place,
            )
    return None


def _raised(calls: Sequence[Call]) -> Finding | None:
    for place, (_, yours, theirs) in enumerate(calls):
        mine, asked = yours.outcome, theirs.outcome
        if isinstance(mine, Raised) and not same(mine, asked):
            id, what, cause = stopped(mine)
            if isinstance(asked, Raised):
                cause = f"For these inputs a {asked.type} is asked for. {cause}"
            return Finding(id, what, cause, place)
    return None


def _kind(
    exercise: Exercise,
    seeds: Sequence[int],
    names: Names,
    calls: Sequence[Call],
    more: "_Later",
) -> Finding | None:
    exchanged = [told for what, told in more.all if what == "varied"]
    theirs = [try_on(exercise, exercise.reference, probe) for _, probe in varied(exercise, seeds)]
    case = Case(
        names=names,
        probes=[probe for probe, _, _ in calls],
        yours=[yours.outcome for _, yours, _ in calls],
        right=[right.outcome for _, _, right in calls],
        tolerance=exercise.tolerance,
        printed=any(yours.printed for _, yours, _ in calls),
        again=[from_json(trial) for what, told in more.all if what == "again" for trial in told],
        varied=[
            (place, from_json(trial).outcome, goal.outcome)
            for (place, trial), goal in zip(exchanged, theirs, strict=False)  # it may stop early
        ],
    )
    for kind in KINDS:
        says = kind(case)
        if says:
            what, _, cause = says.partition("\n")
            return Finding("kind-" + kind.__name__.replace("_", "-"), what, cause)
    return None


def _rule(exercise: Exercise, calls: Sequence[Call]) -> Finding | None:
    """Find the first of the exercise's properties that does not hold."""
    for rule in exercise.properties:
        for place, (probe, yours, right) in enumerate(calls):
            # A rule may fail on another type or shape; that says something only if rules decide.
            if _breaks(rule, probe, yours, right, unclear=not exercise.exact):
                what, _, cause = (inspect.getdoc(rule) or "").partition("\n")
                id = "rule-" + rule.__name__.replace("_", "-")
                return Finding(id, what, cause.strip(), place)
    return None


def _breaks(
    rule: Callable[..., bool], probe: Probe, yours: Trial, right: Trial, *, unclear: bool = True
) -> bool:
    """Tell whether a result breaks a rule; ``unclear`` is said where the rule cannot tell."""
    result = yours.outcome
    if isinstance(right.outcome, Raised):
        return False
    if isinstance(right.outcome, Tensor):
        result = as_tensor(result)
    with suppress(Exception):
        return not rule(result, *copy.deepcopy(probe))
    return unclear


def _example(exercise: Exercise, names: Names, probe: Probe, yours: Trial, right: Trial) -> str:
    """Show what went in, and your result beside the right one."""
    inputs = describe_inputs(names.inputs, probe)
    if isinstance(yours.outcome, Raised) and not isinstance(right.outcome, Raised):
        return f"It was called with {inputs}."
    results = compare(yours.outcome, right.outcome, exercise.tolerance)
    if same(yours.outcome, right.outcome, exercise.tolerance):
        results = "The result itself is right."  # but an input has changed
    if not exercise.exact:
        results = results.replace("Right:", "One that would do:")
    return f"For {inputs}. {results}"


def _music(exercise: Exercise, more: _Later) -> tuple[Any, Any] | None:
    """Let a wrong answer be heard beside the right one, where both make music."""
    if not exercise.hear:
        return None
    yours = next((told for what, told in more.all if what == "music"), None)
    right = heard(exercise, exercise.reference) if yours else None
    return (yours, right) if yours and right else None

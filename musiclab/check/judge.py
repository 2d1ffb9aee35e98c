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
    wrong: int | None = None  # the call that shows it; None for the first that went wrong


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
    wrong = [not alike(exercise, *pair) for pair in zip(trials, right, strict=True)]
    if not any(wrong):
        return Verdict(passed=True, what=PASSED)
    if _is_not_begun(exercise, probes, trials):
        return not_begun(exercise)
    names, more = names_of(exercise, len(probes[0])), _Later(more)
    found = (
        _known(exercise, probes, trials)
        or _changed(names, trials, right, exercise)
        or _raised(trials, right)
        or _kind(exercise, seeds, names, probes, trials, right, more)
        or _rule(exercise, probes, trials, right)
        or Finding("different", "Your result differs from the right one.")
    )
    place = wrong.index(True) if found.wrong is None else found.wrong
    yours = trials[place].outcome
    example = f"For {describe_inputs(names.inputs, probes[place])}: " + compare(
        yours, right[place].outcome, exercise.tolerance
    )
    stop = yours if isinstance(yours, Raised) else Raised((), "")
    return Verdict(
        mistake=found.mistake,
        what=found.what,
        example="" if found.mistake == "input-changed" else example,
        cause=found.cause,
        raised=f"{stop.types[0]}: {stop.says}" if stop.types else "",
        frames=stop.frames,
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


def _known(exercise: Exercise, probes: Sequence[Probe], trials: Sequence[Trial]) -> Finding | None:
    for id, mistake in zip(exercise.mistake_ids, exercise.mistakes, strict=True):
        if behaves_like(exercise, mistake, probes, trials):
            what, _, cause = (inspect.getdoc(mistake) or id).partition("\n")
            return Finding(id, what, cause.strip())
    return None


def _changed(
    names: Names, trials: Sequence[Trial], right: Sequence[Trial], exercise: Exercise
) -> Finding | None:
    for place, (yours, theirs) in enumerate(zip(trials, right, strict=True)):
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


def _raised(trials: Sequence[Trial], right: Sequence[Trial]) -> Finding | None:
    for place, (yours, theirs) in enumerate(zip(trials, right, strict=True)):
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
    probes: list[Probe],
    trials: Sequence[Trial],
    right: Sequence[Trial],
    more: _Later,
) -> Finding | None:
    exchanged = [told for what, told in more.all if what == "varied"]
    theirs = [try_on(exercise, exercise.reference, probe) for _, probe in varied(exercise, seeds)]
    case = Case(
        names=names,
        probes=probes,
        yours=[trial.outcome for trial in trials],
        right=[trial.outcome for trial in right],
        tolerance=exercise.tolerance,
        printed=any(trial.printed for trial in trials),
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


def _rule(
    exercise: Exercise, probes: Sequence[Probe], trials: Sequence[Trial], right: Sequence[Trial]
) -> Finding | None:
    """Find the first of the exercise's properties that does not hold."""
    for rule in exercise.properties:
        for place, (probe, yours, theirs) in enumerate(zip(probes, trials, right, strict=True)):
            if not isinstance(theirs.outcome, Raised) and _is_broken(rule, yours, theirs, probe):
                what, _, cause = (inspect.getdoc(rule) or "").partition("\n")
                id = "rule-" + rule.__name__.replace("_", "-")
                return Finding(id, what, cause.strip(), place)
    return None


def _is_broken(rule: Callable[..., bool], yours: Trial, right: Trial, probe: Probe) -> bool:
    result = yours.outcome
    if isinstance(right.outcome, Tensor):
        result = as_tensor(result)
    # A rule may expect the right type or shape, which this result need not have.
    with suppress(Exception):
        return not rule(result, *copy.deepcopy(probe))
    return False


def _music(exercise: Exercise, more: _Later) -> tuple[Any, Any] | None:
    """Let a wrong answer be heard beside the right one, where both make music."""
    if not exercise.hear:
        return None
    yours = next((told for what, told in more.all if what == "music"), None)
    right = heard(exercise, exercise.reference) if yours else None
    return (yours, right) if yours and right else None

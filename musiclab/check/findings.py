"""What may be wrong with an answer, from the most telling to the least."""

import copy
import inspect
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from torch import Tensor

from musiclab.check.answering import varied
from musiclab.check.bench import Bench
from musiclab.check.exceptions import stopped
from musiclab.check.exercise import Exercise
from musiclab.check.kinds import KINDS
from musiclab.check.kinds.case import Case
from musiclab.check.kinds.shapes import wrong_shape
from musiclab.check.outcomes import Raised, as_kind_of, as_tensor, kind_of_number, same
from musiclab.check.processes import Event
from musiclab.check.trial import Probe, Trial, alike, try_on
from musiclab.check.wire import from_json


@dataclass(frozen=True)
class Finding:
    """What is wrong, before an example of it is chosen."""

    mistake: str
    what: str
    cause: str = ""
    place: int | None = None  # of the call that shows it; None for the first that went wrong


class Later:
    """What an answer's process tells after its results; asked for once, and only if needed."""

    def __init__(self, events: Iterable[Event] | None) -> None:
        self._events = events or ()

    @cached_property
    def _all(self) -> list[Event]:
        return list(self._events)

    def told(self, what: str) -> list[Any]:
        """Return all that was told of one kind."""
        return [body for each, body in self._all if each == what]


def find_fault(bench: Bench, trials: Sequence[Trial], more: Later) -> Finding:
    """Say what is wrong with an answer that is wrong."""
    return (
        known_mistake(bench, trials)
        or _in_another_kind(bench, trials)
        or _changed_input(bench, trials)
        or _exception(bench, trials)
        or _kind(bench, trials, more)
        or _broken_rule(bench, trials)
        or Finding("different", "Your result differs from the right one.")
    )


def goes_wrong(exercise: Exercise, probe: Probe, yours: Trial, right: Trial) -> bool:
    """Tell whether a call went wrong; where many results are right, by the properties alone."""
    if exercise.exact or isinstance(right.outcome, Raised):
        return not alike(exercise, yours, right)
    changed = not exercise.may_change and yours.changed.keys() != right.changed.keys()
    return changed or any(_breaks(rule, probe, yours, right) for rule in exercise.properties)


def known_mistake(bench: Bench, trials: Sequence[Trial]) -> Finding | None:
    """Find the known mistake that an answer behaves like."""
    exercise = bench.exercise
    for id, mistake in zip(exercise.mistake_ids, exercise.mistakes, strict=True):
        if bench.behaves_like(mistake, trials):
            return Finding(id, *_headline(mistake))
    return None


def _in_another_kind(bench: Bench, trials: Sequence[Trial]) -> Finding | None:
    """Find the known mistake that an answer makes in numbers of another kind, as 0.0 for False."""
    pairs = [(yours.outcome, right.outcome) for _, yours, right in bench.calls(trials)]
    kinds = {tuple(kind_of_number(as_tensor(one)) for one in pair) for pair in pairs}
    differing = [(mine, asked) for mine, asked in kinds if mine != asked and mine and asked]
    turned = [
        replace(trial, outcome=as_kind_of(*pair)) for trial, pair in zip(trials, pairs, strict=True)
    ]
    found = known_mistake(bench, turned) if differing else None
    if not found:
        return None
    mine, asked = differing[0]
    besides = f"{found.cause} Besides, {asked} is asked for, not {mine}."
    calls = enumerate(zip(turned, pairs, strict=True))
    place = next((n for n, (one, pair) in calls if not same(one.outcome, pair[1], 1e-3)), None)
    return replace(found, cause=besides, place=place)


def _headline(function: Callable[..., Any]) -> tuple[str, str]:
    """Split a docstring into its first line and the rest."""
    what, _, cause = (inspect.getdoc(function) or "").partition("\n")
    return what, cause.strip()


def _changed_input(bench: Bench, trials: Sequence[Trial]) -> Finding | None:
    for place, (_, yours, right) in enumerate(bench.calls(trials)):
        if not bench.exercise.may_change and (extra := yours.changed.keys() - right.changed):
            name = bench.names.inputs[min(extra)]
            return Finding(
                "input-changed",
                f"Your function changes its input `{name}`.",
                "The caller may still need it. Work on a copy (`.clone()`, `list(...)`), or build "
                "a new result instead of changing what you were given.",
                place,
            )
    return None


def _exception(bench: Bench, trials: Sequence[Trial]) -> Finding | None:
    for place, (_, yours, right) in enumerate(bench.calls(trials)):
        mine, asked = yours.outcome, right.outcome
        if isinstance(mine, Raised) and not same(mine, asked):
            id, what, cause = stopped(mine)
            if isinstance(asked, Raised):
                cause = f"For these inputs a {asked.type} is asked for. {cause}"
            return Finding(id, what, cause, place)
    return None


def _kind(bench: Bench, trials: Sequence[Trial], more: Later) -> Finding | None:
    if not bench.exercise.exact:
        return None
    calls, exercise = bench.calls(trials), bench.exercise
    goals = [try_on(exercise, exercise.reference, one) for _, one in varied(exercise, bench.seeds)]
    case = Case(
        names=bench.names,
        probes=bench.probes,
        yours=[yours.outcome for _, yours, _ in calls],
        right=[right.outcome for _, _, right in calls],
        tolerance=exercise.tolerance,
        printed=any(yours.printed for _, yours, _ in calls),
        again=[from_json(trial) for pair in more.told("again") for trial in pair],
        varied=[
            (place, from_json(trial).outcome, goal.outcome)
            for (place, trial), goal in zip(more.told("varied"), goals, strict=False)
        ],
    )
    for kind in KINDS:
        if says := kind(case):
            what, _, cause = says.partition("\n")
            id, place = "kind-" + kind.__name__.replace("_", "-"), None
            if kind is wrong_shape:  # the example should show one
                place = next(
                    n for n, (_, mine, right) in enumerate(case) if _shapes_differ(mine, right)
                )
            return Finding(id, what, cause, place)
    return None


def _shapes_differ(yours: Any, right: Any) -> bool:
    mine, asked = as_tensor(yours), as_tensor(right)
    return mine is not None and asked is not None and mine.shape != asked.shape


def _broken_rule(bench: Bench, trials: Sequence[Trial]) -> Finding | None:
    exercise = bench.exercise
    for rule in exercise.properties:
        for place, call in enumerate(bench.calls(trials)):
            # A rule may fail on another type or shape; that says something only if rules decide.
            if _breaks(rule, *call, unclear=not exercise.exact):
                return Finding("rule-" + rule.__name__.replace("_", "-"), *_headline(rule), place)
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

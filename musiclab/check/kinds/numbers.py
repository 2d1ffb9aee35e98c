"""Kinds of mistakes in the numbers: sign, unit, one too many, one place further."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from musiclab.check.kinds.case import Case

# Factors that say where they come from.
_FACTORS = {
    1 / math.log(2): "1 / ln 2: bits, where nats are asked for",
    math.log(2): "ln 2: nats, where bits are asked for",
    1 / math.log(10): "1 / ln 10: a logarithm to base 10, where the natural one is asked for",
    math.log(10): "ln 10: a natural logarithm, where base 10 is asked for",
    60.0: "60: minutes and seconds are mixed up",
    1 / 60: "1 / 60: minutes and seconds are mixed up",
    12.0: "12: the semitones of an octave",
    1 / 12: "1 / 12: the semitones of an octave",
    100.0: "100: per cent, where a share is asked for, or cents for semitones",
    0.01: "1 / 100: a share, where per cent is asked for",
    4.0: "4: a quarter note has four frames",
    0.25: "1 / 4: a quarter note has four frames",
}
_FUNCTIONS: tuple[tuple[str, Callable[[Tensor], Tensor]], ...] = (
    ("the logarithm of the right numbers", torch.log),
    ("e to the power of the right numbers", torch.exp),
    ("the squares of the right numbers", torch.square),
    ("the square roots of the right numbers", torch.sqrt),
    ("1 divided by the right numbers", torch.reciprocal),
    ("1 minus the right numbers", lambda right: 1 - right),
    ("the right numbers without their signs", torch.abs),
    ("the right numbers, but never below 0", torch.relu),
    ("the right numbers, rounded down", torch.floor),
    ("the right numbers, rounded", torch.round),
    ("the right numbers, cut off after the point", torch.trunc),
)


def turned_round(case: Case) -> str | None:
    """True for False."""
    if case.kind == "bool" and all(torch.equal(y, 1 - right) for _, y, right in case.numbers):
        return (
            "True and False are the wrong way round.\nWhat does True stand for here? Read the "
            "signature and the statement again."
        )
    return None


def not_a_number(case: Case) -> str | None:
    """NaN or infinity where there should be none."""
    for what, test in (("NaN (not a number)", torch.isnan), ("infinity", torch.isinf)):
        if any(test(yours)[~test(right)].any() for _, yours, right in case.numbers):
            return (
                f"There is {what} in your result, where the right one has a number.\nIt comes from "
                "0 / 0, the log of 0, a division by 0, or a softmax over nothing but minus "
                "infinity. Which line makes it first?"
            )
    return None


def sign(case: Case) -> str | None:
    """Minus the right numbers."""
    if case.explained(torch.neg):
        return (
            "The numbers are right, but for their sign.\nWhich way round is the difference taken? "
            "Or is a minus missing?"
        )
    return None


def factor(case: Case) -> str | None:
    """A constant times the right numbers."""
    found = _ratios(case)
    ratio = found[0][0] if len(found) > 1 else 1.0
    if abs(ratio - 1) < 1e-4 or not case.explained(lambda right: ratio * right):
        return None
    known = [says for one, says in _FACTORS.items() if math.isclose(one, ratio, rel_tol=1e-4)]
    if known:
        return f"Your numbers are the right ones times {known[0]}.\nWhich unit is asked for?"
    return (
        f"Your numbers are the right ones times {ratio:.4g}, in every call.\nWhere could such a "
        "factor come from?"
    )


def size_factor(case: Case) -> str | None:
    """The right numbers times a size of an input: a sum for a mean, a mean for a sum."""
    found = _ratios(case)
    if len({f"{ratio:.4g}" for ratio, _ in found}) < 2:
        return None
    counted = [list(_sizes(case, probe)) for _, probe in found]
    for named in zip(*counted, strict=False):
        names = {name for name, _ in named}
        for says, turn in _SIZES:
            fits = zip(found, named, strict=True)
            close = all(math.isclose(r, turn(count), rel_tol=1e-4) for (r, _), (_, count) in fits)
            if close and len(names) == 1:
                return says.format(*names)
    return None


_SIZES: tuple[tuple[str, Callable[[int], float]], ...] = (
    (
        "Your numbers are the right ones times {}.\nIs a sum taken where the mean is asked for, "
        "or a division by this number missing?",
        float,
    ),
    (
        "Your numbers are the right ones divided by {}.\nIs the mean taken where the sum is asked "
        "for, or is something divided by it twice?",
        lambda count: 1 / count if count > 0 else 0.0,
    ),
    (
        "Your numbers are the right ones times the square root of {}.\nWhere should it be divided "
        "by this root?",
        lambda count: math.sqrt(max(count, 0)),
    ),
    (
        "Your numbers are the right ones divided by the square root of {}.\nIs it divided by this "
        "root where it should not be?",
        lambda count: 1 / math.sqrt(count) if count > 0 else 0.0,
    ),
)


def _sizes(case: Case, probe: tuple) -> Iterator[tuple[str, int]]:
    """Yield what can be counted in a call's inputs, with its name."""
    for name, value in zip(case.names.inputs, probe, strict=True):
        if isinstance(value, Tensor):
            for place, size in enumerate(value.shape):
                yield f"the size of {case.names.axis(name, place, value.ndim)}", size
            yield f"how many numbers {name} holds", value.numel()
        elif isinstance(value, (list, tuple, dict, str)):
            yield f"the length of {name}", len(value)
        elif type(value) is int:
            yield name, value


def _ratios(case: Case) -> list[tuple[float, tuple]]:
    """Yours divided by the right numbers, call by call; nothing unless one factor fits a call."""
    found = []
    for probe, yours, right in case.numbers if case.wrong else []:
        useful = right.isfinite() & yours.isfinite() & (right != 0)
        if useful.any():
            largest = right.abs().where(useful, 0).argmax()
            ratio = float(yours.flatten()[largest] / right.flatten()[largest])
            if not ratio or not case.same(yours, ratio * right):
                return []
            found.append((ratio, probe))
    return found


def off_by_one(case: Case) -> str | None:
    """A constant added, in all places or in one column."""
    if not case.wrong:
        return None
    _, yours, right = case.wrong[0]
    apart = (yours - right)[right.isfinite()]
    if not apart.numel():
        return None
    added = float(apart.flatten()[0])
    if added and case.explained(lambda right: right + added):
        if case.kind == "int" and abs(added) == 1:
            return (
                f"Every number is {'one too large' if added > 0 else 'one too small'}.\nDoes the "
                "count begin at 0 or at 1? Does the end belong to it, or not?"
            )
        if case.kind == "int" and abs(added) % 12 == 0:
            return f"Every number is {_semitones(added)}.\nA difference of 12 is an octave."
        return (
            f"Your numbers are the right ones {'plus' if added > 0 else 'minus'} {abs(added):.4g}, "
            "in every call.\nWhat is added where it should not be, or forgotten?"
        )
    return _column(case)


def _semitones(added: float | int) -> str:
    return f"{abs(added):.0f} too {'large' if added > 0 else 'small'}"


def _column(case: Case) -> str | None:
    """In rows of several numbers, one place of each row is off by a constant."""
    width = {right.shape[-1] if right.ndim == 2 else 0 for _, _, right in case.numbers}
    if case.kind != "int" or len(width) != 1 or not 1 < (columns := width.pop()) <= 6:
        return None
    apart = torch.cat([yours - right for _, yours, right in case.numbers])
    wrong = [place for place in range(columns) if apart[:, place].any()]
    if len(wrong) != 1 or len(apart[:, wrong[0]].unique()) != 1 or len(apart) < 3:
        return None
    added = int(apart[0, wrong[0]])
    ordinal = ("first", "second", "third", "fourth", "fifth", "sixth")[wrong[0]]
    return (
        f"In each row the {ordinal} number is {_semitones(added)}; the others are right.\nDoes the "
        "count begin at 0 or at 1? Does the end belong to it, or not?"
    )


def cut_off(case: Case) -> str | None:
    """Whole numbers, some right and some one too small (or too large)."""
    if case.kind != "int" or not case.wrong:
        return None
    apart = torch.cat([(yours - right).flatten() for _, yours, right in case.numbers])
    if not (apart == 0).any() or len(apart) < 4:
        return None
    for step, word in ((-1, "small"), (1, "large")):
        if ((apart == 0) | (apart == step)).all():
            return (
                f"Some numbers are right, the others are one too {word}.\nIs something cut off or "
                "rounded the wrong way, or a border counted wrongly?"
            )
    return None


def shifted(case: Case) -> str | None:
    """All one place further along an axis."""
    for axis in range(case.axes):
        for step in (1, -1):
            if case.moved(axis, step):
                return (
                    f"Everything stands one place too {'late' if step > 0 else 'early'}, along "
                    f"{case.names.axis('', axis, case.axes)}.\nWhere does the first one belong?"
                )
    return None


def backwards(case: Case) -> str | None:
    """From the end to the beginning along an axis."""
    for axis in range(case.axes):
        if case.explained(lambda right, axis=axis: right.flip(axis)):
            return (
                "Everything stands in reverse, along "
                f"{case.names.axis('', axis, case.axes)}.\nAt which end do you begin?"
            )
    return None


def function_of_right(case: Case) -> str | None:
    """A familiar function of the right numbers."""
    for what, turn in _FUNCTIONS:
        if case.explained(turn):
            return f"Your numbers are {what}.\nIs a step missing, or one too many?"
    return None

"""Kinds of mistakes by place: wrong for some inputs alone, or in one part of every result."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from musiclab.check.example import show
from musiclab.check.kinds.case import Case
from musiclab.check.outcomes import plain


def some_inputs(case: Case) -> str | None:
    """Wrong for all inputs of one kind, and right for all others."""
    wrong = [not case.same(yours, right) for _, yours, right in case]
    if all(wrong):
        return None
    for place, name in enumerate(case.names.inputs):
        values = [plain(probe[place]) for probe in case.probes]
        axes = case.names.axes.get(name, ())
        for test, says in _FEATURES:
            if [test(value, axes) for value in values] == wrong:
                return says
        for one in values:
            settings = one is None or isinstance(one, (bool, int, float, str))
            if (
                settings
                and wrong.count(True) > 1
                and [_is(value, one) for value in values] == wrong
            ):
                return (
                    f"Your function is wrong where `{name}` is {show(one)}, and right elsewhere.\n"
                    "What is special about this value? Follow your code by hand for it."
                )
    return None


def _is(value: Any, other: Any) -> bool:
    return type(value) is type(other) and value == other


def _has_rest(value: Any, axes: tuple[str, ...] = ()) -> bool:
    whole = isinstance(value, Tensor) and value.numel() and not value.is_floating_point()
    return bool(whole) and int(value.min()) == -1


def _is_empty(value: Any, axes: tuple[str, ...]) -> bool:
    if isinstance(value, Tensor):
        return not value.numel()
    return isinstance(value, (list, tuple)) and not value


def _has_batch(value: Any, axes: tuple[str, ...]) -> bool:
    return isinstance(value, Tensor) and axes[:1] == ("batch",) and len(value) > 1


_FEATURES: tuple[tuple[Callable[[Any, tuple[str, ...]], bool], str], ...] = (
    (
        _has_rest,
        "Your function is right where no voice rests, and wrong wherever there is a rest (-1).\nA "
        "rest is no pitch: what should become of it?",
    ),
    (
        _is_empty,
        "Your function is wrong only where an input is empty.\nWhat should come out of nothing?",
    ),
    (
        _has_batch,
        "Your function is wrong only where there is a batch of more than one.\nIs everything done "
        "for each member of the batch apart?",
    ),
)


def only_at_rests(case: Case) -> str | None:
    """Right everywhere but where a frame of an input is a rest."""
    for probe, apart in _apart(case):
        inputs = [one for one in probe if isinstance(one, Tensor) and one.shape == apart.shape]
        if not any(_has_rest(one) and not apart[one != -1].any() for one in inputs):
            return None
    if len(case.wrong) < 2:
        return None
    return (
        "Your numbers are wrong only where a voice rests (-1).\nA rest is no pitch: leave it out "
        "of the calculation, or keep it as it is."
    )


def only_where(case: Case) -> str | None:
    """Right everywhere but where a mask among the inputs is True, or False."""
    for place, name in enumerate(case.names.inputs):
        for value in (True, False):
            if len(case.wrong) > 1 and all(
                _lies_in(apart, probe[place], value) for probe, apart in _apart(case)
            ):
                return (
                    f"Your numbers are wrong only where `{name}` is {value}.\nWhat should happen "
                    "there? Is something hidden too late, or with the wrong value?"
                )
    return None


def _lies_in(apart: Tensor, mask: Any, value: bool) -> bool:
    """Tell whether all differences lie where a mask has a value, and the mask has both."""
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool or mask.unique().numel() < 2:
        return False
    if mask.ndim > apart.ndim or apart.shape[apart.ndim - mask.ndim :] != mask.shape:
        return False
    return not apart[..., mask != value].any()


def _apart(case: Case) -> Iterator[tuple[Any, Tensor]]:
    """Yield the inputs of each wrong call, and where the result differs."""
    for probe, yours, right in case.wrong:
        near = torch.isclose(yours, right, rtol=case.tolerance, atol=case.tolerance, equal_nan=True)
        yield probe, ~near


def edge(case: Case) -> str | None:
    """Right everywhere but at one end of an axis."""
    for axis in range(case.axes):
        for place, word in ((0, "first"), (-1, "last")):
            if case.wrong_only_at(axis, place):
                return (
                    f"Only the {word} element is wrong, along "
                    f"{case.names.axis('', axis, case.axes)}.\nWhat is special there? Follow your "
                    "code by hand for that one."
                )
    return None

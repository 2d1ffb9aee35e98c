"""Kinds of mistakes in lists, and answers that are wrong for some inputs alone."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from musiclab.check.example import show
from musiclab.check.kinds.case import Case
from musiclab.check.outcomes import plain


def order(case: Case) -> str | None:
    """All that is right, in another order."""
    pairs = _written(case)
    if pairs and all(Counter(yours) == Counter(right) for yours, right in pairs):
        return (
            "All the right elements are there, but in another order.\nWhich order is asked for? A "
            "set, or the keys of a dictionary, may come in any."
        )
    return None


def doubled(case: Case) -> str | None:
    """All that is right, but some of it more than once."""
    pairs = _written(case)
    if pairs and all(set(yours) == set(right) for yours, right in pairs):
        more = all(len(yours) >= len(right) for yours, right in pairs)
        if more:
            return "Some elements are there more than once.\nWhen is one added a second time?"
        return "Elements that occur more than once are there only once.\nWho drops the others?"
    return None


def missing(case: Case) -> str | None:
    """Nothing wrong, but not all."""
    pairs = [(yours, right) for yours, right in _written(case) if yours != right]
    if not pairs or any(Counter(yours) - Counter(right) for yours, right in pairs):
        return None
    for what, part in (("last", slice(None, -1)), ("first", slice(1, None))):
        if all(yours == right[part] for yours, right in pairs):
            return (
                f"The {what} element is missing.\nWhat happens to it where your loop "
                f"{'ends' if what == 'last' else 'begins'}?"
            )
    yours, right = pairs[0]
    lost = next(iter(Counter(right) - Counter(yours)))
    return (
        f"Some elements are missing, such as {lost}.\nFollow your code by hand for that one: where "
        "does it fall out?"
    )


def too_many(case: Case) -> str | None:
    """All that is right, and more."""
    pairs = [(yours, right) for yours, right in _written(case) if yours != right]
    if not pairs or any(Counter(right) - Counter(yours) for yours, right in pairs):
        return None
    yours, right = pairs[0]
    extra = next(iter(Counter(yours) - Counter(right)))
    return (
        f"All that is right is there, but also more, such as {extra}.\nWhich rule should keep that "
        "one out?"
    )


def _written(case: Case) -> list[tuple[list[str], list[str]]]:
    """Yours and the right lists, each element as text; empty unless all results are lists."""
    pairs = []
    for _, yours, right in case:
        if not all(isinstance(one, (list, tuple, set, dict)) for one in (yours, right)):
            return []
        pairs.append((_texts(yours), _texts(right)))
    return pairs


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{show(key)}: {show(one)}" for key, one in value.items()]
    return [show(tuple(one) if isinstance(one, list) else one) for one in value]


def some_inputs(case: Case) -> str | None:
    """Wrong for all inputs of one kind, and right for all others."""
    wrong = [not case.same(yours, right) for _, yours, right in case]
    for test, says in _FEATURES:
        has = [
            any(test(plain(one), case.names.axes.get(name, ())) for name, one in pairs)
            for pairs in (zip(case.names.inputs, probe, strict=True) for probe in case.probes)
        ]
        if has == wrong and not all(wrong):
            return says
    return None


def _has_rest(value: Any, axes: tuple[str, ...]) -> bool:
    counted = not torch.is_floating_point(value) if isinstance(value, Tensor) else False
    return counted and bool((value == -1).any())


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
    for probe, yours, right in case.wrong:
        apart = ~torch.isclose(yours, right, atol=case.tolerance, equal_nan=True)
        inputs = [one for one in probe if isinstance(one, Tensor) and one.shape == right.shape]
        if not any(_has_rest(one, ()) and not apart[one != -1].any() for one in inputs):
            return None
    if len(case.wrong) < 2:
        return None
    return (
        "Your numbers are wrong only where a voice rests (-1).\nA rest is no pitch: leave it out "
        "of the calculation, or keep it as it is."
    )

"""Kinds of mistakes with axes: swapped, lost, of the wrong size, or mixed by a reshape."""

from collections.abc import Callable
from itertools import permutations

from torch import Tensor

from musiclab.check.kinds.case import Case
from musiclab.check.outcomes import as_tensor, kind_of_number, same


def axes_swapped(case: Case) -> str | None:
    """The right numbers, with their axes in another order."""
    for order in _orders(case):
        if _all_turned(case, lambda right, order=order: right.permute(order)):
            names = case.names.axes.get("", ())
            moved = [place for place, axis in enumerate(order) if place != axis]
            which = [names[n] if len(names) == len(order) else f"number {n}" for n in moved]
            return (
                f"The axes {' and '.join(which)} have changed places; the numbers are right.\n"
                "Compare the result's shape with the signature."
            )
    return None


def _orders(case: Case) -> list[tuple[int, ...]]:
    """All orders of the axes but the right one; none if results have different numbers of them."""
    counts = {right.ndim for _, right in _tensors(case)}
    return list(permutations(range(max(counts))))[1:] if counts in ({2}, {3}, {4}, {5}) else []


def reshaped(case: Case) -> str | None:
    """The right numbers in the right shape, but in the wrong places."""
    for order in _orders(case):
        if _all_turned(case, lambda right, order=order: right.permute(order).reshape(right.shape)):
            return (
                "The shape is right, but the numbers stand in the wrong places.\nA `reshape` or "
                "`view` only cuts the same row of numbers anew. To move an axis, transpose or "
                "permute (or let einops do both)."
            )
    return None


def axis_of_one(case: Case) -> str | None:
    """The right numbers in another shape, often with an axis of size 1 too many or too few."""
    pairs = _tensors(case)
    if len(pairs) < len(case.yours) or any(yours.shape == right.shape for yours, right in pairs):
        return None
    if all(case.same(yours.squeeze(), right.squeeze()) for yours, right in pairs):
        more = all(yours.ndim > right.ndim for yours, right in pairs)
        what = "there is an axis of size 1 too many" if more else "an axis of size 1 is missing"
        return (
            f"The numbers are right, but {what}.\nLook at `keepdim`, `squeeze` and `unsqueeze`, "
            "and at indexing with a number or a slice."
        )
    if all(case.same(yours.flatten(), right.flatten()) for yours, right in pairs):
        return "The numbers are right, but their shape is not.\nReshape them as the signature says."
    return None


def wrong_shape(case: Case) -> str | None:
    """Another shape than asked for."""
    pairs = _tensors(case)
    if len(pairs) < len(case.yours) or not any(y.shape != r.shape for y, r in pairs):
        return None
    if len({right.ndim for _, right in pairs}) == 1 and not pairs[0][1].ndim:
        return (
            "Your function returns several numbers, where a single one is asked for.\nOver which "
            "axes should it still sum, or take the mean?"
        )
    yours, right = next((y, r) for y, r in pairs if y.shape != r.shape)
    names = case.names.axes.get("", ())
    asked = f" ({' '.join(names)})" if len(names) == right.ndim else ""
    where = [n for n in range(min(yours.ndim, right.ndim)) if yours.shape[n] != right.shape[n]]
    more = "Follow the shape line by line; print it after each step."
    if yours.ndim != right.ndim:
        more = f"It has {yours.ndim} axes and should have {right.ndim}. {more}"
    elif len(where) == 1 and abs(yours.shape[where[0]] - right.shape[where[0]]) == 1:
        more = "One axis is off by 1. Is the first or the last element lost, or there twice?"
    return f"The shape is {tuple(yours.shape)}, where {tuple(right.shape)}{asked} is right.\n{more}"


def _tensors(case: Case) -> list[tuple[Tensor, Tensor]]:
    """Both results as tensors, of all calls where the right one is a tensor or a number."""
    pairs = []
    for _, yours, right in case:
        mine = as_tensor(yours)
        theirs = as_tensor(right) if isinstance(right, Tensor) or kind_of_number(right) else None
        if mine is not None and theirs is not None:
            pairs.append((mine, theirs))
    return pairs


def _all_turned(case: Case, turn: Callable[[Tensor], Tensor]) -> bool:
    pairs = _tensors(case)
    turned = [same(yours, turn(right), case.tolerance) for yours, right in pairs]
    differ = [not same(yours, right, case.tolerance) for yours, right in pairs]
    return len(pairs) == len(case.yours) and all(turned) and any(differ)

"""One small example of what is wrong: the inputs, and the learner's result beside the right one."""

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from musiclab.check.outcomes import Other, Raised, as_tensor, kind_of_number, plain, same

WHOLE = 12  # so many numbers are shown one by one
_LONGEST = 160  # characters


def describe_inputs(names: tuple[str, ...], probe: tuple[Any, ...]) -> str:
    """Say what went in: small things in full, tensors by their shape, models by their size."""
    parts = []
    for name, value in zip(names, probe, strict=True):
        if isinstance(value, torch.nn.Module):
            weights = sum(one.numel() for one in value.parameters())
            parts.append(f"{name} = a {type(value).__name__} of {weights:,} weights")
            continue
        value = plain(value)
        few = 4 if kind_of_number(value) == "float" else WHOLE  # nobody can follow many of these
        if isinstance(value, Tensor) and value.numel() > few:
            parts.append(f"{name} of shape {tuple(value.shape)}")
        else:
            parts.append(f"{name} = {show(value)}")
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    text = ", ".join(parts)
    return text if len(text) <= 3 * _LONGEST else text[: 3 * _LONGEST] + "..."


def compare(yours: Any, right: Any, tolerance: float) -> str:
    """Put a result beside the right one, where they differ most clearly."""
    if isinstance(right, Raised):
        return f"Yours: {show(yours)}\nRight: {right.type}, for these inputs make no sense."
    if isinstance(right, Tensor):
        return _compare_tensors(yours, right)
    if isinstance(right, (list, tuple)) and isinstance(yours, (list, tuple)) and len(right) > WHOLE:
        return _compare_lists(list(yours), list(right), tolerance)
    for kind in (dict, SimpleNamespace):
        if isinstance(right, kind) and isinstance(yours, kind):
            return _compare_fields(_fields(yours), _fields(right), tolerance)
    return f"Yours: {show(yours)}\nRight: {show(right)}"


def _compare_tensors(yours: Any, right: Tensor) -> str:
    mine = as_tensor(yours)
    if mine is None:
        return f"Yours: {show(yours)}\nRight: {_a_tensor(right)}"
    if mine.shape != right.shape and max(mine.numel(), right.numel()) > WHOLE:
        return f"Yours has shape {tuple(mine.shape)}, the right one {tuple(right.shape)}."
    if right.numel() <= WHOLE:
        return f"Yours: {show(mine)}\nRight: {show(right)}"
    apart = (mine.double() - right.double()).abs()
    apart[(mine == right) | (mine.isnan() & right.isnan())] = 0
    place = torch.unravel_index(apart.nan_to_num(nan=torch.inf).argmax(), apart.shape)
    place = tuple(int(one) for one in place)
    at = f"At {list(place)} of shape {tuple(right.shape)}"
    return f"{at}: yours {show(mine[place].item())}, right {show(right[place].item())}."


def _compare_lists(yours: list[Any], right: list[Any], tolerance: float) -> str:
    pairs = enumerate(zip(yours, right, strict=False))
    place = next((n for n, (one, other) in pairs if not same(one, other, tolerance)), None)
    if place is None:
        return f"Yours has length {len(yours)}, the right one {len(right)}."
    return f"At [{place}]: yours {show(yours[place])}, right {show(right[place])}."


def _compare_fields(yours: dict[Any, Any], right: dict[Any, Any], tolerance: float) -> str:
    for key in right:
        if key not in yours:
            return f"Yours has no {key!r}; right there: {show(right[key])}."
        if not same(yours[key], right[key], tolerance):
            return f"At {key!r}: " + compare(yours[key], right[key], tolerance)
    extra = next((key for key in yours if key not in right), None)
    return f"Yours has {extra!r}, which does not belong there."


def _fields(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else vars(value)


def show(value: Any) -> str:
    """Write a value shortly, numbers with four digits.

    Example:
        >>> show((1, 0.123456, [True]))
        '(1, 0.1235, [True])'
    """
    if isinstance(value, Tensor):
        return show(value.tolist()) if value.numel() <= WHOLE else _a_tensor(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Raised):
        return f"{value.type}: {value.says}" if value.says else value.type
    if isinstance(value, Other):
        return f"<{value.type}>"
    if isinstance(value, SimpleNamespace):
        text = "(" + ", ".join(f"{key}={show(one)}" for key, one in vars(value).items()) + ")"
    elif isinstance(value, dict):
        items = [f"{show(key)}: {show(one)}" for key, one in list(value.items())[:WHOLE]]
        text = "{" + ", ".join(items) + ("}" if len(items) == len(value) else ", ...}")
    elif isinstance(value, (list, tuple)):
        items = [show(one) for one in value[:WHOLE]] + ["..."] * (len(value) > WHOLE)
        comma = "," * (isinstance(value, tuple) and len(value) == 1)
        text = ("[{}{}]" if isinstance(value, list) else "({}{})").format(", ".join(items), comma)
    else:
        text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def _a_tensor(value: Tensor) -> str:
    return f"{kind_of_number(value)} numbers of shape {tuple(value.shape)}"

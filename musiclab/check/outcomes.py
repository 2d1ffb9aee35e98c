"""What came of a call, as plain data: only this is ever compared, shown, or sent on.

An answer may return anything, also objects that lie about themselves. Its result is copied into
tensors, numbers, texts and containers of our own, and those are compared by our own rules.
"""

import dataclasses
import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

MAX_NUMBERS = 2_000_000  # in one result; right ones have some thousands at most
MAX_DEPTH = 30  # of lists in lists
MAX_TEXT = 10_000  # characters of one text
LARGEST = 2**200  # whole numbers beyond it are not written out
_TOO_GENERAL = {"Exception", "BaseException", "object"}
# How far a half-precision number lies from the right one through rounding alone.
_ROUGH = {torch.float16: 5e-3, torch.bfloat16: 3e-2}


@dataclass(frozen=True)
class Raised:
    """An exception that a call ended in."""

    types: tuple[str, ...]  # its own and those it derives from
    says: str  # its first line
    # Where it happened in the learner's own code, outermost first: file, line, function.
    frames: tuple[tuple[str, int, str], ...] = ()

    @property
    def type(self) -> str:
        """The name of its own type."""
        return self.types[0]


@dataclass(frozen=True)
class Other:
    """Something that is no plain data; only its type is known."""

    type: str


class TooLarge(Exception):
    """A result holds more than any right one ever would."""


def plain(value: Any) -> Any:
    """Copy a result into plain data.

    Returns:
        None, a bool, int, float or str; a tensor on the CPU (of numpy arrays too); a list, tuple,
        set or dict of such; a ``SimpleNamespace`` for a dataclass, with its fields; ``Other`` else.

    Raises:
        TooLarge: If it holds too many numbers, or lists too deep.
    """
    return _copy(value, [MAX_NUMBERS], 0)


def _copy(value: Any, left: list[int], depth: int) -> Any:
    left[0] -= 1
    if left[0] < 0 or depth > MAX_DEPTH:
        raise TooLarge
    deeper = depth + 1
    if value is None or isinstance(value, (bool, np.bool_)):
        return None if value is None else bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) < LARGEST else Other("number beyond all bounds")
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, str):
        return str(value)[:MAX_TEXT]
    if isinstance(value, (Tensor, np.ndarray)):
        left[0] -= value.numel() if isinstance(value, Tensor) else value.size
        if left[0] < 0:
            raise TooLarge
    if isinstance(value, Tensor):
        return value.detach().cpu().to_dense().resolve_conj().clone().as_subclass(Tensor)
    if isinstance(value, np.ndarray):
        return _tensor(value, left, deeper)
    if isinstance(value, dict):
        pairs = [(_copy(key, left, deeper), _copy(one, left, deeper)) for key, one in value.items()]
        return {_as_key(key): one for key, one in pairs}
    if isinstance(value, (set, frozenset)):
        return {_as_key(_copy(one, left, deeper)) for one in value}
    if isinstance(value, (list, tuple)):
        every = [_copy(one, left, deeper) for one in value]
        return every if isinstance(value, list) else tuple(every)
    if isinstance(value, torch.nn.Module):
        return SimpleNamespace(**_copy(value.state_dict(), left, deeper))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return SimpleNamespace(**_copy(fields, left, deeper))
    return Other(type(value).__name__)


def _tensor(array: np.ndarray, left: list[int], depth: int) -> Any:
    try:
        return torch.from_numpy(np.array(array, order="C"))  # a copy; strides may run backwards
    except TypeError:  # texts, or numbers that torch does not know
        return _copy(array.tolist(), left, depth)


def _as_key(value: Any) -> Any:
    """Make sure that a key can be one: a tensor among keys counts by what it shows."""
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return repr(value) if isinstance(value, Tensor) else value


def kind_of_number(value: Any) -> str:
    """Tell "bool", "int" or "float" of a number or tensor; "" of anything else."""
    if isinstance(value, Tensor):
        if value.dtype == torch.bool:
            return "bool"
        return "float" if value.is_floating_point() or value.is_complex() else "int"
    name = type(value).__name__
    return name if name in ("bool", "int", "float") else ""


def as_tensor(value: Any) -> Tensor | None:
    """See numbers as a tensor: a number, a tensor, or lists of numbers in lists; else None."""
    if isinstance(value, Tensor):
        return value
    if kind_of_number(value):
        return torch.tensor(value, dtype=torch.float64 if type(value) is float else None)
    if isinstance(value, (list, tuple)) and value:
        parts = [as_tensor(one) for one in value]
        first = parts[0]
        if first is None or any(one is None or one.shape != first.shape for one in parts):
            return None
        kinds = {kind_of_number(one) for one in parts}
        if "bool" in kinds and len(kinds) > 1:
            return None
        wide = torch.float64 if "float" in kinds else first.dtype
        return torch.stack([one.to(wide) for one in parts])
    return torch.zeros(0) if isinstance(value, (list, tuple)) else None


def as_kind_of(yours: Any, right: Any) -> Any:
    """Write numbers as the kind that the right ones have (bool, int, float), if none changes."""
    mine, asked = as_tensor(yours), as_tensor(right)
    if mine is None or asked is None or kind_of_number(mine) == kind_of_number(asked):
        return yours
    turned = mine.to(asked.dtype)
    return turned if torch.equal(turned.double(), mine.double()) else yours


def same(yours: Any, right: Any, tolerance: float = 0.0) -> bool:
    """Tell whether two plain values are alike, whoever's types they come in.

    Where the right one is a tensor, numpy arrays and lists of numbers do as well, of any
    precision; shape and kind of number (bool, int, float) must agree. A tensor without axes is a
    number. Lists and tuples are alike. Not-a-number equals itself here.
    """
    if isinstance(right, Raised) or isinstance(yours, Raised):
        return (
            isinstance(right, Raised)
            and isinstance(yours, Raised)
            and bool(set(yours.types) & (set(right.types) - _TOO_GENERAL))
        )
    if isinstance(right, Tensor):
        tensor = as_tensor(yours)
        return tensor is not None and _same_numbers(tensor, right, tolerance)
    if kind_of_number(right):
        if isinstance(yours, Tensor):
            yours = yours.item() if yours.ndim == 0 else None
        return _same_number(yours, right, tolerance)
    if isinstance(right, (list, tuple)):
        return (
            isinstance(yours, (list, tuple))
            and len(yours) == len(right)
            and all(same(one, other, tolerance) for one, other in zip(yours, right, strict=True))
        )
    if isinstance(right, SimpleNamespace):
        return isinstance(yours, SimpleNamespace) and same(vars(yours), vars(right), tolerance)
    if isinstance(right, dict):
        return (
            isinstance(yours, dict)
            and yours.keys() == right.keys()
            and all(same(yours[key], right[key], tolerance) for key in right)
        )
    return type(yours) is type(right) and yours == right


def _same_number(yours: Any, right: float | int | bool, tolerance: float) -> bool:
    kinds = kind_of_number(yours), kind_of_number(right)
    if kinds not in (("int", "float"), (kinds[1], kinds[1])):  # 0 is as good as 0.0
        return False
    if kinds[1] != "float":
        return yours == right
    if math.isfinite(yours) and math.isfinite(right):
        return abs(yours - right) <= tolerance * (1 + abs(right))
    return yours == right or (math.isnan(yours) and math.isnan(right))


def _same_numbers(yours: Tensor, right: Tensor, tolerance: float) -> bool:
    if yours.shape != right.shape:
        return False
    if right.numel() and kind_of_number(yours) != kind_of_number(right):
        return False
    if kind_of_number(right) != "float":
        return torch.equal(yours.to(right.dtype), right)
    tolerance = max(tolerance, _ROUGH.get(yours.dtype, 0.0)) if tolerance else tolerance
    return torch.allclose(
        yours.double(), right.double(), rtol=tolerance, atol=tolerance, equal_nan=True
    )

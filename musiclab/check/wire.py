"""Plain data as JSON and back: how the process of an answer tells what came of it.

Never a pickle: to read one would let the answer run in the process that judges it.
"""

import base64
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from musiclab.check.outcomes import Other, Raised
from musiclab.check.trial import Trial


def to_json(value: Any) -> Any:
    """Write plain data as what JSON can hold.

    Example:
        >>> from_json(to_json({"a": (1, 2.5, None)}))
        {'a': (1, 2.5, None)}
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Tensor):
        numbers = value.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        kind = str(value.dtype).removeprefix("torch.")
        return {"tensor": [kind, list(value.shape), base64.b64encode(numbers).decode()]}
    if isinstance(value, (dict, SimpleNamespace)):
        pairs = value.items() if isinstance(value, dict) else vars(value).items()
        return {type(value).__name__: [[to_json(key), to_json(one)] for key, one in pairs]}
    if isinstance(value, Trial):
        return {"Trial": [to_json(value.outcome), to_json(value.changed), value.printed]}
    if isinstance(value, Raised):
        return {"Raised": [value.types, value.says, value.frames]}
    if isinstance(value, Other):
        return {"Other": value.type}
    return {type(value).__name__: [to_json(one) for one in value]}  # a list, tuple or set


def from_json(written: Any) -> Any:
    """Read plain data back.

    Raises:
        Exception: Of almost any type, if it was not written by ``to_json``.
    """
    if not isinstance(written, dict):
        return written
    ((kind, body),) = written.items()
    return _READERS[kind](body)


def _tensor(body: Any) -> Tensor:
    kind, shape, numbers = body
    if 0 in shape:
        return torch.empty(shape, dtype=getattr(torch, kind))
    raw = bytearray(base64.b64decode(numbers))
    return torch.frombuffer(raw, dtype=getattr(torch, kind)).reshape(shape)


def _trial(body: Any) -> Trial:
    outcome, changed, printed = body
    return Trial(from_json(outcome), from_json(changed), bool(printed))


def _raised(body: Any) -> Raised:
    types, says, frames = body
    frames = tuple((str(file), int(line), str(name)) for file, line, name in frames)
    return Raised(tuple(map(str, types)), str(says), frames)


def _pairs(body: Any) -> dict[Any, Any]:
    return {from_json(key): from_json(one) for key, one in body}


_READERS = {
    "tensor": _tensor,
    "dict": _pairs,
    "SimpleNamespace": lambda body: SimpleNamespace(**_pairs(body)),
    "Trial": _trial,
    "Raised": _raised,
    "Other": lambda body: Other(str(body)),
    "list": lambda body: [from_json(one) for one in body],
    "tuple": lambda body: tuple(from_json(one) for one in body),
    "set": lambda body: {from_json(one) for one in body},
}

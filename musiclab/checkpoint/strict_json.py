"""Strict JSON: no NaN, no infinity, no name twice."""

import json
from typing import Any, NoReturn


def write_json(values: dict[str, Any]) -> str:
    """Turn plain values into JSON text, sorted by name.

    Raises:
        ValueError: If a number is NaN or infinite.
    """
    return json.dumps(values, allow_nan=False, sort_keys=True)


def read_json(text: str) -> dict[str, Any]:
    """Turn the text of one JSON object into plain values.

    Raises:
        ValueError: If it is not JSON or not an object, has a name twice, or holds NaN or infinity.

    Example:
        >>> read_json('{"step": 1, "step": 2}')
        Traceback (most recent call last):
        ValueError: the name 'step' stands twice
    """
    try:
        values = json.loads(text, parse_constant=_refuse, object_pairs_hook=_distinct)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(values, dict):
        raise ValueError("it is not a table of names and values")
    return values


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise ValueError(f"the name {name[:60]!r} stands twice")
        values[name] = value
    return values

"""Check settings at the border: whole numbers, finite numbers, choices from a list."""

import math
import operator
from collections.abc import Iterable
from typing import Any

from musiclab.errors import MusicLabError, SettingError

_FITS = {
    "of at least": operator.ge,
    "above": operator.gt,
    "at most": operator.le,
    "below": operator.lt,
}


def check_whole(
    name: str,
    value: Any,
    *,
    lowest: int | None = None,
    highest: int | None = None,
    remedy: str = "",
    error: type[MusicLabError] = SettingError,
) -> int:
    """Return ``value`` if it is a whole number in a range; True and False are none.

    Args:
        name: What the error shall call it.
        value: What was given.
        lowest: The least value allowed; None for no limit.
        highest: The greatest value allowed; None for no limit.
        remedy: How the error's sentence ends, such as "None keeps every token".
        error: Which error to raise.

    Raises:
        SettingError: Or ``error``, if it is no whole number or out of range.

    Example:
        >>> check_whole("top_k", 0, lowest=1)
        Traceback (most recent call last):
        musiclab.errors.SettingError: top_k must be a whole number of at least 1, got 0
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    limits = {"of at least": lowest, "at most": highest}
    return _in_range(name, value, whole, "whole", limits, remedy, error)


def check_number(
    name: str,
    value: Any,
    *,
    lowest: float | int | None = None,
    highest: float | int | None = None,
    above: float | int | None = None,
    below: float | int | None = None,
    remedy: str = "",
    error: type[MusicLabError] = SettingError,
) -> float | int:
    """Return ``value`` if it is a finite number in a range; True and False are none.

    Args:
        name: What the error shall call it.
        value: What was given.
        lowest: The least value allowed; None for no limit.
        highest: The greatest value allowed; None for no limit.
        above: A limit that the value must exceed; None for no limit.
        below: A limit that the value must stay under; None for no limit.
        remedy: How the error's sentence ends.
        error: Which error to raise.

    Raises:
        SettingError: Or ``error``, if it is no finite number or out of range.

    Example:
        >>> check_number("p", 0, above=0, highest=1)
        Traceback (most recent call last):
        musiclab.errors.SettingError: p must be a finite number above 0 and at most 1, got 0
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    finite = is_number and -math.inf < value < math.inf
    limits = {"of at least": lowest, "above": above, "at most": highest, "below": below}
    return _in_range(name, value, finite, "finite", limits, remedy, error)


def check_choice(
    name: str,
    value: Any,
    options: Iterable[Any],
    *,
    remedy: str = "",
    error: type[MusicLabError] = SettingError,
) -> Any:
    """Return ``value`` if it is one of ``options``.

    Raises:
        SettingError: Or ``error``, if it is none of them; the message lists them all.

    Example:
        >>> check_choice("mode", "lydian", ("major", "minor", None))
        Traceback (most recent call last):
        musiclab.errors.SettingError: mode must be 'major', 'minor' or None, got 'lydian'
    """
    options = tuple(options)
    # The type counts too: 1 is not True.
    if any(type(value) is type(one) and value == one for one in options):
        return value
    *first, last = [repr(one) for one in options]
    listed = f"{', '.join(first)} or {last}" if first else last
    raise error(f"{name} must be {listed}" + _got(value, remedy))


def _in_range(
    name: str,
    value: Any,
    is_kind: bool,
    kind: str,
    limits: dict[str, float | int | None],
    remedy: str,
    error: type[MusicLabError],
) -> Any:
    set_limits = {words: limit for words, limit in limits.items() if limit is not None}
    if is_kind and all(_FITS[words](value, limit) for words, limit in set_limits.items()):
        return value
    told = " and ".join(f"{words} {limit}" for words, limit in set_limits.items())
    raise error(f"{name} must be a {kind} number {told}".rstrip() + _got(value, remedy))


def _got(value: Any, remedy: str) -> str:
    return f", got {value!r:.60}" + (f"; {remedy}" if remedy else "")

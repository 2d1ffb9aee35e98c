"""The knobs of sampling, each checked once, where it is set."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, no_type_check

from musiclab.errors import SettingError

RULES = ("parallels", "crossing", "spacing", "ranges")  # the first gives way last


@no_type_check  # the class checks its values itself, in better words than a checker's
@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to choose among the tokens that a model finds possible.

    Args:
        temperature: Above 1 flattens the probabilities, below 1 sharpens them; finite, above 0.
        top_k: Keep the ``top_k`` likeliest tokens; at least 1. None keeps all.
        top_p: Keep the fewest likeliest tokens that reach this probability, in (0, 1].
        min_p: Keep tokens at least this likely, as a share of the likeliest one's, in [0, 1).
        rules: Rules of voice leading that no token may break, any of ``RULES``, in any order;
            see ``musiclab.sampling.voice_leading_rules``. They come before all the rest.

    Raises:
        SettingError: If a value is out of range.

    Example:
        >>> Settings(temperature=0.9, rules=["ranges", "parallels"])
        Settings(temperature=0.9, top_k=None, top_p=None, min_p=None, rules=('parallels', 'ranges'))
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    rules: Sequence[str] = ()  # once it is made, a tuple in the order of RULES

    def __post_init__(self) -> None:
        """Check every value."""
        check_temperature(self.temperature)
        if self.top_k is not None:
            check_top_k(self.top_k)
        if self.top_p is not None:
            check_top_p(self.top_p)
        if self.min_p is not None:
            check_min_p(self.min_p)
        object.__setattr__(self, "rules", check_rules(self.rules))


def check_temperature(temperature: Any) -> None:
    """Refuse a temperature that is not a finite number above 0."""
    if not (_is_number(temperature) and 0 < temperature < math.inf):
        raise SettingError(
            f"temperature must be a finite number above 0, got {temperature!r:.60}; "
            "for the likeliest token each time take top_k=1"
        )


def check_top_k(top_k: Any) -> None:
    """Refuse a number of tokens that is not whole or leaves none."""
    check_whole("top_k", top_k, lowest=1, remedy="1 keeps the likeliest token alone, None all")


def check_top_p(top_p: Any) -> None:
    """Refuse a probability outside (0, 1]."""
    if not (_is_number(top_p) and 0 < top_p <= 1):
        raise SettingError(
            f"top_p must be above 0 and at most 1, got {top_p!r:.60}; 1 keeps every token"
        )


def check_min_p(min_p: Any) -> None:
    """Refuse a share outside [0, 1)."""
    if not (_is_number(min_p) and 0 <= min_p < 1):
        raise SettingError(
            f"min_p must be at least 0 and below 1, got {min_p!r:.60}; 0 keeps every token"
        )


@no_type_check  # checks what it is given, in better words than a checker's
def check_rules(rules: Sequence[str]) -> tuple[str, ...]:
    """Return the rules in the order of ``RULES``, each once, or refuse what is none.

    Example:
        >>> check_rules(["ranges", "parallels", "ranges"])
        ('parallels', 'ranges')
    """
    known = isinstance(rules, list | tuple | set) and all(isinstance(one, str) for one in rules)
    if not known or set(rules) - set(RULES):
        raise SettingError(
            f"rules must be some of {', '.join(RULES)}, got {rules!r:.60}; "
            'write them like ["parallels"], and [] for none'
        )
    return tuple(rule for rule in RULES if rule in rules)


def check_seed(seed: Any) -> None:
    """Refuse what ``torch.Generator`` cannot start from."""
    check_whole("seed", seed, lowest=0, highest=2**63 - 1, remedy="any such number gives a piece")


def check_whole(
    name: str, value: Any, *, lowest: int, highest: int | None = None, remedy: str
) -> None:
    """Refuse what is not a whole number of a range.

    Args:
        name: What the error shall call it.
        value: What was given.
        lowest: The least value allowed.
        highest: The greatest value allowed; None for no limit.
        remedy: The end of the error's sentence.

    Raises:
        SettingError: If ``value`` is no whole number or out of range.
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < lowest or (highest is not None and value > highest):
        limits = f"at least {lowest}" if highest is None else f"from {lowest} to {highest}"
        raise SettingError(f"{name} must be a whole number {limits}, got {value!r:.60}; {remedy}")


def _is_number(value: Any) -> bool:
    """Tell numbers from booleans, which Python counts among the ints."""
    return isinstance(value, int | float) and not isinstance(value, bool)

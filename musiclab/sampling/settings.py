"""The settings of sampling, each checked once, where it is set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, no_type_check

from musiclab.checks import check_number, check_whole
from musiclab.errors import SettingError

RULES = ("parallels", "crossing", "spacing", "ranges")  # the first gives way last


@no_type_check  # it checks its values itself
@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to choose among the tokens that a model finds possible.

    Args:
        temperature: Above 1 flattens the probabilities, below 1 sharpens them; finite, above 0.
        top_k: Keep the ``top_k`` likeliest tokens; at least 1. None keeps all.
        top_p: Keep the fewest likeliest tokens that reach this probability, in (0, 1].
        min_p: Keep tokens at least this likely, as a share of the likeliest one's, in [0, 1).
        rules: Rules of voice leading that no token may break, any of ``RULES``, in any order;
            see ``musiclab.sampling.voice_leading_rules``. They are applied first.

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
    rules: Sequence[str] = ()  # after __init__, a tuple in the order of RULES

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
    remedy = "for the likeliest token each time take top_k=1"
    check_number("temperature", temperature, above=0, remedy=remedy)


def check_top_k(top_k: Any) -> None:
    """Refuse a number of tokens that is not whole or leaves none."""
    check_whole("top_k", top_k, lowest=1, remedy="1 keeps the likeliest token alone")


def check_top_p(top_p: Any) -> None:
    """Refuse a probability outside (0, 1]."""
    check_number("top_p", top_p, above=0, highest=1, remedy="1 keeps every token")


def check_min_p(min_p: Any) -> None:
    """Refuse a share outside [0, 1)."""
    check_number("min_p", min_p, lowest=0, below=1, remedy="0 keeps every token")


def check_seed(seed: Any) -> None:
    """Refuse what ``torch.Generator`` cannot start from."""
    check_whole("seed", seed, lowest=0, highest=2**63 - 1, remedy="any such number gives a piece")


@no_type_check  # it checks its argument itself
def check_rules(rules: Sequence[str]) -> tuple[str, ...]:
    """Return the rules in the order of ``RULES``, each once, or refuse what is none.

    Example:
        >>> check_rules(["ranges", "parallels", "ranges"])
        ('parallels', 'ranges')
    """
    are_text = isinstance(rules, list | tuple | set) and all(isinstance(one, str) for one in rules)
    if not are_text or set(rules) - set(RULES):
        raise SettingError(
            f"rules must be some of {', '.join(RULES)}, got {rules!r:.60}; "
            'write them like ["parallels"], and [] for none'
        )
    return tuple(rule for rule in RULES if rule in rules)

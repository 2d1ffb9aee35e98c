"""How sure a count of rare events is: exact intervals for rates, and for the ratio of two rates."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from musiclab.errors import SettingError
from musiclab.evaluate.intervals import CONFIDENCE, checked_confidence

Counted = tuple[int, float | int]  # events, and the exposure in which they were counted


def poisson_interval(
    count: int, exposure: float | int = 1, confidence: float | int = CONFIDENCE
) -> tuple[float, float]:
    """Bound the true rate behind ``count`` events, however few they are.

    It holds the truth at least as often as it says, if the events come independently of each
    other. Where they come in clusters it is too narrow: then draw whole pieces anew, with
    ``bootstrap_interval``, which in turn needs more than a few events.

    Args:
        count: Events, such as parallel fifths; 0 has an upper bound too.
        exposure: In how much they were counted, such as thousands of chords; above 0.
        confidence: As for ``wilson_interval``.

    Returns:
        The lower and the upper bound, in events per unit of exposure.

    Raises:
        SettingError: If a value is out of range.

    Source:
        Garwood (1936), "Fiducial Limits for the Poisson Distribution", Biometrika 28.

    Example:
        >>> low, high = poisson_interval(3, exposure=2)  # 3 fifths in 2,000 chords
        >>> round(low, 2), round(high, 2)
        (0.31, 4.38)
    """
    _check((count, exposure))
    beyond = (1 - checked_confidence(confidence)) / 2
    low = _poisson_mean(count - 1, 1 - beyond) if count else 0.0
    return low / exposure, _poisson_mean(count, beyond) / exposure


def poisson_ratio(
    ours: Counted, theirs: Counted, confidence: float | int = CONFIDENCE
) -> tuple[float, float, float]:
    """Say how many times as often something happens here as there, and bound it.

    Of all events of both sides, those of ours are a binomial share, which depends on the ratio of
    the two rates alone: an exact interval of the share gives an exact one of the ratio.

    Args:
        ours: Events and exposure, such as (3, 2.1) for 3 fifths in 2,100 chords.
        theirs: The same of what to compare with.
        confidence: As for ``wilson_interval``.

    Returns:
        The ratio and its bounds; inf where ``theirs`` has no event, all three nan where neither
        has any.

    Raises:
        SettingError: If a value is out of range.

    Source:
        Przyborowski and Wilenski (1940), "Homogeneity of Results in Testing Samples from Poisson
        Series", Biometrika 31; Clopper and Pearson (1934), Biometrika 26: the interval.

    Example:
        >>> ratio, low, high = poisson_ratio((12, 10), (4, 10))
        >>> ratio, round(low, 2), round(high, 2)
        (3.0, 0.91, 12.76)
    """
    _check(ours, theirs)
    (count, exposure), (other, other_exposure) = ours, theirs
    if not count + other:
        return (float("nan"),) * 3
    beyond = (1 - checked_confidence(confidence)) / 2
    both = count + other
    low = _binomial_share(count - 1, both, 1 - beyond) if count else 0.0
    high = _binomial_share(count, both, beyond) if other else 1.0
    odds = [
        share / (1 - share) if share < 1 else float("inf") for share in (count / both, low, high)
    ]
    ratio, lower, upper = (one * other_exposure / exposure for one in odds)
    return ratio, lower, upper


def _check(*counted: Counted) -> None:
    for count, exposure in counted:
        if count < 0 or not 0 < exposure < float("inf"):
            raise SettingError(
                f"a count must be at least 0 and its exposure above 0, got {count} in {exposure}"
            )


def _poisson_mean(most: int, chance: float) -> float:
    """Find the mean at which a Poisson number is at most ``most`` as often as ``chance``."""
    numbers, factorials = np.arange(most + 1), _log_factorials(most)

    def is_below(mean: float) -> bool:
        return float(np.exp(numbers * np.log(mean) - mean - factorials).sum()) > chance

    high = 1.0
    while is_below(high):
        high *= 2
    return _where(is_below, high)


def _binomial_share(most: int, trials: int, chance: float) -> float:
    """Find the share at which at most ``most`` of ``trials`` succeed as often as ``chance``."""
    successes = np.arange(most + 1)
    factorials = _log_factorials(trials)
    ways = factorials[trials] - factorials[successes] - factorials[trials - successes]

    def at_most(share: float) -> float:
        logs = ways + successes * np.log(share) + (trials - successes) * np.log1p(-share)
        return float(np.exp(logs).sum())

    return _where(lambda share: at_most(share) > chance, 1.0)


def _log_factorials(most: int) -> Float[np.ndarray, " number"]:
    """Give the logarithms of 0!, 1!, 2! and so on."""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _where(is_below: Callable[[float], bool], high: float) -> float:
    """Halve the stretch from 0 to ``high`` until nothing is left between the two sides."""
    low = 0.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return high

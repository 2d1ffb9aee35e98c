"""How sure a measurement is: intervals for shares and means, and correlation by ranks."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from musiclab.errors import SettingError

Numbers = Sequence[float | int | bool] | np.ndarray
CONFIDENCE = 0.95


def wilson_interval(
    successes: int, trials: int, confidence: float | int = CONFIDENCE
) -> tuple[float, float]:
    """Bound the true share behind ``successes`` of ``trials``.

    It never leaves [0, 1], and it is honest about few trials, where the textbook's
    "p plus or minus two standard errors" is not.

    Args:
        successes: How often it happened, from 0 to ``trials``.
        trials: How often it could have happened, at least 1.
        confidence: How many of 100 such intervals shall hold the truth, as a share.

    Returns:
        The lower and the upper bound.

    Raises:
        SettingError: If a count or the confidence is out of range.

    Source:
        Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference".

    Example:
        >>> low, high = wilson_interval(8, 12)
        >>> round(low, 3), round(high, 3)
        (0.391, 0.862)
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise SettingError(
            f"successes must lie in 0 to trials, and trials be at least 1, got {successes} of "
            f"{trials}"
        )
    # How many standard errors a normal distribution strays, at most, so often.
    strays = NormalDist().inv_cdf((1 + checked_confidence(confidence)) / 2)
    share, pull = successes / trials, strays**2 / trials
    middle = (share + pull / 2) / (1 + pull)
    half = strays * np.sqrt(share * (1 - share) / trials + pull / trials / 4) / (1 + pull)
    # Exactly at the ends, where rounding would leave 1e-17.
    low = 0.0 if successes == 0 else float(middle - half)
    return low, 1.0 if successes == trials else float(middle + half)


def bootstrap_interval(
    totals: Numbers,
    sizes: Numbers | None = None,
    *,
    confidence: float | int = CONFIDENCE,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Bound a mean over pieces: how would it vary, had other such pieces been chosen?

    Whole pieces are drawn anew, with replacement, since notes of one piece resemble each other: an
    interval over single notes would be far too narrow.

    Args:
        totals: One number a piece, such as its nats, or its parallel fifths.
        sizes: What each total is divided among, such as notes or chords; 1 each by default. The
            mean is the sum of the totals over the sum of the sizes.
        confidence: As for ``wilson_interval``.
        draws: How many sets of pieces to draw.
        seed: Where the random numbers start.

    Returns:
        The lower and the upper bound.

    Raises:
        SettingError: If there is no piece, the lengths differ or the sizes are not above 0.

    Source:
        Efron (1979), "Bootstrap Methods: Another Look at the Jackknife".

    Example:
        >>> low, high = bootstrap_interval([1, 2, 3, 2, 1, 3, 2, 2])
        >>> low < 2 < high
        True
    """
    tops = np.asarray(totals, dtype=float)
    bottoms = np.ones_like(tops) if sizes is None else np.asarray(sizes, dtype=float)
    if tops.ndim != 1 or not tops.size or tops.shape != bottoms.shape or not (bottoms > 0).all():
        raise SettingError(
            "totals and sizes must be rows of one length, at least one piece, every size above 0; "
            f"got shapes {tops.shape} and {bottoms.shape}"
        )
    beyond = (1 - checked_confidence(confidence)) / 2
    chosen = np.random.default_rng(seed).integers(tops.size, size=(draws, tops.size))
    means = tops[chosen].sum(axis=1) / bottoms[chosen].sum(axis=1)
    low, high = np.quantile(means, [beyond, 1 - beyond])
    return float(low), float(high)


def spearman(first: Numbers, second: Numbers) -> float:
    """Correlate two rows by rank: 1 if one always rises with the other, -1 if it always falls.

    Args:
        first: Numbers, or True and False.
        second: As many.

    Returns:
        The rank correlation; nan where one of the rows has a single value throughout, since
        nothing can be said then.

    Raises:
        SettingError: If the rows differ in length or have fewer than two values.

    Source:
        Spearman (1904), "The Proof and Measurement of Association between Two Things".

    Example:
        >>> round(spearman([1, 2, 3, 4], [10, 100, 1000, 10000]), 6)
        1.0
    """
    rows = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if rows[0].ndim != 1 or rows[0].shape != rows[1].shape or rows[0].size < 2:
        raise SettingError(
            "two rows of one length are needed, of at least two values, got shapes "
            f"{rows[0].shape} and {rows[1].shape}"
        )
    if any(row.min() == row.max() for row in rows):
        return float("nan")
    return float(np.corrcoef(_ranks(rows[0]), _ranks(rows[1]))[0, 1])


def _ranks(row: np.ndarray) -> np.ndarray:
    """Rank from 1; equal values share the mean of their ranks."""
    _, places, counts = np.unique(row, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[places]


def checked_confidence(confidence: float | int) -> float | int:
    """Refuse a confidence that is no share between 0 and 1."""
    if not 0 < confidence < 1:
        raise SettingError(f"confidence must lie between 0 and 1, got {confidence}; take 0.95")
    return confidence

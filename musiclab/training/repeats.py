"""Repeat passages of a piece, so that a model meets more repetition than so few pieces hold."""

import numpy as np
from jaxtyping import Int

SHORTEST, LONGEST = 16, 128  # frames of one passage: a bar to eight bars of 4/4
STEP = 4  # frames; passages start and stop on a quarter
FEWEST_FRAMES = 40  # below, a piece has no passage worth repeating
MOST_FRAMES = 960  # of a piece with its repeats
AT_ONCE = 0.6  # probability that a repeat follows its passage directly


def with_repeats(n_frames: int, random: np.random.Generator) -> Int[np.ndarray, " frame"]:
    """Draw one or two passages of a piece to play again, at once or later on.

    A passage is at most half as long as the piece, and begins, ends and comes back on a multiple
    of 4 frames: counted from the piece's beginning, a quarter stays a quarter.

    Args:
        n_frames: Length of the piece.
        random: Where the random numbers come from.

    Returns:
        The piece's frames in the order in which they are to be played. A piece stays as it is if
        it is too short, or would grow beyond 960 frames.

    Example:
        >>> order = with_repeats(96, np.random.default_rng(1))
        >>> order[np.flatnonzero(np.diff(order) != 1)[0] :][:4]  # 79 is followed by 48 again
        array([79, 48, 49, 50])
    """
    order = np.arange(n_frames)
    for _ in range(random.integers(1, 3)):
        if len(order) >= FEWEST_FRAMES:
            longer = _with_one_repeat(order, random)
            order = longer if len(longer) <= MOST_FRAMES else order
    return order


def _with_one_repeat(
    order: Int[np.ndarray, " frame"], random: np.random.Generator
) -> Int[np.ndarray, " longer"]:
    """Draw a passage, and where it comes back."""
    most = max(SHORTEST, min(LONGEST, len(order) // 2))
    length = STEP * int(random.integers(SHORTEST // STEP, most // STEP + 1))
    first = STEP * int(random.integers((len(order) - length) // STEP + 1))
    back = last = first + length
    if random.random() >= AT_ONCE:
        back = STEP * int(random.integers(last // STEP, len(order) // STEP + 1))
    return np.concatenate([order[:back], order[first:last], order[back:]])

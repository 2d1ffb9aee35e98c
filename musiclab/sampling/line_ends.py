"""Fermatas as a few numbers: which runs of frames stand under one."""

from itertools import pairwise

import numpy as np
from jaxtyping import Bool

Runs = tuple[tuple[int, int], ...]  # first and last frame of each run, in order


def write_runs(ends: Bool[np.ndarray, " frame"] | Runs) -> str:
    """Write the runs of True frames as text.

    Example:
        >>> write_runs(np.array([False, True, True, False, True])), write_runs(())
        ('1-2,4-4', 'none')
    """
    if isinstance(ends, np.ndarray):
        edges = np.flatnonzero(np.diff(ends.astype(np.int8), prepend=0, append=0))
        ends = tuple((int(a), int(b) - 1) for a, b in edges.reshape(-1, 2))
    return ",".join(f"{first}-{last}" for first, last in ends) or "none"


def read_runs(text: str) -> Runs:
    """Read what ``write_runs`` wrote.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> read_runs("1-2,4-4")
        ((1, 2), (4, 4))
    """
    if text == "none":
        return ()
    runs = tuple((int(a), int(b)) for a, _, b in (run.partition("-") for run in text.split(",")))
    if any(first > last for first, last in runs) or any(
        b >= c for (_, b), (c, _) in pairwise(runs)
    ):
        raise ValueError("runs of frames must be in order")
    return runs


def ends_of_runs(runs: Runs, frames: int) -> Bool[np.ndarray, " frame"]:
    """Mark the frames of the runs with True."""
    ends = np.zeros(frames, dtype=bool)
    for first, last in runs:
        ends[first : last + 1] = True
    return ends

"""How dropout drops, seen from outside: it is random, so results cannot be compared."""

from typing import Any

from jaxtyping import Float
from torch import Tensor


def how_it_drops(
    dropped: Float[Tensor, "*calls batch seq d_model"], steady: Float[Tensor, "batch seq d_model"]
) -> dict[str, Any]:
    """Say which share of the numbers is 0, by what the rest was multiplied, and how they fall.

    Args:
        dropped: Results in training.
        steady: The result without dropout.
    """
    steady = steady.expand_as(dropped)
    clear = steady.abs() > 0.01
    ratios = (dropped / steady)[clear & (dropped != 0)]
    even = len(ratios) > 0 and bool(ratios.max() - ratios.min() < 0.01)
    gone = (dropped == 0).float().mean(dim=-1)
    return {
        "dropped": round(float((dropped[clear] == 0).float().mean()), 1),
        "the rest times": round(float(ratios.median()), 2) if even else "various",
        "whole vectors": bool(((gone == 0) | (gone == 1)).all()) and 0 < float(gone.mean()) < 1,
    }

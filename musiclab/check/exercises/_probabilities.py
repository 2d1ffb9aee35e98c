"""Compare scores by the probabilities that they mean: a constant added to a row is no fault."""

from typing import Any

import torch


def as_probabilities(scores: Any) -> Any:
    """Apply the softmax to rows of scores; what holds no scores is left as it is."""
    try:
        scores = torch.as_tensor(scores)
    except (TypeError, ValueError, RuntimeError):
        return scores
    return scores.softmax(dim=-1) if scores.is_floating_point() else scores

"""The learning rate: rise in a straight line, then fall along half a cosine."""

import math


def learning_rate(step: int, *, peak: float, warmup: int, total: int, floor: float) -> float:
    """Return the learning rate of a step.

    AdamW's running averages start empty, so the first steps point in poor directions and are kept
    small. Towards the end, small steps let the weights settle.

    Args:
        step: The step, counted from 0.
        peak: The highest rate, reached at step ``warmup``.
        warmup: Steps of rising; 0 starts at the peak.
        total: Steps in all; from there on the rate stays at ``floor``.
        floor: The lowest rate, reached at step ``total``.

    Returns:
        The learning rate; step 0 of a warm-up already moves.

    Source:
        Loshchilov and Hutter (2017), "SGDR: Stochastic Gradient Descent with Warm Restarts",
        arXiv:1608.03983.

    Example:
        >>> plan = {"peak": 1.0, "warmup": 4, "total": 12, "floor": 0.2}
        >>> [round(learning_rate(step, **plan), 2) for step in (0, 3, 4, 8, 12, 99)]
        [0.2, 0.8, 1.0, 0.6, 0.2, 0.2]
    """
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    if step >= total:
        return floor
    progress = (step - warmup) / (total - warmup)
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * progress))

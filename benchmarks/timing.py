"""Fair timing on a shared machine: the rivals take turns, and medians are compared."""

import time
from collections.abc import Callable, Mapping
from statistics import median


def take_turns(rivals: Mapping[str, Callable[[], float]], rounds: int = 5) -> dict[str, float]:
    """Time each rival once a round, after a warm-up.

    Args:
        rivals: Name -> a call that does some work and returns how much.
        rounds: How many turns each gets.

    Returns:
        Work a second, the median of the rounds.
    """
    speeds: dict[str, list[float]] = {name: [] for name in rivals}
    for number in range(rounds + 1):
        for name, call in rivals.items():
            began = time.perf_counter()
            work = call()
            if number:  # the first round only warms up
                speeds[name].append(work / (time.perf_counter() - began))
    return {name: median(values) for name, values in speeds.items()}


def table(title: str, unit: str, speeds: Mapping[str, float], ours: str) -> str:
    """Write speeds down, each also as a ratio: how many times as fast ``ours`` is."""
    lines = [f"{title} ({unit}; median of turns taken in one run)"]
    for name, speed in speeds.items():
        lines.append(f"  {name:<44}{speed:>10,.0f}   {speeds[ours] / speed:>6.2f} x")
    lines.append(f"  (x: {ours} is so many times as fast)")
    return "\n".join(lines)

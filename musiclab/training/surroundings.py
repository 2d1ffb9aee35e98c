"""What a training borrows from the program around it, and gives back as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Let torch use ``count`` processor cores (None: as many as before), then as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def own_randomness(device: torch.device) -> Iterator[None]:
    """Leave the random numbers of the rest of the program as they were."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        yield

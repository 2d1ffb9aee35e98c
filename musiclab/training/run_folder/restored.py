"""What a training changes in the program around it, and restores: threads, randomness, Ctrl-C."""

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import torch

Item = TypeVar("Item")


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


class Interrupt:
    """Note the first Ctrl-C, to stop between two steps; a second one interrupts at once.

    Example:
        >>> with Interrupt() as interrupt:
        ...     signal.raise_signal(signal.SIGINT)
        ...     print(interrupt.asked)
        True
    """

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> "Interrupt":
        """Start to listen; Python sends signals to the main thread only."""
        self._listens = threading.current_thread() is threading.main_thread()
        if self._listens:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        """Put back whoever listened before."""
        if self._listens:
            signal.signal(signal.SIGINT, self._before)

    def watch(self, items: Iterable[Item]) -> Iterator[Item]:
        """Give items one by one, until Ctrl-C.

        Raises:
            KeyboardInterrupt: If it has been pressed.
        """
        for item in items:
            if self.asked:
                raise KeyboardInterrupt
            yield item

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

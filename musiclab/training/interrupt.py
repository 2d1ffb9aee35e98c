"""Turn Ctrl-C into a wish that is granted between two steps, when all weights belong together."""

import signal
import threading
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import TypeVar

Item = TypeVar("Item")


class Interrupt:
    """Note the first Ctrl-C; a second one interrupts at once, as usual.

    Example:
        >>> with Interrupt() as interrupt:
        ...     signal.raise_signal(signal.SIGINT)
        ...     print(interrupt.asked)
        True
    """

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> "Interrupt":
        """Listen; Python tells signals to the main thread only."""
        self._listens = threading.current_thread() is threading.main_thread()
        if self._listens:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let whoever listened before listen again."""
        if self._listens:
            signal.signal(signal.SIGINT, self._before)

    def watch(self, items: Iterable[Item]) -> Iterator[Item]:
        """Give items one by one, unless somebody asks to stop.

        Raises:
            KeyboardInterrupt: If so.
        """
        for item in items:
            if self.asked:
                raise KeyboardInterrupt
            yield item

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

"""Work beside the page: one job at a time, which can be stopped while the page still answers."""

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any

_LEAST_PAUSE = 0.4  # seconds between two presses that are meant


class Stopped(Exception):
    """Somebody pressed Stop."""


class Worker:
    """A thread for the job in hand."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._started = -_LEAST_PAUSE

    @property
    def busy(self) -> bool:
        """Whether a job is being done."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, job: Callable[[], None]) -> bool:
        """Begin a job, unless another one is being done, or began a double click ago.

        Returns:
            Whether it was begun.
        """
        now = time.monotonic()
        if self.busy or now - self._started < _LEAST_PAUSE:
            return False
        self._started = now
        self._stop.clear()
        # What the job prints or shows belongs where the button was pressed.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(job,), daemon=True)
        self._thread.start()
        return True

    def stop(self) -> None:
        """Let the job end at its next ``go_on``."""
        self._stop.set()

    def go_on(self, *_: Any) -> None:
        """Raise ``Stopped`` if the job shall end; fits wherever ``on_frame`` is asked for."""
        if self._stop.is_set() and threading.current_thread() is self._thread:
            raise Stopped

    def wait(self) -> None:
        """Return when the job is done."""
        if self._thread is not None:
            self._thread.join()

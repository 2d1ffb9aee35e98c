"""How long a training has taken: in this session, and with those before it."""

import time


class Clock:
    """Count the seconds of a training; pauses between its sessions are left out.

    Args:
        earlier: Seconds that earlier sessions took.

    Example:
        >>> clock = Clock(earlier=60.0)
        >>> clock.session < 60 <= clock.total
        True
    """

    def __init__(self, earlier: float) -> None:
        self._earlier, self._began = earlier, time.monotonic()

    @property
    def session(self) -> float:
        """Seconds since this session began."""
        return time.monotonic() - self._began

    @property
    def total(self) -> float:
        """Seconds of all sessions."""
        return self._earlier + self.session

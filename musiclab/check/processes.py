"""A process for an answer: started, listened to, and ended in time whatever it does."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any

import psutil

from musiclab.check.answering import MEMORY, SECONDS, Tell, quiet, run, teller

STARTING = 120.0  # seconds that a fresh process may take to import torch on a busy machine
BUSY = 3  # how often the time of an answer is given again where others have the processor
LONGEST = 100_000_000  # bytes of one line
MOST = 10_000  # lines and looks
_LOOK = 0.1  # seconds between two looks at the clock and the memory

Event = tuple[str, Any]  # what is told, and the data


class Forked:
    """The answer's process as a copy of this one: there in milliseconds. For Linux alone.

    This process must have one thread and must not have computed gradients, or the copy may hang.

    Args:
        work: What it does with the request.
    """

    def __init__(self, work: Callable[[dict[str, Any], Tell], None] = run) -> None:
        self._work = work
        self._asked, self._asking = os.pipe()
        reader, self._telling = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._answer()
        os.close(self._asked)
        os.close(self._telling)
        self.output: IO[bytes] = open(reader, "rb")  # closed with the process
        self._code: int | None = None

    def _answer(self) -> None:
        try:
            os.close(self._asking)  # or the request would have no end
            with open(self._asked, "rb") as file:
                request = json.loads(file.read())
            os.dup2(self._telling, 1)
            handle = quiet()
            os.closerange(3, handle)  # what the judge has open is not the learner's
            os.closerange(handle + 1, 256)
            tell = teller(handle)
            tell("ready", True)
            self._work(request, tell)
            tell("end", True)
        finally:
            os._exit(0)

    def ask(self, request: dict[str, Any]) -> None:
        """Send the request."""
        with suppress(BrokenPipeError), open(self._asking, "wb") as file:
            file.write(json.dumps(request).encode())

    def wait(self) -> int:
        """Wait for its end; return its exit code, or minus the signal that ended it."""
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code


class Spawned:
    """The answer's process as a fresh Python; it takes seconds, so one is started beforehand.

    Args:
        module: What it runs.
    """

    def __init__(self, module: str = "musiclab.check.answering") -> None:
        command = [sys.executable, "-P", "-m", module]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere)
        assert self._process.stdin and self._process.stdout  # both are pipes
        self.pid, self.output = self._process.pid, self._process.stdout

    def ask(self, request: dict[str, Any]) -> None:
        """Send the request."""
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.close()

    def wait(self) -> int:
        """Wait for its end; return its exit code."""
        return self._process.wait()


def listen(
    process: Forked | Spawned, request: dict[str, Any], seconds: float | int = SECONDS
) -> Iterator[Event]:
    """Yield what an answer's process tells, and at the end why it stopped.

    The last event is "end", "time-limit", "memory-limit" or "process-ended" (with its exit code).
    However this is left, the process and those that it started are no more.
    """
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process.output, lines), daemon=True).start()
    try:
        process.ask(request)
        yield from _events(process, lines, seconds)
    finally:
        _end(process.pid)
        process.wait()


def answer_all(
    work: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    copied: bool,
    prepare: Callable[[dict[str, Any]], None] = lambda request: None,
) -> None:
    """Read requests from standard input until it ends, and tell what becomes of each.

    Args:
        work: Makes an answer of a request.
        copied: Whether to work in a copy of this process, so that this one stays as it is.
        prepare: What is done with a request here, for all copies to come.
    """
    requests = os.fdopen(os.dup(0))
    tell = teller(quiet())
    for line in requests:
        request = json.loads(line)
        prepare(request)
        if not copied:
            tell("verdict", work(request))
        elif not _in_a_copy(lambda request=request: tell("verdict", work(request))):
            tell("broken", None)


def _in_a_copy(work: Callable[[], None]) -> bool:
    """Work in a copy of this process; tell whether it came to its end."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _read(output: IO[bytes], lines: "queue.SimpleQueue[bytes]") -> None:
    with suppress(OSError, ValueError):
        while line := output.readline(LONGEST):
            lines.put(line)
    lines.put(b"")


def _events(
    process: Forked | Spawned, lines: "queue.SimpleQueue[bytes]", seconds: float | int
) -> Iterator[Event]:
    deadline = latest = time.monotonic() + STARTING
    memory, computed = sys.maxsize, 0.0
    for _ in range(MOST):
        try:
            event = _parse(lines.get(timeout=_LOOK))
        except queue.Empty:
            if _memory(process.pid) > memory:
                yield "memory-limit", None
                return
            now = time.monotonic()
            if now > latest or (now > deadline and not _waits(process.pid, computed + seconds)):
                break
            continue
        if event is None:
            yield "process-ended", process.wait()
            return
        if event[0] == "ready":  # only now does the learner's time begin
            deadline = time.monotonic() + seconds
            latest = deadline + BUSY * seconds
            memory, computed = _memory(process.pid) + MEMORY, _computed(process.pid)
            continue
        yield event
        if event[0] == "end":
            return
    yield "time-limit", None


def _parse(line: bytes) -> Event | None:
    with suppress(ValueError, TypeError):
        what, body = json.loads(line)
        return str(what), body
    return None


def _memory(pid: int) -> int:
    with suppress(psutil.Error):
        return psutil.Process(pid).memory_info().rss
    return 0


def _computed(pid: int) -> float:
    """Return for how many seconds a process has had a processor."""
    with suppress(psutil.Error):
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system
    return 0.0


def _waits(pid: int, seconds: float) -> bool:
    """Tell whether a process is ready to go on, but others had the processor in its time."""
    with suppress(psutil.Error):
        running = psutil.Process(pid).status() == psutil.STATUS_RUNNING
        return running and _computed(pid) < seconds
    return False


def _end(pid: int) -> None:
    """Kill a process and all that it started."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (*process.children(recursive=True), process):
            with suppress(psutil.Error):
                each.kill()

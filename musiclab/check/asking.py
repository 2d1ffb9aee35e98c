"""From the notebook to the judge: pack an answer, send it, wait for the verdict."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from inspect import getclosurevars, isfunction
from pathlib import Path
from typing import Any

from musiclab.errors import CheckFailed

MAX_PICKLED = 200_000_000  # bytes
PATIENCE = 300.0  # seconds: more than the judge ever takes, also while it starts
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Judge:
    """The process that judges, started with the first check and kept for the next.

    Args:
        how: "fork" is quick and works on Linux; "spawn" works everywhere.
        module: What the process runs.
        inside: A command to start it with, such as one that cuts it off from the network.
    """

    def __init__(
        self,
        how: str = "fork" if sys.platform == "linux" else "spawn",
        module: str = "musiclab.check.judging",
        inside: Sequence[str] = (),
    ) -> None:
        self._how, self._module, self._inside = how, module, inside
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request and wait for the verdict.

        Raises:
            CheckFailed: If the judge itself fails twice.
        """
        with self._lock:
            for _ in range(2):  # somebody may have ended an idle judge
                told = self._ask_once(json.dumps(request) + "\n")
                if told:
                    return told
        raise CheckFailed("the check itself failed; restart the kernel and try once more")

    def close(self) -> None:
        """End the process; the next request starts another."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _ask_once(self, line: str) -> dict[str, Any] | None:
        process = self._process = self._process or self._start()
        assert process.stdin and process.stdout  # both are pipes
        alarm = threading.Timer(PATIENCE, process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            with suppress(OSError, ValueError):
                process.stdin.write(line)
                process.stdin.flush()
                what, body = json.loads(process.stdout.readline())
                return body if what == "verdict" else None
            self.close()
            return None
        except BaseException:  # the learner interrupts: what is under way belongs to nobody
            self.close()
            raise
        finally:
            alarm.cancel()

    def _start(self) -> "subprocess.Popen[str]":
        # -P: it must not import a file called random.py from the learner's folder.
        command = [*self._inside, sys.executable, "-P", "-m", self._module, self._how]
        settings = os.environ | dict.fromkeys(_ONE_THREAD, "1")
        # The order of a set of texts must be the same for the answer and for a known mistake.
        settings |= {"PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
        settings["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *_packages()])
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        # A session of its own: to interrupt the notebook must not interrupt the judge.
        return subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=nowhere,
            text=True,
            env=settings,
            start_new_session=True,
        )


def _packages() -> list[str]:
    """Return where this Python has its packages; never the learner's own folder."""
    return [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]


@cache
def the_judge() -> Judge:
    """Return this kernel's judge."""
    return Judge()


def surroundings() -> dict[str, Any]:
    """Say from where the learner imports."""
    folder = os.getcwd()
    return {"folder": folder, "paths": [os.path.abspath(path or folder) for path in sys.path]}


def pack(answer: Any) -> str:
    """Pickle an answer with all of the notebook that it uses, as text.

    Raises:
        CheckFailed: If it cannot be pickled, or is too large; the message says why.
    """
    import cloudpickle

    try:
        data = cloudpickle.dumps(answer)
    except Exception as error:
        culprit = _culprit(answer)
        what = f"it uses {culprit}, which" if culprit else "something in it"
        raise CheckFailed(
            f"The check runs your function in a process of its own, and {what} cannot be taken "
            f"there ({type(error).__name__}: {error}"[:400]
            + "). Pass what you need as an "
            "argument, or make it inside the function."
        ) from None
    if len(data) > MAX_PICKLED:
        raise CheckFailed(
            f"Your function takes {len(data) / 1e6:,.0f} MB of the notebook's variables with it, "
            f"more than {MAX_PICKLED / 1e6:,.0f} MB. Use its arguments rather than large variables "
            "of the notebook."
        )
    return base64.b64encode(data).decode()


def _culprit(answer: Any) -> str:
    """Name the notebook's variable that cannot be pickled; "" if it is none."""
    import cloudpickle

    parts = vars(answer).values() if isinstance(answer, type) else [answer]
    for function in filter(isfunction, parts):
        used = getclosurevars(function)
        for name, value in {**used.globals, **used.nonlocals}.items():
            try:
                cloudpickle.dumps(value)
            except Exception:
                return f"`{name}`"
    return ""

"""Call one function in a Python process of its own, with little time and memory if need be.

A hostile score can then neither hang a notebook nor eat its memory. The process is a plain
``python -m``: unlike multiprocessing it never imports the caller's script a second time, and
nothing is forked, so that the threads of a notebook cannot hang it. It reads one request a line
and answers with one line, both JSON.
"""

import gc
import json
import os
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def start(
    task: str, *, folder: str | None = None, seconds: int = 0, memory: int = 0
) -> "subprocess.Popen[str]":
    """Start a process that answers requests with the function named.

    Args:
        task: "module:function"; it takes named arguments and returns what JSON can hold.
        folder: Where the process works and keeps temporary files; None for the caller's.
        seconds: Of computing that it may take; 0 for no limit.
        memory: Bytes that it may take; 0 for no limit.

    Raises:
        OSError: If it cannot be started.
    """
    # -P: it must not import a file called random.py from the folder it is started in.
    command = [sys.executable, "-P", "-m", __name__, task, str(seconds), str(memory)]
    paths = [str(Path(__file__).parents[3]), *(path for path in sys.path if path)]
    settings = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONWARNINGS": "ignore"}
    settings |= dict.fromkeys(_ONE_THREAD, "1") | ({"TMPDIR": folder} if folder else {})
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=nowhere, text=True, env=settings, cwd=folder
    )


def ask(worker: "subprocess.Popen[str]", request: dict[str, Any]) -> Any:
    """Send one request and wait for the answer; None if the process died of it."""
    assert worker.stdin and worker.stdout  # both are pipes
    worker.stdin.write(json.dumps(request) + "\n")
    worker.stdin.flush()
    return _read_answer(worker.stdout.readline())


def ask_once(worker: "subprocess.Popen[str]", request: dict[str, Any], seconds: float | int) -> Any:
    """Send the only request and wait ``seconds`` at most; None if the process died of it.

    Raises:
        subprocess.TimeoutExpired: If there is no answer in time; the process is ended.
    """
    with worker:
        try:
            answer, _ = worker.communicate(json.dumps(request) + "\n", timeout=seconds)
        except BaseException:
            worker.kill()
            raise
    return _read_answer(answer)


def _read_answer(line: str) -> Any:
    return json.loads(line) if line.endswith("\n") else None  # half a line is no answer


def _limit(seconds: int, memory: int) -> None:
    """Let the operating system stop this process at its limits; some systems cannot."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        if seconds:
            # Computing time, not the clock: a busy machine must not refuse good scores. It also
            # holds should the process that waits for us be killed.
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(task: str, seconds: str, memory: str) -> None:
    """Answer requests from standard input until it ends."""
    import music21.converter  # noqa: F401 (before the limits, which are for the task)

    module, _, name = task.partition(":")
    answer = getattr(import_module(module), name)
    answers, sys.stdout = sys.stdout, sys.stderr  # what else is printed is no answer
    _limit(int(seconds), int(memory))
    gc.freeze()  # scores are full of cycles: to look for them all the time takes half the time
    gc.set_threshold(100_000)
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Run the cells of a submission, step by step, and hand out its answers as they stand there.

What runs here may do anything: nothing that it says is believed. It hands out answers alone, and
others try them elsewhere.
"""

import os
import socket
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout, suppress
from types import ModuleType, SimpleNamespace
from typing import Any

from musiclab.check.answering import Tell, answer_once, limit_memory
from musiclab.check.asking import pack
from musiclab.check.guard import forbid_reading
from musiclab.check.trial import Printed, raised
from musiclab.errors import CheckFailed

LARGEST_FILE = 100_000_000  # bytes that a submission may write
_LONGEST = 60  # characters of a letter or number that is shown


def run(request: dict[str, Any], tell: Tell) -> None:
    """Run the steps of a submission, and tell its answers.

    Args:
        request: The ``steps``, each with its ``source``, the ``answers`` to take after it (id and
            expression) and what it ``binds`` (name and id); ``above``, texts to run before them;
            ``skip``, the numbers of steps to leave out; ``lean``, whether to run only steps that
            bind a name; ``quick``, the ids whose answers are plain data; ``paths`` and ``folder``.
        tell: Takes what it is, and the plain data.
    """
    sys.path += request["paths"]
    os.chdir(request["folder"])
    _limit()
    notebook = _Notebook(request, tell)
    forbid_reading()
    for text in request["above"]:
        with suppress(Exception):
            exec(text, notebook.names)
    notebook.run()


class _Notebook:
    """The names of a submission, as in a kernel."""

    def __init__(self, request: dict[str, Any], tell: Tell) -> None:
        self._tell, self._quick = tell, set(request["quick"])
        self._steps, self._skip, self._lean = request["steps"], request["skip"], request["lean"]
        self._bound: dict[str, Any] = {}
        main = ModuleType("__main__")  # where the functions of a notebook live
        sys.modules["__main__"] = main
        self.names = vars(main)
        self.names |= {"display": _nothing, "get_ipython": _Shell}
        _stand_in(self._take)

    def run(self) -> None:
        """Run all steps; try again those that missed a name, for cells may be out of order."""
        left = [n for n, step in enumerate(self._steps) if n not in self._skip]
        if self._lean:
            left = [n for n in left if self._steps[n]["binds_names"] or self._steps[n]["answers"]]
        missed = self._run(left)
        while missed and len(again := self._run(missed)) < len(missed):
            missed = again
        for id, answer in list(self._bound.items()):
            self._take(id, answer, "bound")

    def _run(self, numbers: Iterable[int]) -> list[int]:
        """Run steps; return those that missed a name."""
        missed = []
        for number in numbers:
            step = self._steps[number]
            self._tell("step", number)
            self._tell("ready", True)  # its time begins now
            try:
                self._run_one(step)
            except BaseException as error:  # also SystemExit and KeyboardInterrupt
                self._tell("failed", [number, type(error).__name__, raised(error).says])
                if isinstance(error, NameError):
                    missed.append(number)
        return missed

    def _run_one(self, step: dict[str, Any]) -> None:
        said = Printed()
        with redirect_stdout(said), redirect_stderr(said):  # type: ignore[type-var]
            try:
                exec(compile(step["source"], f"<cell {step['cell']}>", "exec"), self.names)
                for name, id in step["binds"]:
                    # What the library lends for a later exercise never replaces the learner's own.
                    if id not in self._bound or not _of_the_library(self.names[name]):
                        self._bound[id] = self.names[name]
            finally:
                for id, expression in step["answers"]:
                    self._take(id, eval(expression, self.names))

    def _take(self, id: str, answer: Any, how: str = "checked") -> None:
        """Hand out an answer as it stands now."""
        told: dict[str, Any] = {"how": how}
        if id in self._quick:
            told["plain"] = _plain(answer)
        elif answer is None or answer is ...:
            told["blank"] = True
        else:
            told["library"] = _of_the_library(answer)
            try:
                told["pickled"] = pack(answer)
            except CheckFailed as error:
                told["error"] = str(error)
        self._tell("answer", [id, told])


def _of_the_library(answer: Any) -> bool:
    return str(getattr(answer, "__module__", "")).startswith("musiclab.")


def _plain(answer: Any) -> Any:
    """Copy the answer to a quick question, which is a text or a list of numbers."""
    if isinstance(answer, str):
        return str(answer)[:_LONGEST]
    if isinstance(answer, (list, tuple)):
        return [int(one) if type(one) is int else repr(one)[:_LONGEST] for one in answer[:100]]
    return None if answer is None or answer is ... else repr(answer)[:_LONGEST]


class _Shell:
    """Stands for IPython, whose commands are not run."""

    def __getattr__(self, name: str) -> Any:
        return _nothing


def _nothing(*inputs: Any, **named: Any) -> None:
    return None


def _stand_in(take: Any) -> None:
    """Put what takes answers, or does nothing, in place of what a sheet imports."""
    import musiclab.check as door

    seen = SimpleNamespace(passed=True, blank=False, mistake=None, message="", what="")
    seen.require = lambda: seen

    def check(id: str, answer: Any) -> SimpleNamespace:
        take(id, answer)
        return seen

    idle = dict.fromkeys(("hint", "order", "progress", "solution"), _nothing)
    vars(door).update(idle, check=check)


def _limit() -> None:
    """Let the system refuse more memory and large files, and Python the network."""
    limit_memory(seconds=None)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))

    def refuse(*inputs: Any, **named: Any) -> None:
        raise OSError("a submission is graded without a network")

    socket.socket.connect = refuse  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    answer_once(run)

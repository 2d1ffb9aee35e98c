"""Grade a folder of submissions: a mark for every question, a named reason for every lost point.

Submissions are run, and their answers tried, in processes of their own. Those that judge are never
the ones that ran anything of a submission, and hear from them nothing but plain data.
"""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from os import cpu_count
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

from musiclab.check.answering import SECONDS
from musiclab.check.asking import Judge
from musiclab.check.exceptions import DEATHS
from musiclab.check.exercise import Exercise, Order, Recall
from musiclab.check.marks import Mark, Marks
from musiclab.check.quick import answer_to, name_in, source_of
from musiclab.check.registry import EXERCISES, QUICK
from musiclab.check.submission import Step, Submission, read
from musiclab.errors import CheckFailed

AT_ONCE = 4  # submissions
SUFFIXES = (".ipynb", ".py")
_SKIP = {".ipynb_checkpoints", "__MACOSX", "__pycache__"}
# What stands above every answer in a sheet. A submission that lost it is not worse for that.
IMPORTS = """import math
from collections import Counter, namedtuple

import numpy as np
import torch
from einops import einsum, rearrange, reduce, repeat
from torch import Tensor, nn
from torch.nn import functional as F

from musiclab.check import check, hint, order, progress, solution"""
# A network, a list of processes and a disk of its own: nothing outside can be reached or changed,
# and nothing that it leaves running outlives it.
_ROOM = ("unshare", "-r", "-n", "-m", "-p", "--fork", "--kill-child", "--mount-proc", "sh", "-c")
_CLOSE = 'mount -o remount,bind,ro / && mount -t tmpfs tmpfs "$0" && cd "$0" && exec "$@"'

TAKES = ("takes the solution", "It asks the course for the answer; look at it yourself.")
OWN = ("is the library's own function", "It imports what was to be written; look at it yourself.")
MISSING = ("not there", "No cell writes it or checks it.")
BLANK = ("not started", "It stands as it was given.")


def grade(
    folder: str | Path,
    sheets: Sequence[int] | None = None,
    *,
    workers: int | None = None,
    seconds: float = float(SECONDS),
    on_done: Callable[[Marks], None] | None = None,
) -> list[Marks]:
    """Grade every notebook and Python file below a folder.

    Args:
        folder: Of submissions, also in subfolders as nbgrader, Canvas and Moodle make them.
        sheets: The numbers of the sheets that were set; by default the one that most handed in.
        workers: How many to grade at once; by default as many as there are cores, at most four.
        seconds: That an answer, or one step of a cell, may take.
        on_done: Called with the marks of each submission when it is done.

    Returns:
        A row a submission, in the order of their names.

    Raises:
        CheckFailed: If there is nothing to grade.
    """
    files = find(Path(folder))
    ids = [*EXERCISES, *QUICK]
    found: dict[Path, Submission | str] = {}
    for file in files:
        try:
            found[file] = read(file, ids)
        except CheckFailed as error:
            found[file] = str(error)
    _leave_out_helpers(found)
    asked = _asked(sheets or [_commonest(found)])
    names = _students(Path(folder), list(found))
    desks: SimpleQueue[Desk] = SimpleQueue()
    at_once = min(workers or min(AT_ONCE, cpu_count() or 1), len(found))

    def grade_one(file: Path) -> Marks:
        desk = desks.get()
        try:
            marks = Marks(names[file], file.relative_to(folder).as_posix())
            desk.grade(found[file], marks, file.parent, asked)
        finally:
            desks.put(desk)
        if on_done:
            on_done(marks)
        return marks

    with ThreadPoolExecutor(at_once) as pool:
        every = [Desk(seconds) for _ in range(at_once)]
        try:
            for desk in every:
                desks.put(desk)
            return list(pool.map(grade_one, found))
        finally:
            for desk in every:
                desk.close()


def find(folder: Path) -> list[Path]:
    """Return the files below a folder that may be submissions.

    Raises:
        CheckFailed: If there is none.
    """
    if not folder.is_dir():
        raise CheckFailed(f"there is no folder {str(folder)!r:.120}")
    every = [path for path in sorted(folder.rglob("*")) if not _hidden(path.relative_to(folder))]
    files = [path for path in every if path.suffix.lower() in SUFFIXES and path.is_file()]
    if not files:
        packed = any(path.suffix.lower() in (".zip", ".gz") for path in every)
        advice = "unpack the archives in it first" if packed else "it should hold .ipynb files"
        raise CheckFailed(f"there is no submission in {str(folder)!r:.120}; {advice}")
    return files


def _hidden(path: Path) -> bool:
    return any(part in _SKIP or part.startswith(".") for part in path.parts)


def _leave_out_helpers(found: dict[Path, Submission | str]) -> None:
    """Leave out Python files that answer nothing: a notebook beside them imports them."""
    for file, submission in list(found.items()):
        nothing = isinstance(submission, Submission) and not _ids_in(submission)
        if file.suffix == ".py" and nothing and len(found) > 1:
            del found[file]


def _ids_in(submission: Submission) -> set[str]:
    bound = {id for id in EXERCISES if EXERCISES[id].name in submission.bound}
    return submission.checked | bound


def _commonest(found: Mapping[Path, Submission | str]) -> int:
    """Return the sheet that most submissions are of.

    Raises:
        CheckFailed: If no submission answers any exercise.
    """
    every = [_sheet_of(one) for one in found.values() if isinstance(one, Submission)]
    counted = Counter(sheet for sheet in every if sheet is not None)
    if not counted:
        raise CheckFailed("no file in the folder answers an exercise of any sheet")
    return counted.most_common(1)[0][0]


def _sheet_of(submission: Submission) -> int | None:
    """Return the sheet that a submission answers, as far as it can be told."""
    ids = submission.checked or _ids_in(submission)
    counted = Counter((EXERCISES.get(id) or QUICK[id]).notebook for id in ids)
    return counted.most_common(1)[0][0] if counted else None


Asked = dict[str, Exercise | Order | Recall]


def _asked(sheets: Sequence[int]) -> Asked:
    """Return the questions of some sheets, in their order.

    Raises:
        CheckFailed: If there is no such sheet.
    """
    known: Asked = {**EXERCISES, **QUICK}
    every = sorted({one.notebook for one in known.values()})
    if unknown := set(sheets) - set(every):
        raise CheckFailed(f"there is no sheet {min(unknown)}; there are {every[0]} to {every[-1]}")
    return {id: one for sheet in sheets for id, one in known.items() if one.notebook == sheet}


def points(one: Exercise | Order | Recall) -> int:
    """Return how many points a question is worth."""
    return 2 * one.difficulty if isinstance(one, Exercise) else 1


def _students(folder: Path, files: Sequence[Path]) -> dict[Path, str]:
    """Name students after the folder that holds their file, or the file; each name once."""
    first = {}
    for file in files:
        parts = file.relative_to(folder).parts
        first[file] = parts[0] if len(parts) > 1 else file.stem
    counted = Counter(first.values())
    whole = {file: file.relative_to(folder).with_suffix("").as_posix() for file in files}
    return {file: name if counted[name] == 1 else whole[file] for file, name in first.items()}


@cache
def room() -> tuple[str, ...]:
    """Return the command that closes a process off from the network and the disk; () if none can.

    Linux alone has one, and not everywhere.
    """
    if sys.platform != "linux" or not shutil.which("unshare"):
        return ()
    with TemporaryDirectory() as folder:
        command = [*_ROOM, _CLOSE, folder, "true"]
        works = subprocess.run(command, capture_output=True, timeout=30).returncode == 0
    return _ROOM if works else ()


class Desk:
    """A pair of processes that grade one submission after another: one runs, one judges.

    Args:
        seconds: That an answer, or one step of a cell, may take.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._folder = TemporaryDirectory(prefix="grading", ignore_cleanup_errors=True)
        inside = (*room(), _CLOSE, self._folder.name) if room() else ()
        self._reader = Judge(module="musiclab.check.reading", inside=inside)
        self._judge = Judge(inside=inside)

    def close(self) -> None:
        """End both processes."""
        self._reader.close()
        self._judge.close()
        self._folder.cleanup()

    def grade(self, submission: Submission | str, marks: Marks, folder: Path, asked: Asked) -> None:
        """Fill in the marks of a submission."""
        lost: dict[str, tuple[str, str]] = {}
        run: dict[str, Any] = {"answers": {}, "failed": {}, "died": {}}
        if isinstance(submission, str):
            lost = dict.fromkeys(asked, ("unreadable", submission))
            marks.note, submission = f"unreadable: {submission}", Submission()
        elif (sheet := _sheet_of(submission)) not in {None, *(a.notebook for a in asked.values())}:
            marks.note = f"wrong sheet: these are answers of sheet {sheet}"
        try:
            if submission.steps and not lost:
                run = self._reader.ask(
                    _request(submission, folder, asked) | {"seconds": self._seconds}
                )
        except CheckFailed:
            died = ("process-ended", "It ends even the process that watches it.")
            lost = dict.fromkeys(asked, died)
        for id, one in asked.items():
            why = lost.get(id) or self._try(one, submission, run, folder)
            full = points(one)
            marks.marks[id] = Mark(0, full, *why) if why else Mark(full, full)

    def _try(
        self,
        one: Exercise | Order | Recall,
        submission: Submission,
        run: Mapping[str, Any],
        folder: Path,
    ) -> tuple[str, str] | None:
        """Return why points are lost; None if they are not."""
        name = name_of(one)
        needed = submission.needed(one.id, name)
        if any(step.suspicious for step in needed):
            return TAKES
        found = run["answers"].get(one.id, {})
        told = [found[how] for how in ("checked", "bound") if how in found]
        whys = []
        for answer in told:
            whys.append(self._judged(one, answer, folder))
            if whys[-1] not in (BLANK, OWN):
                return whys[-1]
        stopped = _stopped(submission, run, needed, one.id, name)
        return stopped or _first(whys) or MISSING

    def _judged(
        self, one: Exercise | Order | Recall, answer: Mapping[str, Any], folder: Path
    ) -> tuple[str, str] | None:
        """Have an answer tried; return what is wrong with it, None if nothing is."""
        if answer.get("blank"):
            return BLANK
        if answer.get("library"):
            return OWN
        if "error" in answer:
            return "cannot-be-tried", str(answer["error"])
        if isinstance(one, Recall):
            return _why(vars(answer_to(one, answer.get("plain"))))
        here = {
            "folder": self._folder.name,
            "paths": [str(folder.resolve())],
            "guarded": True,
        }
        if isinstance(one, Order):
            lines = answer.get("plain")
            if not lines:
                return BLANK
            if not isinstance(lines, list):
                return "no-list", "It is no list of the numbers of lines."
            try:
                source = source_of(one, lines)
            except ValueError as error:
                return "no-such-line", str(error)
            work = {"id": one.exercise, "source": source, "file": one.id, "name": name_in(one)}
        else:
            work = {"id": one.id, "pickled": answer["pickled"]}
        try:
            verdict = self._judge.ask(work | here)
            if verdict["mistake"] == "time-limit":  # the machine may be busy with others
                verdict = self._judge.ask(work | here | {"seconds": 2 * self._seconds})
            return _why(verdict)
        except CheckFailed:
            return "process-ended", "It ends even the process that judges it."


def name_of(one: Exercise | Order | Recall) -> str:
    """Return the name under which an answer stands in a sheet."""
    if isinstance(one, Exercise):
        return one.name
    return "my_order" if isinstance(one, Order) else "my_answer"


def _request(submission: Submission, folder: Path, asked: Asked) -> dict[str, Any]:
    """Ask for a submission to be run."""
    given = [one.given for one in asked.values() if isinstance(one, Exercise) and one.given]
    names = {}
    for id, one in asked.items():  # of two sheets' quick ones only their checks tell which is which
        names[name_of(one)] = None if name_of(one) in names else id
    steps = []
    for step in submission.steps:
        from_sheet = any(step.source in text for text in given)
        wanted = [] if from_sheet else sorted(step.binds & {n for n, id in names.items() if id})
        steps.append(
            {
                "cell": step.cell,
                "source": "" if step.only_checks else step.source,
                "binds": [(name, names[name]) for name in wanted],
                "binds_names": bool(step.binds),
                "answers": step.answers,
            }
        )
    return {
        "steps": steps,
        "above": [IMPORTS, *given],
        "quick": list(QUICK),
        "folder": ".",
        "paths": [str(folder.resolve())],
    }


def _why(verdict: Mapping[str, Any]) -> tuple[str, str] | None:
    """Name what a verdict found; None if all is well."""
    if verdict["passed"]:
        return None
    if verdict["blank"]:
        return BLANK
    if verdict["mistake"] == "raised-TakesTheSolution":
        return TAKES
    return verdict["mistake"], verdict["what"]


def _stopped(
    submission: Submission, run: Mapping[str, Any], needed: Sequence[Step], id: str, name: str
) -> tuple[str, str] | None:
    """Say what kept an answer from being there, if something stopped."""
    whys = []
    for number, step in enumerate(submission.steps):
        if not any(step is one for one in needed):
            continue
        if ended := run["died"].get(str(number)):
            says = DEATHS.get(ended, DEATHS["process-ended"])[0]
            whys.append((ended, says.replace("Your function", f"Cell {step.cell}")))
        elif failed := run["failed"].get(str(number)):
            kind, says = map(str, failed)
            if kind == "TakesTheSolution":
                return TAKES
            if not step.only_checks:
                whys.append((f"raised-{kind}", f"Cell {step.cell} stopped: {says}"[:200]))
    if wrong := submission.mentions(id, name):
        whys.append(("syntax-error", wrong))
    return _first(whys)


def _first(whys: Sequence[tuple[str, str] | None]) -> tuple[str, str] | None:
    return next((why for why in whys if why), None)

"""Marks as a table, and as files that Canvas and Moodle import."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

FORMATS = ("plain", "canvas", "moodle")
# Files from Canvas: lovelaceada_LATE_1234_567890_06_attention.ipynb. 1234 is the student's.
_CANVAS = re.compile(r"^[^_]+(?:_LATE)?_(\d+)_\d+_")
# Folders from Moodle: Ada Lovelace_1234_assignsubmission_file.
_MOODLE = re.compile(r"^(.+?)_(\d+)_assignsubmission_")


@dataclass(frozen=True)
class Mark:
    """The points for one question."""

    points: int
    out_of: int
    reason: str = ""  # why not all, by name
    says: str = ""  # the same in a sentence


@dataclass
class Marks:
    """The marks of one submission."""

    student: str  # as the file or folder is called
    file: str
    marks: dict[str, Mark] = field(default_factory=dict)  # by the id of the question
    note: str = ""  # what befell the submission as a whole

    @property
    def total(self) -> int:
        """All points."""
        return sum(mark.points for mark in self.marks.values())

    @property
    def out_of(self) -> int:
        """All points that there are."""
        return sum(mark.out_of for mark in self.marks.values())

    @property
    def reasons(self) -> str:
        """Why each lost point was lost."""
        lost = [
            f"{id} ({mark.points}/{mark.out_of}): {mark.reason}: {mark.says}".rstrip(": ")
            for id, mark in self.marks.items()
            if mark.reason
        ]
        return "\n".join([self.note, *lost] if self.note else lost)


def as_csv(every: Sequence[Marks], layout: str, title: str) -> str:
    """Write marks as CSV.

    Args:
        every: A row each.
        layout: One of ``FORMATS``.
        title: What the assignment is called where the marks go.
    """
    rows = {"plain": _plain, "canvas": _canvas, "moodle": _moodle}[layout](every, title)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [_harmless(cell) for cell in row] for row in rows
    )
    return text.getvalue()


def _plain(every: Sequence[Marks], title: str) -> list[list[str]]:
    ids = list(every[0].marks)
    rows = [["student", "file", *ids, "total", "out_of", "reasons"]]
    for one in every:
        points = [str(one.marks[id].points) for id in ids]
        rows.append([one.student, one.file, *points, str(one.total), str(one.out_of), one.reasons])
    return rows


def _canvas(every: Sequence[Marks], title: str) -> list[list[str]]:
    """Lay out as the gradebook of Canvas: five columns that say who, then the assignment."""
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title]]
    rows.append(["    Points Possible", "", "", "", "", str(every[0].out_of)])
    for one in every:
        found = _CANVAS.match(one.file.rpartition("/")[2])
        rows.append([one.student, found[1] if found else "", "", "", "", str(one.total)])
    return rows


def _moodle(every: Sequence[Marks], title: str) -> list[list[str]]:
    """Lay out as Moodle's grading worksheet, which knows students by a number."""
    head = ["Identifier", "Full name", "Grade", "Maximum grade", "Last modified (grade)"]
    rows = [[*head, "Feedback comments"]]
    for one in every:
        found = _MOODLE.match(one.student)
        who = [f"Participant {found[2]}", found[1]] if found else ["", one.student]
        rows.append([*who, str(one.total), str(one.out_of), "-", one.reasons])
    return rows


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running what a submission is called."""
    return f"'{cell}" if re.match(r"[=+@\t\r]|-\w", cell) else cell


def as_table(every: Sequence[Marks]) -> str:
    """Draw marks for the terminal: a line each, and below it why points were lost."""
    wide = max(len(one.student) for one in every)
    lines = []
    for one in sorted(every, key=lambda one: one.student.casefold()):
        lines.append(f"{one.student:{wide}}  {one.total:3} of {one.out_of}")
        told = [f"{id}: {mark.reason}" for id, mark in one.marks.items() if mark.reason]
        reasons = {mark.reason for mark in one.marks.values() if mark.reason}
        if len(told) == len(one.marks) and len(reasons) == 1:
            told = [f"everything: {min(reasons)}"]
        lines += [f"    {text}" for text in ([one.note] if one.note else []) + told]
    return "\n".join(lines)

"""Grading by the hundred: do all get a mark or a reason, does anything pass that should not?

Synthetic submissions of every kind, made from the real sheets, are graded as ``musiclab grade``
does. What each should get is known, for it was planted.
"""

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil

sys.path.append(str(Path(__file__).parents[1] / "tests" / "helpers"))
from submissions import ANY, RIGHT, ROOT, Made, some

from musiclab.check.grade import AT_ONCE, grade, room
from musiclab.check.marks import Mark, Marks

NAMELESS = ("", "not there", "not started")  # what says nothing about what was handed in


class Tally(NamedTuple):
    """What came of one submission."""

    marked: bool  # a mark for every question, and a reason for every one that is not full
    points: bool  # the marks are those that it should get
    named: bool  # and so are the reasons
    false_passes: int


def tally(made: Made, marks: Marks) -> Tally:
    """Hold the marks of a submission against what it should get."""
    pairs = [
        (marks.marks[id], reasons) for id, reasons in made.expected.items() if id in marks.marks
    ]
    return Tally(
        marked=len(pairs) == len(made.expected) and all(map(_has_a_reason, marks.marks.values())),
        points=all((RIGHT in reasons) == (mark.points == mark.out_of) for mark, reasons in pairs),
        named=all(_fits(mark, reasons) for mark, reasons in pairs),
        false_passes=sum(mark.points > 0 and RIGHT not in reasons for mark, reasons in pairs),
    )


def _has_a_reason(mark: Mark) -> bool:
    return mark.points == mark.out_of or bool(mark.reason)


def _fits(mark: Mark, reasons: tuple[str, ...]) -> bool:
    return mark.reason in reasons or (ANY in reasons and mark.reason not in NAMELESS)


def run(pieces: int = 300, seed: int = 0) -> Iterator[str]:
    """Grade so many submissions, and draw the table."""
    sheets = sorted(int(page.name[:2]) for page in ROOT.glob("exercises/[0-9]*.ipynb"))
    every: dict[int, dict[str, Made]] = defaultdict(dict)
    for number, made in some(pieces, sheets, seed):
        every[number][made.path] = made
    found: dict[str, list[Tally]] = defaultdict(list)
    astray = []
    begin = time.perf_counter()
    with _peak() as peak:
        for number, those in every.items():
            for marks in _graded(number, those):
                made = those[marks.file]
                found[made.kind].append(tally(made, marks))
                astray += [f"{made.kind}, sheet {number}: {what}" for what in _astray(made, marks)]
    seconds = time.perf_counter() - begin
    yield _table(found)
    where = "closed off" if room() else "not closed off"
    yield (
        f"{pieces} submissions of sheets {', '.join(map(str, every))}, {AT_ONCE} at once, each "
        f"{where}: {seconds:.0f} s, {seconds / pieces:.1f} s each, {max(peak) / 1e9:.1f} GB at "
        "most, all processes together"
    )
    yield "\n".join(astray)


def _graded(number: int, those: dict[str, Made]) -> list[Marks]:
    with TemporaryDirectory() as folder:
        for made in those.values():
            path = Path(folder, made.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made.text, encoding="utf-8")
        return grade(folder, [number], workers=AT_ONCE)


def _astray(made: Made, marks: Marks) -> list[str]:
    return [
        f"{id} should be {' or '.join(reasons) or 'right'}, is {mark.reason or 'right'} {mark.says}"
        for id, reasons in made.expected.items()
        if not _fits(mark := marks.marks[id], reasons)
    ]


def _table(found: dict[str, list[Tally]]) -> str:
    head = f"  {'kind':28} {'how many':>8} {'marked':>7} {'points':>7} {'named':>6} {'passed':>7}"
    lines = ["Grading: submissions that got a mark or reason, the right marks, the right reasons;"]
    lines += ["answers that passed and should not have", head]
    whole = [one for those in found.values() for one in those]
    for kind, those in [*sorted(found.items()), ("all", whole)]:
        sums = [sum(column) for column in zip(*those, strict=True)]
        lines.append(f"  {kind:28} {len(those):8} {sums[0]:7} {sums[1]:7} {sums[2]:6} {sums[3]:7}")
    return "\n".join(lines)


@contextmanager
def _peak() -> Iterator[list[int]]:
    """Look at the memory of this process and all below it, four times a second."""
    seen, done = [0], threading.Event()

    def look() -> None:
        me = psutil.Process()
        while not done.wait(0.25):
            seen[0] = max(seen[0], sum(map(_own_memory, [me, *me.children(recursive=True)])))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _own_memory(process: psutil.Process) -> int:
    """Return what a process holds; what copies share is counted once, where the system tells."""
    with suppress(psutil.Error):
        whole = process.memory_full_info()
        return getattr(whole, "pss", whole.rss)
    return 0

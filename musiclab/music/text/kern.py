"""Humdrum kern: a column a voice, a row a moment; a column may split in two and join again."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import MAX_BEATS, check_size
from musiclab.music.text.bars import Bar, part_from_bars

_LENGTH = re.compile(r"\d+(%\d+)?")
_PITCH = re.compile(r"([a-gA-G])\1*")
_TITLE = re.compile(r"^!!!OTL[^:]*:\s*(.*)$", re.MULTILINE)
_NAME = re.compile(r'\*I[":]\[?(.*?)\]?')  # *I"Viola, or *I:[BASSO]
_SECTIONS = re.compile(r"\*>\[.*\]")  # the order in which to play the sections


@dataclass
class _Spine:
    """One part, however many columns it has at the moment."""

    form: str  # "**kern", or something else that is not music
    name: str = ""
    bars: list[Bar] = field(default_factory=lambda: [Bar()])
    instruments: list[Any] = field(default_factory=list)


@dataclass
class _Column:
    spine: _Spine
    lane: int = 0  # which voice of the part
    end: Fraction = Fraction(0)  # when its last note ends, in quarters


def split_kern(text: str) -> list[str]:
    """Cut a file where a new piece begins: every column has ended, and others start."""
    pieces, is_over = [""], False
    for line in text.splitlines(keepends=True):
        if is_over and line.startswith("**"):
            pieces.append("")
            is_over = False
        pieces[-1] += line
        is_over |= bool(re.fullmatch(r"(\*-\s*)+", line))
    return pieces


def score_from_kern(text: str, name: str) -> tuple[Any, list[str]]:
    """Read one piece.

    Returns:
        A music21 score, its parts from the highest staff to the lowest; and what was not
        understood, in sentences.

    Raises:
        ScoreError: If the columns do not add up. It calls the file ``name``.
    """
    from music21 import metadata, stream

    check_size(name, notes=len(re.findall(r"(?m)(?:^|[\t ])[^\s*!=.]", text)))
    reader = _Reader(name)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("!!"):
            reader.read_row(line.rstrip("\r\n").split("\t"), number)
    score = stream.Score()
    score.metadata = metadata.Metadata()
    title = _TITLE.search(text)
    score.metadata.title = title[1].strip() if title else None
    spines = [spine for spine in reader.spines if spine.form == "**kern"]
    for spine in reversed(spines):  # the lowest staff stands first
        part = part_from_bars(spine.bars, spine.name, name)
        for instrument in spine.instruments:
            part.insert(0, instrument)
        score.insert(0, part)
    return score, reader.sentences()


class _Reader:
    """Follow the columns from row to row."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.spines: list[_Spine] = []
        self.columns: list[_Column] = []
        self.now = Fraction(0)
        self.unread: list[tuple[int, str]] = []  # line and sign
        self.orders: set[str] = set()

    def read_row(self, cells: list[str], number: int) -> None:
        if cells[0].startswith("**") and not self.columns:
            self.spines += [_Spine(cell) for cell in cells]
            self.columns = [_Column(spine) for spine in self.spines]
            return
        if len(cells) != len(self.columns):
            raise ScoreError(
                f"{self.name} has {len(cells)} columns in line {number} where {len(self.columns)} "
                "are open; mend the line, or export the piece as MusicXML"
            )
        if cells[0].startswith("*"):
            self._follow(cells, number)
        elif cells[0].startswith("="):
            self._bar(cells)
        elif not cells[0].startswith("!"):
            self._data(cells, number)

    def sentences(self) -> list[str]:
        """Tell what was passed over."""
        orders = [f"the order of sections {o:.60} is not played" for o in sorted(self.orders)]
        if not self.unread:
            return orders
        line, sign = self.unread[0]
        words = "sign was" if len(self.unread) == 1 else "signs were"
        first = f"the first is {sign[:20]!r} in line {line}"
        return [*orders, f"{len(self.unread)} kern {words} not understood and left out; {first}"]

    def _follow(self, cells: list[str], number: int) -> None:
        """Let columns split, join, change places, end and begin."""
        following: list[_Column] = []
        exchanged, joined = None, None
        for column, cell in zip(self.columns, cells, strict=True):
            is_join = cell == "*v" and joined is not None and joined.spine is column.spine
            if is_join:
                joined.end = max(joined.end, column.end)
                joined.lane = min(joined.lane, column.lane)
                continue
            joined = column if cell == "*v" else None
            if cell == "*-":
                continue
            if cell == "*x":
                if exchanged is None:
                    exchanged = len(following)
                else:
                    following.insert(exchanged, column)
                    exchanged = None
                    continue
            following.append(column)
            if cell == "*^":
                lanes = {c.lane for c in [*self.columns, *following] if c.spine is column.spine}
                free = next(lane for lane in range(len(lanes) + 1) if lane not in lanes)
                following.append(_Column(column.spine, free, column.end))
            elif cell == "*+":
                self.spines.append(_Spine("**"))
                following.append(_Column(self.spines[-1], 0, column.end))
            elif cell.startswith("**"):
                column.spine.form = cell
            elif cell != "*" and column.lane == 0:
                self._interpret(column, cell, number)
        self.columns = following

    def _interpret(self, column: _Column, cell: str, number: int) -> None:
        """Note a metre, key, tempo, instrument or name."""
        from music21.humdrum.spineParser import kernTandemToObject

        spine = column.spine
        if spine.form != "**kern" or cell.startswith(("*clef", "*I'")):
            return
        if named := _NAME.fullmatch(cell):
            spine.name = named[1]
            return
        if _SECTIONS.fullmatch(cell):
            self.orders.add(cell[2:])
            return
        beats = re.match(r"\*M(\d+)/", cell)
        if beats and (len(beats[1]) > 3 or not 0 < int(beats[1]) <= MAX_BEATS):
            self.unread.append((number, cell))
            return
        try:
            sign = kernTandemToObject(cell)
        except Exception:  # music21 meets what it does not know with any of Python's errors
            self.unread.append((number, cell))
            return
        if sign is None or "MiscTandem" in sign.classes:
            return  # how to draw it, or what no reader here asks for
        if "Instrument" in sign.classes:
            spine.instruments.append(sign)
        else:
            bar = spine.bars[-1]
            if "Key" in sign.classes:  # it says more than the signature before it
                bar.signs = [one for one in bar.signs if "KeySignature" not in one[1].classes]
            bar.signs.append((max(column.end - bar.begin, Fraction(0)), sign))

    def _bar(self, cells: list[str]) -> None:
        """End every part's bar where the longest column ends."""
        music = [column for column in self.columns if column.spine.form == "**kern"]
        self.now = max([self.now, *(column.end for column in music)])
        for column, cell in zip(self.columns, cells, strict=True):
            column.end = self.now
            bar = column.spine.bars[-1]
            if bar.begin == self.now and not bar.notes:
                bar.starts_repeat |= bool(re.search(r"[|!]:", cell))
                continue
            bar.length = self.now - bar.begin
            bar.plays = 2 if re.search(r":[|!]", cell) else 1
            column.spine.bars.append(Bar(self.now, starts_repeat=bool(re.search(r"[|!]:", cell))))

    def _data(self, cells: list[str], number: int) -> None:
        """Begin the notes of one moment."""
        starting = [
            (column, cell)
            for column, cell in zip(self.columns, cells, strict=True)
            if column.spine.form == "**kern" and cell not in (".", "") and cell[0] != "!"
        ]
        self.now = max([self.now, *(column.end for column, _ in starting)])
        for column, cell in starting:
            note = _note(cell)
            if note is None:
                self.unread.append((number, cell))
                continue
            bar = column.spine.bars[-1]
            bar.notes.append((column.lane, self.now - bar.begin, note))
            column.end = self.now + Fraction(note.duration.quarterLength)
            bar.length = max(bar.length, column.end - bar.begin)


def _note(cell: str) -> Any:
    """Make a music21 note, chord or rest of a cell; None if it cannot be understood."""
    from music21 import chord
    from music21.humdrum.spineParser import hdStringToNote

    heads = cell.split()
    for head in heads:
        is_note = "r" in head or len(_PITCH.findall(head)) == 1
        if not (is_note and ("q" in head or len(_LENGTH.findall(head)) == 1)):
            return None
    try:
        notes = [hdStringToNote(head) for head in heads]
    except Exception:  # as above
        return None
    pitched = [note for note in notes if note.isNote]
    if len(pitched) < 2:
        return (pitched or notes)[0]
    whole = chord.Chord(pitched)
    whole.duration = pitched[0].duration
    whole.expressions = list({type(one): one for n in pitched for one in n.expressions}.values())
    return whole

"""Music on the grid as the names of note events, and back, whatever their order."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from musiclab.music.metre import bar_as_pickup, pickup_as_bar
from musiclab.music.notes import Note, NoteSequence
from musiclab.tokens.event_grid import DRUMS, METRES, one_part_an_instrument

DEFAULT_VELOCITY = 80
DEFAULT_TEMPO = 100.0  # quarters a minute


def write_events(music: NoteSequence, steps_per_quarter: int) -> Iterator[str]:
    """Name the tokens of a piece on the grid, from start to end.

    Yields:
        The names: a bar, its places in order, and at each place its notes, instrument by
        instrument and from the bass up.
    """
    places = deque(
        (round(onset * steps_per_quarter), sorted(notes, key=_reading_order))
        for onset, notes in groupby(music.notes, key=lambda note: note.onset)
    )
    bars = pickup_as_bar(music.time_signatures, music.pickup)
    metres = {round(onset * steps_per_quarter): name for onset, name in bars}
    last = max([*metres, *(step for step, _ in places)])
    yield "start"
    yield f"tempo-{music.tempo:.0f}"
    barline = length = 0
    while barline <= last:
        yield "bar"
        if barline in metres:
            yield f"metre-{metres[barline]}"
            length = round(METRES[metres[barline]] * steps_per_quarter)
        while places and places[0][0] < barline + length:
            step, notes = places.popleft()
            yield f"position-{step - barline}"
            for note in notes:
                yield f"program-{DRUMS if note.is_drum else note.program}"
                yield f"pitch-{note.pitch}"
                yield f"velocity-{note.velocity}"
                yield f"duration-{round(note.duration * steps_per_quarter)}"
        barline += length
    yield "end"


def _reading_order(note: Note) -> tuple[int, int, float, int]:
    return note.part, note.pitch, note.duration, note.velocity


def read_events(tokens: Iterable[str], steps_per_quarter: int) -> NoteSequence:
    """Turn tokens, in any order, into music, up to the first "end".

    Every pitch sounds. What a token presupposes and nobody said is taken from the defaults: the
    first bar in 4/4, its first place, a piano, a quarter note of middling velocity. A velocity or a
    duration that follows no pitch is passed over.
    """
    reader = _Reader(steps_per_quarter)
    for token in tokens:
        if token == "end":
            break
        kind, _, value = token.partition("-")
        reader.read(kind, value)
    return reader.music()


@dataclass
class _Reader:
    """Where in the music the next token speaks."""

    steps_per_quarter: int
    bar_start: int = -1  # in steps; -1 before the first bar
    position: int = 0  # in steps from the barline
    program: str = "0"
    tempo: float | None = None
    metre: str = "4/4"
    metres: dict[int, str] = field(default_factory=lambda: {0: "4/4"})  # start in steps -> metre
    notes: list[dict] = field(default_factory=list)
    is_open: bool = False  # whether a velocity or a duration would belong to the last note

    def read(self, kind: str, value: str) -> None:
        """Take in one token."""
        if kind in ("velocity", "duration"):
            if self.is_open:
                self.notes[-1][kind] = int(value)
            return
        self.is_open = kind == "pitch"
        if kind == "pitch":
            self._start_note(int(value))
        elif kind == "bar":
            length = round(METRES[self.metre] * self.steps_per_quarter)
            self.bar_start = 0 if self.bar_start < 0 else self.bar_start + length
            self.position = 0
        elif kind == "metre":
            self.metre = value
            self.metres[max(self.bar_start, 0)] = value
        elif kind == "position":
            self.position = int(value)
        elif kind == "program":
            self.program = value
        elif kind == "tempo" and self.tempo is None:  # NoteSequence knows one tempo: the first
            self.tempo = float(value)

    def _start_note(self, pitch: int) -> None:
        is_drum = self.program == DRUMS
        self.notes.append(
            {
                "onset": max(self.bar_start, 0) + self.position,
                "duration": self.steps_per_quarter,
                "pitch": pitch,
                "velocity": DEFAULT_VELOCITY,
                "program": 0 if is_drum else int(self.program),
                "is_drum": is_drum,
            }
        )

    def music(self) -> NoteSequence:
        """Put together what was read."""
        notes = []
        for values in self.notes:
            onset, duration = (
                values.pop(n) / self.steps_per_quarter for n in ("onset", "duration")
            )
            notes.append(Note(onset=onset, duration=duration, **values))
        changes, before = [], ""
        for start, metre in sorted(self.metres.items()):
            if metre != before:
                changes.append((start / self.steps_per_quarter, metre))
            before = metre
        metres, pickup = bar_as_pickup(tuple(changes))
        return NoteSequence(
            notes=one_part_an_instrument(notes),
            tempo=DEFAULT_TEMPO if self.tempo is None else self.tempo,
            time_signatures=metres,
            pickup=pickup,
        )

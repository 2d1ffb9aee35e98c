"""Write music on the grid as the names of note events."""

from collections import deque
from collections.abc import Iterator
from itertools import groupby

from musiclab.music.notes import Note, NoteSequence
from musiclab.tokens.event_values import DRUMS, METRES


def write_events(music: NoteSequence, steps_per_quarter: int) -> Iterator[str]:
    """Name the tokens of a piece, from start to end.

    Args:
        music: Music on the grid, as ``quantise`` leaves it.
        steps_per_quarter: How many places a quarter note has.

    Yields:
        The names: a bar, its places in order, and at each place its notes, instrument by
        instrument and from the bass up.
    """
    places = deque(
        (round(onset * steps_per_quarter), sorted(notes, key=_reading_order))
        for onset, notes in groupby(music.notes, key=lambda note: note.onset)
    )
    metres = {round(onset * steps_per_quarter): name for onset, name in music.time_signatures}
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

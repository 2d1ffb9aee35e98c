"""A curve as a tune: the higher the number, the higher the note."""

import math
from collections.abc import Sequence

from musiclab.music.notes import Note, NoteSequence

LOWEST, HIGHEST = 36, 96  # MIDI numbers that the tune may reach
AT_ZERO, OCTAVES = 48, 2  # where 0 is heard, and how far above it 1 is
LENGTH = 0.25  # of a note, in quarters


def as_tune(curve: Sequence[float]) -> NoteSequence:
    """Play a curve whose numbers usually lie in 0 to 1, a note for each.

    What is out of reach sounds at the border; what is no number is a rest.
    """
    heights = [AT_ZERO + 12 * OCTAVES * one for one in curve if not math.isnan(one)]
    places = [place for place, one in enumerate(curve) if not math.isnan(one)]
    notes = [
        Note(onset=place * LENGTH, duration=LENGTH, pitch=round(min(HIGHEST, max(LOWEST, height))))
        for place, height in zip(places, heights, strict=True)
    ]
    return NoteSequence(notes=tuple(notes))

"""Recognise a passage by its chords, in whatever key and at whatever speed.

A fingerprint is a run of chords, told by how far each note lies from the lowest note of the first
chord. It survives transposing, and a piece that was cut keeps most of its fingerprints.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int

from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.evaluate.voice_leading import chord_starts
from musiclab.music.chorale import REST

_NO_NOTE = 999  # the distance of a rest

Place = tuple[int, int]  # number of a piece, and of a chord in it
Chords = tuple[Int[np.ndarray, " _"], Int[np.ndarray, "_ voice"]]  # first frames, pitches


def chords_of(pieces: Sequence[Any]) -> list[Chords]:
    """Return each piece's chords, and the frames in which they begin."""
    found = []
    for piece in checked_pieces(pieces):
        frames = chord_starts(piece)
        found.append((frames, piece[frames]))
    return found


def _fingerprints(chords: Pitches, length: int) -> Iterator[tuple[int, bytes]]:
    """Give the number and the fingerprint of every passage of so many chords."""
    sounding = np.where(chords == REST, _NO_NOTE, chords)
    lowest = sounding.min(axis=1)
    for first in range(len(chords) - length + 1):
        passage = chords[first : first + length]
        distances = np.where(passage == REST, _NO_NOTE, passage - lowest[first])
        if lowest[first] != _NO_NOTE:  # begin where there is a note
            yield first, distances.astype(np.int16).tobytes()


def runs(
    left: list[Chords], right: list[Chords], length: int
) -> Iterator[tuple[int, Place, Place]]:
    """Join equal fingerprints that follow one another; give length and where it begins."""
    places: dict[bytes, list[Place]] = defaultdict(list)
    for piece, (_, chords) in enumerate(right):
        for first, print_of in _fingerprints(chords, length):
            places[print_of].append((piece, first))
    for piece, (_, chords) in enumerate(left):
        going: dict[Place, int] = {}  # passages that have lasted until here, and their length
        for first, print_of in _fingerprints(chords, length):
            before, going = going, {}
            for other, place in places.get(print_of, ()):
                lasted = before.get((other, place - 1), length - 1) + 1
                going[other, place] = lasted
                start = lasted - length
                yield lasted, (piece, first - start), (other, place - start)

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


class PassageIndex:
    """The passages of some pieces, laid out so that they are found again quickly.

    Args:
        pieces: As ``chords_of`` gives them.
        length: Of the passages, in chords; at least 2.
    """

    def __init__(self, pieces: list[Chords], length: int) -> None:
        self.length = length
        self._places: dict[bytes, list[Place]] = defaultdict(list)
        for piece, (_, chords) in enumerate(pieces):
            for first, print_of in _fingerprints(chords, length):
                self._places[print_of].append((piece, first))

    def runs(self, chords: Pitches) -> Iterator[tuple[int, int, Place]]:
        """Join equal fingerprints that follow one another.

        Args:
            chords: Of one piece.

        Yields:
            Each passage as it grows: its length in chords, its first chord here, and where it
            begins in the index.
        """
        silent = (chords == REST).all(axis=1)
        going: dict[Place, int] = {}  # passages that have lasted until here, and their length
        for first, print_of in _fingerprints(chords, self.length):
            before, going = going, {}
            for other, place in self._places.get(print_of, ()):
                lasted = before.get((other, place - 1), self.length - 1) + 1
                if lasted == self.length and silent[first]:
                    continue  # a passage goes on through a silence and does not begin with one
                going[other, place] = lasted
                start = lasted - self.length
                yield lasted, first - start, (other, place - start)


def runs(
    left: list[Chords], right: list[Chords], length: int
) -> Iterator[tuple[int, Place, Place]]:
    """Join equal fingerprints of two sets; give length and where it begins in both."""
    index = PassageIndex(right, length)
    for piece, (_, chords) in enumerate(left):
        for lasted, first, place in index.runs(chords):
            yield lasted, (piece, first), place


def _fingerprints(chords: Pitches, length: int) -> Iterator[tuple[int, bytes]]:
    """Give the number and the fingerprint of every passage of so many chords."""
    sounding = np.where(chords == REST, _NO_NOTE, chords)
    lowest = _NO_NOTE
    for first in range(len(chords) - length + 1):
        if (chords[first] != REST).any():  # in a silence, count from the chord before it
            lowest = sounding[first].min()
        passage = chords[first : first + length]
        distances = np.where(passage == REST, _NO_NOTE, passage - lowest)
        if lowest != _NO_NOTE:  # begin where there is a note
            yield first, distances.astype(np.int16).tobytes()

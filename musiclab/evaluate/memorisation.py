"""Did it learn, or did it learn by heart? The longest passage that also stands in training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, no_type_check

import numpy as np

from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.evaluate.voice_leading import chord_starts
from musiclab.music.chorale import REST

_SILENT = 1000  # stands for a rest where pitches are counted from another pitch


@dataclass(frozen=True)
class CopiedPassage:
    """The longest passage that a piece shares with a training piece, in whatever key.

    Attributes:
        changes: Its length in chord changes; a passage of 5 changes has 6 chords. 0 if there is
            none.
        number: Which training piece it is, counted from 0; -1 if there is none.
        name: That piece's title, or its source; "" if it has neither.
        frames: The passage in the piece: its first frame, and the frame after its last.
        training_frames: The same in the training piece.
        semitones: How much higher than in the training piece it sounds.
    """

    changes: int
    number: int = -1
    name: str = ""
    frames: tuple[int, int] = (0, 0)
    training_frames: tuple[int, int] = (0, 0)
    semitones: int = 0


class TrainingMemory:
    """A training set, laid out so that passages of it are found quickly.

    A chord is a run of frames in which no pitch changes; how long it lasts does not count. A chord
    change is compared by the intervals within and between its two chords, so that a passage is
    found in any key.

    Args:
        pieces: Chorales, whose names will be told, or Int (frame, voice) arrays.

    Raises:
        ScoreError: If there is no piece, or one has a wrong shape or impossible numbers.

    Example:
        >>> hymn = np.array([[67, 64, 60, 48], [69, 65, 60, 53], [67, 62, 59, 55]])
        >>> TrainingMemory([hymn]).longest(hymn - 2).changes
        2
    """

    @no_type_check  # the pieces are checked in better words than a checker's
    def __init__(self, pieces: Sequence[Any]) -> None:
        self._pieces = checked_pieces(pieces)
        self._names = [getattr(one, "title", "") or getattr(one, "source", "") for one in pieces]
        self._where: dict[bytes, list[int]] = {}  # a change -> its places in all of training
        self._places: list[tuple[int, int]] = []  # a place -> (piece, change)
        for number, piece in enumerate(self._pieces):
            for place, change in enumerate(_changes(piece)):
                self._where.setdefault(change, []).append(len(self._places))
                self._places.append((number, place))
            self._places.append((-1, -1))  # no passage runs from one piece into the next

    @no_type_check
    def longest(self, piece: Any) -> CopiedPassage:
        """Find the longest passage that a piece shares with training, the earliest if several.

        Args:
            piece: A Chorale or an Int (frame, voice) array.
        """
        (pitches,) = checked_pieces([piece])
        longest, end, training_end = 0, 0, 0
        # runs[place + 1]: how many changes, up to here in the piece and there in training, agree.
        runs = np.zeros(len(self._places) + 1, dtype=int)
        for number, change in enumerate(_changes(pitches)):
            places = np.array(self._where.get(change, []), dtype=int)
            grown = np.zeros_like(runs)
            grown[places + 1] = runs[places] + 1
            runs = grown
            if runs.max() > longest:
                longest, end, training_end = int(runs.max()), number, int(runs.argmax()) - 1
        if not longest:
            return CopiedPassage(0)
        number, place = self._places[training_end]
        here = _frames(pitches, end - longest + 1, end + 1)
        there = _frames(self._pieces[number], place - longest + 1, place + 1)
        chords = pitches[here[0]], self._pieces[number][there[0]]
        sounding = (chords[0] != REST) & (chords[1] != REST)
        higher = (chords[0] - chords[1])[sounding]
        semitones = int(higher[0]) if higher.size else 0
        return CopiedPassage(longest, number, self._names[number], here, there, semitones)


def _changes(piece: Pitches) -> list[bytes]:
    """Write every chord change as bytes that are equal for equal music in whatever key."""
    chords = piece[chord_starts(piece)]
    pairs = np.concatenate([chords[:-1], chords[1:]], axis=1)
    sounding = pairs != REST
    # Counted from the first voice that sounds, in the first of the two chords if it can be.
    anchor = pairs[np.arange(len(pairs)), sounding.argmax(axis=1)]
    relative = np.where(sounding, pairs - anchor[:, None], _SILENT)
    return [row.tobytes() for row in relative]


def _frames(piece: Pitches, first_chord: int, last_chord: int) -> tuple[int, int]:
    """Return the first frame of one chord, and the frame after another."""
    starts = np.append(chord_starts(piece), len(piece))
    return int(starts[first_chord]), int(starts[last_chord + 1])

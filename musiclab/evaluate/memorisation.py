"""Did it learn, or did it learn by heart? The longest passage that also stands in training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, no_type_check

import numpy as np
from jaxtyping import Int

from musiclab.evaluate.fingerprints import PassageIndex, chords_of
from musiclab.music.chorale import REST


@dataclass(frozen=True)
class CopiedPassage:
    """The longest passage that a piece shares with a training piece, in whatever key."""

    changes: int  # its length in chord changes, one fewer than its chords; 0 if there is none
    number: int = -1  # of the training piece, counted from 0; -1 if there is none
    name: str = ""  # that piece's title, or its source
    frames: tuple[int, int] = (0, 0)  # in the piece: the first frame, and the one after the last
    training_frames: tuple[int, int] = (0, 0)  # the same in the training piece
    semitones: int = 0  # how much higher than in the training piece it sounds


class TrainingMemory:
    """A training set in which passages are found quickly.

    A chord is a run of frames in which no pitch changes; how long it lasts does not count. A chord
    change is compared by the intervals within and between its two chords, so that a passage is
    found in any key. A passage begins where somebody sings.

    Args:
        pieces: Chorales, whose names will be told, or Int (frame, voice) arrays.

    Raises:
        ScoreError: If there is no piece, or one has a wrong shape or impossible numbers.

    Example:
        >>> hymn = np.array([[67, 64, 60, 48], [69, 65, 60, 53], [67, 62, 59, 55]])
        >>> TrainingMemory([hymn]).longest(hymn - 2).changes
        2
    """

    @no_type_check  # ``chords_of`` checks the pieces
    def __init__(self, pieces: Sequence[Any]) -> None:
        self.pieces = list(pieces)
        self._chords = chords_of(pieces)
        self._index = PassageIndex(self._chords, length=2)  # two chords are one change

    @no_type_check
    def longest(self, piece: Any) -> CopiedPassage:
        """Find the longest passage that a piece shares with training, the earliest if several.

        Args:
            piece: A Chorale or an Int (frame, voice) array.
        """
        ((starts, chords),) = chords_of([piece])
        longest, here, (number, there) = 1, 0, (-1, 0)
        for length, first, place in self._index.runs(chords):
            if length > longest:
                longest, here, (number, there) = length, first, place
        if longest == 1:
            return CopiedPassage(0)
        training, (their_starts, theirs) = self.pieces[number], self._chords[number]
        one, other = chords[here], theirs[there]
        singer = int(np.argmax((one != REST) & (other != REST)))
        return CopiedPassage(
            changes=longest - 1,
            number=number,
            name=getattr(training, "title", "") or getattr(training, "source", ""),
            frames=_frames(piece, starts, here, longest),
            training_frames=_frames(training, their_starts, there, longest),
            semitones=int(one[singer] - other[singer]),
        )


def _frames(
    piece: Any, starts: Int[np.ndarray, " chord"], first: int, length: int
) -> tuple[int, int]:
    """Give the first frame of a passage of chords, and the frame after its last."""
    ends = np.append(starts, len(getattr(piece, "pitches", piece)))
    return int(starts[first]), int(ends[first + length])

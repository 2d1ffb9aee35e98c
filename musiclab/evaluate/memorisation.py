"""Did it learn, or did it learn by heart? The longest passage that also stands in training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, no_type_check

import numpy as np

from musiclab.evaluate.fingerprints import PassageIndex, chords_of
from musiclab.music.chorale import REST


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

    @no_type_check  # the pieces are checked in better words than a checker's
    def __init__(self, pieces: Sequence[Any]) -> None:
        self._pieces = list(pieces)
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
        their_starts, theirs = self._chords[number]
        one, other = chords[here], theirs[there]
        singer = int(np.argmax((one != REST) & (other != REST)))
        ends = [
            (int(begins[first]), int(np.append(begins, size)[first + longest]))
            for begins, first, size in (
                (starts, here, _frames(piece)),
                (their_starts, there, _frames(self._pieces[number])),
            )
        ]
        return CopiedPassage(
            changes=longest - 1,
            number=number,
            name=self._name(number),
            frames=ends[0],
            training_frames=ends[1],
            semitones=int(one[singer] - other[singer]),
        )

    def where(self, passage: CopiedPassage) -> str:
        """Say which bars of which training piece a passage is, such as "bwv66.6, bars 3-5".

        A pickup is bar 0. Repeats are played out, so bars are counted as they are heard.

        Args:
            passage: What ``longest`` returned.

        Returns:
            "" if nothing is shared; frames instead of bars where a piece has no barlines.
        """
        if passage.number < 0:
            return ""
        first, last = passage.training_frames[0], passage.training_frames[1] - 1
        piece = self._pieces[passage.number]
        work = getattr(piece, "source", "").rpartition("/")[2].removesuffix(".mxl")
        called = work or passage.name or f"training piece {passage.number}"
        if not hasattr(piece, "beats"):
            return f"{called}, frames {first}-{last}"
        bars = np.cumsum(piece.beats == 0)[[first, last]].tolist()
        return f"{called}, " + (
            f"bar {bars[0]}" if len(set(bars)) == 1 else "bars {}-{}".format(*bars)
        )

    def _name(self, number: int) -> str:
        piece = self._pieces[number]
        return getattr(piece, "title", "") or getattr(piece, "source", "")


def _frames(piece: Any) -> int:
    return len(getattr(piece, "pitches", piece))

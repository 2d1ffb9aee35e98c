"""Count what a harmony teacher would mark: parallels, crossings, odd leaps, weak endings."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any, no_type_check

import numpy as np
from jaxtyping import Bool, Int

from musiclab.evaluate.endings import ending_of
from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.chorale import COMFORTABLE, REST

SOPRANO, ALTO, TENOR, BASS = range(4)
PAIRS = tuple(combinations(range(4), 2))  # of voices, the higher one first
FIFTH, OCTAVE = 7, 12  # semitones; octaves more or less are the same
LEAP = 3  # semitones; less is a step

Chords = Int[np.ndarray, "chord voice"]
Steps = Bool[np.ndarray, " step"]  # from each chord to the next


@dataclass(frozen=True, kw_only=True)
class VoiceLeading:
    """Counts over some pieces; a chord is a run of frames in which no pitch changes."""

    pieces: int
    chords: int
    similar_motion: int  # pairs of voices that move in one direction: occasions for parallels
    parallel_fifths: int  # two voices move in one direction, a fifth apart before and after
    parallel_octaves: int  # the same for octaves and unisons
    hidden: int  # outer voices move in one direction into a fifth or octave, the soprano by a leap
    crossing: int  # chords in which a voice is below its lower neighbour
    overlap: int  # chords in which a voice has moved past where its neighbour just was
    wide_soprano_alto: int  # chords with more than an octave between these two
    wide_alto_tenor: int
    out_of_range: int  # notes outside ``COMFORTABLE``, one per voice and chord
    tritone_leaps: int  # a voice moves by 6 semitones
    seventh_leaps: int  # a voice moves by 10 or 11 semitones
    ends_on_tonic: int  # the last five: see ``musiclab.evaluate.endings.Ending``
    ends_on_tonic_chord: int
    leading_notes: int
    unresolved: int
    outer_leading_notes: int
    outer_unresolved: int

    @property
    def rates(self) -> dict[str, float]:
        """How often each fault occurs in 1,000 chords."""
        return {name: 1000 * getattr(self, name) / self.chords for name in FAULTS}

    @property
    def share_on_tonic(self) -> float:
        """Share of pieces that end on the tonic."""
        return self.ends_on_tonic / self.pieces

    def __add__(self, other: "VoiceLeading") -> "VoiceLeading":
        """Count two sets of pieces as one."""
        return VoiceLeading(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        )


FAULTS = (
    *("parallel_fifths", "parallel_octaves", "hidden", "crossing", "overlap"),
    *("wide_soprano_alto", "wide_alto_tenor", "out_of_range", "tritone_leaps", "seventh_leaps"),
)


@no_type_check  # the pieces are checked where they are counted
def voice_leading_counts(pieces: Sequence[Any]) -> VoiceLeading:
    """Count what happens between the voices of some pieces.

    Only the notes count: a chorale's own key is ignored, so that music that names its key and
    music that does not are measured alike.

    Args:
        pieces: Int (frame, voice) arrays, -1 for a rest, or Chorales.

    Raises:
        ScoreError: If there is no piece, or one has a wrong shape or impossible numbers.

    Example:
        >>> counts = voice_leading_counts([np.array([[67, 64, 60, 48], [69, 65, 62, 50]])])
        >>> counts.parallel_octaves, counts.parallel_fifths, counts.chords
        (1, 2, 2)
    """
    counted = [_count(piece) for piece in checked_pieces(pieces)]
    return sum(counted[1:], start=counted[0])


def parallels(
    pitches: Int[np.ndarray, "frame voice"], interval: int = FIFTH
) -> list[tuple[int, int, int]]:
    """Find where two voices move in parallel, a fifth or an octave apart.

    Args:
        pitches: MIDI numbers, -1 for a rest.
        interval: ``FIFTH`` or ``OCTAVE``, in semitones; 12 more or less are the same.

    Returns:
        (frame of the second chord, upper voice, lower voice), voices counted from the soprano.

    Example:
        >>> parallels(np.array([[67, 64, 62, 60], [67, 64, 62, 60], [69, 64, 62, 62]]))
        [(2, 0, 3)]
    """
    first = chord_starts(pitches)
    chords = pitches[first]
    return [
        (int(first[place + 1]), *pair)
        for pair in PAIRS
        for place in np.flatnonzero(_parallel(chords, *pair, interval))
    ]


def chord_starts(pitches: Int[np.ndarray, "frame voice"]) -> Int[np.ndarray, " chord"]:
    """Return the frames at which any pitch changes, the first frame included."""
    return np.flatnonzero(np.r_[True, (pitches[1:] != pitches[:-1]).any(axis=1)])


def _count(piece: Pitches) -> VoiceLeading:
    chords = piece[chord_starts(piece)]
    before, after = chords[:-1], chords[1:]
    sounding = chords != REST
    both = sounding[:-1] & sounding[1:]
    leaps = np.where(both, abs(after - before), 0)
    # Of neighbours: soprano and alto, alto and tenor, tenor and bass.
    neighbours = sounding[:, :-1] & sounding[:, 1:]
    gaps = np.where(neighbours, chords[:, :-1] - chords[:, 1:], 0)
    moved, heard = (after != before) & both, neighbours[:-1] & neighbours[1:]
    risen = moved[:, 1:] & heard & (after[:, 1:] > before[:, :-1])
    sunk = moved[:, :-1] & heard & (after[:, :-1] < before[:, 1:])
    lowest, highest = np.array(COMFORTABLE).T
    ending = ending_of(piece)
    return VoiceLeading(
        pieces=1,
        chords=len(chords),
        similar_motion=sum(int(_same_direction(chords, *pair).sum()) for pair in PAIRS),
        parallel_fifths=sum(int(_parallel(chords, *pair, FIFTH).sum()) for pair in PAIRS),
        parallel_octaves=sum(int(_parallel(chords, *pair, OCTAVE).sum()) for pair in PAIRS),
        hidden=int(_hidden(chords).sum()),
        crossing=int((gaps < 0).any(axis=1).sum()),
        overlap=int((risen | sunk).any(axis=1).sum()),
        wide_soprano_alto=int((gaps[:, SOPRANO] > OCTAVE).sum()),
        wide_alto_tenor=int((gaps[:, ALTO] > OCTAVE).sum()),
        out_of_range=int((sounding & ((chords < lowest) | (chords > highest))).sum()),
        tritone_leaps=int((leaps == 6).sum()),
        seventh_leaps=int(((leaps == 10) | (leaps == 11)).sum()),
        ends_on_tonic=int(ending.on_tonic),
        ends_on_tonic_chord=int(ending.on_tonic_chord),
        leading_notes=ending.leading_notes,
        unresolved=ending.unresolved,
        outer_leading_notes=ending.outer_leading_notes,
        outer_unresolved=ending.outer_unresolved,
    )


def _same_direction(chords: Chords, upper: int, lower: int) -> Steps:
    """Tell between which chords both voices sing on, and both rise or both fall."""
    two = chords[:, [upper, lower]]
    sing = (two != REST).all(axis=1)
    moves = np.sign(np.diff(two, axis=0))
    return sing[:-1] & sing[1:] & (moves[:, 0] == moves[:, 1]) & (moves[:, 0] != 0)


def _interval(chords: Chords, upper: int, lower: int) -> Int[np.ndarray, " chord"]:
    """Measure from the lower to the higher note, even where the voices have crossed."""
    return abs(chords[:, upper] - chords[:, lower]) % OCTAVE


def _parallel(chords: Chords, upper: int, lower: int, interval: int) -> Steps:
    reached = _interval(chords, upper, lower) == interval % OCTAVE
    return _same_direction(chords, upper, lower) & reached[:-1] & reached[1:]


def _hidden(chords: Chords) -> Steps:
    interval = _interval(chords, SOPRANO, BASS)
    perfect = np.isin(interval[1:], (FIFTH, OCTAVE % 12)) & (interval[1:] != interval[:-1])
    leaps = abs(np.diff(chords[:, SOPRANO])) >= LEAP
    return _same_direction(chords, SOPRANO, BASS) & perfect & leaps

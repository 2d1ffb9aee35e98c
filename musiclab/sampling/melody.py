"""Make a melody of whatever holds one: a chorale, single notes, or a row of pitches."""

from collections.abc import Sequence
from dataclasses import replace
from operator import index
from typing import no_type_check

import numpy as np
from jaxtyping import Int

from musiclab.errors import SettingError
from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, VOICES, Chorale
from musiclab.music.notes import NoteSequence

MOST_FRAMES = 20_000


@no_type_check  # it checks its argument itself
def as_melody(
    melody: Chorale | NoteSequence | Sequence[int] | Int[np.ndarray, " frame"],
) -> Chorale:
    """Keep the tune alone: the soprano of a chorale, or the highest note at each moment.

    Args:
        melody: A chorale, notes, or one MIDI number a frame (a 16th note), -1 for a rest. In a
            row of numbers a note starts wherever the pitch changes.

    Returns:
        A chorale whose lower voices rest. Attacks, fermatas, beats and metre are those of the
        melody; a row of numbers is in 4/4.

    Raises:
        SettingError: If it is none of these, or nothing sounds.

    Example:
        >>> as_melody([67, 67, 69, 69]).pitches.T[:2]
        array([[67, 67, 69, 69],
               [-1, -1, -1, -1]])
    """
    if isinstance(melody, Chorale):
        tune = _alone(melody)
    elif isinstance(melody, NoteSequence):
        tune = _highest_notes(melody)
    else:
        tune = _row_of_pitches(melody)
    if not (tune.pitches != REST).any():
        raise SettingError("the melody has no notes; give one that sounds")
    return tune


def _alone(chorale: Chorale) -> Chorale:
    pitches, attacks = chorale.pitches.copy(), chorale.attacks.copy()
    pitches[:, 1:], attacks[:, 1:] = REST, False
    return replace(chorale, pitches=pitches, attacks=attacks)


@no_type_check
def _row_of_pitches(row: Sequence[int] | Int[np.ndarray, " frame"]) -> Chorale:
    try:
        numbers = [index(pitch) for pitch in row]
    except TypeError:
        raise SettingError(
            f"melody must be a Chorale, notes, or a row of one MIDI number a frame, got {row!r:.60}"
        ) from None
    wrong = [n for n in numbers if not (0 <= n <= 127 or n == REST)]
    if wrong or not 0 < len(numbers) <= MOST_FRAMES:
        what = f"the number {wrong[0]}" if wrong else f"{len(numbers)} numbers"
        raise SettingError(
            f"a melody is 1 to {MOST_FRAMES} MIDI numbers from 0 to 127, {REST} for a rest; "
            f"got {what}"
        )
    pitches = np.full((len(numbers), len(VOICES)), REST)
    pitches[:, 0] = numbers
    return Chorale(pitches=pitches)


def _highest_notes(notes: NoteSequence) -> Chorale:
    """Take the highest note at each moment, on the nearest 16th."""
    tuned = [note for note in notes.notes if not note.is_drum]
    spans = [
        (round(note.onset * FRAMES_PER_QUARTER), _last_frame(note.onset, note.duration), note.pitch)
        for note in tuned
    ]
    frames = max((last for _, last, _ in spans), default=0)
    if frames > MOST_FRAMES:
        raise SettingError(f"the melody lasts {frames} frames, at most {MOST_FRAMES} can be used")
    pitches = np.full((frames, len(VOICES)), REST)
    attacks = np.zeros(pitches.shape, dtype=bool)
    for first, last, pitch in sorted(spans, key=lambda span: (span[2], span[0])):  # highest last
        pitches[first:last, 0], attacks[first:last, 0] = pitch, False
        attacks[first, 0] = True
    metre = notes.time_signatures[0][1] if notes.time_signatures else "4/4"
    return Chorale(
        pitches=pitches,
        attacks=attacks,
        time_signature=metre,
        title=notes.title,
        tempo=notes.tempo,
    )


def _last_frame(onset: float, duration: float) -> int:
    """The frame before which a note ends; every note lasts a frame at least."""
    first = round(onset * FRAMES_PER_QUARTER)
    return max(first + 1, round((onset + duration) * FRAMES_PER_QUARTER))

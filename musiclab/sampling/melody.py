"""Make a melody of whatever holds one: a file, text, a chorale, notes, or a row of pitches."""

import os
from collections.abc import Sequence
from dataclasses import replace
from operator import index
from pathlib import Path
from typing import no_type_check

import numpy as np
from jaxtyping import Int

from musiclab.errors import MusicLabError, ScoreError, SettingError
from musiclab.music.chorale import (
    FRAMES_PER_QUARTER,
    REST,
    VOICES,
    Chorale,
)
from musiclab.music.corpus.names import find_work
from musiclab.music.metre import nearest_frame, places_in_metres
from musiclab.music.notes import NoteSequence
from musiclab.music.read import read_chorale, read_notes
from musiclab.sampling.recipe import source_to_read
from musiclab.sampling.tune_text import FORMS, MOST_FRAMES, read_tune, write_tune

SUFFIXES = (".abc", ".krn", ".mid", ".midi", ".musicxml", ".mxl", ".xml")
ON_THE_GRID = 0.05  # frames by which an onset may miss the grid without a word


@no_type_check  # it checks its argument itself
def as_melody(
    melody: str | os.PathLike[str] | Chorale | NoteSequence | Sequence[int],
) -> Chorale:
    """Keep the tune alone: the soprano of a chorale, or the highest note at each moment.

    Args:
        melody: The path of a file or the name of a work in music21's corpus; text, as for
            ``read_tune``; a chorale; notes; or one MIDI number a frame (a 16th note), -1 for a
            rest. In a row of numbers a note starts wherever the pitch changes.

    Returns:
        A chorale whose lower voices rest. Attacks, fermatas, beats, metre, tempo and key are those
        of the melody; a row of numbers is in 4/4.

    Raises:
        SettingError: If it is none of these, or nothing sounds.
        ScoreError: If the file or the ABC cannot be read.

    Example:
        >>> as_melody([67, 67, 69, 69]).pitches.T[:2]
        array([[67, 67, 69, 69],
               [-1, -1, -1, -1]])
        >>> as_melody("G4:0.5 A4") == as_melody([67, 67, 69, 69])
        True
    """
    if isinstance(melody, str | os.PathLike):
        melody = _read(melody)
    if isinstance(melody, Chorale):
        tune = _alone(melody)
    elif isinstance(melody, NoteSequence):
        tune = _highest_notes(melody)
    else:
        tune = _row_of_pitches(melody)
    if not (tune.pitches != REST).any():
        raise SettingError("the melody has no notes; give one that sounds")
    return tune


def melody_text(tune: Chorale) -> str:
    """Say how a melody can be had again: its notes, else its source; "" for neither."""
    if tune.source.startswith("bach/"):  # in the corpus, which every musiclab has
        return tune.source
    text = write_tune(tune)
    try:
        if replace(as_melody(text), source=tune.source) == tune:
            return text
    except MusicLabError:  # such as a metre that the text cannot say
        pass
    return source_to_read(tune)


def _read(melody: str | os.PathLike[str]) -> Chorale | NoteSequence:
    """Read a file, text, or a work of the corpus."""
    if isinstance(melody, str) and not _is_path(melody):
        tune = read_tune(melody)
        if tune is not None:
            return tune
        if find_work(melody) is None:
            raise SettingError(f"a melody as text is {FORMS}; got {melody!r:.80}")
    try:
        return read_chorale(melody)
    except ScoreError:  # it has not four voices
        return read_notes(melody)


def _is_path(text: str) -> bool:
    path = Path(text)
    if not text.strip() or "\n" in text or "\0" in text or len(text) > 4000:
        return False
    return os.path.exists(path.expanduser()) or path.suffix.lower() in SUFFIXES


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
            f"melody must be a path, text, a Chorale, notes, or a row of one MIDI number a frame, "
            f"got {row!r:.60}"
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
        (nearest_frame(note.onset), _last_frame(note.onset, note.duration), note.pitch)
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
    (_, metre), *metres = notes.time_signatures or ((0.0, "4/4"),)
    metre_changes = tuple((nearest_frame(onset), changed) for onset, changed in metres)
    tempo_changes = {nearest_frame(onset): tempo for onset, tempo in notes.tempo_changes}
    moved = sum(
        abs(note.onset * FRAMES_PER_QUARTER - first) > ON_THE_GRID
        for note, (first, *_) in zip(tuned, spans, strict=True)
    )
    tune = Chorale(
        pitches=pitches,
        attacks=attacks,
        beats=places_in_metres(frames, nearest_frame(notes.pickup), metre, metre_changes),
        key=notes.key,
        time_signature=metre,
        metre_changes=tuple(one for one in metre_changes if one[0] < frames),
        title=notes.title,
        tempo=notes.tempo,
        tempo_changes=tuple(one for one in tempo_changes.items() if 0 < one[0] < frames),
        source=notes.source,
    )
    return replace(tune, left_out=(*notes.left_out, *_told(moved, len(spans), tune)))


def _told(moved: int, given: int, tune: Chorale) -> list[str]:
    """Say what a melody of notes has lost."""
    hidden = given - int(tune.attacks.sum())
    counts = {
        "notes off the grid were moved to the nearest 16th note": moved,
        "notes below the melody were left out": hidden,
    }
    return [f"{what} ({count} of {given})" for what, count in counts.items() if count > 0]


def _last_frame(onset: float | int, duration: float | int) -> int:
    """The frame before which a note ends; every note lasts a frame at least."""
    return max(nearest_frame(onset) + 1, nearest_frame(onset + duration))

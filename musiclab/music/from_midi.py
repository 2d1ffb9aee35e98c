"""MIDI becomes a chorale on the grid of 16th notes, or a sequence of notes."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, VOICES, Chorale
from musiclab.music.guards.midi import END_MARK
from musiclab.music.midi_metre import metre_and_beats
from musiclab.music.midi_voices import Line, lines_from_midi
from musiclab.music.notes import Note, NoteSequence

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI


def notes_from_midi(
    midi: "PrettyMIDI", *, title: str = "", source: str = "", notices: Sequence[str] = ()
) -> NoteSequence:
    """List every note, in quarter notes; changes of tempo are flattened, and told.

    Args:
        midi: pretty_midi's object.
        title: What a concert programme would print.
        source: Where the piece comes from.
        notices: What reading left out so far.

    Returns:
        The notes; each track is a part.
    """
    told = list(notices)
    _, tempos = midi.get_tempo_changes()
    if len(tempos) > 1:
        told.append(f"the tempo changes {len(tempos) - 1} times: only the first tempo was kept")
    played = [
        Note(
            onset=(start := ticks(midi, note.start)) / midi.resolution,
            duration=max(ticks(midi, note.end) - start, 1) / midi.resolution,
            pitch=note.pitch,
            velocity=min(max(note.velocity, 1), 127),
            program=int(instrument.program),  # pretty_midi gives a numpy number
            part=part,
            is_drum=instrument.is_drum,
        )
        for part, instrument in enumerate(midi.instruments)
        for note in instrument.notes
    ]
    metres = tuple(
        (ticks(midi, change.time) / midi.resolution, f"{change.numerator}/{change.denominator}")
        for change in midi.time_signature_changes
    )
    if not metres or metres[0][0] > 0:
        metres = ((0.0, "4/4"), *metres)
    return NoteSequence(
        notes=tuple(played),
        tempo=round(float(tempos[0]), 2),
        time_signatures=metres,
        title=title,
        part_names=tuple(instrument.name for instrument in midi.instruments),
        source=source,
        notices=tuple(told),
    )


def chorale_from_midi(
    midi: "PrettyMIDI", *, title: str = "", source: str = "", notices: Sequence[str] = ()
) -> Chorale:
    """Lay MIDI out as four voices; a note off the 16th-note grid moves, and that is told.

    Args:
        midi: pretty_midi's object: four tracks that each play one note at a time, or any tracks
            that together always sound four notes or none.
        title: What a concert programme would print.
        source: Where the piece comes from.
        notices: What reading left out so far.

    Returns:
        The chorale; what was moved or left out is in ``notices`` and was given as a warning.

    Raises:
        ScoreError: If the music does not fall into four voices.

    Example:
        >>> from musiclab.music.to_midi import midi_from_chorale
        >>> chorale = Chorale(pitches=np.array([[72, 67, 64, 48]] * 3 + [[74, 67, 62, 47]] * 5))
        >>> chorale_from_midi(midi_from_chorale(chorale)) == chorale
        True
    """
    told = list(notices)
    lines = lines_from_midi(midi, told)
    n_frames = max((note.last for line in lines for note in line), default=0)
    for text in midi.text_events:
        if text.text == END_MARK.decode():
            frame = ticks(midi, text.time) * FRAMES_PER_QUARTER // midi.resolution
            n_frames = max(n_frames, frame)
    metre, beats = metre_and_beats(midi, n_frames, told)
    pitches = np.full((n_frames, len(VOICES)), REST)
    attacks = np.zeros((n_frames, len(VOICES)), dtype=bool)
    for voice, line in enumerate(lines):
        _draw(line, pitches[:, voice], attacks[:, voice])
    _, tempos = midi.get_tempo_changes()
    if len(tempos) > 1:
        told.append(f"the tempo changes {len(tempos) - 1} times: only the first tempo was kept")
    for notice in told:
        warnings.warn(f"{source or 'MIDI'}: {notice}", stacklevel=2)
    return Chorale(
        pitches=pitches,
        attacks=attacks,
        beats=beats,
        key=_key(midi),
        time_signature=metre,
        title=title,
        tempo=round(float(tempos[0]), 2),
        source=source,
        notices=tuple(told),
    )


def ticks(midi: "PrettyMIDI", seconds: float) -> int:
    """Count the ticks from the beginning to a moment in seconds."""
    return int(midi.time_to_tick(seconds))


def _draw(line: Line, pitches: np.ndarray, attacks: np.ndarray) -> None:
    """Paint one voice's notes into its column of the grid."""
    for note in line:
        pitches[note.first : note.last] = note.pitch
        attacks[note.first] = True


def _key(midi: "PrettyMIDI") -> str:
    """Name the first key as music21 spells it ("E- major"), "" if the file gives none."""
    from pretty_midi import key_number_to_key_name

    if not midi.key_signature_changes:
        return ""
    tonic, mode = key_number_to_key_name(midi.key_signature_changes[0].key_number).split()
    return f"{tonic.replace('b', '-')} {mode.lower()}"

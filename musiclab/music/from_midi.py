"""MIDI becomes a chorale on the grid of 16th notes, or a sequence of notes."""

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from musiclab.errors import ScoreError
from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, VOICES, Chorale
from musiclab.music.guards.limits import check_size
from musiclab.music.guards.midi import END_MARK, checked_midi
from musiclab.music.metre import (
    bar_as_pickup,
    bar_quarters,
    nearest_frame,
    on_frames,
    only_changes,
    places_in_metres,
)
from musiclab.music.midi_voices import lines_from_midi
from musiclab.music.notes import Note, NoteSequence

if TYPE_CHECKING:
    from pretty_midi import Instrument, PrettyMIDI


def load_midi(data: bytes, name: str) -> tuple["PrettyMIDI", tuple[str, ...]]:
    """Turn the bytes of a MIDI file into pretty_midi's object.

    Returns:
        The music, and sentences on what was left out.

    Raises:
        ScoreError: If the bytes are no sound MIDI file, hold no note, or are beyond the limits.
            It calls the file ``name``.
    """
    from pretty_midi import PrettyMIDI

    sound, starts, told = checked_midi(data, name)
    try:
        midi = PrettyMIDI(io.BytesIO(sound))
    except Exception as error:  # whatever pretty_midi may still dislike
        raise ScoreError(
            f"{name} cannot be read as MIDI ({error or type(error).__name__}); export it again"
        ) from None
    midi.instruments = _parts(midi.instruments)
    ended = sum(len(instrument.notes) for instrument in midi.instruments)
    check_size(name, parts=len(midi.instruments))
    if starts and not ended:
        raise ScoreError(f"{name} has no notes that end; export it again")
    if not starts:
        told += ("there is no note in it",)
    if ended != starts:
        told += (f"{starts - ended} of {starts} notes have no length or no end: left out",)
    return midi, told


def _parts(lanes: list["Instrument"]) -> list["Instrument"]:
    """Put together what one channel of one track plays on one instrument; see ``checked_midi``."""
    parts: dict[tuple[int, int, bool], Instrument] = {}
    for lane in lanes:
        number, _, name = lane.name.partition(":")
        part = parts.setdefault((int(number), lane.program, lane.is_drum), lane)
        part.name = _as_unicode(name) if part is lane else part.name
        part.notes += lane.notes if part is not lane else []
    for part in parts.values():
        part.notes.sort(key=lambda note: (note.start, note.pitch))
    return [parts[key] for key in sorted(parts, key=lambda k: (k[0], parts[k].notes[0].start))]


def notes_from_midi(
    midi: "PrettyMIDI", *, source: str = "", left_out: tuple[str, ...] = ()
) -> NoteSequence:
    """List every note of pretty_midi's object, in quarter notes; each track is a part."""
    told = list(left_out)
    played = [
        Note(
            onset=(start := _ticks(midi, note.start)) / midi.resolution,
            duration=max(_ticks(midi, note.end) - start, 1) / midi.resolution,
            pitch=note.pitch,
            velocity=min(max(note.velocity, 1), 127),
            program=int(instrument.program),  # pretty_midi gives a numpy number
            part=part,
            is_drum=instrument.is_drum,
        )
        for part, instrument in enumerate(midi.instruments)
        for note in instrument.notes
    ]
    tempo, tempo_changes = _tempos(midi)
    metres, pickup = bar_as_pickup(_metres(midi))
    return NoteSequence(
        notes=tuple(played),
        tempo=tempo,
        tempo_changes=tempo_changes,
        time_signatures=metres,
        pickup=pickup,
        key=_key(midi, told),
        part_names=tuple(instrument.name for instrument in midi.instruments),
        source=source,
        left_out=tuple(told),
    )


def chorale_from_midi(
    midi: "PrettyMIDI", *, source: str = "", left_out: tuple[str, ...] = ()
) -> Chorale:
    """Lay MIDI out as four voices; a note off the 16th-note grid moves, and that is told.

    Args:
        midi: pretty_midi's object: four tracks that each play one note at a time, or any tracks
            that together always sound four notes or none.
        source: Where the piece comes from.
        left_out: What reading left out so far.

    Returns:
        The chorale; what was moved or left out is in ``left_out`` and was given as a warning.

    Raises:
        ScoreError: If the music does not fall into four voices.

    Example:
        >>> from musiclab.music.to_midi import midi_from_chorale
        >>> chorale = Chorale(pitches=np.array([[72, 67, 64, 48]] * 3 + [[74, 67, 62, 47]] * 5))
        >>> chorale_from_midi(midi_from_chorale(chorale)) == chorale
        True
    """
    told = list(left_out)
    lines = lines_from_midi(midi, told)
    n_frames = max((note.last for line in lines for note in line), default=0)
    for text in midi.text_events:
        if text.text == END_MARK.decode():
            frame = _ticks(midi, text.time) * FRAMES_PER_QUARTER // midi.resolution
            n_frames = max(n_frames, frame)
    if not n_frames:
        has_drums = any(track.is_drum for track in midi.instruments)
        raise ScoreError(f"it has no notes for four voices{', only drums' * has_drums}")
    metre, metre_changes, beats = _metre_and_beats(midi, n_frames, told)
    pitches = np.full((n_frames, len(VOICES)), REST)
    attacks = np.zeros((n_frames, len(VOICES)), dtype=bool)
    for voice, line in enumerate(lines):
        for note in line:
            pitches[note.first : note.last, voice] = note.pitch
            attacks[note.first, voice] = True
    tempo, tempo_changes = _tempos(midi)
    key = _key(midi, told)
    for notice in told:
        warnings.warn(f"{source or 'MIDI'}: {notice}", stacklevel=2)
    return Chorale(
        pitches=pitches,
        attacks=attacks,
        beats=beats,
        key=key,
        time_signature=metre,
        metre_changes=metre_changes,
        tempo=tempo,
        tempo_changes=on_frames(tempo_changes, n_frames),
        source=source,
        left_out=tuple(told),
    )


def _as_unicode(name: str) -> str:
    """Mend a track name: pretty_midi reads Latin-1, most programs write UTF-8."""
    try:
        name = name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass
    return "".join(letter for letter in name if letter.isprintable()).strip()


def _ticks(midi: "PrettyMIDI", seconds: float) -> int:
    """Count the ticks from the beginning to a moment in seconds."""
    return int(midi.time_to_tick(seconds))


def _tempos(midi: "PrettyMIDI") -> tuple[float, tuple[tuple[float, float], ...]]:
    """Read the first tempo in quarters a minute, and the changes after it."""
    times, tempos = midi.get_tempo_changes()
    onsets = [_quarters(midi, time) for time in times]
    found = dict(zip(onsets, (round(float(tempo), 2) for tempo in tempos), strict=True))
    (_, first), *changes = only_changes(found)
    return first, tuple(changes)


def _quarters(midi: "PrettyMIDI", seconds: float) -> float:
    return _ticks(midi, seconds) / midi.resolution


def _key(midi: "PrettyMIDI", told: list[str]) -> str:
    """Name the first key as music21 spells it ("E- major"), "" if the file gives none."""
    from pretty_midi import key_number_to_key_name

    keys = dict.fromkeys(change.key_number for change in midi.key_signature_changes)
    if not keys:
        return ""
    if len(keys) > 1:
        told.append("the key signature changes: only the first was kept")
    tonic, mode = key_number_to_key_name(next(iter(keys))).split()
    return f"{tonic.replace('b', '-')} {mode.lower()}"


def _metres(midi: "PrettyMIDI") -> tuple[tuple[float, str], ...]:
    """List the metres as (onset in quarters, "4/4"); without one the music is in 4/4."""
    changes = midi.time_signature_changes
    found = {_quarters(midi, one.time): f"{one.numerator}/{one.denominator}" for one in changes}
    return only_changes({0.0: "4/4"} | found)


def _metre_and_beats(
    midi: "PrettyMIDI", n_frames: int, told: list[str]
) -> tuple[str, tuple[tuple[int, str], ...], Int[np.ndarray, " frame"]]:
    """Find the time signature, its changes, and each frame's place in its bar."""
    metres = {}
    for onset, text in _metres(midi):
        if (bar_quarters(text) * FRAMES_PER_QUARTER).is_integer():
            metres[onset] = text
        else:
            told.append(f"the metre {text} does not fill whole 16ths and was left out")
    kept, pickup = bar_as_pickup(only_changes({0.0: "4/4"} | metres))
    metre, changes = kept[0][1], on_frames(kept[1:], n_frames)
    return metre, changes, places_in_metres(n_frames, nearest_frame(pickup), metre, changes)

"""Chorales and note sequences become MIDI; ``from_midi`` is the way back."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from musiclab.errors import ScoreError
from musiclab.music.chorale import FRAMES_PER_QUARTER, VOICES, Chorale
from musiclab.music.guards.midi import END_MARK
from musiclab.music.notes import NoteSequence

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

TICKS_PER_QUARTER = 480
_UNITS = ("1", "2", "4", "8", "16", "32", "64")  # of a time signature
SLOWEST, FASTEST = 4.0, 10_000.0  # quarters a minute that a MIDI file can say


def midi_from_chorale(
    chorale: Chorale,
    *,
    programs: Sequence[int] | None = None,
    tempo: float | None = None,
    velocity: int = 80,
) -> "PrettyMIDI":
    """Give each voice a track of its own, soprano first; a held note is one note.

    Args:
        chorale: The piece. Its fermatas are not played longer.
        programs: One General MIDI instrument (0 to 127) a voice; by default four pianos.
        tempo: Quarter notes a minute; by default the chorale's own.
        velocity: How hard every note is struck, 1 to 127.

    Returns:
        pretty_midi's object, with key and metre; a pickup is a first bar of its own short metre.

    Raises:
        ScoreError: If a setting is outside what MIDI can say.

    Example:
        >>> import numpy as np
        >>> midi = midi_from_chorale(Chorale(pitches=np.full((4, 4), 60)))
        >>> [(voice.name, len(voice.notes)) for voice in midi.instruments[:2]]
        [('soprano', 1), ('alto', 1)]
    """
    from pretty_midi import Instrument

    programs = (0,) * len(VOICES) if programs is None else tuple(programs)
    if len(programs) != len(VOICES):
        raise ScoreError(f"programs must name {len(VOICES)} instruments, got {len(programs)}")
    midi = _empty(chorale.tempo if tempo is None else tempo)
    _write_metre(midi, chorale)
    _write_key(midi, chorale.key)
    for voice, (name, program) in enumerate(zip(VOICES, programs, strict=True)):
        instrument = Instrument(_within("program", program, 0, 127), name=name)
        for first, length, pitch in chorale.notes(voice):
            quarters = first / FRAMES_PER_QUARTER, length / FRAMES_PER_QUARTER
            _add_note(midi, instrument, *quarters, pitch, velocity)
        midi.instruments.append(instrument)
    _mark_end(midi, len(chorale) / FRAMES_PER_QUARTER)
    return midi


def midi_from_notes(notes: NoteSequence) -> "PrettyMIDI":
    """Give each part (and each instrument that a part plays) a track of its own, in their order.

    Raises:
        ScoreError: If the tempo or a metre is outside what MIDI can say.
    """
    from pretty_midi import Instrument, TimeSignature

    midi = _empty(notes.tempo)
    for onset, metre in notes.time_signatures:
        count, unit = _metre(metre)
        midi.time_signature_changes.append(TimeSignature(count, unit, _seconds(midi, onset)))
    tracks: dict[tuple[int, int, bool], Instrument] = {}
    for key in sorted({(note.part, note.program, note.is_drum) for note in notes.notes}):
        part, program, is_drum = key
        name = notes.part_names[part] if part < len(notes.part_names) else ""
        tracks[key] = Instrument(program, is_drum, name)
    for note in notes.notes:
        track = tracks[note.part, note.program, note.is_drum]
        _add_note(midi, track, note.onset, note.duration, note.pitch, note.velocity)
    midi.instruments.extend(tracks.values())
    return midi


def midi_bytes(midi: "PrettyMIDI") -> bytes:
    """Write pretty_midi's object as the bytes of a MIDI file; the same music, the same bytes."""
    file = io.BytesIO()
    midi.write(file)
    return file.getvalue()


def _empty(tempo: float) -> "PrettyMIDI":
    from pretty_midi import PrettyMIDI

    if not SLOWEST <= tempo <= FASTEST:
        raise ScoreError(
            f"MIDI can say tempos from {SLOWEST:g} to {FASTEST:g} quarters a minute, got {tempo}"
        )
    return PrettyMIDI(resolution=TICKS_PER_QUARTER, initial_tempo=tempo, charset="utf-8")


def _seconds(midi: "PrettyMIDI", quarters: float) -> float:
    """Say when a moment comes; exactly on a tick, since reading counts in ticks."""
    tempo = midi.get_tempo_changes()[1][0]
    return round(quarters * midi.resolution) * 60 / (float(tempo) * midi.resolution)


def _add_note(midi, instrument, onset: float, duration: float, pitch: int, velocity: int) -> None:
    """Add one note, at least a tick long."""
    from pretty_midi import Note as Sounding

    start = _seconds(midi, onset)
    end = _seconds(midi, max(onset + duration, onset + 1 / midi.resolution))
    velocity = _within("velocity", velocity, 1, 127)
    instrument.notes.append(Sounding(velocity, int(pitch), start, end))


def _within(name: str, value: int, lowest: int, highest: int) -> int:
    if not lowest <= value <= highest:
        raise ScoreError(f"{name} must lie in {lowest} to {highest}, got {value}")
    return int(value)


def _metre(text: str) -> tuple[int, int]:
    """Split a time signature into its two numbers."""
    count, _, unit = text.partition("/")
    sayable = count.isdecimal() and 1 <= int(count) <= 255 and unit in _UNITS
    if not sayable:
        raise ScoreError(f'MIDI cannot say the time signature {text!r}; write it like "4/4"')
    return int(count), int(unit)


def _write_metre(midi: "PrettyMIDI", chorale: Chorale) -> None:
    """Say the metre; a pickup becomes a first bar of its own, as notation programs do it."""
    from pretty_midi import TimeSignature

    pickup = -int(chorale.beats[0]) % chorale.frames_per_bar if len(chorale) else 0
    if pickup:
        count, unit = (pickup // 4, 4) if pickup % 4 == 0 else (pickup, 16)
        midi.time_signature_changes.append(TimeSignature(count, unit, 0.0))
    start = _seconds(midi, pickup / FRAMES_PER_QUARTER)
    midi.time_signature_changes.append(TimeSignature(*_metre(chorale.time_signature), start))


def _write_key(midi: "PrettyMIDI", key: str) -> None:
    """Say the key if MIDI knows it (major and minor only)."""
    from pretty_midi import KeySignature, key_name_to_key_number

    try:
        number = key_name_to_key_number(key.replace("-", "b"))
    except ValueError:
        return
    midi.key_signature_changes.append(KeySignature(number, 0.0))


def _mark_end(midi: "PrettyMIDI", quarters: float) -> None:
    """Say where the piece ends if rests follow the last note, which MIDI would forget."""
    from pretty_midi import Text

    end = _seconds(midi, quarters)
    if max((voice.get_end_time() for voice in midi.instruments), default=0.0) < end:
        midi.text_events.append(Text(END_MARK.decode(), end))

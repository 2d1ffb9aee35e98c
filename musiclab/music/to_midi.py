"""Chorales and note sequences become MIDI; ``from_midi`` is the way back."""

import io
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from musiclab.errors import ScoreError
from musiclab.music.chorale import FRAMES_PER_QUARTER, VOICES, Chorale
from musiclab.music.guards.midi import END_MARK
from musiclab.music.metre import Metres, barred_metres, pickup_as_bar
from musiclab.music.notes import NoteSequence, TempoChanges

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

TICKS_PER_QUARTER = 480
_UNITS = ("1", "2", "4", "8", "16", "32", "64")  # of a time signature
_SAME = 1e-6  # quarters
SLOWEST, FASTEST = 3.58, 10_000.0  # quarters a minute that a MIDI file can say


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
        tempo: Quarter notes a minute, throughout; by default the chorale's own, with its changes.
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
    onsets = [frame / FRAMES_PER_QUARTER for frame, _ in chorale.tempo_changes]
    changes = zip(onsets, (later for _, later in chorale.tempo_changes), strict=True)
    tempos = ((0, tempo),) if tempo is not None else ((0, chorale.tempo), *changes)
    quarters = len(chorale) / FRAMES_PER_QUARTER
    midi = _empty(tempos, barred_metres(chorale), chorale.key, quarters)
    for voice, (name, program) in enumerate(zip(VOICES, programs, strict=True)):
        instrument = Instrument(_within("program", program, 0, 127), name=name)
        for first, length, pitch in chorale.notes(voice):
            span = first / FRAMES_PER_QUARTER, length / FRAMES_PER_QUARTER
            _add_note(midi, instrument, *span, pitch, velocity)
        midi.instruments.append(instrument)
    _mark_end(midi, quarters)
    return midi


def midi_from_notes(notes: NoteSequence) -> "PrettyMIDI":
    """Give each part (and each instrument that a part plays) a track of its own, in their order.

    Where a part strikes a key that it already holds, as two voices in unison do, the second note
    goes to a further track: on one track the first end would silence both.

    Raises:
        ScoreError: If the tempo or a metre is outside what MIDI can say.
    """
    from pretty_midi import Instrument

    metres = pickup_as_bar(notes.time_signatures, notes.pickup)
    tempos = ((0, notes.tempo), *notes.tempo_changes)
    midi = _empty(tempos, metres, notes.key, notes.quarters)
    tracks: dict[tuple[int, int, bool, int], Instrument] = {}
    ends: dict[tuple[int, int, bool, int, int], float] = {}  # when each key of a track is free
    for note in notes.notes:
        part = note.part, note.program, note.is_drum
        frees = (ends.get((*part, number, note.pitch), 0) for number in count())
        track = next(number for number, free in enumerate(frees) if free <= note.onset + _SAME)
        ends[*part, track, note.pitch] = note.onset + note.duration
        name = notes.part_names[note.part] if note.part < len(notes.part_names) else ""
        instrument = tracks.setdefault((*part, track), Instrument(note.program, note.is_drum, name))
        _add_note(midi, instrument, note.onset, note.duration, note.pitch, note.velocity)
    midi.instruments.extend(tracks[key] for key in sorted(tracks))
    return midi


def midi_bytes(midi: "PrettyMIDI") -> bytes:
    """Write pretty_midi's object as the bytes of a MIDI file; the same music, the same bytes."""
    file = io.BytesIO()
    midi.write(file)
    return file.getvalue()


def _empty(tempos: TempoChanges, metres: Metres, key: str, quarters: float) -> "PrettyMIDI":
    """Start a piece of so many quarters with all that a conductor knows, but no notes."""
    from mido import MetaMessage, MidiFile, MidiTrack, bpm2tempo
    from pretty_midi import KeySignature, PrettyMIDI, TimeSignature, key_name_to_key_number

    track, before = MidiTrack(), 0
    for onset, tempo in tempos:
        if not SLOWEST <= tempo <= FASTEST:
            raise ScoreError(
                f"MIDI can say tempos from {SLOWEST:g} to {FASTEST:g} quarters a minute, "
                f"got {tempo}"
            )
        tick = round(onset * TICKS_PER_QUARTER)
        track.append(MetaMessage("set_tempo", tempo=bpm2tempo(tempo), time=tick - before))
        before = tick
    # pretty_midi knows changes of tempo only from a file.
    file = io.BytesIO()
    MidiFile(ticks_per_beat=TICKS_PER_QUARTER, tracks=[track]).save(file=file)
    midi = PrettyMIDI(io.BytesIO(file.getvalue()), charset="utf-8")
    # It computes the times of all ticks anew whenever it is asked for a later one: the last first.
    _seconds(midi, quarters + 1)
    for onset, metre in metres:
        midi.time_signature_changes.append(TimeSignature(*_metre(metre), _seconds(midi, onset)))
    try:
        number = key_name_to_key_number(key.replace("-", "b"))
    except ValueError:  # MIDI knows major and minor only
        return midi
    midi.key_signature_changes.append(KeySignature(number, 0.0))
    return midi


def _seconds(midi: "PrettyMIDI", quarters: float | int) -> float:
    """Say when a moment comes; exactly on a tick, since reading counts in ticks."""
    return float(midi.tick_to_time(round(quarters * midi.resolution)))


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


def _mark_end(midi: "PrettyMIDI", quarters: float) -> None:
    """Say where the piece ends if rests follow the last note, which MIDI would forget."""
    from pretty_midi import Text

    end = _seconds(midi, quarters)
    if max((voice.get_end_time() for voice in midi.instruments), default=0.0) < end:
        midi.text_events.append(Text(END_MARK.decode(), end))

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
from musiclab.music.midi_voices import lines_from_midi
from musiclab.music.notes import Note, NoteSequence

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI


def load_midi(data: bytes, name: str) -> tuple["PrettyMIDI", tuple[str, ...]]:
    """Turn the bytes of a MIDI file into pretty_midi's object.

    Returns:
        The music, and sentences on what was left out.

    Raises:
        ScoreError: If the bytes are no sound MIDI file, hold no note, or are beyond the limits.
            It calls the file ``name``.
    """
    from pretty_midi import PrettyMIDI

    sound, starts = checked_midi(data, name)
    try:
        midi = PrettyMIDI(io.BytesIO(sound))
    except Exception as error:  # whatever pretty_midi may still dislike
        raise ScoreError(
            f"{name} cannot be read as MIDI ({error or type(error).__name__}); export it again"
        ) from None
    for instrument in midi.instruments:
        instrument.name = _as_unicode(instrument.name)
    ended = sum(len(instrument.notes) for instrument in midi.instruments)
    check_size(name, notes=ended, parts=len(midi.instruments))
    if ended == starts:
        return midi, ()
    return midi, (f"{starts - ended} of {starts} notes have no length or no end: left out",)


def notes_from_midi(
    midi: "PrettyMIDI", *, source: str = "", left_out: tuple[str, ...] = ()
) -> NoteSequence:
    """List every note of pretty_midi's object, in quarter notes; each track is a part."""
    told = list(left_out)
    tempo = _first_tempo(midi, told)
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
    metres = tuple(
        (_ticks(midi, change.time) / midi.resolution, f"{change.numerator}/{change.denominator}")
        for change in midi.time_signature_changes
    )
    if not metres or metres[0][0] > 0:
        metres = ((0.0, "4/4"), *metres)
    return NoteSequence(
        notes=tuple(played),
        tempo=tempo,
        time_signatures=metres,
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
    metre, beats = _metre_and_beats(midi, n_frames, told)
    pitches = np.full((n_frames, len(VOICES)), REST)
    attacks = np.zeros((n_frames, len(VOICES)), dtype=bool)
    for voice, line in enumerate(lines):
        for note in line:
            pitches[note.first : note.last, voice] = note.pitch
            attacks[note.first, voice] = True
    tempo = _first_tempo(midi, told)
    for notice in told:
        warnings.warn(f"{source or 'MIDI'}: {notice}", stacklevel=2)
    return Chorale(
        pitches=pitches,
        attacks=attacks,
        beats=beats,
        key=_key(midi),
        time_signature=metre,
        tempo=tempo,
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


def _first_tempo(midi: "PrettyMIDI", told: list[str]) -> float:
    """Read the first tempo in quarters a minute; that there are others is told."""
    _, tempos = midi.get_tempo_changes()
    if len(tempos) > 1:
        told.append(f"the tempo changes {len(tempos) - 1} times: only the first tempo was kept")
    return round(float(tempos[0]), 2)


def _key(midi: "PrettyMIDI") -> str:
    """Name the first key as music21 spells it ("E- major"), "" if the file gives none."""
    from pretty_midi import key_number_to_key_name

    if not midi.key_signature_changes:
        return ""
    tonic, mode = key_number_to_key_name(midi.key_signature_changes[0].key_number).split()
    return f"{tonic.replace('b', '-')} {mode.lower()}"


def _metre_and_beats(
    midi: "PrettyMIDI", n_frames: int, told: list[str]
) -> tuple[str, Int[np.ndarray, " frame"]]:
    """Find the time signature and each frame's place in its bar.

    A first bar of its own, shorter metre is a pickup: notation programs write it so.
    """
    changes = _metres(midi, n_frames, told)
    starts = [start for start, _, _ in changes] + [n_frames]
    beats = np.concatenate(
        [np.arange(starts[i + 1] - starts[i]) % bar for i, (_, bar, _) in enumerate(changes)]
    )
    metre = changes[0][2]
    if len(changes) > 1 and starts[1] <= changes[0][1] < changes[1][1]:
        beats[: starts[1]] += changes[1][1] - starts[1]
        metre, changes = changes[1][2], changes[1:]
    if any(text != metre for _, _, text in changes):
        told.append(f"the metre changes: only {metre} was kept as the time signature")
    return metre, beats


def _metres(midi: "PrettyMIDI", n_frames: int, told: list[str]) -> list[tuple[int, int, str]]:
    """List the metres as (first frame, bar length in frames, "4/4"), the first at frame 0."""
    metres: dict[int, tuple[int, str]] = {0: (4 * FRAMES_PER_QUARTER, "4/4")}
    for change in midi.time_signature_changes:
        text = f"{change.numerator}/{change.denominator}"
        bar, rest = divmod(change.numerator * 4 * FRAMES_PER_QUARTER, change.denominator)
        start = midi.time_to_tick(change.time) * FRAMES_PER_QUARTER / midi.resolution
        frame = int(start + 0.5)
        if rest:
            told.append(f"the metre {text} does not fill whole 16ths and was left out")
        elif frame == 0 or frame < n_frames:
            metres[frame] = (bar, text)
    return [(frame, *metres[frame]) for frame in sorted(metres)]

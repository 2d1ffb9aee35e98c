"""Open a MIDI file with pretty_midi, after making sure that it is one and of bearable size."""

import io
from typing import TYPE_CHECKING

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import check_size
from musiclab.music.guards.midi import (
    Damage,
    check_tracks,
    pack,
    quarters_and_seconds,
    split_tracks,
    walk,
)

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI


def load_midi(data: bytes, name: str) -> tuple["PrettyMIDI", tuple[str, ...]]:
    """Turn the bytes of a MIDI file into pretty_midi's object.

    Args:
        data: The file's content.
        name: What an error shall call the file.

    Returns:
        The music, and sentences on what was left out.

    Raises:
        ScoreError: If the bytes are no sound MIDI file, hold no note, or are beyond the limits.
    """
    try:
        division, chunks = split_tracks(data)
        tracks = [walk(chunk) for chunk in chunks]
    except Damage as damage:
        raise ScoreError(
            f"{name} cannot be read as MIDI: {damage}; download or export it again"
        ) from None
    starts = sum(track.starts for track in tracks)
    check_size(name, notes=starts)
    quarters, seconds = quarters_and_seconds(division, tracks)
    check_size(name, notes=starts, quarters=quarters, seconds=seconds)
    check_tracks(tracks, name)
    midi = _load(pack(division, tracks), name)
    for instrument in midi.instruments:
        instrument.name = _as_unicode(instrument.name)
    ended = sum(len(instrument.notes) for instrument in midi.instruments)
    check_size(name, notes=ended, parts=len(midi.instruments))
    if ended == starts:
        return midi, ()
    return midi, (f"{starts - ended} of {starts} notes have no length or no end: left out",)


def _load(data: bytes, name: str) -> "PrettyMIDI":
    """Let pretty_midi read; whatever it may still dislike becomes our error."""
    from pretty_midi import PrettyMIDI

    try:
        return PrettyMIDI(io.BytesIO(data))
    except Exception as error:
        raise ScoreError(
            f"{name} cannot be read as MIDI ({error or type(error).__name__}); export it again"
        ) from None


def _as_unicode(name: str) -> str:
    """Mend a track name: pretty_midi reads Latin-1, most programs write UTF-8."""
    try:
        name = name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass
    return "".join(letter for letter in name if letter.isprintable()).strip()

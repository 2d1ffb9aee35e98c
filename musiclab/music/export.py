"""Write music to a file, whole or not at all; the same music always gives the same bytes."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from musiclab.errors import ScoreError
from musiclab.files import write_atomically
from musiclab.music.chorale import FRAMES_PER_QUARTER, Chorale
from musiclab.music.guards.file_checks import shown_name, source_path
from musiclab.music.guards.limits import check_size
from musiclab.music.notes import NoteSequence
from musiclab.music.to_midi import midi_bytes, midi_from_chorale, midi_from_notes

Music = Chorale | NoteSequence
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)


def write(music: Music, path: str | os.PathLike[str]) -> Path:
    """Write music as MIDI (.mid, .midi) or MusicXML (.musicxml, .xml), told by the suffix.

    Args:
        music: A chorale or a sequence of notes; as MusicXML, of at most four at once.
        path: Where to; an older file there is replaced once the new one is complete.

    Returns:
        The path.

    Raises:
        ScoreError: If the suffix is unknown, or the file cannot be written; an older file at
            ``path`` is then untouched.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write(Chorale(pitches=np.full((16, 4), 60)), f"{folder}/hum.mid").name
        'hum.mid'
    """
    path = source_path(path)
    encode = _encoder(path)
    if not isinstance(music, Chorale | NoteSequence):
        raise ScoreError(f"write takes a Chorale or a NoteSequence, got {type(music).__name__}")
    _check(music)
    data = encode(music)
    try:
        return write_atomically(path, data)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ScoreError(
            f"{shown_name(path)} cannot be written ({why}); "
            "choose a folder that exists, is yours and has space"
        ) from None


def _check(music: Music) -> None:
    """Refuse music so large that it could not be read back."""
    is_chorale = isinstance(music, Chorale)
    quarters = len(music) / FRAMES_PER_QUARTER if is_chorale else music.quarters
    notes = int(music.attacks.sum()) if is_chorale else len(music.notes)
    check_size("the music", notes=notes, quarters=quarters, seconds=music.seconds)


def _encoder(path: Path) -> Callable[[Music], bytes]:
    """Choose the form by the suffix."""
    known = {".mid": _midi, ".midi": _midi, ".musicxml": _musicxml, ".xml": _musicxml}
    encode = known.get(path.suffix.lower())
    if encode:
        return encode
    hint = "; for sound use musiclab.Sound" if path.suffix.lower() in (".mp3", ".wav") else ""
    raise ScoreError(
        f"{shown_name(path)} ends in no suffix that write knows; "
        f"choose one of {', '.join(known)}{hint}"
    )


def _midi(music: Music) -> bytes:
    midi = midi_from_chorale(music) if isinstance(music, Chorale) else midi_from_notes(music)
    return midi_bytes(midi)


def _musicxml(music: Music) -> bytes:
    from musiclab.music.from_notes import chorale_from_notes
    from musiclab.music.to_score import score_from_chorale

    if isinstance(music, Chorale):
        return musicxml_bytes(score_from_chorale(music))
    chorale = chorale_from_notes(music)
    for notice in chorale.left_out[len(music.left_out) :]:
        warnings.warn(f"{music.title or 'the notes'}: {notice}", stacklevel=4)
    return musicxml_bytes(score_from_chorale(chorale, silent=False))


def musicxml_bytes(score: Any) -> bytes:
    """Write a music21 score as MusicXML in UTF-8: the same score, the same bytes, on any day."""
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # music21's remarks on layout
        root = ElementTree.fromstring(GeneralObjectExporter(score).parse())
    for encoding in root.iter("encoding"):
        for date in encoding.findall("encoding-date"):
            encoding.remove(date)
    _rename(root)
    ElementTree.indent(root)
    return (_HEAD + ElementTree.tostring(root, encoding="unicode") + "\n").encode()


def _rename(root: ElementTree.Element) -> None:
    """Replace music21's random ids by P1, P2, ... in the order in which they appear."""
    names: dict[str, str] = {}
    for element in root.iter():
        if "id" in element.attrib:
            old = element.attrib["id"]
            letter = "P" if element.tag in ("score-part", "part") else "I"
            element.attrib["id"] = names.setdefault(old, f"{letter}{len(names) + 1}")

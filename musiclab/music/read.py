"""Read music: MusicXML, MIDI, ABC or Humdrum kern from a file, or a work from music21's corpus."""

import os
import warnings
from pathlib import Path

from musiclab.errors import ScoreError
from musiclab.music.chorale import Chorale
from musiclab.music.corpus.names import corpus_path, find_work
from musiclab.music.from_midi import chorale_from_midi, load_midi, notes_from_midi
from musiclab.music.guards.file_checks import kind_of, read_bytes, shown_name, source_path
from musiclab.music.notes import NoteSequence
from musiclab.music.parse import Wanted, parse, parse_apart

PathLike = str | os.PathLike[str]


def read_chorale(path_or_corpus_name: PathLike, *, repeats: str = "written") -> Chorale:
    """Read a piece in four voices.

    Args:
        path_or_corpus_name: A MusicXML (.musicxml, .xml, .mxl), MIDI, ABC or Humdrum kern file, or
            a work in music21's corpus, such as "bwv66.6". The type is told by the content. Of a
            file that holds several pieces, "tunes.abc#2" reads the one called 2.
        repeats: "written" plays each bar once, "expanded" obeys repeat signs; MIDI has none.

    Returns:
        The chorale. What was moved onto the grid of 16th notes or left out is in its ``left_out``,
        and given as a Python warning.

    Raises:
        ScoreError: If the file cannot be used; the message says why and what to do.

    Example:
        >>> chorale = read_chorale("bach/bwv66.6")
        >>> len(chorale), chorale.key
        (144, 'F# minor')
    """
    if repeats not in ("written", "expanded"):
        raise ScoreError(f'repeats must be "written" or "expanded", got {repeats!r}')
    return _read(path_or_corpus_name, "chorale", repeats)


def read_notes(path_or_corpus_name: PathLike) -> NoteSequence:
    """Read any piece, as for ``read_chorale``, as a list of notes.

    Returns:
        The notes of all parts, repeats as written. What was left out is in its ``left_out``,
        and given as a Python warning.

    Raises:
        ScoreError: If the file cannot be used; the message says why and what to do.

    Example:
        >>> len(read_notes("bach/bwv66.6").notes)
        163
    """
    return _read(path_or_corpus_name, "notes", "written")


def _read(path_or_name: PathLike, wanted: Wanted, repeats: str) -> Chorale | NoteSequence:
    """Choose the way in: the corpus, MIDI, or a score in a process of its own."""
    path, piece = source_path(path_or_name), ""
    whole, mark, number = str(path).rpartition("#")
    if mark and not _exists(path) and _exists(Path(whole)):
        path, piece = Path(whole), number
    work = None if _exists(path) else find_work(str(path_or_name))
    name = shown_name(path)
    data = work.read_bytes() if work else read_bytes(path)
    kind = kind_of(data, name)
    source = f"{path}#{piece}" if piece else str(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # all is told below, at the line that called read_*
        if work:
            # music21's own files need no guards, only the same reader. Where their signatures
            # name a mode, it is often wrong.
            settings = {"name": name, "source": corpus_path(work), "repeats": repeats}
            music = parse(data, kind, wanted, **settings, trust_mode=False)
        elif kind == "midi":
            music = _read_midi(data, wanted, name, source)
        else:
            settings = {"name": name, "source": source, "repeats": repeats, "piece": piece}
            music = parse_apart(data, kind, wanted, **settings)
    for sentence in music.left_out:
        warnings.warn(f"{name}: {sentence}", stacklevel=3)
    return music


def _read_midi(data: bytes, wanted: Wanted, name: str, source: str) -> Chorale | NoteSequence:
    midi, left_out = load_midi(data, name)
    if wanted == "notes":
        return notes_from_midi(midi, source=source, left_out=left_out)
    try:
        return chorale_from_midi(midi, source=source, left_out=left_out)
    except ScoreError as error:
        raise ScoreError(f"{name}: {error}") from None


def _exists(path: Path) -> bool:
    """Tell whether there is anything at ``path``; a path that cannot be is no path."""
    try:
        return path.exists() or path.is_symlink()
    except (OSError, ValueError):
        return False

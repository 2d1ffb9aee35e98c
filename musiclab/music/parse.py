"""Understand a score with music21, between a check of its text and a check of its size."""

import io
import subprocess
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from musiclab.errors import ScoreError
from musiclab.music.chorale import FRAMES_PER_QUARTER, Chorale
from musiclab.music.guards import worker
from musiclab.music.guards.file_checks import Kind, text_of
from musiclab.music.guards.limits import (
    MAX_PATIENCE,
    MAX_REPEAT_GROWTH,
    MAX_SCORE_MEMORY,
    MAX_SCORE_SECONDS,
    MAX_SCORE_WAIT,
    PATIENT_BYTES,
    check_size,
)
from musiclab.music.guards.score import check_score
from musiclab.music.guards.xml import check_musicxml
from musiclab.music.guards.zip import unpack_mxl
from musiclab.music.notes import NoteSequence
from musiclab.music.serialise import from_dict, to_dict
from musiclab.music.text.abc import number_and_title, score_from_abc, split_abc
from musiclab.music.text.kern import score_from_kern, split_kern

Wanted = Literal["chorale", "notes"]


def parse(
    data: bytes,
    kind: Kind,
    wanted: Wanted,
    *,
    name: str,
    source: str = "",
    repeats: str = "written",
    piece: str = "",
    trust_mode: bool = True,
) -> Chorale | NoteSequence:
    """Read a score from its bytes.

    Args:
        data: The file's content.
        kind: "mxl", "musicxml", "abc" or "kern"; MIDI does not come here.
        wanted: "chorale" for four voices on the grid, "notes" for a list of all notes.
        name: What an error shall call the file.
        source: Where the piece comes from.
        repeats: For a chorale, "written" or "expanded".
        piece: Which piece of several: its X: number in an ABC tunebook, or its place from 1.
        trust_mode: False to tell major from minor by the notes, whatever the key signature says.

    Raises:
        ScoreError: Whatever is wrong with the score; no other error leaves this function.
    """
    from musiclab.music.from_score import chorale_from_score, notes_from_score

    try:
        score, told = _score(data, kind, name, piece)
        written, changed = check_score(score, name)
        if wanted == "notes":
            music = notes_from_score(score, source=source, trust_mode=trust_mode)
        else:
            options = {"repeats": repeats, "source": source, "trust_mode": trust_mode}
            music = chorale_from_score(score, **options)
            _check_chorale(music, written, name)
        if wanted == "notes" and not music.notes or wanted == "chorale" and not music.attacks.any():
            told.append("there is no note with a pitch in it")
        return replace(music, left_out=(*told, *changed, *music.left_out))
    except ScoreError as error:
        told = str(error)
        raise ScoreError(told if name in told else f"{name}: {told}") from None
    except MemoryError:
        raise ScoreError(f"{name} needs too much memory; cut it into smaller pieces") from None
    except Exception:
        # music21 meets damaged scores with any of Python's errors; to the user they are one.
        raise ScoreError(
            f"{name} looks like {kind} but cannot be understood; "
            "open it in a notation program and export it as MusicXML"
        ) from None


def parse_apart(
    data: bytes,
    kind: Kind,
    wanted: Wanted,
    *,
    name: str,
    source: str = "",
    repeats: str = "written",
    piece: str = "",
) -> Chorale | NoteSequence:
    """Do what ``parse`` does, in a process of its own with limited time and memory.

    Raises:
        ScoreError: Whatever is wrong with the score, or if it takes too long or too much memory.
    """
    request = {"kind": kind, "wanted": wanted, "name": name, "source": source}
    request |= {"repeats": repeats, "piece": piece}
    patience = min(MAX_PATIENCE, 1 + len(data) / PATIENT_BYTES)
    limits = {"seconds": int(MAX_SCORE_SECONDS * patience), "memory": MAX_SCORE_MEMORY}
    wait = MAX_SCORE_WAIT * patience
    try:
        with TemporaryDirectory(prefix="musiclab-", ignore_cleanup_errors=True) as folder:
            path = Path(folder, "stranger")
            path.write_bytes(data)
            process = worker.start(f"{__name__}:parse_file", folder=folder, **limits)
            answer = worker.ask_once(process, {"path": str(path), **request}, wait)
    except OSError as error:
        raise ScoreError(
            f"{name} cannot be read: no process or scratch folder for it ({error}); free some space"
        ) from None
    except subprocess.TimeoutExpired:
        raise ScoreError(
            f"{name} takes longer than {wait:.0f} seconds to understand; cut it into smaller pieces"
        ) from None
    if answer is None:
        raise ScoreError(f"{name} needs too much memory or time; cut it into smaller pieces")
    if "refused" in answer:
        raise ScoreError(answer["refused"])
    return from_dict(answer)


def parse_file(path: str, **request: Any) -> dict[str, Any]:
    """Answer ``parse_apart``, in the other process: music as plain data, or why it is refused."""
    try:
        return to_dict(parse(Path(path).read_bytes(), **request))
    except ScoreError as error:
        return {"refused": str(error)}


def _score(data: bytes, kind: Kind, name: str, piece: str) -> tuple[Any, list[str]]:
    """Make a music21 score of checked text; return also what was not understood."""
    if kind in ("abc", "kern"):
        text = text_of(data) or ""
        if kind == "kern":
            return score_from_kern(_chosen(split_kern(text), [], piece, name), name)
        tunes = split_abc(text)
        return score_from_abc(
            _chosen(tunes, [number_and_title(tune) for tune in tunes], piece, name), name
        )
    if kind == "mxl":
        data = unpack_mxl(data, name)
    if piece:
        raise ScoreError(f"{name} holds one piece; leave out #{piece:.20}")
    written = check_musicxml(data, name)
    score = _musicxml(data)
    read = sum(
        len(getattr(one, "notes", (one,)))
        for one in score.recurse().notes
        if "Harmony" not in one.classSet
    )
    if read == written:
        return score, []
    return score, [f"the file writes {written} notes, of which {read} were understood"]


def _chosen(pieces: list[str], known: list[tuple[str, str]], piece: str, name: str) -> str:
    """Pick one of several pieces, by its number in the file or else by its place."""
    numbers = [number for number, _ in known]
    if len(set(numbers)) < len(pieces):
        numbers = [str(place) for place in range(1, len(pieces) + 1)]
    if piece in numbers:
        return pieces[numbers.index(piece)]
    if len(pieces) == 1 and not piece:
        return pieces[0]
    titles = [title for _, title in known] or [""] * len(pieces)
    listed = [f"#{n:.8} {title:.20}".strip() for n, title in zip(numbers, titles, strict=True)]
    shown = ", ".join(listed[:4] + ["..."] * (len(listed) > 4))
    count = f"{len(pieces)} piece{'s' * (len(pieces) > 1)}"
    raise ScoreError(
        f"{name} holds {count} ({shown}); add a number to the path, such as #{numbers[-1]:.8}"
    )


def _musicxml(data: bytes) -> Any:
    """Let music21 read a score, from a private folder and past its cache of pickles."""
    from music21.converter import Converter

    converter = Converter()
    with TemporaryDirectory(prefix="musiclab-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # music21's remarks on layout and spelling
        path = Path(folder) / "score.xml"
        path.write_bytes(data)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            converter.parseFileNoPickle(path, format="musicxml")
    return converter.stream


def _check_chorale(chorale: Chorale, written: float, name: str) -> None:
    """Refuse what only the finished chorale can show: slowness, and repeats beyond reason."""
    quarters = len(chorale) / FRAMES_PER_QUARTER
    check_size(name, quarters=quarters, seconds=chorale.seconds)
    if quarters > MAX_REPEAT_GROWTH * written + 4:
        raise ScoreError(
            f"{name} grows from {written:g} to {quarters:g} quarter notes when its repeats are "
            'played; read it with repeats="written"'
        )

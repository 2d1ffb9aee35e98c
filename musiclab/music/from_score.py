"""A music21 score becomes a chorale on the grid of 16th notes, or a sequence of notes."""

import warnings
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Bool

from musiclab.errors import ScoreError
from musiclab.music.chorale import REST, Chorale
from musiclab.music.heads import read_heads, sounding_parts
from musiclab.music.metre import nearest_frame, on_frames, places_in_bar, read_bars
from musiclab.music.notes import Note, NoteSequence
from musiclab.music.repeats import played_frames, played_order, read_signs
from musiclab.music.score_facts import (
    count_unused,
    key_of,
    metres_of,
    pickup_of,
    sentences,
    tempos_of,
    title_of,
)
from musiclab.music.voice_line import paint
from musiclab.music.voices import find_voices, part_name

CHORALE_TEMPO, NOTES_TEMPO = 80.0, 100.0  # quarters a minute, where a score gives none


def chorale_from_score(
    score: Any,
    *,
    voices: str = "auto",
    repeats: str = "written",
    source: str = "",
    trust_mode: bool = True,
) -> Chorale:
    """Lay a score out as four voices on the grid of 16th notes.

    Tied notes become one note. A note off the grid (a triplet, a 32nd) moves to the nearest frame;
    grace notes are left out. Everything moved or left out is told: as a Python warning, and in
    ``Chorale.left_out``.

    Args:
        score: A music21 Score.
        voices: How to find the voices, see ``musiclab.music.voices.find_voices``.
        repeats: ``"written"`` plays each bar once; ``"expanded"`` obeys the repeat signs.
        source: Where the score comes from, for ``Chorale.source``.
        trust_mode: False to tell major from minor by the notes, whatever the key signature says,
            which in the files of music21's corpus is often wrong.

    Returns:
        The chorale. Its fermatas are those of the highest voice that has any.

    Raises:
        ScoreError: If the score does not have four voices, or has no notes.

    Example:
        >>> from music21 import converter, stream
        >>> lines = ("4/4 c'2 d'", "4/4 g2 g", "4/4 e2 d", "4/4 C2 BB")
        >>> parts = [converter.parse("tinyNotation: " + line).flatten() for line in lines]
        >>> chorale_from_score(stream.Score(parts)).pitches[::8]
        array([[72, 67, 64, 48],
               [74, 67, 62, 47]])
    """
    if repeats not in ("written", "expanded"):
        raise ScoreError(f'repeats must be "written" or "expanded", got {repeats!r}')
    written, parts = _as_written(score, voices, source, trust_mode)
    chorale = _expanded(written, parts) if repeats == "expanded" else written
    for notice in chorale.left_out:
        warnings.warn(f"{source or chorale.title or 'score'}: {notice}", stacklevel=2)
    return chorale


def written_and_expanded(score: Any, *, voices: str, source: str) -> tuple[Chorale, Chorale]:
    """Lay a score of the corpus out both ways, without warnings; see ``chorale_from_score``."""
    written, parts = _as_written(score, voices, source, trust_mode=False)
    return written, _expanded(written, parts)


def _as_written(
    score: Any, voices: str, source: str, trust_mode: bool
) -> tuple[Chorale, list[Any]]:
    told: Counter[str] = Counter()
    sung = find_voices(sounding_parts(score), voices, told)
    parts = [part for part, _ in sung]
    count_unused(list({id(part): part for part in parts}.values()), told)
    lines = [
        paint(heads, lowest=voice == len(sung) - 1, told=told)
        for voice, (_, heads) in enumerate(sung)
    ]
    bars = read_bars(parts[0])
    n_frames = max(len(line.pitches) for line in lines)
    n_frames = max(n_frames, bars[-1].last if bars else 0)
    if n_frames == 0:
        raise ScoreError("the score has no notes in its four voices; check that it was read whole")
    pitches = _side_by_side([line.pitches for line in lines], n_frames, REST)
    tempo, tempo_changes = tempos_of(score, CHORALE_TEMPO)
    (_, metre), *metre_changes = metres_of(parts)
    chorale = Chorale(
        pitches=pitches,
        attacks=_side_by_side([line.attacks for line in lines], n_frames, False),
        fermatas=_leading(_side_by_side([line.fermatas for line in lines], n_frames, False)),
        beats=places_in_bar(bars, n_frames),
        key=key_of(parts, pitches, trust_mode),
        time_signature=metre,
        metre_changes=on_frames(metre_changes, n_frames),
        title=title_of(score, source),
        tempo=tempo,
        tempo_changes=on_frames(tempo_changes, n_frames),
        source=source,
        left_out=sentences(told),
    )
    return chorale, parts


def _expanded(written: Chorale, parts: list[Any]) -> Chorale:
    """Play a chorale as the repeat signs say, or as written if they are faulty."""
    bars = read_bars(parts[0])
    if not bars:
        return written
    try:
        order = played_order(read_signs(parts))
    except ScoreError as error:
        notice = f"the repeats were left as written, since their signs are faulty: {error}"
        return replace(written, left_out=(*written.left_out, notice))
    # What no bar covers, such as a note held past the last barline, stays at the end.
    frames = np.append(played_frames(bars, order), np.arange(bars[-1].last, len(written)))
    return written.take(frames)


def _side_by_side(columns: list[np.ndarray], n_frames: int, filler: object) -> np.ndarray:
    """Set columns of unequal length side by side, the shorter ones filled up."""
    stacked = np.full((n_frames, len(columns)), filler, dtype=columns[0].dtype)
    for voice, column in enumerate(columns):
        stacked[: len(column), voice] = column
    return stacked


def _leading(fermatas: Bool[np.ndarray, "frame voice"]) -> Bool[np.ndarray, " frame"]:
    """Take the fermatas of the highest voice that has any.

    Editors put them on every voice or on the melody alone; where the voices move at different
    times, the melody's tell best where a line ends.
    """
    return fermatas[:, int(fermatas.any(axis=0).argmax())]


def notes_from_score(score: Any, *, source: str = "", trust_mode: bool = True) -> NoteSequence:
    """List every note of a score, as written; tied notes become one.

    Args:
        score: A music21 Score, or a single Part.
        source: Where the score comes from.
        trust_mode: As for ``chorale_from_score``.

    Returns:
        The notes; what was left out is in ``left_out``.
    """
    parts = sounding_parts(score)
    told: Counter[str] = Counter()
    notes = [note for index, part in enumerate(parts) for note in _notes(part, index, told)]
    count_unused(parts, told)
    tempo, tempo_changes = tempos_of(score, NOTES_TEMPO)
    frames = np.array([nearest_frame(note.duration) for note in notes], dtype=np.int64)
    pitches = np.repeat(np.array([note.pitch for note in notes], dtype=np.int64), frames)
    return NoteSequence(
        notes=tuple(notes),
        tempo=tempo,
        tempo_changes=tempo_changes,
        time_signatures=metres_of(parts),
        pickup=pickup_of(parts[0]),
        key=key_of(parts, pitches[:, None], trust_mode),
        title=title_of(score, source),
        part_names=tuple(part_name(part) for part in parts),
        source=source,
        left_out=sentences(told),
    )


def _notes(part: Any, index: int, told: Counter[str]) -> list[Note]:
    """List one part's notes, counting what is left out."""
    found = part.getElementsByClass("Instrument").first() or part.getInstrument(returnDefault=False)
    program = getattr(found, "midiProgram", None) or 0
    return [
        Note(
            onset=head.onset,
            duration=head.end - head.onset,
            pitch=head.pitch,
            part=index,
            program=program,
            voice=head.voice or 0,
        )
        for head in read_heads(part, told)
        if head.pitch is not None
    ]

"""A music21 score becomes a chorale on the grid of 16th notes, or a sequence of notes."""

import warnings
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Bool

from musiclab.errors import ScoreError
from musiclab.music.chorale import REST, Chorale
from musiclab.music.keys import find_key
from musiclab.music.metre import places_in_bar, read_bars
from musiclab.music.notes import Note, NoteSequence
from musiclab.music.repeats import played_frames, played_order
from musiclab.music.score_facts import first_of, metres_of, notices, tempo_of, title_of
from musiclab.music.voice_line import read_line
from musiclab.music.voices import find_voices

CHORALE_TEMPO, NOTES_TEMPO = 80.0, 100.0  # quarters a minute, where a score gives none


def chorale_from_score(
    score: Any,
    *,
    voices: str = "auto",
    repeats: str = "written",
    source: str = "",
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
    parts = [_sounding(part) for part in find_voices(score, voices)]
    chorale = _as_written(score, parts, source)
    if repeats == "expanded":
        chorale = _expanded(chorale, parts[0])
    for notice in chorale.left_out:
        warnings.warn(f"{source or chorale.title or 'score'}: {notice}", stacklevel=2)
    return chorale


def written_and_expanded(score: Any, *, voices: str, source: str) -> tuple[Chorale, Chorale]:
    """Read a score once and lay it out both ways, without warnings; see ``chorale_from_score``."""
    parts = [_sounding(part) for part in find_voices(score, voices)]
    written = _as_written(score, parts, source)
    return written, _expanded(written, parts[0])


def _as_written(score: Any, parts: list[Any], source: str) -> Chorale:
    told: Counter[str] = Counter()
    key, metre = first_of(parts, "KeySignature"), first_of(parts, "TimeSignature")
    lines = [read_line(part, lowest=part is parts[-1], told=told) for part in parts]
    bars = read_bars(parts[0])
    n_frames = max(len(line.pitches) for line in lines)
    if n_frames == 0:
        raise ScoreError("the score has no notes in its four voices; check that it was read whole")
    n_frames = max(n_frames, bars[-1].last if bars else 0)
    pitches = _side_by_side([line.pitches for line in lines], n_frames, REST)
    return Chorale(
        pitches=pitches,
        attacks=_side_by_side([line.attacks for line in lines], n_frames, False),
        fermatas=_leading(_side_by_side([line.fermatas for line in lines], n_frames, False)),
        beats=places_in_bar(bars, n_frames),
        key=find_key(pitches, sharps=None if key is None else key.sharps),
        time_signature="4/4" if metre is None else f"{metre.numerator}/{metre.denominator}",
        title=title_of(score, source),
        tempo=tempo_of(score, CHORALE_TEMPO),
        source=source,
        left_out=notices(told),
    )


def _expanded(written: Chorale, part: Any) -> Chorale:
    """Play a chorale as the repeat signs of a part say, or as written if they are faulty."""
    from music21.repeat import ExpanderException

    bars = read_bars(part)
    if not bars:
        return written
    try:
        order = played_order(part)
    except ExpanderException as error:
        notice = f"the repeats were left as written, since their signs are faulty: {error}"
        return replace(written, left_out=(*written.left_out, notice))
    # What no bar covers, such as a note held past the last barline, stays at the end.
    frames = np.append(played_frames(bars, order), np.arange(bars[-1].last, len(written)))
    return written.take(frames)


def _sounding(part: Any) -> Any:
    """Undo the transposition of a part written for a transposing instrument."""
    return part.toSoundingPitch() if part.atSoundingPitch is False else part


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


def notes_from_score(score: Any, *, source: str = "") -> NoteSequence:
    """List every note of a score, as written; tied notes become one.

    Args:
        score: A music21 Score, or a single Part.
        source: Where the score comes from.

    Returns:
        The notes; what was left out is in ``left_out``.

    Raises:
        ScoreError: If the score has no notes.
    """
    parts = list(score.parts) if hasattr(score, "parts") and score.parts else [score]
    told: Counter[str] = Counter()
    notes = [note for index, part in enumerate(parts) for note in _notes(part, index, told)]
    if not notes:
        raise ScoreError("the score has no notes; choose a file that holds music")
    return NoteSequence(
        notes=tuple(notes),
        tempo=tempo_of(score, NOTES_TEMPO),
        time_signatures=metres_of(parts[0]),
        title=title_of(score, source),
        part_names=tuple(part.partName or "" for part in parts if hasattr(part, "partName")),
        source=source,
        left_out=notices(told),
    )


def _notes(part: Any, index: int, told: Counter[str]) -> list[Note]:
    """List one part's notes, counting what is left out."""
    part = _sounding(part)
    found = part.getElementsByClass("Instrument").first() or part.getInstrument(returnDefault=False)
    program = getattr(found, "midiProgram", None) or 0
    notes = []
    for element in part.stripTies().flatten().notes:
        if "Harmony" in element.classes:
            continue  # a chord symbol is read, not played
        pitches = getattr(element, "pitches", ())
        duration = float(element.duration.quarterLength)
        if element.duration.isGrace or duration <= 0:
            told["grace"] += max(len(pitches), 1)
            continue
        told["unpitched"] += not pitches
        for pitch in pitches:
            told["microtone"] += pitch.ps != round(pitch.ps)
            onset = float(element.offset)
            notes.append(
                Note(onset=onset, duration=duration, pitch=pitch.midi, part=index, program=program)
            )
    return notes

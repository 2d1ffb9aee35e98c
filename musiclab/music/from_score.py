"""A music21 score becomes a chorale on the grid of 16th notes."""

import re
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
from musiclab.music.repeats import play, played_frames, played_order
from musiclab.music.voice_line import read_line
from musiclab.music.voices import find_voices

DEFAULT_TEMPO = 80.0  # quarters a minute, where a score gives none

# What reading changes or leaves out, and how it is told: one and many.
_TELL = {
    "moved": ("note off the 16th-note grid was moved", "notes off the 16th-note grid were moved"),
    "too short": (
        "note too short for a 16th was left out",
        "notes too short for a 16th were left out",
    ),
    "covered": (
        "note that shares a voice with others lost out to the highest, in the bass the lowest",
        "notes that share a voice with others lost out to the highest, in the bass the lowest",
    ),
    "grace": ("grace note was left out", "grace notes were left out"),
    "unpitched": ("note without a pitch was left out", "notes without a pitch were left out"),
    "microtone": ("note between two keys was retuned", "notes between two keys were retuned"),
}


def chorale_from_score(
    score: Any,
    *,
    voices: str = "auto",
    repeats: str = "written",
    title: str | None = None,
    source: str = "",
) -> Chorale:
    """Lay a score out as four voices on the grid of 16th notes.

    Tied notes become one note. A note off the grid (a triplet, a 32nd) moves to the nearest frame;
    grace notes are left out. Everything moved or left out is told: as a Python warning, and in
    ``Chorale.notices``.

    Args:
        score: A music21 Score.
        voices: How to find the voices, see ``musiclab.music.voices.find_voices``.
        repeats: ``"written"`` plays each bar once; ``"expanded"`` obeys the repeat signs.
        title: What to call the piece; by default what the score says.
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
    if title is not None:
        chorale = replace(chorale, title=title)
    if repeats == "expanded":
        chorale = _expanded(chorale, parts[0])
    for notice in chorale.notices:
        warnings.warn(f"{source or chorale.title or 'score'}: {notice}", stacklevel=2)
    return chorale


def written_and_expanded(score: Any, *, voices: str, source: str) -> tuple[Chorale, Chorale]:
    """Read a score once and lay it out both ways, without warnings; see ``chorale_from_score``."""
    parts = [_sounding(part) for part in find_voices(score, voices)]
    written = _as_written(score, parts, source)
    return written, _expanded(written, parts[0])


def _as_written(score: Any, parts: list[Any], source: str) -> Chorale:
    told: Counter[str] = Counter()
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
        key=find_key(pitches, sharps=_sharps(parts)),
        time_signature=_time_signature(parts),
        title=title_of(score, source),
        tempo=_tempo(score),
        source=source,
        notices=tuple(
            f"{told[what]} {words[told[what] > 1]}" for what, words in _TELL.items() if told[what]
        ),
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
        return replace(written, notices=(*written.notices, notice))
    # What no bar covers, such as a note held past the last barline, stays at the end.
    frames = np.append(played_frames(bars, order), np.arange(bars[-1].last, len(written)))
    return play(written, frames)


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


def _time_signature(parts: list[Any]) -> str:
    from music21 import meter

    found = (part.recurse().getElementsByClass(meter.TimeSignature).first() for part in parts)
    signature = next((one for one in found if one is not None), None)
    return "4/4" if signature is None else f"{signature.numerator}/{signature.denominator}"


def _tempo(score: Any) -> float:
    """Find the first tempo mark that gives a number."""
    from music21 import tempo

    for mark in score.recurse().getElementsByClass(tempo.MetronomeMark):
        quarters = mark.getQuarterBPM()
        if quarters is not None and 0 < quarters < float("inf"):
            return float(quarters)
    return DEFAULT_TEMPO


_FILE_NAME = re.compile(r"\.(mxl|xml|musicxml|krn|midi?|abc)$", re.IGNORECASE)
_BWV = re.compile(r"(?:^|/)bwv[ _]?(\d[\w.\-]*?)(?:\.(?:mxl|xml|musicxml|krn))?$", re.IGNORECASE)


def title_of(score: Any, source: str = "") -> str:
    """Read a score's title; a Bach chorale without one is called by its number.

    Args:
        score: A music21 Score.
        source: The file it comes from.

    Returns:
        Such as ``"Christ lag in Todesbanden (BWV 277)"`` or ``"BWV 1.6"``; "" if unknown.
    """
    metadata = score.metadata
    names = [] if metadata is None else [metadata.title, metadata.movementName]
    numbers = (_BWV.search(name) for name in [source, *names] if name)
    number = next((f"BWV {found[1]}" for found in numbers if found), "")
    titles = (name for name in names if name and not _FILE_NAME.search(name))
    title = "".join(c for c in next(titles, "") if c.isprintable()).strip()
    title = re.sub(r"^\d+\. ", "", title)
    return f"{title} ({number})" if title and number and number not in title else title or number


def _sharps(parts: list[Any]) -> int | None:
    """Read the first key signature; None if the score has none."""
    from music21 import key

    found = (part.recurse().getElementsByClass(key.KeySignature).first() for part in parts)
    return next((signature.sharps for signature in found if signature is not None), None)

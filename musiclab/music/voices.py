"""Which lines of a score are the soprano, the alto, the tenor and the bass."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from musiclab.errors import ScoreError
from musiclab.music.chorale import VOICES
from musiclab.music.closed_score import deal_staves
from musiclab.music.heads import Head, mean_pitch, read_heads

LAYOUTS = ("auto", "SATB", "S1ATB", "file_order")

# What the four voices are called on scores, in English, German, Italian, French and Latin.
_NAMES = (
    r"sop(r|ran(o|i|os|e|en)?)?|discant(us)?|diskant|cantus|canto|superius|s",
    r"(contr)?alt(o|i|us|os)?s?|a",
    r"t[e\u00e9]n(or(e|i|s|es)?)?|t",
    r"bas(s|so|si|ses|sus|se)?|ba\u00df|b",
)
# The name may be followed by a number or by doubling instruments: "Soprano 1", "Bass Continuo".
_PATTERNS = tuple(re.compile(rf"({name})(?![^\W\d_])", re.IGNORECASE) for name in _NAMES)


def voice_of(part_name: str) -> int | None:
    """Tell which voice a part's name means, 0 for soprano to 3 for bass; None if it means none.

    Example:
        >>> [voice_of(name) for name in ("Soprano 1", "ALT", "Bassi", "Bassoon", "Trumpet 1")]
        [0, 1, 3, None, None]
    """
    name = part_name.strip()
    return next((v for v, pattern in enumerate(_PATTERNS) if pattern.match(name)), None)


def seats(names: Sequence[str], heights: Sequence[Any]) -> list[int]:
    """Say which voice each of four lines is: by its name, and those without one by height.

    Names that come twice say nothing. Lines of the same height stay in their order.

    Example:
        >>> seats(("", "Tenor", "", ""), (48, 60, 72, 67))
        [3, 2, 0, 1]
    """
    found = [voice_of(name) for name in names]
    known = [voice for voice in found if voice is not None]
    if len(set(known)) < len(known):
        found = [None] * len(VOICES)
    free = [voice for voice in range(len(VOICES)) if voice not in found]
    unnamed = [line for line, voice in enumerate(found) if voice is None]
    unnamed.sort(key=lambda line: heights[line], reverse=True)
    places = dict(zip(unnamed, free, strict=True))
    return [places[line] if voice is None else voice for line, voice in enumerate(found)]


def find_voices(
    parts: Sequence[Any], voices: str, told: Counter[str]
) -> list[tuple[Any, list[Head]]]:
    """Find the four voices among the parts of a score.

    Args:
        parts: music21 parts at sounding pitch.
        voices: "SATB" takes the parts of those names, "S1ATB" the first of each name (a second
            soprano is left out), "file_order" the file's four parts from top to bottom. "auto" goes
            by name; four parts without names go by clef and mean pitch; two staves that hold two
            voices each are pulled apart.
        told: Counts what was left out; added to.

    Returns:
        For soprano, alto, tenor and bass: the part that it was found in, and its notes.

    Raises:
        ScoreError: If the score cannot be laid out so; the message says what was found.
    """
    if voices not in LAYOUTS:
        raise ScoreError(f"voices must be one of {', '.join(LAYOUTS)}, got {voices!r}")
    if voices != "file_order":
        by_name = _by_name(parts, first_only=voices == "S1ATB")
        if by_name is not None:
            told["other part"] += len(parts) - len(by_name)
            return [(part, read_heads(part, told)) for part in by_name]
    if voices in ("auto", "file_order"):
        lines = [(part, read_heads(part, told)) for part in parts[: len(VOICES) + 1]]
        if len(lines) in (1, 2):
            heights = _heights(lines)
            downwards = sorted(range(len(lines)), key=heights.__getitem__, reverse=True)
            dealt = deal_staves([lines[staff] for staff in downwards], told)
            if dealt is not None:
                return dealt
        if len(lines) == len(VOICES):
            if voices == "file_order":
                return lines
            order = seats([part_name(part) for part in parts], _heights(lines))
            return [lines[order.index(voice)] for voice in range(len(VOICES))]
    raise ScoreError(_refusal(parts))


def part_name(part: Any) -> str:
    """Read a part's name, or else its abbreviation."""
    return " ".join(str(part.partName or part.partAbbreviation or "").split())


def _by_name(parts: Sequence[Any], first_only: bool) -> list[Any] | None:
    """Take one part a voice; None if a voice is missing, or if it has two and both matter."""
    found: list[list[Any]] = [[] for _ in VOICES]
    for part in parts:
        voice = voice_of(part_name(part))
        if voice is not None:
            found[voice].append(part)
    if all(found) and (first_only or all(len(same) == 1 for same in found)):
        return [same[0] for same in found]
    return None


def _heights(lines: Sequence[tuple[Any, list[Head]]]) -> list[tuple[float | int, float]]:
    """Measure how high each line is written: its clef, then its mean pitch."""
    means = [mean_pitch(heads) for _, heads in lines]
    clefs = [part.recurse().getElementsByClass("Clef").first() for part, _ in lines]
    lowest = [getattr(clef, "lowestLine", None) for clef in clefs]
    if None in means:  # where one is silent, only the order on the page can tell
        return [(0.0, 0.0)] * len(lines)
    if None in lowest:
        lowest = [0] * len(lines)
    return list(zip(lowest, means, strict=True))


def _refusal(parts: Sequence[Any]) -> str:
    names = [part_name(part)[:18] or "unnamed" for part in parts[:4]] + ["..."] * (len(parts) > 4)
    count = f"{len(parts)} part{'s' * (len(parts) != 1)}" if parts else "no parts"
    listed = f" ({', '.join(names)})" if parts else ""
    message = f"found {count}{listed}; a chorale needs soprano, alto, tenor and bass. "
    if _by_name(parts, first_only=True) is not None:
        return message + 'Take the first of each: chorale_from_score(score, voices="S1ATB")'
    return message + "Read it with read_notes instead"

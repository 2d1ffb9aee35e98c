"""Which part of a score is the soprano, which the alto, the tenor and the bass."""

import re
from collections.abc import Sequence
from typing import Any

from musiclab.errors import ScoreError
from musiclab.music.chorale import VOICES

LAYOUTS = ("auto", "SATB", "S1ATB", "file_order")

# What the four voices are called on scores, in English, German, Italian and Latin.
_NAMES = (
    r"soprano?s?|discant(us)?|diskant|cantus|canto|superius|s",
    r"alt(o|us)?s?|a",
    r"tenore?s?|t",
    r"bass(o|i|us|es)?|ba\u00df|b",
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


def find_voices(score: Any, voices: str = "auto") -> list[Any]:
    """Pick the four voices of a music21 score.

    Args:
        score: The score.
        voices: "SATB" takes the parts of those names, "S1ATB" the first of each name (a second
            soprano is left out), "file_order" the file's four parts from top to bottom. "auto" goes
            by name, else by order; two staves that hold two voices each are pulled apart.

    Returns:
        Four music21 parts: soprano, alto, tenor, bass.

    Raises:
        ScoreError: If the score cannot be laid out so; the message says what was found.
    """
    if voices not in LAYOUTS:
        raise ScoreError(f"voices must be one of {', '.join(LAYOUTS)}, got {voices!r}")
    parts = list(score.parts)
    if voices != "file_order":
        by_name = _by_name(parts, first_only=voices == "S1ATB")
        if by_name is not None:
            return by_name
    if voices in ("auto", "file_order"):
        if len(parts) == len(VOICES):
            return parts
        if len(parts) in (1, 2):
            separate = _pull_apart(score, voices_per_staff=len(VOICES) // len(parts))
            if separate is not None:
                return separate
    raise ScoreError(_refusal(parts))


def _part_name(part: Any) -> str:
    return " ".join(str(part.partName or part.partAbbreviation or "").split())


def _by_name(parts: Sequence[Any], first_only: bool) -> list[Any] | None:
    """Take one part a voice; None if a voice is missing, or if it has two and both matter."""
    found: list[list[Any]] = [[] for _ in VOICES]
    for part in parts:
        voice = voice_of(_part_name(part))
        if voice is not None:
            found[voice].append(part)
    if all(found) and (first_only or all(len(same) == 1 for same in found)):
        return [same[0] for same in found]
    return None


def _pull_apart(score: Any, voices_per_staff: int) -> list[Any] | None:
    """Give each voice written on a shared staff a part of its own."""
    for part in score.parts:
        bars = part.getElementsByClass("Measure")
        if max((len(bar.voices) for bar in bars), default=0) != voices_per_staff:
            return None
    separate = list(score.voicesToParts().parts)
    return separate if len(separate) == len(VOICES) else None


def _refusal(parts: Sequence[Any]) -> str:
    names = [_part_name(part) or "unnamed" for part in parts[:8]] + ["..."] * (len(parts) > 8)
    count = f"{len(parts)} part{'s' * (len(parts) != 1)}" if parts else "no parts"
    listed = f" ({', '.join(names)})" if parts else ""
    message = f"found {count}{listed}; a chorale needs soprano, alto, tenor and bass. "
    if _by_name(parts, first_only=True) is not None:
        return message + 'Choose the first of each with voices="S1ATB"'
    return message + "Read it with read_notes instead"

"""Look through a score that music21 has understood, for what no music says."""

from collections import Counter
from typing import Any

from musiclab.music.guards.limits import FASTEST, SLOWEST, check_size

_WORDS = {"KeySignature": "key", "TimeSignature": "metre", "MetronomeMark": "tempo"}
_MAX_SHARPS = 7


def check_score(score: Any, name: str) -> tuple[float, list[str]]:
    """Take impossible signs out of a music21 score, and measure it.

    Returns:
        Its length in quarter notes; and in sentences what was taken out or changed.

    Raises:
        ScoreError: If it is beyond the limits.
    """
    quarters = float(score.highestTime)
    notes = sum(1 for _ in score.recurse().notes)
    check_size(name, notes=notes, quarters=quarters, parts=len(getattr(score, "parts", ())))
    impossible: Counter[str] = Counter()
    told = []
    for sign in list(score.recurse().getElementsByClass(tuple(_WORDS))):
        if not _is_possible(sign):
            impossible[next(word for kind, word in _WORDS.items() if kind in sign.classes)] += 1
            sign.activeSite.remove(sign)
        elif "TimeSignature" in sign.classes and "+" in sign.ratioString:
            plain = f"{sign.numerator}/{sign.denominator}"
            told.append(f"the metre {sign.ratioString} was read as {plain}")
            sign.ratioString = plain
    counted = [f"{n} impossible {word}{'s' * (n > 1)}" for word, n in impossible.items()]
    told += [f"{', '.join(counted)} left out"] if counted else []
    return quarters, list(dict.fromkeys(told))


def _is_possible(sign: Any) -> bool:
    if "KeySignature" in sign.classes:
        return sign.sharps is None or abs(sign.sharps) <= _MAX_SHARPS
    if "TimeSignature" in sign.classes:
        return sign.barDuration.quarterLength > 0
    quarters = sign.getQuarterBPM()
    return quarters is None or SLOWEST <= quarters <= FASTEST

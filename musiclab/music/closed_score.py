"""Pull the singers of a hymn apart: two staves with two voices each, or one with four."""

from collections import Counter
from typing import Any

from musiclab.music.chorale import VOICES
from musiclab.music.heads import Head, mean_pitch

Line = tuple[Any, list[Head]]  # a staff, and what is sung from it
_SAME = 1e-6  # quarters
_FEW = 0.05  # of the notes may find no singer


def deal_staves(staves: list[Line], told: Counter[str]) -> list[Line] | None:
    """Give every singer a line of his own.

    Where a staff is written in several voices, each singer has one. Where it is written in one,
    singers who move together stand in a chord, and a note alone is sung by all.

    Args:
        staves: One or two, the highest first.
        told: Counts the notes that nobody sings; added to.

    Returns:
        Four lines, soprano first; None if the staves are no such score. One in which most notes
        stand alone is a piece for fewer voices.
    """
    singers = len(VOICES) // len(staves)
    left_out: Counter[str] = Counter()
    lines = []
    for part, heads in staves:
        dealt = _deal(heads, singers, left_out)
        if dealt is None:
            return None
        lines += [(part, line) for line in dealt]
    told.update(left_out)
    return lines


def _deal(heads: list[Head], singers: int, left_out: Counter[str]) -> list[list[Head]] | None:
    """Deal one staff's notes to its singers, the highest first."""
    names = {head.voice for head in heads if head.pitch is not None} - {None}
    together = _sounding_together(heads, most=3 * singers)
    is_in_voices = len(names) == singers or len(names) < singers == 2
    if (names and not is_in_voices) or together is None:
        return None
    means = {name: mean_pitch([head for head in heads if head.voice == name]) for name in names}
    downwards = sorted(sorted(names), key=means.__getitem__, reverse=True)
    lines: list[list[Head]] = [[] for _ in range(singers)]
    alone = total = 0.0
    for number, (head, others) in enumerate(zip(heads, together, strict=True)):
        if head.pitch is None:
            continue
        total += head.end - head.onset
        if head.voice is not None and any(heads[one].voice != head.voice for one in others):
            lines[downwards.index(head.voice)].append(head)
            continue
        chord = [one for one in others if heads[one].pitch is not None]
        # Of two notes on one pitch, the one met first is the higher singer's.
        place = sum((-heads[one].pitch, one) < (-head.pitch, number) for one in chord)
        if not chord:
            alone += head.end - head.onset
            for line in lines:
                line.append(head)
        elif len(chord) == singers - 1 or place == 0:
            lines[place].append(head)
        elif singers == 2 and place == len(chord):
            lines[-1].append(head)
        else:
            left_out["covered"] += 1
    too_many = left_out["covered"] > _FEW * len(heads)
    return None if too_many or alone > total / 2 else lines


def _sounding_together(heads: list[Head], most: int) -> list[list[int]] | None:
    """List for each note or rest which others sound with it; None if ever more than ``most``."""
    together: list[list[int]] = [[] for _ in heads]
    sounding: list[int] = []
    for number, head in enumerate(heads):
        sounding = [one for one in sounding if heads[one].end > head.onset + _SAME]
        if len(sounding) > most:
            return None
        for one in sounding:
            together[one].append(number)
            together[number].append(one)
        sounding.append(number)
    return together

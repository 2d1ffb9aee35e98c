"""One voice of a score, painted on the grid of 16th notes."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from musiclab.errors import ScoreError
from musiclab.music.chorale import FRAMES_PER_QUARTER, REST
from musiclab.music.guards.limits import MAX_QUARTERS
from musiclab.music.heads import Head
from musiclab.music.metre import nearest_frame


@dataclass(frozen=True)
class VoiceLine:
    """What one voice sounds in each frame."""

    pitches: Int[np.ndarray, " frame"]
    attacks: Bool[np.ndarray, " frame"]
    fermatas: Bool[np.ndarray, " frame"]


def paint(heads: list[Head], *, lowest: bool, told: Counter[str]) -> VoiceLine:
    """Paint notes on the grid, each moved to the nearest frames.

    Args:
        heads: The notes of one voice; its rests are passed over.
        lowest: Which note a frame gets where several sound: the lowest, as in the bass, or the
            highest.
        told: Counts what was moved or left out; added to.

    Returns:
        The line, as long as its last note.

    Raises:
        ScoreError: If it lasts longer than ``MAX_QUARTERS``.
    """
    notes = [head for head in heads if head.pitch is not None]
    last = FRAMES_PER_QUARTER * max((note.end for note in notes), default=0.0)
    if last > MAX_QUARTERS * FRAMES_PER_QUARTER:
        raise ScoreError(
            f"the score lasts {last / FRAMES_PER_QUARTER:.0f} quarters, the limit is "
            f"{MAX_QUARTERS:g}; cut it first"
        )
    n_frames = int(last + 1)
    pitches = np.full(n_frames, REST, dtype=np.int64)
    attacks, fermatas = np.zeros(n_frames, dtype=bool), np.zeros(n_frames, dtype=bool)
    too_short = []
    for note in sorted(notes, key=lambda note: note.pitch, reverse=lowest):
        first, end = nearest_frame(note.onset), nearest_frame(note.end)
        told["moved"] += not (_is_on_grid(note.onset) and _is_on_grid(note.end))
        if first == end:
            too_short.append((first, note))
        told["covered"] += bool(end > first and (pitches[first:end] != REST).any())
        # A later note of this loop is higher (in the bass lower), so it paints over the others.
        pitches[first:end] = note.pitch
        attacks[first:end] = False
        attacks[first:end][:1] = True
        fermatas[first:end] = note.fermata
    for first, note in too_short:  # it gets a frame to itself where the voice would be silent
        if first < n_frames and pitches[first] == REST:
            pitches[first], attacks[first] = note.pitch, True
        else:
            told["too short"] += 1
    length = int(np.flatnonzero(pitches != REST).max(initial=-1)) + 1
    return VoiceLine(pitches[:length], attacks[:length], fermatas[:length])


def _is_on_grid(quarters: float) -> bool:
    frames = quarters * FRAMES_PER_QUARTER
    return abs(frames - round(frames)) < 1e-6

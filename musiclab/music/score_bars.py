"""How to write a chorale in bars: where barlines stand, and which notes show a length."""

from itertools import pairwise

import numpy as np

from musiclab.music.chorale import FRAMES_PER_QUARTER, Chorale

_SINGLE = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)  # frames of plain and dotted notes


def bar_edges(chorale: Chorale) -> list[int]:
    """List the frames at which a bar begins, and the end of the piece.

    Example:
        >>> import numpy as np
        >>> bar_edges(Chorale(pitches=np.full((20, 4), 60), beats=(np.arange(20) + 12) % 16))
        [0, 4, 20]
    """
    if len(chorale) == 0:
        return [0]
    # The count also breaks off in mid-bar, as between two sections.
    breaks = np.flatnonzero(np.diff(chorale.beats) != 1) + 1
    return [0, *breaks.tolist(), len(chorale)]


def bar_metres(chorale: Chorale, edges: list[int]) -> list[int]:
    """Say how many frames a full bar has, bar by bar.

    That is what the time signature says, except where bars are longer, or several in a row have
    one other length: there the metre has changed.
    """
    lengths = [last - first for first, last in pairwise(edges)]
    usual = chorale.frames_per_bar
    metres = []
    for number, length in enumerate(lengths):
        needed = int(chorale.beats[edges[number]]) + length
        neighbours = lengths[max(0, number - 1) : number] + lengths[number + 1 : number + 2]
        is_whole = chorale.beats[edges[number]] == 0
        if needed > usual or (is_whole and length in neighbours):
            metres.append(needed)
        else:
            metres.append(usual)
    return metres


def note_lengths(place: int, length: int) -> list[int]:
    """Split a length that no single note can show, at the beats.

    Args:
        place: Where it begins, in frames from the barline.
        length: In frames.

    Returns:
        Lengths in frames, each that of a plain or dotted note.

    Example:
        >>> note_lengths(0, 6), note_lengths(0, 10), note_lengths(2, 7)
        ([6], [8, 2], [2, 4, 1])
    """
    if length in _SINGLE:
        return [length]
    to_beat = -place % FRAMES_PER_QUARTER
    if 0 < to_beat < length:
        return [to_beat, *note_lengths(place + to_beat, length - to_beat)]
    longest = max(one for one in _SINGLE if one <= length)
    return [longest, *note_lengths(place + longest, length - longest)]

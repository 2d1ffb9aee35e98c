"""Cut a corpus file to its canonical piece: repeats, longer endings, slower sections."""

from dataclasses import replace

import numpy as np

from musiclab.music.chorale import Chorale
from musiclab.music.corpus.table import STRETCHED, BenchmarkPiece


def play_both_halves_twice(written: Chorale, expanded: Chorale) -> Chorale:
    """Play A A B B, given the file as written, A B, and with its one marked repeat, A A B."""
    half, end = len(expanded) - len(written), len(written)
    first, second = np.arange(half), np.arange(half, end)
    return written.take(np.concatenate([first, first, second, second]))


def hold_last(chorale: Chorale, frames: int) -> Chorale:
    """Hold the final chord ``frames`` longer; the count of the beats goes on."""
    beats = chorale.beats[-1] + 1 + np.arange(frames)
    return replace(
        chorale,
        pitches=np.vstack([chorale.pitches, np.repeat(chorale.pitches[-1:], frames, axis=0)]),
        attacks=np.vstack([chorale.attacks, np.zeros((frames, 4), dtype=bool)]),
        fermatas=np.append(chorale.fermatas, np.repeat(chorale.fermatas[-1], frames)),
        beats=np.append(chorale.beats, beats % chorale.frames_per_bar),
    )


def stretch(chorale: Chorale, first: int) -> Chorale:
    """Sing everything from frame ``first`` on at half the speed, each frame twice."""
    repeats = np.where(np.arange(len(chorale)) < first, 1, 2)
    frames = np.repeat(np.arange(len(chorale)), repeats)
    is_second = np.append(False, np.diff(frames) == 0)
    bar = chorale.beats[first:].max() + 1
    beats = np.where(
        frames < first, chorale.beats[frames], (2 * chorale.beats[frames] + is_second) % bar
    )
    slow = chorale.take(frames)
    return replace(slow, attacks=slow.attacks & ~is_second[:, None], beats=beats)


def align(chorale: Chorale, row: BenchmarkPiece) -> Chorale:
    """Cut or fill a corpus file to the frames of its canonical piece.

    Many files end with a bar that the pickup shortens; the benchmark holds the final chord until
    that bar is full. Two pieces of valid have sections of doubled note values there.

    Args:
        chorale: The file, its repeats played as the row says.
        row: Which frames the canonical piece has.
    """
    if (row.split, row.index) in STRETCHED:
        chorale = stretch(chorale, STRETCHED[row.split, row.index])
    end = min(len(chorale), row.first_frame + row.canonical_frames)
    piece = chorale.excerpt(row.first_frame, end)
    return hold_last(piece, row.canonical_frames - len(piece))

"""Right answers to the exercises of notebook 1, each written in another way."""

from collections import namedtuple
from itertools import accumulate

import numpy as np
import torch

Note = namedtuple("Note", "onset duration pitch tie")


def range_by_loop(pitches):
    lowest = highest = None
    for pitch in pitches:
        if pitch == -1:
            continue
        lowest = pitch if lowest is None or pitch < lowest else lowest
        highest = pitch if highest is None or pitch > highest else highest
    return lowest, highest


def range_by_numpy(pitches):
    array = np.asarray(pitches)
    return np.min(array[array >= 0]), np.max(array[array >= 0])


def range_by_sorting(pitches):
    sung = sorted(set(pitches.tolist()) - {-1})
    return [sung[0], sung[-1]]


def range_by_filling(pitches):
    lowest = torch.where(pitches == -1, 999, pitches).amin()
    return lowest, pitches.amax()


def ties_by_index(notes):
    merged = []
    for note in notes:
        if note.tie in (None, "start"):
            merged.append(Note(note.onset, note.duration, note.pitch, None))
            continue
        if merged[-1].pitch != note.pitch:
            raise ValueError(note)
        merged[-1] = merged[-1]._replace(duration=merged[-1].duration + note.duration)
    return merged


def ties_by_end(notes):
    merged, begun = [], None
    for note in notes:
        if note.tie is None:
            merged.append(note)
        elif note.tie == "start":
            begun = note
        else:
            if note.pitch != begun.pitch:
                raise ValueError("no tie leads to another pitch")
            if note.tie == "stop":
                length = note.onset + note.duration - begun.onset
                merged.append((begun.onset, length, begun.pitch, None))
    return merged


def ties_by_groups(notes):
    chains = []
    for note in notes:
        chains = [*chains[:-1], [*chains[-1], note]] if _goes_on(note) else [*chains, [note]]
    if any(len({head.pitch for head in chain}) > 1 for chain in chains):
        raise ValueError("a tie between two pitches")
    return [
        Note(chain[0].onset, sum(head.duration for head in chain), chain[0].pitch, None)
        for chain in chains
    ]


def _goes_on(note):
    return note.tie in ("continue", "stop")


def ties_backwards(notes):
    left, merged = list(notes), []
    while left:
        note = left.pop()
        while note.tie in ("continue", "stop"):
            before = left.pop()
            if before.pitch != note.pitch:
                raise ValueError
            note = before._replace(duration=before.duration + note.duration)
        merged.insert(0, note._replace(tie=None))
    return merged


def flat_by_accumulate(bars):
    begins = accumulate((bar.length for bar in bars), initial=0)
    pairs = zip(begins, bars, strict=False)
    return [note._replace(onset=note.onset + begin) for begin, bar in pairs for note in bar.notes]


def flat_by_sums(bars):
    notes = []
    for number, bar in enumerate(bars):
        for onset, duration, pitch in bar.notes:
            before = sum(one.length for one in bars[:number])
            notes.append((before + onset, duration, pitch))
    return notes


def flat_by_numpy(bars):
    begins = np.cumsum([0] + [bar.length for bar in bars])
    return [
        [begin + note.onset, note.duration, note.pitch]
        for begin, bar in zip(begins, bars, strict=False)
        for note in bar.notes
    ]


def split_by_steps(notes, pickup, bar):
    heads = []
    for note in notes:
        begin, left, first = note.onset, note.duration, True
        while left > 0:
            line = pickup
            while line <= begin:
                line += bar
            length = min(left, line - begin)
            left -= length
            tie = {(1, 0): None, (1, 1): "start", (0, 1): "continue", (0, 0): "stop"}
            heads.append(Note(begin, length, note.pitch, tie[int(first), int(left > 0)]))
            begin, first = line, False
    return heads


def split_at_beats(notes, pickup, bar):
    """Cut at every quarter, as a printer may do; the bar lines are among them."""
    return split_by_steps(notes, 1, 1)


def split_in_pieces(notes, pickup, bar):
    heads = []
    for onset, duration, pitch, _ in notes:
        lines = [pickup + n * bar for n in range(50) if onset < pickup + n * bar < onset + duration]
        cuts = [onset, *lines, onset + duration]
        n_heads = len(cuts) - 1
        words = ["start"] + ["continue"] * (n_heads - 2) + ["stop"] if n_heads > 1 else [None]
        heads += [[a, b - a, pitch, w] for a, b, w in zip(cuts, cuts[1:], words, strict=False)]
    return heads


RIGHT = {
    "voice-range": [range_by_loop, range_by_numpy, range_by_sorting, range_by_filling],
    "merge-ties": [ties_by_index, ties_by_end, ties_by_groups, ties_backwards],
    "flatten-bars": [flat_by_accumulate, flat_by_sums, flat_by_numpy],
    "split-at-bars": [split_by_steps, split_at_beats, split_in_pieces],
}

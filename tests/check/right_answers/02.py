"""Right answers to the exercises of notebook 2, each written in another way."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pretty_midi
import torch


def hz_by_loop(pitches, a4=440.0):
    return [0.0 if p == -1 else a4 * math.pow(2, (int(p) - 69) / 12) for p in pitches]


def hz_by_numpy(pitches, a4=440.0):
    numbers = np.asarray(pitches, dtype=float)
    return np.where(numbers < 0, 0, a4 * np.exp2((numbers - 69) / 12))


def hz_by_steps(pitches, a4=440.0):
    step = 2 ** (1 / 12)
    hz = a4 / step**69 * step ** pitches.double()
    hz[pitches == -1] = 0
    return hz


def hz_by_table(pitches, a4=440.0):
    table = torch.tensor([a4 * 2 ** ((key - 69) / 12) for key in range(128)] + [0.0])
    return table[pitches]  # -1 reads the last entry


def hz_by_pretty_midi(pitches, a4=440.0):
    keys = [int(pitch) for pitch in pitches]
    return [0.0 if key == -1 else pretty_midi.note_number_to_hz(key) * a4 / 440 for key in keys]


def frame_by_floor(seconds, bpm, frames_per_quarter=4):
    return int(seconds * bpm * frames_per_quarter / 60 + 0.5)


def frame_by_length(seconds, bpm, frames_per_quarter=4):
    length = 60 / (bpm * frames_per_quarter)
    whole, rest = divmod(seconds, length)
    return int(whole) + (rest / length > 0.5 - 1e-6)


def frame_by_numpy(seconds, bpm, frames_per_quarter=4):
    return np.floor(np.float64(seconds) / 60 * bpm * frames_per_quarter + 0.5).astype(int)


def frame_by_fractions(seconds, bpm, frames_per_quarter=4):
    frames = Fraction(seconds) * bpm * frames_per_quarter / 60
    return math.floor(frames + Fraction(1, 2))


def notes_by_starts(pitches, attacks):
    notes = []
    for first in np.flatnonzero(attacks):
        last = first + 1
        while last < len(pitches) and pitches[last] == pitches[first] and not attacks[last]:
            last += 1
        notes.append((first, last - first, pitches[first]))
    return notes


def notes_by_edges(pitches, attacks):
    edges = np.flatnonzero(attacks | (np.diff(pitches, prepend=-1) != 0))
    pairs = pairwise([*edges.tolist(), len(pitches)])
    return [(a, b - a, int(pitches[a])) for a, b in pairs if pitches[a] >= 0]


def notes_by_state(pitches, attacks):
    notes, begun = [], None
    for frame in range(len(pitches)):
        if begun is not None and (attacks[frame] or pitches[frame] == -1):
            notes.append([begun, frame - begun, int(pitches[begun])])
            begun = None
        if attacks[frame]:
            begun = frame
    if begun is not None:
        notes.append([begun, len(pitches) - begun, int(pitches[begun])])
    return notes


def moved_by_numpy(notes, grid):
    table = np.array(notes, dtype=float)
    lines = np.floor(np.cumsum(table[:, :2], axis=1) * grid + 0.5)
    kept = lines[:, 1] > lines[:, 0]
    moved = np.column_stack([lines[:, 0], lines[:, 1] - lines[:, 0]])[kept] / grid
    pitches = [int(one) for one in table[kept, 2]]
    return [(a, length, p) for (a, length), p in zip(moved.tolist(), pitches, strict=True)]


def moved_by_fractions(notes, grid):
    half, result = Fraction(1, 2), []
    for onset, duration, pitch in notes:
        ends = (Fraction(onset), Fraction(onset) + Fraction(duration))
        first, last = (Fraction(math.floor(one * grid + half), grid) for one in ends)
        if first != last:
            result.append((float(first), float(last - first), pitch))
    return result


def moved_in_two_steps(notes, grid):
    def line(moment):
        return int(moment * grid + 0.5) / grid

    moved = [[line(a), line(a + length) - line(a), pitch] for a, length, pitch in notes]
    return [one for one in moved if one[1]]


def plays_louder_and_late(notes, bpm):
    """Every other note comes late."""
    frame = 15 / bpm
    return [
        (a * frame + 0.03 * (n % 2), (a + length) * frame, pitch, 70 + 5 * (n % 5))
        for n, (a, length, pitch) in enumerate(notes)
    ]


def plays_staccato(notes, bpm):
    played = []
    for number, (first, length, pitch) in enumerate(notes):
        start = first * 60 / bpm / 4 + (0.04 if number % 3 == 0 else 0.0)
        end = start + length * 60 / bpm / 4 * 0.6
        played.append([start, end, pitch, [60, 90, 120][number % 3]])
    return played


def plays_by_numpy(notes, bpm):
    first, length, pitch = np.array(notes).T
    sway = 0.02 + 0.02 * np.sin(first)
    start = first * 15 / bpm + sway
    velocity = np.linspace(50, 100, len(first)).round()
    return np.stack([start, start + length * 14 / bpm, pitch, velocity], axis=1).tolist()


RIGHT = {
    "pitch-to-hz": [hz_by_loop, hz_by_numpy, hz_by_steps, hz_by_table, hz_by_pretty_midi],
    "seconds-to-frames": [frame_by_floor, frame_by_length, frame_by_numpy, frame_by_fractions],
    "grid-to-notes": [notes_by_starts, notes_by_edges, notes_by_state],
    "quantise": [moved_by_numpy, moved_by_fractions, moved_in_two_steps],
    "play-with-feeling": [plays_louder_and_late, plays_staccato, plays_by_numpy],
}

"""Right answers to the exercises of notebook 5, each written in another way."""

import random

import numpy as np
import torch


def split_by_random(pieces, fractions, seed):
    shuffled = list(pieces)
    random.Random(seed).shuffle(shuffled)
    first = round(fractions[0] * len(pieces))
    second = first + round(fractions[1] * len(pieces))
    return shuffled[:first], shuffled[first:second], shuffled[second:]


def split_by_torch(pieces, fractions, seed):
    order = torch.randperm(len(pieces), generator=torch.Generator().manual_seed(seed)).tolist()
    parts = [[], [], []]
    for place, number in enumerate(order):
        share = (place + 0.5) / len(pieces)
        if share < fractions[0]:
            parts[0].append(pieces[number])
        elif share < fractions[0] + fractions[1]:
            parts[1].append(pieces[number])
        else:
            parts[2].append(pieces[number])
    return parts


def split_by_popping(pieces, fractions, seed):
    rng, left = np.random.default_rng(seed), list(pieces)
    sizes = [round(one * len(pieces)) for one in fractions[1:]]
    valid, test = ([left.pop(int(rng.integers(len(left)))) for _ in range(n)] for n in sizes)
    return left, valid, test


def tune_by_intervals(pitches, other):
    one, two = ([None if p == -1 else p for p in line.tolist()] for line in (pitches, other))
    if len(one) != len(two):
        return False
    far = None
    for mine, theirs in zip(one, two, strict=True):
        if (mine is None) != (theirs is None):
            return False
        if mine is not None:
            far = theirs - mine if far is None else far
            if theirs - mine != far:
                return False
    return True


def tune_by_numpy(pitches, other):
    one, two = pitches.numpy(), other.numpy()
    if one.shape != two.shape or ((one < 0) != (two < 0)).any():
        return np.bool_(False)
    return np.ptp((two - one)[one >= 0]) == 0


def tune_from_the_lowest(pitches, other):
    def seen_from_below(line):
        lowest = line[line >= 0].min()
        return torch.where(line >= 0, line - lowest, -1)

    return torch.equal(seen_from_below(pitches), seen_from_below(other))


def nats_by_loops(note_nats, label_nats):
    paid, notes = 0.0, 0
    for piece in note_nats:
        for one in piece.tolist():
            paid += one
            notes += 1
    for piece in label_nats:
        paid += sum(piece.tolist())
    return paid / notes


def nats_by_cat(note_nats, label_nats):
    notes = torch.cat(note_nats)
    return notes.mean() + torch.cat(label_nats).sum() / notes.numel()


def nats_by_numpy(note_nats, label_nats):
    notes = np.concatenate([one.numpy() for one in note_nats])
    labels = np.concatenate([np.asarray(one) for one in label_nats])
    return (notes.sum() + labels.sum()) / notes.size


def copy_by_lists(piece, other, length):
    one, two = piece.tolist(), other.tolist()

    def seen(rows):
        lowest = min(pitch for row in rows for pitch in row if pitch != -1)
        return [[pitch if pitch == -1 else pitch - lowest for pitch in row] for row in rows]

    for here in range(len(one) - length + 1):
        for there in range(len(two) - length + 1):
            if seen(one[here : here + length]) == seen(two[there : there + length]):
                return here, there


def copy_by_fingerprints(piece, other, length):
    def fingerprint(run):
        lowest = run[run >= 0].min()
        return np.where(run >= 0, run - lowest, -1).tobytes()

    one, two, places = piece.numpy(), other.numpy(), {}
    for there in range(len(two) - length + 1):
        places.setdefault(fingerprint(two[there : there + length]), there)
    for here in range(len(one) - length + 1):
        there = places.get(fingerprint(one[here : here + length]))
        if there is not None:
            return [here, there]
    return None


def copy_by_same_tune(piece, other, length):
    # A run of frames is the same if its notes, one after another, are the same tune.
    places = (
        (here, there)
        for here in range(len(piece) - length + 1)
        for there in range(len(other) - length + 1)
        if tune_by_numpy(piece[here : here + length], other[there : there + length])
    )
    return next(places, None)


def fool_by_tenor(pitches):
    rows, chords = pitches.tolist(), 0
    for frame in range(1, len(rows)):
        chords += pitches[frame].tolist() != pitches[frame - 1].tolist()
        if chords % 10 == 9:
            rows[frame][2] -= 2
    return torch.tensor(rows)


def fool_by_numpy(pitches):
    changed = np.array(pitches)
    starts = np.flatnonzero((changed[1:] != changed[:-1]).any(axis=1)) + 1
    changed[starts[4::9], 0] += 1
    return changed


def fool_in_another_key(pitches):
    moved = pitches + 3
    moved[5::6, 3] -= 1
    return moved


RIGHT = {
    "split-by-piece": [split_by_random, split_by_torch, split_by_popping],
    "same-tune": [tune_by_intervals, tune_by_numpy, tune_from_the_lowest],
    "copied-passage": [copy_by_lists, copy_by_fingerprints, copy_by_same_tune],
    "honest-nats": [nats_by_loops, nats_by_cat, nats_by_numpy],
    "fool-the-detector": [fool_by_tenor, fool_by_numpy, fool_in_another_key],
}

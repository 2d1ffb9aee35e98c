"""Right answers to the exercises of notebook 3, each written in another way."""

from itertools import chain

import numpy as np
import torch

SPECIAL = ("pad", "start", "end", "rest")


def vocabulary_by_loops(pieces):
    vocabulary, names = {}, []
    for piece in pieces:
        for row in piece:
            for name in row:
                if name not in names and name not in SPECIAL:
                    names.append(name)
    names.sort()
    for name in [*SPECIAL, *names]:
        vocabulary[name] = len(vocabulary)
    return vocabulary


def vocabulary_by_numpy(pieces):
    names = np.unique([name for piece in pieces for row in piece for name in row])
    ordered = [*SPECIAL, *[str(name) for name in names if name != "rest"]]
    return dict(zip(ordered, range(len(ordered)), strict=True))


def vocabulary_by_key(pieces):
    names = set(SPECIAL)
    for piece in pieces:
        names.update(chain.from_iterable(piece))
    place = {name: number for number, name in enumerate(SPECIAL)}
    ordered = sorted(names, key=lambda name: (place.get(name, 4), name))
    return {name: number for number, name in enumerate(ordered)}


def encode_flat(pitches, vocabulary):
    names = ["rest" if one < 0 else f"pitch-{one}" for one in pitches.reshape(-1)]
    return [vocabulary[name] for name in ("start", *names, "end")]


def encode_by_table(pitches, vocabulary):
    table = {int(name.split("-")[1]): id for name, id in vocabulary.items() if "-" in name}
    table[-1] = vocabulary["rest"]
    unknown = [one for one in pitches.ravel().tolist() if one not in table]
    if unknown:
        raise ValueError(f"no token for {unknown}")
    ids = np.vectorize(table.get)(pitches).ravel()
    return np.concatenate([[vocabulary["start"]], ids, [vocabulary["end"]]])


def encode_by_index(pitches, vocabulary):
    ids = []
    for frame in range(len(pitches)):
        for voice in range(4):
            pitch = int(pitches[frame, voice])
            ids += [vocabulary["rest"] if pitch == -1 else vocabulary[f"pitch-{pitch}"]]
    ids.insert(0, vocabulary["start"])
    ids.append(vocabulary["end"])
    return torch.tensor(ids)


def decode_by_loop(ids, vocabulary):
    names = {id: name for name, id in vocabulary.items()}
    rows, row = [], []
    for id in ids:
        name = names[id]
        if name == "end":
            break
        if name in ("start", "pad"):
            continue
        row.append(-1 if name == "rest" else int(name[6:]))
        if len(row) == 4:
            rows.append(row)
            row = []
    return rows


def decode_by_columns(ids, vocabulary):
    by_id = sorted(vocabulary, key=vocabulary.get)
    music = [by_id[id] for id in ids if by_id[id] not in ("pad", "start", "end")]
    cells = np.array([int(one.replace("rest", "--1").split("-", 1)[1]) for one in music])
    return np.stack([cells[voice::4] for voice in range(4)], axis=1)


def decode_by_table(ids, vocabulary):
    pitch = torch.full((len(vocabulary),), -1)
    for name, id in vocabulary.items():
        if name.startswith("pitch-"):
            pitch[id] = int(name.removeprefix("pitch-"))
    music = torch.tensor(ids)
    end = int((music == vocabulary["end"]).nonzero()[0])
    return pitch[music[1:end]].view(-1, 4)


def moved_by_loops(pitches, semitones):
    rows = []
    for row in pitches.tolist():
        rows.append([one if one == -1 else one + semitones for one in row])
        for before, after in zip(row, rows[-1], strict=True):
            if before != -1 and not 0 <= after <= 127:
                raise ValueError(after)
    return rows


def moved_by_numpy(pitches, semitones):
    table = np.array(pitches)
    sung = table >= 0
    table[sung] += semitones
    if sung.any() and (table[sung].min() < 0 or table[sung].max() > 127):
        raise ValueError("out of range")
    return table


def moved_on_a_copy(pitches, semitones):
    moved = pitches.clone()
    moved[pitches != -1] += semitones
    sung = moved[pitches != -1]
    if sung.lt(0).any() or sung.gt(127).any():
        raise ValueError("out of range")
    return moved


class PitchesThenLengths:
    """Two ids for each stretch; lengths are moved out of the way of the pitches."""

    def encode(self, pitches, attacks):
        edges = np.flatnonzero(attacks | (np.diff(pitches, prepend=-2) != 0)).tolist()
        stretches = zip(edges, [*edges[1:], len(pitches)], strict=True)
        return [id for a, b in stretches for id in (int(pitches[a]) + 1, 200 + b - a)]

    def decode(self, ids):
        numbers, lengths = np.array(ids).reshape(-1, 2).T
        pitches = np.repeat(numbers - 1, lengths - 200)
        attacks = np.zeros(len(pitches), dtype=bool)
        attacks[np.cumsum(lengths - 200) - (lengths - 200)] = numbers > 0
        return torch.tensor(pitches), torch.tensor(attacks)


class GoOn:
    """A stretch is its pitch, then its length in one id or more that are added up."""

    def encode(self, pitches, attacks):
        ids = []
        for frame, pitch in enumerate(pitches):
            if attacks[frame] or frame == 0 or pitch != pitches[frame - 1]:
                ids += [pitch + 1, 499]
            if ids[-1] == 999:
                ids.append(499)
            ids[-1] += 1
        return ids

    def decode(self, ids):
        pitches, attacks = [], []
        for id in ids:
            if id < 500:
                pitch, is_first = id - 1, True
                continue
            for _ in range(id - 499):
                pitches.append(pitch)
                attacks.append(is_first and pitch >= 0)
                is_first = False
        return pitches, attacks


def moves():
    """Write how far each note is from the one before; a function that makes an object will do."""
    plain = PitchesThenLengths()

    class Moves:
        def encode(self, pitches, attacks):
            ids = plain.encode(pitches, attacks)
            numbers = np.diff(ids[::2], prepend=0) + 300
            return [id for pair in zip(numbers.tolist(), ids[1::2], strict=True) for id in pair]

        def decode(self, ids):
            numbers = np.cumsum(np.array(ids[::2]) - 300).tolist()
            pairs = zip(numbers, ids[1::2], strict=True)
            return plain.decode([id for pair in pairs for id in pair])

    return Moves()


RIGHT = {
    "build-vocabulary": [vocabulary_by_loops, vocabulary_by_numpy, vocabulary_by_key],
    "encode-frames": [encode_flat, encode_by_table, encode_by_index],
    "decode-frames": [decode_by_loop, decode_by_columns, decode_by_table],
    "transpose": [moved_by_loops, moved_by_numpy, moved_on_a_copy],
    "shorter-tokens": [PitchesThenLengths, GoOn, moves],
}

"""Right answers to the exercises of notebook 20, each written in another way."""

from collections import Counter
from fractions import Fraction

import numpy as np
import torch
from torch.nn.functional import pad


def caption_with_counter(modes, notes, frames, wording):
    ranked = Counter(modes).most_common()
    tied = len(ranked) == 2 and ranked[0][1] == ranked[1][1]
    said = {"mode": modes[-1] if tied else ranked[0][0]}
    pace = notes / frames * 4
    said["density"] = next(
        word for word, below in (("calm", 3.5), ("flowing", 4.15), ("lively", 1e9)) if pace < below
    )
    sentence = ""
    for name in wording:
        sentence += (" , " if sentence else "") + wording[name].replace("{}", said[name])
    return sentence


def caption_in_fractions(modes, notes, frames, wording):
    pace = Fraction(4 * notes, frames)
    density = ["calm", "flowing", "lively"][sum(pace >= Fraction(one) for one in ("3.5", "4.15"))]
    balance = sum(1 if mode == "major" else -1 for mode in modes) + (
        0.5 if modes[-1] == "major" else -0.5
    )
    mode = "major" if balance > 0 else "minor"
    words = {"density": density, "mode": mode}
    return " , ".join(wording[name].format(words[name]) for name in wording)


def caption_by_numpy(modes, notes, frames, wording):
    density = ("calm", "flowing", "lively")[
        int(np.searchsorted([3.5, 4.15], notes * 4 / frames, side="right"))
    ]
    minor = np.mean([mode == "minor" for mode in modes])
    mode = modes[-1] if minor == 0.5 else ("major", "minor")[int(minor > 0.5)]
    parts = []
    for name, phrase in wording.items():
        parts.append(phrase.format(density if name == "density" else mode))
    return " , ".join(parts)


def prefix_numpy(words, music, pad_id):
    words, music = words.numpy(), music.numpy()
    shape = (len(words), words.shape[1] + music.shape[1])
    whole, asked = np.full(shape, pad_id), np.full(shape, pad_id)
    for row, (said, sung) in enumerate(zip(words, music, strict=True)):
        both = [one for one in said if one != pad_id], [one for one in sung if one != pad_id]
        many = len(both[0]) + len(both[1])
        whole[row, : many - 1] = (both[0] + both[1])[:-1]
        asked[row, len(both[0]) : many] = both[1]
    return whole[:, :-1], asked[:, 1:]


def prefix_sorted(words, music, pad_id):
    whole = torch.cat([words, music], dim=1)
    is_music = torch.arange(whole.shape[1]) >= words.shape[1]
    order = (whole == pad_id).int().sort(dim=1, stable=True).indices
    whole, asks = whole.gather(1, order), is_music.expand_as(whole).gather(1, order)
    inputs, targets = whole[:, :-1].clone(), whole[:, 1:]
    targets = torch.where(asks[:, 1:], targets, pad_id)
    inputs[whole[:, 1:] == pad_id] = pad_id  # the last note is not read
    return inputs, targets


def prefix_padded(words, music, pad_id):
    longest, rows = words.shape[1] + music.shape[1] - 1, []
    for said, sung in zip(words, music, strict=True):
        said, sung = said[said != pad_id], sung[sung != pad_id]
        read = torch.cat([said, sung[:-1]])
        asked = pad(sung, (len(said) - 1, 0), value=pad_id)
        rows.append([pad(one, (0, longest - len(one)), value=pad_id) for one in (read, asked)])
    return tuple(torch.stack(one) for one in zip(*rows, strict=True))


def obedience_counters(asked, heard, held_out):
    report = {}
    for name in {name for wish in asked for name in wish}:
        kept = [
            i for i, new in enumerate(held_out) if new and name in asked[i] and name in heard[i]
        ]
        wishes, there = ([one[i][name] for i in kept] for one in (asked, heard))
        first, second = Counter(wishes), Counter(there)
        dealt = sum(first[value] * second[value] for value in first)
        hits = len([1 for pair in zip(wishes, there, strict=True) if pair[0] == pair[1]])
        report[name] = (hits / len(kept), dealt / len(kept) / len(kept))
    return report


def obedience_numpy(asked, heard, held_out):
    report = {}
    for name in sorted(set().union(*asked)):
        wishes = np.array([one.get(name, "?") for one in asked])
        there = np.array([one.get(name, "!") for one in heard])
        judged = np.array(held_out) & (wishes != "?") & (there != "!")
        table = wishes[judged][:, None] == there[judged]
        report[name] = [table.diagonal().mean(), table.mean()]
    return report


def obedience_loops(asked, heard, held_out):
    hits, chance, many = Counter(), Counter(), Counter()
    trials = [(a, h) for a, h, new in zip(asked, heard, held_out, strict=True) if new]
    for wish, there in trials:
        for name in wish.keys() & there.keys():
            many[name] += 1
            hits[name] += wish[name] == there[name]
            for other, _ in ((a, h) for a, h in trials if name in a and name in h):
                chance[name] += other[name] == there[name]
    return {name: (hits[name] / n, chance[name] / n**2) for name, n in many.items()}


def bell_on_the_bar(pitches, frame, frames):
    wished = 76 if frame % 16 < 2 else 67
    return -((pitches - wished) ** 2 / 40.0).clamp(max=10)


def never_comes_down(pitches, frame, frames):
    lowest = 60 + 15 * frame // frames
    return torch.where((pitches >= lowest) & (pitches < lowest + 6), 2.0, -2.0)


def skyline(pitches, frame, frames):
    heights = np.interp(np.linspace(0, 5, frames), range(6), [62, 70, 66, 74, 64, 72])
    away = np.abs(pitches.numpy() - heights[frame]).clip(max=10)
    return torch.from_numpy(-away)


RIGHT = {
    "caption": [caption_with_counter, caption_in_fractions, caption_by_numpy],
    "prefix": [prefix_numpy, prefix_sorted, prefix_padded],
    "obedience": [obedience_counters, obedience_numpy, obedience_loops],
    "own-wish": [bell_on_the_bar, never_comes_down, skyline],
}

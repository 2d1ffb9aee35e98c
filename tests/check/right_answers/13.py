"""Right answers to the exercises of notebook 13, each written in another way."""

import math
from itertools import combinations

import numpy as np
import torch

from musiclab.check.exercises.mel_cepstral_distance import band_powers


def bits_by_base_two(nats, voices=4):
    return voices * math.log2(math.exp(nats))


def bits_by_factor(nats, voices=4):
    return nats * voices * 1.4426950408889634


def bits_by_numpy(nats, voices=4):
    return np.sum(np.full(voices, nats)) / np.log(2)


def fifths_by_loops(pitches):
    rows = [tuple(row) for row in pitches.tolist()]
    chords = [n for n, row in enumerate(rows) if n == 0 or row != rows[n - 1]]
    found = []
    for first, second in zip(chords, chords[1:], strict=False):
        before, after = rows[first], rows[second]
        for a, b in combinations(range(4), 2):
            if min(before[a], before[b], after[a], after[b]) < 0:
                continue
            up = after[a] > before[a] and after[b] > before[b]
            down = after[a] < before[a] and after[b] < before[b]
            apart = {abs(before[a] - before[b]) % 12, abs(after[a] - after[b]) % 12}
            if (up or down) and apart == {7}:
                found.append((second, a, b))
    return found


def fifths_by_tensors(pitches):
    before, after = pitches[:-1], pitches[1:]
    moves = (after - before).sign()
    sings = (before >= 0) & (after >= 0)

    def fifth(one):
        return (one[:, :, None] - one[:, None, :]).abs() % 12 == 7

    along = (moves[:, :, None] * moves[:, None, :]) == 1
    both = sings[:, :, None] & sings[:, None, :]
    found = (along & both & fifth(before) & fifth(after)).triu(diagonal=1).nonzero()
    return [(int(frame) + 1, int(a), int(b)) for frame, a, b in found]


def fifths_by_numpy(pitches):
    table, found = pitches.numpy(), set()
    for upper, lower in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
        high, low = table[:, upper], table[:, lower]
        fifth = np.isin((high - low) % 12, 7) & (high >= low)
        fifth |= np.isin((low - high) % 12, 7) & (high < low)
        fifth &= (high != -1) & (low != -1)
        moves = np.sign(np.diff(high)) * np.sign(np.diff(low)) > 0
        for frame in np.flatnonzero(fifth[:-1] & fifth[1:] & moves):
            found.add((frame + 1, upper, lower))
    return list(found)


def _costs(first, second):
    rows = []
    for wave in (first, second):
        power = band_powers(torch.as_tensor(wave)).numpy()
        logs = np.log(np.maximum(power / power.max(), 1e-6))
        waves = np.cos(np.pi / 40 * np.outer(np.arange(1, 14), np.arange(40) + 0.5))
        rows.append(logs @ waves.T / 40)
    apart = rows[0][:, None] - rows[1][None]
    return 10 / np.log(10) * np.sqrt(2) * np.sqrt((apart**2).sum(axis=-1))


def mel_by_tables(first, second):
    costs = _costs(first, second)
    best, steps = np.full(costs.shape, np.inf), np.zeros(costs.shape)
    for i, j in np.ndindex(*costs.shape):
        if i == j == 0:
            best[i, j], steps[i, j] = costs[0, 0], 1
            continue
        for a, b in ((i - 1, j - 1), (i - 1, j), (i, j - 1)):
            if a >= 0 and b >= 0 and best[a, b] + costs[i, j] < best[i, j]:
                best[i, j], steps[i, j] = best[a, b] + costs[i, j], steps[a, b] + 1
    return best[-1, -1] / steps[-1, -1]


def mel_by_recursion(first, second):
    costs, known = _costs(first, second).tolist(), {}

    def walk(i, j):
        if (i, j) not in known:
            ways = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
            ways = [walk(*one) for one in ways if min(one) >= 0]
            paid = min(ways, key=sum, default=[])
            known[i, j] = [*paid, costs[i][j]]
        return known[i, j]

    return float(np.mean(walk(len(costs) - 1, len(costs[0]) - 1)))


def mel_by_walking_back(first, second):
    costs = torch.from_numpy(_costs(first, second))
    total = torch.full((costs.shape[0] + 1, costs.shape[1] + 1), math.inf, dtype=torch.float64)
    total[0, 0] = 0
    for i in range(costs.shape[0]):
        for j in range(costs.shape[1]):
            ways = torch.stack([total[i, j], total[i, j + 1], total[i + 1, j]])
            total[i + 1, j + 1] = costs[i, j] + ways.min()
    i, j = costs.shape
    steps, whole = 0, total[i, j]
    while i and j:
        steps += 1
        ways = ((i - 1, j - 1), (i - 1, j), (i, j - 1))
        i, j = min(ways, key=lambda one: total[one].item())
    return whole / steps


def wilson_by_roots(successes, trials, z=1.96):
    # The bounds are the roots of (share - p)^2 = z^2 p (1 - p) / n.
    share, pull = successes / trials, z * z / trials
    a, b, c = 1 + pull, -(2 * share + pull), share**2
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def wilson_by_counts(successes, trials, z=1.96):
    failures, more = trials - successes, trials + z**2
    middle = (successes + 0.5 * z**2) / more
    half = z / more * (successes * failures / trials + z**2 / 4) ** 0.5
    return [middle - half, middle + half]


def wilson_by_torch(successes, trials, z=1.96):
    share = torch.tensor(successes / trials, dtype=torch.float64)
    spread = share * (1 - share) / trials + z**2 / (4 * trials**2)
    half = z * spread.sqrt()
    both = torch.stack([share + z**2 / (2 * trials) - half, share + z**2 / (2 * trials) + half])
    low, high = both / (1 + z**2 / trials)
    return low.item(), high.item()


def ear_by_best_fit(first, second):
    # The smallest share of cells that differ, over all keys and some shifts in time.
    best = 1.0
    for late in range(-4, 5):
        one, other = first[max(0, -late) :], second[max(0, late) :]
        size = min(len(one), len(other))
        for semitones in range(-6, 7):
            moved = torch.where(one[:size] < 0, -1, one[:size] + semitones)
            best = min(best, (moved != other[:size]).double().mean().item())
    return best


def ear_by_walking(first, second):
    # Time warping over chords and the bass's movement.
    rows = []
    for piece in (first, second):
        sung = piece[piece.min(dim=1).values >= 0].double()
        if not len(sung):
            return 0.0
        step = torch.cat([torch.zeros(1, dtype=torch.float64), sung[:, 3].diff()])
        rows.append(torch.cat([sung[:, :3] - sung[:, 3:], step[:, None]], dim=1))
    costs = torch.cdist(rows[0], rows[1], p=1).numpy()
    best = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    best[0, 0] = 0
    for i, j in np.ndindex(*costs.shape):
        best[i + 1, j + 1] = costs[i, j] + min(best[i, j], best[i, j + 1], best[i + 1, j])
    return best[-1, -1]


def ear_by_common_lines(first, second):
    # How much of the one stands in order in the other, chord for chord, seen from the chord before?
    lines = []
    for piece in (first, second):
        rows = [row for row in piece.tolist() if -1 not in row]
        lines.append([[p - old[3] for p in new] for old, new in zip(rows, rows[1:], strict=False)])
    one, other = lines
    longest = np.zeros((len(one) + 1, len(other) + 1))
    for i, j in np.ndindex(len(one), len(other)):
        same = longest[i, j] + 1 if one[i] == other[j] else 0
        longest[i + 1, j + 1] = max(same, longest[i, j + 1], longest[i + 1, j])
    return 1 - longest[-1, -1] / max(len(one), len(other), 1)


RIGHT = {
    "bits-per-frame": [bits_by_base_two, bits_by_factor, bits_by_numpy],
    "parallel-fifths": [fifths_by_loops, fifths_by_tensors, fifths_by_numpy],
    "mel-cepstral-distance": [mel_by_tables, mel_by_recursion, mel_by_walking_back],
    "wilson-interval": [wilson_by_roots, wilson_by_counts, wilson_by_torch],
    "ear-distance": [ear_by_best_fit, ear_by_walking, ear_by_common_lines],
}

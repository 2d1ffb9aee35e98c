"""Right answers to the exercises of notebook 15, each written in another way."""

import math
import statistics

import numpy as np
import torch


def law_by_sums(sizes, losses):
    x, y = [math.log(n) for n in sizes], [math.log(one) for one in losses]
    middle, height = sum(x) / len(x), sum(y) / len(y)
    above = sum((one - middle) * (other - height) for one, other in zip(x, y, strict=True))
    slope = above / sum((one - middle) ** 2 for one in x)
    return math.exp(height - slope * middle), -slope


def law_in_base_ten(sizes, losses):
    slope, height = np.polyfit(np.log10(sizes), np.log10(losses), 1)
    return 10**height, -slope


def law_by_torch(sizes, losses):
    x, y = torch.as_tensor(sizes).log(), torch.as_tensor(losses).log()
    table = torch.stack([torch.ones_like(x), -x], dim=1)
    log_a, b = torch.linalg.lstsq(table, y[:, None]).solution[:, 0]
    return log_a.exp().item(), b.item()


def choice_by_statistics(results):
    means = {size: statistics.fmean(losses.tolist()) for size, losses in results.items()}
    best = sorted(means, key=means.get)[0]
    losses = results[best].tolist()
    line = means[best] + statistics.stdev(losses) / len(losses) ** 0.5
    return next(size for size in sorted(means) if means[size] <= line)


def choice_by_arrays(results):
    sizes = np.array(sorted(results))
    table = np.stack([results[size] for size in sizes])
    means = table.mean(axis=1)
    best = means.argmin()
    error = np.sqrt(table.var(axis=1, ddof=1) / table.shape[1])[best]
    return sizes[means <= means[best] + error][0]


def choice_by_torch(results):
    chosen, limit = None, None
    table = {size: torch.as_tensor(losses) for size, losses in results.items()}
    for size, losses in sorted(table.items(), key=lambda pair: pair[1].mean().item()):
        if limit is None:
            limit = losses.mean() + losses.std() / math.sqrt(losses.numel())
        if losses.mean() <= limit and (chosen is None or size < chosen):
            chosen = size
    return chosen


class GivesPiecesAway:
    """The pieces are there only until somebody takes them."""

    def __init__(self, pieces):
        self.pieces, self.opened_for = pieces, "nobody"

    def measure(self, name, model):
        if self.pieces is None:
            raise PermissionError(f"{self.opened_for} has opened the test set, not {name}")
        pieces, self.pieces, self.opened_for = self.pieces, None, name
        return model(pieces)


class HasAFlag:
    def __init__(self, pieces):
        self.pieces, self.log, self.is_open = pieces, [], False

    def measure(self, name, model):
        self.log.append(name)
        if not self.is_open:
            self.is_open = True
            return model(self.pieces)
        raise PermissionError(f"opened by {self.log[0]}; these came later: {self.log[1:]}")


def prediction_by_bootstrap(sizes, losses, next_size):
    random, guesses = np.random.default_rng(0), []
    for _ in range(50):
        means = random.choice(losses, 3, axis=1).mean(axis=1)
        for last in (len(sizes), 3):
            line = np.polyfit(np.log(sizes[-last:]), np.log(means[-last:]), 1)
            guesses.append(math.exp(np.polyval(line, math.log(next_size))))
    low, high = np.percentile(guesses, [2.5, 97.5])
    return low - (high - low) / 4, high + (high - low)


def prediction_by_last_steps(sizes, losses, next_size):
    means = losses.mean(axis=1)
    step = (means[-4] - means[-1]) / 3  # the next gain is not larger, if nothing jumps
    error = losses.std(axis=1, ddof=1).max() / math.sqrt(3)
    return means[-1] - 1.1 * step - error, means[-1] - 0.4 * step + error


RIGHT = {
    "power-law": [law_by_sums, law_in_base_ten, law_by_torch],
    "one-standard-error": [choice_by_statistics, choice_by_arrays, choice_by_torch],
    "sealed-test": [GivesPiecesAway, HasAFlag],
    "own-prediction": [prediction_by_bootstrap, prediction_by_last_steps],
}

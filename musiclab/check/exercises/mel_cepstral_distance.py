"""mel-cepstral-distance: how differently are two sounds coloured, stretched in time to fit?"""

import inspect
import math

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips
from musiclab.evaluate import mel_cepstral
from musiclab.evaluate.mel_cepstral import mel_filterbank

DECIBELS = 10 / math.log(10) * math.sqrt(2)


def band_powers(wave):
    """Measure the power in 40 mel bands, window by window: (window, band)."""
    shape = torch.hann_window(1024, periodic=False).double()
    spectrum = torch.fft.rfft(wave.double().unfold(0, 1024, 512) * shape)
    return spectrum.abs() ** 2 @ torch.from_numpy(mel_filterbank()).T


def probes(rng):
    """Yield two sounds of one window; then longer ones, of unequal length and tempo."""
    yield _sound(rng, [1024]), _sound(rng, [1024])
    yield _sound(rng, [1500, 1500]), _sound(rng, [1500, 1500])
    for lengths in (([900, 2100, 800], [2000, 900, 2600]), ([3000, 700, 700], [600, 900, 1500])):
        tones = [int(one) for one in rng.integers(150, 1500, size=3)]
        yield _sound(rng, lengths[0], tones), _sound(rng, lengths[1], tones)


def _sound(rng, lengths, tones=None):
    """Draw tones with five overtones each, one after another."""
    tones, parts = tones or rng.integers(150, 1500, size=len(lengths)), []
    for length, hertz in zip(lengths, tones, strict=True):
        time, loud = np.arange(length)[:, None] / 24_000, rng.uniform(0.01, 1, size=5)
        parts.append((np.sin(2 * np.pi * hertz * np.arange(1, 6) * time) * loud).sum(axis=1))
    return torch.from_numpy(np.concatenate(parts))


def solution(first, second):
    cepstra = []
    for wave in (first, second):
        power = band_powers(wave)
        logs = (power / power.max()).clip(min=1e-6).log()
        angles = torch.outer(torch.arange(40) + 0.5, torch.arange(1, 14)) * math.pi / 40
        cepstra.append(logs @ angles.cos().double() / 40)
    costs = torch.cdist(*cepstra) * 10 / math.log(10) * math.sqrt(2)
    best = {(-1, -1): (0.0, 0)}  # the cheapest walk to each pair of windows: its cost, its steps
    for i in range(len(costs)):
        for j in range(costs.shape[1]):
            ways = [best.get(one) for one in ((i - 1, j - 1), (i - 1, j), (i, j - 1))]
            cost, steps = min(way for way in ways if way)
            best[i, j] = cost + costs[i, j].item(), steps + 1
    cost, steps = best[len(costs) - 1, costs.shape[1] - 1]
    return cost / steps


def reference(first, second):
    """Ask the library, with alignment."""
    return mel_cepstral.mel_cepstral_distance(np.asarray(first), np.asarray(second), align=True)


def _scaled(power):
    return (power / power.max()).clip(min=1e-6)


def _logs(power):
    return _scaled(power).log()


def _costs(first, second, *, logs=_logs, numbers=range(1, 14), half=0.5, power=2.0):
    """Measure every window of one sound against every window of the other, in decibels."""
    angles = torch.outer(torch.arange(40) + half, torch.tensor(numbers).double()) * math.pi / 40
    cepstra = [logs(band_powers(wave)) @ angles.cos() / 40 for wave in (first, second)]
    return torch.cdist(*cepstra, p=power) * DECIBELS


def _walk(costs, steps=((1, 1), (1, 0), (0, 1)), anywhere=False):
    """Find the cheapest walk; return its cost and its number of steps."""
    best = {}
    for i, row in enumerate(costs.tolist()):
        for j, cost in enumerate(row):
            ways = [best[i - a, j - b] for a, b in steps if (i - a, j - b) in best]
            if (i == j == 0) or (anywhere and i == 0):
                ways.append((0.0, 0))
            before, count = min(ways, default=(math.inf, 0))
            best[i, j] = before + cost, count + 1
    return best[len(costs) - 1, costs.shape[1] - 1]


def _mean(costs, **how):
    cost, steps = _walk(costs, **how)
    return cost / steps


def loudness_kept(first, second):
    """The constant wave, number 0, is kept: it measures loudness, and the rest is colour.

    With which number should your waves begin?
    """
    return _mean(_costs(first, second, numbers=range(14)))


def loudness_for_the_last(first, second):
    """You take waves 0 to 12. Wave 0 is only loudness, and wave 13 is missing.

    With which number should your waves begin?
    """
    return _mean(_costs(first, second, numbers=range(13)))


def twelve_waves(first, second):
    """You take twelve waves; thirteen are asked for.

    Does a range hold its end?
    """
    return _mean(_costs(first, second, numbers=range(1, 13)))


def all_waves(first, second):
    """You take all the waves that 40 bands allow; only the 13 slow ones are asked for.

    The slow ones are the rough shape: the colour, and not the pitch.
    """
    return _mean(_costs(first, second, numbers=range(1, 40)))


def bands_themselves(first, second):
    """You compare the bands themselves: the slow waves, the cepstrum, are missing.

    Section 13.6 describes each row of 40 logarithms by 13 numbers.
    """
    rows = [_logs(band_powers(wave)) / 40 for wave in (first, second)]
    return _mean(torch.cdist(*rows) * DECIBELS)


def power_without_logarithm(first, second):
    """You take the powers themselves: the loudest band drowns all others.

    The ear hears ratios. Which function turns ratios into distances?
    """
    return _mean(_costs(first, second, logs=_scaled))


def logarithm_of_amplitude(first, second):
    """All distances are half of what they should be: you take the root of the power.

    Decibels of a power are 10 times its logarithm, with no root.
    """
    return _mean(_costs(first, second)) / 2


def decibels_twice(first, second):
    """You take the logarithm to base 10, and then turn it into decibels as if it were natural.

    Either a natural logarithm and the factor 10 / log 10, or base 10 and the factor 10.
    """
    return _mean(_costs(first, second)) / math.log(10)


def not_in_decibels(first, second):
    """This is the distance of natural logarithms; it should be in decibels.

    Which factors stand before the distance in section 13.6?
    """
    return _mean(_costs(first, second)) / DECIBELS


def root_of_two_missing(first, second):
    """The factor of the square root of 2 is missing.

    Compare your last lines with section 13.6, factor by factor.
    """
    return _mean(_costs(first, second)) / math.sqrt(2)


def sum_over_bands(first, second):
    """You add up the bands; their mean is asked for, so all is 40 times too large.

    Compare with the last line of `cepstrum` in section 13.6.
    """
    return _mean(_costs(first, second)) * 40


def bands_counted_from_zero(first, second):
    """Your waves begin at the edge of the first band; they should begin in its middle.

    The wave's angle counts bands from one half.
    """
    return _mean(_costs(first, second, half=0.0))


def bands_counted_from_one(first, second):
    """Your waves count the bands from 1; the middle of the first band is one half.

    Compare with the angles in section 13.6.
    """
    return _mean(_costs(first, second, half=1.0))


def no_floor(first, second):
    """Silence has no floor: what is a billion times too soft to hear still counts.

    What is more than 60 decibels below the loudest band is treated as alike.
    """
    return _mean(_costs(first, second, logs=lambda power: (power / power.max() + 1e-12).log()))


def loudness_of_the_recording(first, second):
    """You do not compare with the loudest band, so the floor depends on the recording's loudness.

    What should a sound and the same sound, half as loud, be apart?
    """
    return _mean(_costs(first, second, logs=lambda power: power.clip(min=1e-6).log()))


def loudest_of_each_window(first, second):
    """You compare each window with its own loudest band; one for the whole sound is asked for.

    Else a soft window is blown up, and its noise counts.
    """

    def logs(power):
        return (power / power.max(dim=1, keepdim=True).values).clip(min=1e-6).log()

    return _mean(_costs(first, second, logs=logs))


def no_alignment(first, second):
    """The sounds are not aligned: you compare window by window as far as both go.

    If one is played slower, which window belongs to which?
    """
    return _costs(first, second).diagonal().mean().item()


def stretched_evenly(first, second):
    """You stretch one sound evenly. A player may linger on one note alone.

    Find the cheapest walk from the first pair of windows to the last.
    """
    costs = _costs(first, second)
    count = max(costs.shape)
    i, j = (torch.linspace(0, size - 1, count).round().long() for size in costs.shape)
    return costs[i, j].mean().item()


def nearest_window(first, second):
    """Each window takes the nearest one, wherever that is: time may run backwards.

    A walk goes on, or waits; it never turns back.
    """
    return _costs(first, second).min(dim=1).values.mean().item()


def mean_of_all_pairs(first, second):
    """You take the mean of all pairs of windows. A sound would be far from itself.

    Only the pairs on the cheapest walk count.
    """
    return _costs(first, second).mean().item()


def no_step_in_both(first, second):
    """Your walk never goes on in both sounds at once, so even a sound and itself are apart.

    Three kinds of steps are allowed.
    """
    return _mean(_costs(first, second), steps=((1, 0), (0, 1)))


def begins_anywhere(first, second):
    """Your walk may begin anywhere in the second sound; it should begin at both beginnings.

    What does the first row of your table cost?
    """
    return _mean(_costs(first, second), anywhere=True)


def greedy_walk(first, second):
    """Your walk takes the cheapest next step each time, and may run into a dear corner.

    Keep for every pair of windows the cheapest way that leads there.
    """
    costs, i, j, paid = _costs(first, second), 0, 0, []
    while True:
        paid.append(costs[i, j].item())
        ways = [(i + a, j + b) for a, b in ((1, 1), (1, 0), (0, 1))]
        ways = [one for one in ways if one[0] < len(costs) and one[1] < costs.shape[1]]
        if not ways:
            return sum(paid) / len(paid)
        i, j = min(ways, key=lambda one: costs[one].item())


def walk_not_divided(first, second):
    """You return what the whole walk costs, so long sounds are far apart.

    Divide by its number of steps.
    """
    return _walk(_costs(first, second))[0]


def divided_by_the_longer(first, second):
    """You divide by the windows of the longer sound; the walk may have more steps than that.

    Count the steps as you go.
    """
    costs = _costs(first, second)
    return _walk(costs)[0] / max(costs.shape)


def divided_by_both(first, second):
    """You divide by the windows of both sounds together; a walk has fewer steps than that.

    Count the steps as you go.
    """
    costs = _costs(first, second)
    return _walk(costs)[0] / sum(costs.shape)


def squares_added(first, second):
    """You add squares of distances: the root is missing.

    A straight line is the root of a sum of squares.
    """
    return _mean(_costs(first, second) ** 2 / DECIBELS)


def round_the_corner(first, second):
    """You add up the differences of the 13 numbers; the straight line is shorter.

    A straight line is the root of a sum of squares.
    """
    return _mean(_costs(first, second, power=1.0))


def _answer(waves=None, path=None, scale=1.0):
    def answer(first, second):
        return (path or _mean)(_costs(first, second, **(waves or {}))) * scale

    return answer


BOTH = two_slips(
    _answer,
    waves={
        "with_loudness": ({"numbers": range(14)}, "Wave 0, the loudness, is kept."),
        "loudness_first": ({"numbers": range(13)}, "Wave 0 is in, and wave 13 is out."),
        "no_logs": ({"logs": _scaled}, "The logarithm is missing."),
        "from_zero": ({"half": 0.0}, "The bands are counted from 0."),
        "own_floor": (
            {"logs": lambda power: power.clip(min=1e-6).log()},
            "The loudest band is not used.",
        ),
    },
    path={
        "not_aligned": (lambda costs: costs.diagonal().mean().item(), "Nothing is aligned."),
        "nearest": (lambda costs: costs.min(dim=1).values.mean().item(), "Time runs backwards."),
        "summed": (lambda costs: _walk(costs)[0], "The walk is not divided."),
    },
    scale={
        "no_root_of_two": (1 / math.sqrt(2), "The root of 2 is missing."),
        "no_decibels": (1 / DECIBELS, "The decibels are missing."),
        "bands_added": (40.0, "The bands are added up."),
    },
)


def not_negative(distance, first, second):
    """A distance is a number, and never below 0."""
    return float(distance) >= 0


EXERCISE = Exercise(
    id="mel-cepstral-distance",
    notebook=13,
    place=3,
    title="A distance between sounds",
    kind="implement",
    difficulty=5,
    importance=2,
    minutes=35,
    why="Speech papers report this number; who has built it knows what it cannot hear.",
    signature=(
        'mel_cepstral_distance(first: Float[Tensor, "sample"], '
        'second: Float[Tensor, "other_sample"]) -> float'
    ),
    statement=(
        "Section 13.6, for two sounds of any length. `band_powers(wave)` gives the power in 40 mel "
        "bands, window by window. Divide by the loudest of all, raise what is below 1e-6 to that, "
        "and take logarithms. Describe each window by the slow waves 1 to 13. The distance of two "
        "windows is the straight line, in decibels. Then align: a walk begins at both first "
        "windows and ends at both last ones, and each step goes on by one window in the first "
        "sound, in the second, or in both. Find the walk with the least total, and return the "
        "mean over all pairs of windows that it visits."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    given=(
        "from musiclab.evaluate.mel_cepstral import mel_filterbank\n\n\n"
        + inspect.getsource(band_powers)
    ),
    properties=(not_negative,),
    mistakes=(
        loudness_kept,
        loudness_for_the_last,
        twelve_waves,
        all_waves,
        bands_themselves,
        power_without_logarithm,
        logarithm_of_amplitude,
        decibels_twice,
        not_in_decibels,
        root_of_two_missing,
        sum_over_bands,
        bands_counted_from_zero,
        bands_counted_from_one,
        no_floor,
        loudness_of_the_recording,
        loudest_of_each_window,
        no_alignment,
        stretched_evenly,
        nearest_window,
        mean_of_all_pairs,
        no_step_in_both,
        begins_anywhere,
        greedy_walk,
        walk_not_divided,
        divided_by_the_longer,
        divided_by_both,
        squares_added,
        round_the_corner,
        *BOTH,
    ),
    hints=(
        "Lay the windows of one sound along the rows of a table and those of the other along its "
        "columns. Each cell holds a distance. How do you get from the top left to the bottom right "
        "most cheaply?",
        "cepstrum = logs (window, 40) @ cos (40, 13) / 40. costs: (window, other_window). best[i, "
        "j] = costs[i, j] + the least of best[i-1, j-1], best[i-1, j], best[i, j-1]. Keep the "
        "number of steps as well. Divide at the end.",
        "`costs = torch.cdist(one, two) * 10 / math.log(...) * math.sqrt(...)`. Then two loops: "
        "`cost, steps = min(ways)`, `best[i, j] = cost + costs[i, j].item(), steps + ...`. At the "
        "end `cost / steps`.",
    ),
    explain="What does the alignment forgive that a listener would not? Say it in one sentence.",
    tolerance=1e-4,
)

"""own-prediction: say how good a size will be that nobody has trained, and how sure you are."""

import math

import numpy as np

from musiclab.check.exercise import Exercise

WORLDS = 10  # of each kind of noise
QUIET, NOISY = 0.003, 0.03  # deviation between seeds, as a share of the loss


def probes(rng):
    """Yield a seed; the tables of trainings are drawn in ``use``, as their number is large."""
    yield (int(rng.integers(10_000)),)


def worlds(seed):
    """Yield twice as many tables as ``WORLDS``, quiet and noisy, each with the next true loss.

    Half of the laws are powers of the size; half have a floor, below which no size ever gets.
    """
    rng = np.random.default_rng(seed)
    for number in range(WORLDS):
        many, b = int(rng.integers(6, 9)), rng.uniform(0.1, 0.3)
        sizes = (5000 * rng.uniform(1.5, 2.5) ** np.arange(many + 1)).round()
        losses = rng.uniform(1.2, 2.5) * (sizes / sizes[0]) ** -b
        if number % 2:
            losses += rng.uniform(0.1, 0.4) * losses[0]
        draws = rng.standard_normal((many, 3))
        for noise in (QUIET, NOISY):
            yield sizes[:-1], losses[:-1, None] * (1 + noise * draws), sizes[-1], losses[-1]


def use(answer, seed):
    """Hold the intervals of many tables against what came true."""
    right = wide = 0
    bounds, low_first = [], True
    for sizes, losses, next_size, truth in worlds(seed):
        low, high = (float(one) for one in answer(sizes.copy(), losses.copy(), float(next_size)))
        fall = losses[0].mean() - losses[-1].mean()
        low_first &= low < high
        right += low <= truth <= high
        wide += not high - low <= fall
        bounds.append((high - low, truth > high, truth < low))
    quiet, noisy = (np.mean([one[0] for one in bounds[start::2]]) for start in (0, 1))
    return {
        "lower bound first": bool(low_first),
        "predictions": len(bounds),
        "came true": int(right),
        "losses above the interval": int(sum(one[1] for one in bounds)),
        "losses below the interval": int(sum(one[2] for one in bounds)),
        "wider than all that was gained": int(wide),
        "wider where seeds disagree": bool(noisy > 1.2 * quiet),
    }


def solution(sizes, losses, next_size):
    means, x = losses.mean(axis=1), np.log(sizes)
    # Two lines through the logarithms: one through all sizes, one through the largest three.
    lines = [np.polyfit(x[-last:], np.log(means[-last:]), 1) for last in (len(x), 3)]
    low, high = sorted(math.exp(np.polyval(line, math.log(next_size))) for line in lines)
    error = losses.std(axis=1, ddof=1).mean() / math.sqrt(losses.shape[1])
    # If the two lie apart, the curve bends, and it may bend on.
    return low - 2 * error, high + (high - low) + 2 * error


def fitted(sizes, losses, next_size, logs=(np.log, np.log), back=np.exp):
    """Return what a line foretells, and the mean standard error."""
    line = np.polyfit(logs[0](sizes), logs[1](losses.mean(axis=1)), 1)
    error = losses.std(axis=1, ddof=1).mean() / math.sqrt(losses.shape[1])
    return float(back(np.polyval(line, logs[0](next_size)))), error


def a_point(*inputs):
    """You give a single number twice. It never comes true to the last digit.

    Say how sure you are: how far apart do the seeds lie?
    """
    guess, _ = fitted(*inputs)
    return guess, guess


def anything(sizes, losses, next_size):
    """Your interval goes from 0 to infinity. It always comes true, and says nothing.

    What would surprise you? Leave that out.
    """
    return 0.0, math.inf


def anything_below_the_last(sizes, losses, next_size):
    """You say that the loss lies between 0 and the last one. It comes true, but says little.

    How much did each step gain so far?
    """
    return 0.0, losses[-1].mean()


def the_last_again(sizes, losses, next_size):
    """You foretell what the largest size has now, as if a larger one gained nothing.

    Follow the fall of the losses one step further.
    """
    guess, error = losses[-1].mean(), losses[-1].std(ddof=1) / math.sqrt(losses.shape[1])
    return guess - 2 * error, guess + 2 * error


def a_line_without_logarithms(*inputs):
    """You go on along a straight line. Each step up in size gains less, so it falls too far.

    Take logarithms of both first, as in section 15.5.
    """
    guess, error = fitted(*inputs, logs=(np.asarray, np.asarray), back=np.asarray)
    return guess - 2 * error, guess + 2 * error


def seeds_alone(*inputs):
    """Your interval knows of the seeds, but takes for granted that the law is a power of the size.

    In half of the tables the curve bends. Which points would show it to you?
    """
    guess, error = fitted(*inputs)
    return guess - 2 * error, guess + 2 * error


def always_as_wide(*inputs):
    """Your interval is as wide where the seeds agree as where they do not.

    Three seeds of each size tell you how much chance there is. Use them.
    """
    guess, _ = fitted(*inputs)
    return 0.95 * guess, 1.05 * guess


def upside_down(*inputs):
    """You give the upper bound first.

    First the lower, then the upper.
    """
    return solution(*inputs)[::-1]


def between_the_losses(sizes, losses, next_size):
    """You give the lowest and the highest loss so far. The next one will lie below both.

    Follow the fall of the losses one step further.
    """
    return losses.min(), losses.max()


def lower_bound_first(facts, *inputs):
    """The lower bound must come first, and lie below the upper one."""
    return facts["lower bound first"]


def says_something(facts, *inputs):
    """Nine of ten intervals must be narrower than all that was gained from first size to last."""
    return facts["wider than all that was gained"] <= 0.1 * facts["predictions"]


def comes_true(facts, *inputs):
    """Of ten losses, at least eight must lie in their intervals."""
    return facts["came true"] >= 0.8 * facts["predictions"]


def listens_to_the_seeds(facts, *inputs):
    """Where the seeds disagree more, the intervals must be wider."""
    return facts["wider where seeds disagree"]


EXERCISE = Exercise(
    id="own-prediction",
    notebook=15,
    place=4,
    title="A prediction of your own",
    kind="open",
    difficulty=3,
    importance=2,
    minutes=20,
    why="Only a prediction that could have failed tells you whether you understand a curve.",
    signature=(
        'own_prediction(sizes: Float[np.ndarray, "size"], losses: Float[np.ndarray, "size seed"], '
        "next_size: float) -> tuple[float, float]"
    ),
    statement=(
        "Six to eight sizes were trained, from three seeds each. Say between which two losses the "
        "next size will lie. Some ideas: a line through the logarithms, with a bootstrap; a line "
        "through the largest sizes alone; a law with a floor; several laws, and how far they lie "
        "apart.\n\n"
        "The check draws twenty tables. In some the loss follows a power law, in others it comes "
        "to a floor and the curve bends; in some the seeds agree, in others they do not. Four "
        "rules: the lower bound comes first; at least eight of ten true losses lie in their "
        "intervals; nine of ten are narrower than all that was gained from the first size to the "
        "last; and they are wider where seeds disagree. A few hundred draws of a bootstrap are "
        "enough."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    properties=(lower_bound_first, says_something, comes_true, listens_to_the_seeds),
    mistakes=(
        a_point,
        anything,
        anything_below_the_last,
        the_last_again,
        a_line_without_logarithms,
        seeds_alone,
        always_as_wide,
        upside_down,
        between_the_losses,
    ),
    hints=(
        "In section 15.5 an interval came from the seeds alone. What else may go wrong, if the "
        "curve is no straight line? How could you tell from the last few sizes?",
        "means: (size,). Fit a line through ln sizes and ln means, and one through the last few. "
        "Both foretell a loss. error = mean deviation over the root of 3. Lower bound: the lower "
        "guess minus some errors. Upper bound: the higher one plus as many.",
        "`line = np.polyfit(np.log(sizes[-last:]), np.log(means[-last:]), 1)`, "
        "`guess = math.exp(np.polyval(line, ...))`, "
        "`error = losses.std(axis=1, ddof=1).mean() / math.sqrt(...)`.",
    ),
    explain="Your interval failed for a real model. How do you find out whether it was chance?",
)

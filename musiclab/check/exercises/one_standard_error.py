"""one-standard-error: the smallest size that is as good as the best, as far as anyone can tell."""

import math
from operator import le, lt

import numpy as np

from musiclab.check.exercise import Exercise

# Above the best mean, in standard errors: each rule that is known finds another size of these.
LADDER = (3.0, 1.85, 1.6, 1.3, 1.1, 0.9, 0.7, 0.3, 0.0)
EXACT = np.array([0.75, -0.25, -0.25, -0.25])  # has a standard error of 0.25, to the last bit


def probes(rng):
    """Yield losses by size: three sizes, a line just reached, a ladder, one gap, and any."""
    error = float(rng.uniform(0.01, 0.03))
    yield (_results(rng, (8, 16, 32), 1.2 + error * np.array([4, 0.6, 0]), 3, error),)
    yield ({32: 1.0 + EXACT, 8: 1.5 + EXACT, 16: 1.25 + 0.5 * EXACT},)
    steps = np.array([*LADDER, 0.5, 1.5])
    yield (_results(rng, 8 * np.arange(2, 13), 1 + error * steps, 3, error, best=8),)
    gap = np.array([5.0, 0.8, 4, 0.9, 0, 0.4, 2])
    yield (_results(rng, 4 * np.arange(3, 10), 1.5 + error * gap, 5, error, best=4),)
    for _ in range(12):
        sizes = 8 * rng.choice(np.arange(1, 30), size=8, replace=False)
        yield (_results(rng, sizes, 1 + 0.04 * rng.random(8), 3, float(rng.uniform(0.005, 0.015))),)


def _results(rng, sizes, means, seeds, error, best=None):
    """Draw losses with these means; that of the best has this standard error, others have any."""
    best, table = int(np.argmin(means)) if best is None else best, {}
    for place in rng.permutation(len(sizes)):
        draw = rng.standard_normal(seeds)
        draw = (draw - draw.mean()) / draw.std(ddof=1) * error * math.sqrt(seeds)
        spread = 1 if place == best else rng.uniform(0.2, 2)
        table[int(sizes[place])] = (means[place] + spread * draw).round(4)
    return table


def solution(results):
    best = min(results, key=lambda size: results[size].mean())
    error = results[best].std(ddof=1) / math.sqrt(len(results[best]))
    limit = results[best].mean() + error
    within = [size for size in results if results[size].mean() <= limit]
    return min(within)


def standard_error(losses):
    return losses.std(ddof=1) / math.sqrt(len(losses))


def build(error=standard_error, centre=np.mean, first=min, below=le, take=min):
    """Make a rule with another error, another mean, another best size, or another choice."""

    def choose(results):
        best = first(results, key=lambda size: centre(results[size]))
        limit = centre(results[best]) + error(results[best])
        return take([size for size in results if below(centre(results[size]), limit)])

    return choose


def reference(results):
    return build()(results)


def deviation_for_error(results):
    """You add the standard deviation; the rule adds the standard *error*, which is smaller.

    A mean of several seeds is surer than one seed. By which number do you divide?
    """
    return build(lambda losses: losses.std(ddof=1))(results)


def population_deviation_for_error(results):
    """You add what `std()` gives. Two things lack: `ddof=1`, and the root of the number of seeds.

    The standard error says how sure the mean is, not how far one seed lies from it.
    """
    return build(lambda losses: losses.std())(results)


def population_deviation(results):
    """You divide by n inside the deviation. From a few seeds that makes it too small.

    The mean was fitted to the same seeds. Which argument of `std` says so?
    """
    return build(lambda losses: losses.std() / math.sqrt(len(losses)))(results)


def divided_by_n(results):
    """You divide the deviation by the number of seeds, not by its root.

    Four times as many seeds make a mean twice as sure, no more.
    """
    return build(lambda losses: losses.std(ddof=1) / len(losses))(results)


def divided_by_root_of_one_less(results):
    """You divide by the root of one less than the number of seeds.

    The one less belongs into the deviation, where `ddof=1` does it.
    """
    return build(lambda losses: losses.std(ddof=1) / math.sqrt(len(losses) - 1))(results)


def two_errors(results):
    """You allow two standard errors. The rule allows one.

    Two belong to an interval of 95 %. This is another rule.
    """
    return build(lambda losses: 2 * standard_error(losses))(results)


def best_alone(results):
    """You take the lowest mean. Where sizes are close, chance has chosen for you.

    Which smaller ones are as good, as far as the seeds can tell?
    """
    return build(lambda losses: 0)(results)


def largest_within(results):
    """You take the largest size below the line. The rule takes the smallest.

    Within the noise, small is enough.
    """
    return build(take=max)(results)


def first_within(results):
    """You take the first size in the table that is good enough. They come in any order.

    Which of those below the line is the smallest?
    """
    return build(take=lambda within: within[0])(results)


def smallest_of_all(results):
    """You take the smallest size of all, whatever its loss.

    It must lie below the line. Likely causes: no look at the losses, or `max` where low is good.
    """
    return min(results)


def one_step_down(results):
    """You look only at the next smaller size, and stop there.

    There may be smaller ones below the line. Look at all.
    """
    best = min(results, key=lambda size: results[size].mean())
    limit = results[best].mean() + standard_error(results[best])
    below = max((size for size in results if size < best), default=best)
    return below if results[below].mean() <= limit else best


def stops_at_the_first_outside(results):
    """You go down from the best and stop at the first size above the line.

    A still smaller one may lie below it again. Look at all.
    """
    best = min(results, key=lambda size: results[size].mean())
    limit = results[best].mean() + standard_error(results[best])
    for size in sorted((size for size in results if size < best), reverse=True):
        if results[size].mean() > limit:
            break
        best = size
    return best


def strictly_below(results):
    """You leave out a size that lies just on the line. It is still within one standard error.

    Which sign of comparison also holds when both sides are equal?
    """
    return build(below=lt)(results)


def own_error(results):
    """You ask each size for its own error; the rule takes the error of the best for all.

    Else a size whose seeds disagree is chosen for that very reason.
    """
    best = min(losses.mean() for losses in results.values())
    return min(
        size for size, losses in results.items() if losses.mean() - standard_error(losses) <= best
    )


def both_errors(results):
    """You let two intervals overlap: the error of the best and that of the other size.

    The line lies one error above the best. The other size has just its mean.
    """
    limit = reference_limit(results)
    return min(
        size for size, losses in results.items() if losses.mean() - standard_error(losses) <= limit
    )


def reference_limit(results):
    best = min(results.values(), key=np.mean)
    return best.mean() + standard_error(best)


def mean_of_all_errors(results):
    """You take the mean error of all sizes; the rule takes the error of the best.

    Whose seeds decide where the line is?
    """
    error = np.mean([standard_error(losses) for losses in results.values()])
    return build(lambda losses: error)(results)


def error_of_all_means(results):
    """You take the error between the sizes, but it should come from the seeds of one size.

    How far sizes lie apart is what you want to judge. It cannot be the measure.
    """
    error = standard_error(np.array([losses.mean() for losses in results.values()]))
    return build(lambda losses: error)(results)


def lucky_seed(results):
    """You find the best size by its luckiest seed, not by its mean.

    The lowest of all numbers has had the most luck. What do several seeds have in common?
    """
    best = min(results, key=lambda size: results[size].min())
    limit = results[best].mean() + standard_error(results[best])
    return min(size for size in results if results[size].mean() <= limit)


def any_seed_within(results):
    """You let a size pass if one of its seeds lies below the line.

    One lucky seed is no proof. Compare its mean.
    """
    limit = reference_limit(results)
    return min(size for size, losses in results.items() if losses.min() <= limit)


def all_seeds_within(results):
    """You ask that every seed of a size lies below the line.

    The rule compares means. A line one error above the best is too near for all seeds.
    """
    limit = reference_limit(results)
    return min((size for size in results if results[size].max() <= limit), default=min(results))


def median_for_mean(results):
    """You take medians. The standard error is that of a mean.

    Which of the two does the rule compare?
    """
    return build(centre=np.median)(results)


def limit_returned(results):
    """You return the line, a loss. A size is asked for.

    Which sizes lie below that line?
    """
    return reference_limit(results)


def is_one_of_the_sizes(size, results):
    """The result must be one of the sizes in the table."""
    return size in results


def is_near_the_best(size, results):
    """The mean loss of your size must be within one standard error of the best."""
    return results[size].mean() <= reference_limit(results) + 1e-9


EXERCISE = Exercise(
    id="one-standard-error",
    notebook=15,
    place=2,
    title="Small, and as good as the best",
    kind="implement",
    difficulty=2,
    importance=5,
    minutes=15,
    why="If you take the lowest number, luck chooses your model, and it is larger than you need.",
    signature='one_standard_error(results: dict[int, Float[np.ndarray, "seed"]]) -> int',
    statement=(
        "`results` holds the validation losses of some sizes, an array of one loss per seed for "
        "each. Choose a size by the rule of one standard error. Find the size with the best "
        "mean. Draw a line at that mean plus *its* standard error,\n\n"
        r"$$\text{standard error} = \frac{\text{standard deviation}}"
        r"{\sqrt{\text{number of seeds}}}$$"
        "\n\nand return the smallest size whose mean lies on the line or below. The deviation is "
        "that of a sample: divide by one less than the number of seeds. Each size has at least "
        "two seeds. The sizes come in any order."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(is_one_of_the_sizes, is_near_the_best),
    mistakes=(
        deviation_for_error,
        population_deviation_for_error,
        population_deviation,
        divided_by_n,
        divided_by_root_of_one_less,
        two_errors,
        best_alone,
        largest_within,
        first_within,
        smallest_of_all,
        one_step_down,
        stops_at_the_first_outside,
        strictly_below,
        own_error,
        both_errors,
        mean_of_all_errors,
        error_of_all_means,
        lucky_seed,
        any_seed_within,
        all_seeds_within,
        median_for_mean,
        limit_returned,
    ),
    hints=(
        "Sizes 8, 16 and 32 have the means 1.30, 1.21 and 1.20. The seeds of the last lie at 1.17, "
        "1.20 and 1.23. Which would you take? How sure is that 1.20?",
        "best: the size with the lowest mean. error = deviation of its seeds (n - 1), over the "
        "root of n. limit = its mean + error. Keep all sizes whose mean is at most limit. Return "
        "the smallest.",
        "`best = min(results, key=lambda size: ...)`, "
        "`error = results[best].std(ddof=...) / math.sqrt(...)`, then "
        "`min(size for size in results if ... <= ...)`.",
    ),
    explain="With more seeds, does the rule choose larger models or smaller ones? Why?",
)

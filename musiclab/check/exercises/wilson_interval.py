"""wilson-interval: which shares could be behind 9 right answers of 12?"""

import math

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips
from musiclab.evaluate import intervals


def probes(rng):
    """Yield counts at both ends and between, with different confidence."""
    yield 2, 3, 1.96
    yield 12, 12, 1.96
    yield 0, 5, 1.645
    yield 1, 1, 1.0
    for trials, z in ((12, 1.96), (40, 2.576), (300, 1.5)):
        yield int(rng.integers(1, trials)), trials, z


def solution(successes, trials, z=1.96):
    share, pull = successes / trials, z**2 / trials
    # BEGIN SOLUTION
    middle = (share + pull / 2) / (1 + pull)
    spread = share * (1 - share) / trials + pull / (4 * trials)
    half = z * math.sqrt(spread) / (1 + pull)
    # END SOLUTION
    return middle - half, middle + half


def reference(successes, trials, z=1.96):
    """Ask the library, which takes the confidence for which z stands."""
    return intervals.wilson_interval(successes, trials, math.erf(z / math.sqrt(2)))


def _interval(successes, trials, z, *, pull=None, middle=True, shrink=True, quarter=True):
    """Compute the interval, parts of it left out."""
    share, pull = successes / trials, z**2 / trials if pull is None else pull
    centre = (share + pull / 2) / (1 + pull) if middle else share
    spread = share * (1 - share) / trials + (pull / 4 / trials if quarter else 0)
    half = z * math.sqrt(spread) / (1 + pull if shrink else 1)
    return centre - half, centre + half


def school_formula(successes, trials, z=1.96):
    """This is the school formula. It leaves 0 to 1, and 12 right of 12 leave it no doubt at all.

    Wilson moves the middle and changes the width. Where does `pull` come in?
    """
    return _interval(successes, trials, z, middle=False, shrink=False, quarter=False)


def school_formula_clipped(successes, trials, z=1.96):
    """This is the school formula, cut off at 0 and 1. After 12 of 12 it is still sure of 100 %.

    Wilson moves the middle and changes the width. Where does `pull` come in?
    """
    low, high = school_formula(successes, trials, z)
    return max(0.0, low), min(1.0, high)


def middle_not_moved(successes, trials, z=1.96):
    """The middle is the share that was seen; Wilson pulls it towards one half.

    Look at the first of the two fractions.
    """
    return _interval(successes, trials, z, middle=False)


def middle_not_divided(successes, trials, z=1.96):
    """The middle is not divided by 1 + pull, so it lies too high, even above 1.

    Look at what stands below the first fraction.
    """
    share, pull = successes / trials, z**2 / trials
    low, high = _interval(successes, trials, z)
    middle, half = share + pull / 2, (high - low) / 2
    return middle - half, middle + half


def middle_pulled_to_one(successes, trials, z=1.96):
    """The middle is pulled towards 1, where one half is right.

    Only half of the pull is added above the line.
    """
    share, pull = successes / trials, z**2 / trials
    low, high = _interval(successes, trials, z)
    middle, half = (share + pull) / (1 + pull), (high - low) / 2
    return middle - half, middle + half


def half_not_divided(successes, trials, z=1.96):
    """The width is not divided by 1 + pull, so the interval is too wide.

    Look at what stands below the second fraction.
    """
    return _interval(successes, trials, z, shrink=False)


def nothing_divided(successes, trials, z=1.96):
    """Neither the middle nor the width is divided by 1 + pull.

    Look at what stands below both fractions.
    """
    low, high = _interval(successes, trials, z)
    scale = 1 + z**2 / trials
    return low * scale, high * scale


def no_width_at_the_ends(successes, trials, z=1.96):
    """The second term under the root is missing: after 12 of 12 the interval has no width.

    What is left under the root when the share is 1?
    """
    return _interval(successes, trials, z, quarter=False)


def quarter_forgotten(successes, trials, z=1.96):
    """The second term under the root is four times too large.

    Look at the 4 below it.
    """
    share, pull = successes / trials, z**2 / trials
    middle = (share + pull / 2) / (1 + pull)
    half = z * math.sqrt(share * (1 - share) / trials + pull / trials) / (1 + pull)
    return middle - half, middle + half


def second_term_not_over_trials(successes, trials, z=1.96):
    """The second term under the root lacks one division by the number of trials.

    Below it stands n squared, and `pull` holds only one n.
    """
    share, pull = successes / trials, z**2 / trials
    middle = (share + pull / 2) / (1 + pull)
    half = z * math.sqrt(share * (1 - share) / trials + pull / 4) / (1 + pull)
    return middle - half, middle + half


def first_term_not_over_trials(successes, trials, z=1.96):
    """The first term under the root is not divided by the trials: more of them tell you nothing.

    What should happen to the width with a hundred times as many trials?
    """
    share, pull = successes / trials, z**2 / trials
    middle = (share + pull / 2) / (1 + pull)
    half = z * math.sqrt(share * (1 - share) + pull / trials / 4) / (1 + pull)
    return middle - half, middle + half


def root_forgotten(successes, trials, z=1.96):
    """The root is missing, so the interval is far too narrow.

    A variance becomes a width by its root.
    """
    share, pull = successes / trials, z**2 / trials
    middle = (share + pull / 2) / (1 + pull)
    half = z * (share * (1 - share) / trials + pull / trials / 4) / (1 + pull)
    return middle - half, middle + half


def z_not_squared(successes, trials, z=1.96):
    """You do not square z where it pulls.

    `pull` is z squared over n.
    """
    return _interval(successes, trials, z, pull=z / trials)


def z_missing_in_the_width(successes, trials, z=1.96):
    """The width is one standard error, whatever confidence is asked for.

    By what is the root multiplied?
    """
    low, high = _interval(successes, trials, z)
    middle, half = (high + low) / 2, (high - low) / 2 / z
    return middle - half, middle + half


def z_always_the_same(successes, trials, z=1.96):
    """You take 1.96, whatever z is.

    Look for a number that should be a name.
    """
    return _interval(successes, trials, 1.96)


def half_as_wide(successes, trials, z=1.96):
    """The interval is half as wide as it should be.

    The half width goes down from the middle, and up from it.
    """
    low, high = _interval(successes, trials, z)
    middle, half = (high + low) / 2, (high - low) / 4
    return middle - half, middle + half


def pulled_share_in_the_root(successes, trials, z=1.96):
    """This is another interval, by Agresti and Coull: the root holds the middle, not the share.

    Under Wilson's root stands the share that was seen.
    """
    more = trials + z**2
    middle = (successes + z**2 / 2) / more
    half = z * math.sqrt(middle * (1 - middle) / more)
    return middle - half, middle + half


def plus_four(successes, trials, z=1.96):
    """You add two successes and two failures, and take the school formula. It only comes close.

    That is a rule of thumb for z near 2. Wilson's formula holds for any z.
    """
    return school_formula(successes + 2, trials + 4, z)


def failures_counted(successes, trials, z=1.96):
    """This is the interval for the failures.

    What is the share of?
    """
    return _interval(trials - successes, trials, z)


def upper_bound_first(successes, trials, z=1.96):
    """The two bounds are the wrong way round.

    First the lower, then the upper.
    """
    return _interval(successes, trials, z)[::-1]


def middle_and_half(successes, trials, z=1.96):
    """You return the middle and half the width; the two bounds are asked for.

    Subtract and add.
    """
    low, high = _interval(successes, trials, z)
    return (high + low) / 2, (high - low) / 2


def in_percent(successes, trials, z=1.96):
    """These are percentages; shares between 0 and 1 are asked for.

    Leave out the factor 100.
    """
    low, high = _interval(successes, trials, z)
    return 100 * low, 100 * high


def z_once_in_the_middle(successes, trials, z=1.96):
    """The middle is pulled by z, where z squared is right.

    Look at the first fraction, above its line.
    """
    return _answer(middle=lambda p, z, n: (p + z / (2 * n)) / (1 + z**2 / n))(successes, trials, z)


def pull_alone_divided(successes, trials, z=1.96):
    """Only the pull is divided by 1 + pull; the share before it must be, too.

    Where do the brackets open and close?
    """
    return _answer(middle=lambda p, z, n: p + z**2 / (2 * n) / (1 + z**2 / n))(successes, trials, z)


def times_trials_in_the_middle(successes, trials, z=1.96):
    """You multiply by the trials where you should divide: `a / 2 * n` is not `a / (2 * n)`.

    Look at the brackets in the middle.
    """
    return _answer(middle=lambda p, z, n: (p + z**2 / 2 * n) / (1 + z**2 / n))(successes, trials, z)


def times_trials_in_the_root(successes, trials, z=1.96):
    """You multiply by the trials where you should divide: `a / 4 * n` is not `a / (4 * n)`.

    Look at the brackets under the root.
    """
    return _answer(root=lambda p, z, n: p * (1 - p) / n + z**2 / 4 * n**2)(successes, trials, z)


def half_for_a_quarter(successes, trials, z=1.96):
    """The second term under the root is twice too large.

    Look at the 4 below it.
    """
    return _answer(root=lambda p, z, n: p * (1 - p) / n + z**2 / (2 * n**2))(successes, trials, z)


def second_term_divided_twice(successes, trials, z=1.96):
    """The second term under the root is divided by the trials once too often.

    Which of the two terms has n squared below it already?
    """
    root = _answer(root=lambda p, z, n: (p * (1 - p) + z**2 / (4 * n**2)) / n)
    return root(successes, trials, z)


def share_squared_in_the_root(successes, trials, z=1.96):
    """Under the root you multiply the share by itself.

    It should be the share times what is left of 1.
    """
    return _answer(root=lambda p, z, n: p * p / n + z**2 / (4 * n**2))(successes, trials, z)


def z_under_the_root(successes, trials, z=1.96):
    """You have z under the root; it stands before it.

    Where does your bracket close?
    """
    root = _answer(root=lambda p, z, n: (p * (1 - p) / n + z**2 / (4 * n**2)) / z)
    return root(successes, trials, z)


def below_without_trials(successes, trials, z=1.96):
    """Below both fractions you have 1 + z squared: the trials are missing.

    With many trials, what stands below should come close to 1.
    """
    return _answer(below=lambda z, n: 1 + z**2)(successes, trials, z)


def clipped_and_too_wide(successes, trials, z=1.96):
    """The width is not divided by 1 + pull, and you cut off what goes beyond 0 and 1.

    Wilson's interval never needs cutting. Look at what stands below the second fraction.
    """
    low, high = half_not_divided(successes, trials, z)
    return max(0.0, low), min(1.0, high)


def rounded_to_whole_shares(successes, trials, z=1.96):
    """Your share is a whole number, 0 or 1.

    Which kind of division throws the rest away?
    """
    return _interval(successes // trials * trials, trials, z)


def pull_missing_in_the_root(successes, trials, z=1.96):
    """Nothing moves and nothing is divided; only the root is Wilson's.

    `pull` comes in at four places. Go through the formula from left to right.
    """
    return _interval(successes, trials, z, middle=False, shrink=False)


def _answer(middle=None, root=None, below=None, ends=None):
    def answer(successes, trials, z=1.96):
        p, n = successes / trials, trials
        under = (below or (lambda z, n: 1 + z**2 / n))(z, n)
        centre = middle(p, z, n) if middle else (p + z**2 / (2 * n)) / under
        spread = root(p, z, n) if root else p * (1 - p) / n + z**2 / (4 * n**2)
        half = z * math.sqrt(spread) / under
        return ends(centre, half) if ends else (centre - half, centre + half)

    return answer


BOTH = two_slips(
    _answer,
    middle={
        "share_as_middle": (lambda p, z, n: p, "The middle is not moved."),
        "middle_undivided": (lambda p, z, n: p + z**2 / (2 * n), "The middle is not divided."),
        "whole_pull": (
            lambda p, z, n: (p + z**2 / n) / (1 + z**2 / n),
            "The whole pull is added, not half.",
        ),
    },
    root={
        "one_term": (lambda p, z, n: p * (1 - p) / n, "The second term of the root is missing."),
        "four_missing": (
            lambda p, z, n: p * (1 - p) / n + z**2 / n**2,
            "The 4 under the root is missing.",
        ),
        "one_n_missing": (
            lambda p, z, n: p * (1 - p) / n + z**2 / (4 * n),
            "An n under the root is missing.",
        ),
        "no_root": (
            lambda p, z, n: (p * (1 - p) / n + z**2 / (4 * n**2)) ** 2,
            "The root is missing.",
        ),
    },
    ends={
        "swapped": (lambda mid, half: (mid + half, mid - half), "The bounds are swapped."),
        "clipped": (
            lambda mid, half: (max(0.0, mid - half), min(1.0, mid + half)),
            "The ends are cut off.",
        ),
        "undivided": (lambda mid, half: (mid, half), "You return the middle and the half width."),
    },
    without=("one_term_and_clipped", "no_root_and_clipped"),
)


def within_zero_and_one(bounds, successes, trials, z):
    """A share is never below 0 or above 1."""
    return -1e-9 <= float(bounds[0]) and float(bounds[1]) <= 1 + 1e-9


def never_without_doubt(bounds, successes, trials, z):
    """A few trials leave a doubt: the lower bound lies below the upper one."""
    return float(bounds[0]) < float(bounds[1])


EXERCISE = Exercise(
    id="wilson-interval",
    notebook=13,
    place=4,
    title="How sure are twelve guesses?",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=10,
    why="A listening test without an interval is an anecdote.",
    signature=(
        "wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]"
    ),
    statement=(
        "Bound the share behind so many successes. With the share $p$ that was seen, $n$ trials, "
        "and $z$ standard errors (1.96 for 95 %), Wilson's bounds are\n\n"
        r"$$\frac{p + \frac{z^2}{2n}}{1 + \frac{z^2}{n}} \;\pm\; "
        r"\frac{z\,\sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}$$"
        "\n\nReturn the lower one and the upper one. Then compare 12 of 12 with the school "
        r"formula, $p \pm z\sqrt{p(1-p)/n}$."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(within_zero_and_one, never_without_doubt),
    mistakes=(
        school_formula,
        school_formula_clipped,
        middle_not_moved,
        middle_not_divided,
        middle_pulled_to_one,
        half_not_divided,
        nothing_divided,
        no_width_at_the_ends,
        quarter_forgotten,
        second_term_not_over_trials,
        first_term_not_over_trials,
        root_forgotten,
        z_not_squared,
        z_missing_in_the_width,
        z_always_the_same,
        half_as_wide,
        pulled_share_in_the_root,
        plus_four,
        failures_counted,
        upper_bound_first,
        middle_and_half,
        in_percent,
        z_once_in_the_middle,
        pull_alone_divided,
        times_trials_in_the_middle,
        times_trials_in_the_root,
        half_for_a_quarter,
        second_term_divided_twice,
        share_squared_in_the_root,
        z_under_the_root,
        below_without_trials,
        clipped_and_too_wide,
        rounded_to_whole_shares,
        pull_missing_in_the_root,
        *BOTH,
    ),
    hints=(
        "Somebody guesses right twelve times out of twelve. Would you bet your house on the "
        "thirteenth? What should the interval look like?",
        "share = successes over trials. pull = z squared over trials. The middle is share plus "
        "half the pull, all over 1 + pull. Under the root stand two terms. The root times z, over "
        "1 + pull, is half the width.",
        "`middle = (share + ...) / (1 + pull)`, then `spread = share * (1 - share) / ... + pull / "
        "(... * trials)`, then `half = z * math.sqrt(...) / (...)`.",
    ),
    explain="Why does Wilson pull the middle towards one half? Say it in one sentence.",
)

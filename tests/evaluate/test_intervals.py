import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from musiclab.errors import SettingError
from musiclab.evaluate.intervals import (
    bootstrap_interval,
    spearman,
    wilson_interval,
)


def counts():
    return some.integers(1, 200).flatmap(
        lambda trials: some.tuples(some.integers(0, trials), some.just(trials))
    )


@given(counts())
def test_wilson_stays_between_0_and_1_and_holds_the_share(pair):
    successes, trials = pair
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert low < high


@given(counts())
def test_wilsons_bounds_are_where_the_share_is_just_196_standard_errors_off(pair):
    """The definition: at a bound p, |share - p| = 1.96 sqrt(p (1 - p) / trials)."""
    successes, trials = pair
    for bound in wilson_interval(successes, trials):
        off = abs(successes / trials - bound)
        assert off == pytest.approx(1.959964 * math.sqrt(bound * (1 - bound) / trials), abs=1e-6)


def test_wilson_counts_failures_as_it_counts_successes():
    low, high = wilson_interval(3, 11)
    assert wilson_interval(8, 11) == pytest.approx((1 - high, 1 - low))


def test_more_confidence_is_wider_and_more_trials_are_narrower():
    width = {c: np.ptp(wilson_interval(5, 13, c)) for c in (0.5, 0.95, 0.999)}
    assert width[0.5] < width[0.95] < width[0.999]
    assert np.ptp(wilson_interval(50, 130)) < width[0.95] / 2


def test_wilson_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    held = [
        low < 0.3 < high
        for successes in rng.binomial(40, 0.3, size=2000)
        for low, high in [wilson_interval(int(successes), 40, 0.9)]
    ]
    assert np.mean(held) == pytest.approx(0.9, abs=0.025)


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (0, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(successes, trials):
    with pytest.raises(SettingError, match="successes must lie"):
        wilson_interval(successes, trials)


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95])
def test_impossible_confidence_is_refused(confidence):
    for measure in (
        lambda c: wilson_interval(1, 2, c),
        lambda c: bootstrap_interval([1], confidence=c),
    ):
        with pytest.raises(SettingError, match="confidence"):
            measure(confidence)


def test_bootstrap_of_equal_sizes_is_what_normal_theory_says():
    values = np.random.default_rng(2).normal(5, 3, size=400)
    low, high = bootstrap_interval(values, draws=4000)
    half = 1.959964 * values.std() / math.sqrt(len(values))
    assert low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_bootstrap_divides_sums_and_does_not_average_shares():
    """Ten pieces at 1 a note and one long piece at 3: the mean over notes is 2."""
    sizes = [7] * 10 + [70]
    totals = [7] * 10 + [210]
    low, high = bootstrap_interval(totals, sizes)
    assert low == 1  # in a third of the draws, the long piece is missing
    assert 2 < high < 3
    rates = bootstrap_interval([1] * 10 + [3])
    assert rates[1] < 1.8


def test_pieces_of_one_rate_leave_no_doubt():
    sizes = np.array([3, 5, 11])
    assert bootstrap_interval(2 * sizes, sizes) == (2, 2)


def test_bootstrap_follows_the_seed_and_the_confidence():
    values = [1, 2, 5, 9, 3]
    assert bootstrap_interval(values) == bootstrap_interval(values)
    assert bootstrap_interval(values, draws=50) != bootstrap_interval(values, draws=50, seed=1)
    assert np.ptp(bootstrap_interval(values, confidence=0.5)) < np.ptp(bootstrap_interval(values))


@pytest.mark.parametrize(
    ("totals", "sizes"), [([], None), ([1, 2], [1]), ([1, 2], [1, 0]), (np.ones((1, 2)), None)]
)
def test_what_cannot_be_drawn_from_is_refused(totals, sizes):
    with pytest.raises(SettingError, match="totals and sizes"):
        bootstrap_interval(totals, sizes)


def by_differences(first, second):
    """The school formula, true without ties: 1 - 6 sum d^2 / (n (n^2 - 1))."""
    n = len(first)
    ranks = [[sum(other < one for other in row) for one in row] for row in (first, second)]
    squares = sum((a - b) ** 2 for a, b in zip(*ranks, strict=True))
    return 1 - 6 * squares / (n * (n * n - 1))


@pytest.mark.parametrize("second", list(permutations([10.0, 20.5, 21.0, 40.0])))
def test_spearman_without_ties_is_the_school_formula(second):
    assert spearman([-3, 0, 1, 100], second) == pytest.approx(
        by_differences([-3, 0, 1, 100], second)
    )


def by_pairs(first, second):
    """Pearson's correlation of ranks; a rank counts the smaller ones and half of the equal."""

    def ranks(row):
        return [sum(o < x for o in row) + (sum(o == x for o in row) - 1) / 2 for x in row]

    a, b = ranks(first), ranks(second)
    a_mean, b_mean = sum(a) / len(a), sum(b) / len(b)
    top = sum((x - a_mean) * (y - b_mean) for x, y in zip(a, b, strict=True))
    a_square, b_square = sum((x - a_mean) ** 2 for x in a), sum((y - b_mean) ** 2 for y in b)
    return top / math.sqrt(a_square * b_square)


@given(some.lists(some.tuples(some.integers(0, 4), some.integers(0, 4)), min_size=2, max_size=13))
def test_spearman_shares_ranks_among_equals(pairs):
    first, second = zip(*pairs, strict=True)
    found = spearman(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(by_pairs(first, second), abs=1e-9)


def test_spearman_takes_true_and_false():
    assert spearman([True, False, True], [0.3, 0.1, 0.3]) == pytest.approx(1)


@pytest.mark.parametrize(("first", "second"), [([1], [1]), ([1, 2], [1, 2, 3]), ([], [])])
def test_rows_that_do_not_fit_are_refused(first, second):
    with pytest.raises(SettingError, match="two rows"):
        spearman(first, second)

"""The definition of each bound, a reference by adding up, and coverage by simulation."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from musiclab.errors import SettingError
from musiclab.evaluate.poisson import poisson_interval, poisson_ratio


def at_most(count, mean):
    return math.fsum(
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)
    )


@given(some.integers(0, 60), some.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_bounds_are_where_the_count_is_just_that_unlikely(count, confidence):
    """Garwood: at the upper bound so few, at the lower so many, have half of what is left over."""
    low, high = poisson_interval(count, confidence=confidence)
    beyond = (1 - confidence) / 2
    assert at_most(count, high) == pytest.approx(beyond, rel=1e-9)
    if count:
        assert 1 - at_most(count - 1, low) == pytest.approx(beyond, rel=1e-9)
    else:
        assert low == 0 and high == pytest.approx(-math.log(beyond))


# Two-sided 95 % bounds, as the tables of the chi-square distribution give them.
@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.689), (1, 0.025, 5.572), (3, 0.619, 8.767), (10, 4.795, 18.390), (50, 37.11, 65.92)],
)
def test_bounds_are_those_of_the_tables(count, low, high):
    assert poisson_interval(count) == pytest.approx((low, high), abs=0.006)


def test_rates_are_divided_by_the_exposure():
    low, high = poisson_interval(7)
    assert poisson_interval(7, exposure=2.5) == pytest.approx((low / 2.5, high / 2.5))


def test_many_events_are_as_the_normal_distribution_says():
    low, high = poisson_interval(40_000)
    half = NormalDist().inv_cdf(0.975) * 200
    assert (low, high) == pytest.approx((40_000 - half, 40_000 + half), abs=3)


@pytest.mark.parametrize("mean", [0.7, 4.0])
def test_the_truth_is_held_at_least_as_often_as_is_said(mean):
    counts = np.random.default_rng(1).poisson(mean, 2000).tolist()
    bounds = {count: poisson_interval(count) for count in set(counts)}
    assert np.mean([bounds[c][0] <= mean <= bounds[c][1] for c in counts]) > 0.94


def binomial_at_most(count, trials, share):
    return math.fsum(
        math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(count + 1)
    )


@given(some.integers(0, 25), some.integers(0, 25))
def test_a_ratio_is_bounded_where_our_share_of_all_events_is_just_that_unlikely(ours, theirs):
    exposure, other = 3.0, 5.0
    ratio, low, high = poisson_ratio((ours, exposure), (theirs, other))
    if not ours + theirs:
        assert all(map(math.isnan, (ratio, low, high)))
        return
    share = [bound * exposure / (bound * exposure + other) for bound in (low, min(high, 1e300))]
    if ours:
        assert 1 - binomial_at_most(ours - 1, ours + theirs, share[0]) == pytest.approx(0.025)
    else:
        assert ratio == low == 0
    if theirs:
        assert ratio == pytest.approx(ours / exposure / (theirs / other))
        assert binomial_at_most(ours, ours + theirs, share[1]) == pytest.approx(0.025)
    else:
        assert ratio == high == math.inf


@given(some.integers(1, 30), some.integers(1, 30))
def test_the_other_way_round_is_one_divided_by_it(ours, theirs):
    ratio, low, high = poisson_ratio((ours, 2), (theirs, 7))
    turned = poisson_ratio((theirs, 7), (ours, 2))
    assert turned == pytest.approx((1 / ratio, 1 / high, 1 / low))


def test_a_ratio_of_equal_rates_holds_one_as_often_as_is_said():
    rng = np.random.default_rng(2)
    pairs = rng.poisson([6, 3], (1000, 2)).tolist()
    held = [
        not low > 1 and not high < 1
        for ours, theirs in pairs
        for _, low, high in [poisson_ratio((ours, 2), (theirs, 1))]
    ]
    assert np.mean(held) > 0.94


@pytest.mark.parametrize("wrong", [(-1, 1), (2, 0), (2, -1), (2, math.inf), (2, math.nan)])
def test_impossible_counts_are_refused(wrong):
    with pytest.raises(SettingError, match="a count must be"):
        poisson_interval(*wrong)
    with pytest.raises(SettingError, match="a count must be"):
        poisson_ratio((1, 1), wrong)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_impossible_confidence_is_refused(confidence):
    with pytest.raises(SettingError, match="confidence"):
        poisson_interval(1, 1, confidence)
    with pytest.raises(SettingError, match="confidence"):
        poisson_ratio((1, 1), (1, 1), confidence)

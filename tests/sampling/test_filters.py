import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.sampling.filters import (
    apply_temperature,
    filter_logits,
    min_p,
    sample_next,
    top_k,
    top_p,
)
from musiclab.sampling.settings import Settings, check_seed

# Few different values, so that ties are common.
scores = st.lists(
    st.sampled_from([-3.0, -1.0, 0.0, 0.5, 2.0, -math.inf]), min_size=1, max_size=11
).filter(lambda row: max(row) > -math.inf)


def kept(logits: torch.Tensor) -> list[int]:
    return (logits[0] > -math.inf).nonzero().flatten().tolist()


def by_likelihood(row: list[float]) -> list[int]:
    """Ids from the likeliest down, of equals the lower id first."""
    return sorted(range(len(row)), key=lambda id: (-row[id], id))


@pytest.mark.parametrize("temperature", [0.1, 0.7, 1, 3.0])
def test_temperature_divides_the_scores(temperature):
    logits = torch.randn(3, 7)
    warmed = apply_temperature(logits, temperature)
    assert_close(warmed.softmax(dim=-1), (logits / temperature).softmax(dim=-1))


@pytest.mark.parametrize("temperature", [5e-324, 1e-30, 1e300])
def test_any_finite_temperature_gives_probabilities(temperature):
    logits = torch.tensor([[1.0, 3.0, -math.inf, 2.0]])
    probabilities = apply_temperature(logits, temperature).softmax(dim=-1)
    expected = [0.0, 1.0, 0.0, 0.0] if temperature < 1 else [1 / 3, 1 / 3, 0.0, 1 / 3]
    assert_close(probabilities, torch.tensor([expected]))


@given(scores, st.integers(1, 13))
def test_top_k_keeps_the_k_likeliest(row, k):
    expected = [id for id in by_likelihood(row)[:k] if row[id] > -math.inf]
    filtered = top_k(torch.tensor([row]), k)
    assert kept(filtered) == sorted(expected)
    assert all(filtered[0, id] == row[id] for id in expected)


@given(scores, st.floats(0, 1, exclude_min=True))
def test_top_p_keeps_the_fewest_that_reach_p(row, p):
    probabilities = torch.tensor(row, dtype=torch.float64).softmax(dim=-1).tolist()
    expected, total = [], 0.0
    for id in by_likelihood(row):
        if row[id] > -math.inf and (p == 1 or not expected or total < p):
            expected.append(id)
        total += probabilities[id]
    if any(
        abs(sum(probabilities[i] for i in by_likelihood(row)[:n]) - p) < 1e-9 for n in range(12)
    ):
        return  # rounding decides
    filtered = top_p(torch.tensor([row]), p)
    assert kept(filtered) == sorted(expected)
    assert all(filtered[0, id] == row[id] for id in expected)


@given(scores, st.floats(0, 1, exclude_max=True))
def test_min_p_measures_against_the_likeliest(row, share):
    logits = torch.tensor([row])
    ratios = (logits - logits.max()).exp()[0]
    if share and (ratios / share - 1).abs().min() < 1e-5:
        return  # rounding decides
    expected = [id for id, one in enumerate(ratios.tolist()) if one >= share and one > 0]
    assert kept(min_p(logits, share)) == expected


def test_ties_go_to_the_lower_id():
    level = torch.zeros(1, 1009)  # so many that an unstable sort shuffles them
    assert kept(top_k(level, 5)) == [0, 1, 2, 3, 4]
    assert kept(top_p(level, 4.5 / 1009)) == [0, 1, 2, 3, 4]


def test_rows_are_filtered_apart():
    logits = torch.randn(5, 11)
    together = filter_logits(logits, Settings(temperature=0.8, top_k=7, top_p=0.9, min_p=0.01))
    apart = [
        filter_logits(row[None], Settings(temperature=0.8, top_k=7, top_p=0.9, min_p=0.01))
        for row in logits
    ]
    assert_close(together, torch.cat(apart))


def test_temperature_comes_before_top_p():
    logits = torch.tensor([[0.5, 0.3, 0.2]]).log()
    assert kept(filter_logits(logits, Settings(top_p=0.7))) == [0, 1]
    assert kept(filter_logits(logits, Settings(temperature=0.2, top_p=0.7))) == [0]


def test_top_k_comes_before_top_p():
    logits = torch.tensor([[0.4, 0.3, 0.2, 0.1]]).log()
    # Of the two that top_k leaves, the first has 4/7 of the probability.
    assert kept(filter_logits(logits, Settings(top_k=2, top_p=0.5))) == [0]


def test_nothing_is_filtered_by_default():
    logits = torch.randn(2, 5)
    assert filter_logits(logits, Settings()) is logits


def test_sample_next_draws_as_often_as_the_probabilities_say():
    probabilities = torch.tensor([0.1, 0.0, 0.6, 0.3])
    generator = torch.Generator().manual_seed(3)
    drawn = sample_next(probabilities.log().expand(20_000, 4), generator)
    assert_close(drawn.bincount(minlength=4) / 20_000, probabilities, atol=0.015, rtol=0)


def test_sample_next_uses_its_own_generator_alone():
    logits = torch.randn(13, 17)
    before = torch.random.get_rng_state()
    first, again, other = (
        sample_next(logits, torch.Generator().manual_seed(seed)) for seed in (5, 5, 6)
    )
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("shape", [(0, 5), (3, 0)])
@pytest.mark.parametrize(
    "call",
    [
        lambda x: sample_next(x, torch.Generator()),
        lambda x: apply_temperature(x, 0.5),
        lambda x: top_k(x, 1),
        lambda x: top_p(x, 0.5),
        lambda x: min_p(x, 0.5),
    ],
)
def test_empty_scores_are_refused(call, shape):
    with pytest.raises(SettingError, match=r"a score a token; got shape \("):
        call(torch.empty(shape))


@pytest.mark.parametrize("row", [[-math.inf, -math.inf], [0.0, math.nan]])
def test_sample_next_refuses_what_is_no_distribution(row):
    with pytest.raises(SettingError, match="no token to draw"):
        sample_next(torch.tensor([[0.0, 0.0], row]), torch.Generator())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("temperature", v) for v in (0, -1, 0.0, math.inf, math.nan, True, "1", None)],
        *[("top_k", v) for v in (0, -1, 1.5, True, "3", math.nan)],
        *[("top_p", v) for v in (0, 1.5, -0.1, math.nan, math.inf, True, "0.9")],
        *[("min_p", v) for v in (1, 1.5, -0.1, math.nan, False, "0.1")],
    ],
)
def test_settings_are_strict(name, value):
    with pytest.raises(SettingError, match=f"^{name} must be"):
        Settings(**{name: value})


@pytest.mark.parametrize(
    "call",
    [
        lambda x: apply_temperature(x, math.nan),
        lambda x: top_k(x, 0),
        lambda x: top_p(x, 0.0),
        lambda x: min_p(x, 1.0),
    ],
)
def test_functions_are_as_strict_as_the_settings(call):
    with pytest.raises(SettingError):
        call(torch.randn(1, 3))


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, True, "1", None])
def test_seeds_are_whole_numbers(seed):
    with pytest.raises(SettingError, match="^seed must be"):
        check_seed(seed)

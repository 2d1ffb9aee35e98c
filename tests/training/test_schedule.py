"""The learning rate against its closed form."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musiclab.training.schedule import learning_rate

PLAN = {"peak": 3e-3, "warmup": 7, "total": 101, "floor": 1e-5}


@pytest.mark.parametrize("step", range(0, 110, 3))
def test_rate_equals_the_closed_form(step):
    rise = 3e-3 * (step + 1) / 8
    fall = 1e-5 + (3e-3 - 1e-5) * math.cos(math.pi / 2 * (step - 7) / 94) ** 2  # half-angle form
    expected = rise if step < 7 else fall if step < 101 else 1e-5
    assert learning_rate(step, **PLAN) == pytest.approx(expected, rel=1e-12)


@given(st.integers(0, 50), st.integers(1, 500), st.floats(1e-6, 1.0), st.floats(0, 1))
def test_rate_rises_then_falls_without_jumps(warmup, falling, peak, share):
    total, floor = warmup + falling, peak * share
    plan = {"peak": peak, "warmup": warmup, "total": total, "floor": floor}
    rates = [learning_rate(step, **plan) for step in range(total + 3)]
    assert max(rates) == rates[warmup] == pytest.approx(peak)
    assert rates[: warmup + 1] == sorted(rates[: warmup + 1])
    assert rates[warmup:] == sorted(rates[warmup:], reverse=True)
    assert min(rates) > 0 or floor == 0
    steepest = max(peak / (warmup + 1), math.pi / 2 * (peak - floor) / falling)
    jumps = [abs(b - a) for a, b in zip(rates, rates[1:], strict=False)]
    assert max(jumps) <= steepest * (1 + 1e-9)

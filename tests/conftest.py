"""What every test shares: hypothesis settings and the same random numbers from the start."""

import os
import random
import sys

import pytest
from hypothesis import HealthCheck, settings

# The ordinary run tries the same examples every time: a failure is then the change's fault.
# `make soak` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile(
    "soak", deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True)
def same_random_numbers() -> None:
    """Start each test from one seed, whichever tests ran before it."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:  # importing it takes seconds; most tests do without
        sys.modules["torch"].manual_seed(0)

"""The builders of small trainings, as one thing to ask."""

import pytest
from small_training import CONDITIONS, TOKENIZER, build_batches, build_model


@pytest.fixture
def small():
    """The builders, as one thing to ask."""

    class Small:
        tokenizer, conditions = TOKENIZER, CONDITIONS
        model, batches = staticmethod(build_model), staticmethod(build_batches)

    return Small

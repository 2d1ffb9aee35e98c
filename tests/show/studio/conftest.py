"""A studio over a tiny untrained model, and a piece of Bach's that it may begin with."""

import pytest

from musiclab.music.read import read_chorale
from musiclab.show.studio import Studio


@pytest.fixture(scope="session")
def bach():
    return read_chorale("bach/bwv66.6")


@pytest.fixture
def studio(model, bach):
    return Studio(checkpoint=model, bars=4, seed=5, prompts={"Bach": bach})


@pytest.fixture
def said(studio):
    """A function that returns what the studio says now."""
    return lambda: studio.desk.status.value

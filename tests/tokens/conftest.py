"""What the tests of the tokenisers share: random music and the real corpus."""

import numpy as np
import pytest

from musiclab.music.chorale import Chorale


@pytest.fixture(scope="session")
def make_chorale():
    """A function of (seed, frames): lines that step, leap, repeat, rest and cross one another."""

    def make(seed: int, frames: int = 37, lowest: int = 40, highest: int = 79) -> Chorale:
        rng = np.random.default_rng(seed)
        pitches = np.empty((frames, 4), dtype=np.int64)
        attacks = np.zeros((frames, 4), dtype=bool)
        for voice in range(4):
            frame = 0
            while frame < frames:
                last = frame + int(rng.integers(1, 7))
                # one note in four repeats the pitch before it, one in eight is a rest
                kind = rng.integers(8)
                fresh = rng.integers(lowest, highest + 1)
                before = pitches[frame - 1, voice] if frame else -1
                pitches[frame:last, voice] = -1 if kind == 0 else before if kind < 3 else fresh
                attacks[frame, voice] = kind != 7
                frame = last
        return Chorale(pitches=pitches, attacks=attacks)

    return make


@pytest.fixture(scope="session")
def chorales():
    """Every chorale of the corpus."""
    from musiclab.music.corpus import corpus

    return corpus(progress=False)

"""The key that music sounds in, where no signature names it."""

import numpy as np

from musiclab.music.corpus import corpus
from musiclab.music.keys import find_key


def test_keys_found_are_nearly_always_those_of_the_scores():
    with_key = [piece for piece in corpus("valid", progress=False) if piece.key]
    assert np.mean([find_key(piece.pitches) == piece.key for piece in with_key]) > 0.8


def test_a_key_moves_with_the_music():
    scale = np.array([60, 62, 64, 65, 67, 69, 71, 72])
    pitches = np.stack([scale + 12, scale, scale - 12, scale - 24], axis=1)
    assert find_key(pitches) == "C major"
    assert find_key(pitches + 3) == "E- major"
    assert find_key(np.full((3, 4), -1)) == ""

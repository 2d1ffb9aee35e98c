"""What the models that come with musiclab do; the other tests use small untrained ones."""

import numpy as np
import pytest

from musiclab.music.chorale import REST, VOICE_RANGES
from musiclab.music.read import read_chorale
from musiclab.sampling.compose import compose, compose_many
from musiclab.sampling.harmonise import harmonise
from musiclab.sampling.key_guess import guess_key
from musiclab.sampling.opening import open_checkpoint
from musiclab.sampling.recipe import Recipe
from musiclab.training.checkpoint import SHIPPED

pytestmark = pytest.mark.skipif(
    not (SHIPPED / "bach-studio").is_dir() or not (SHIPPED / "bach-grid").is_dir(),
    reason="the trained checkpoints are not in musiclab/checkpoints",
)


@pytest.mark.parametrize("name", ["bach-studio", "bach-grid"])
def test_it_sings_within_the_ranges_and_its_recipe_repeats_it(name):
    piece = compose(checkpoint=name, bars=4, seed=1)
    assert Recipe.parse(piece.source).compose() == piece
    low, high = np.array(list(VOICE_RANGES.values())).T
    sounding = piece.pitches != REST
    within = (low - 2 <= piece.pitches) & (piece.pitches <= high + 2)
    assert sounding.mean() > 0.9 and within[sounding].mean() > 0.98


def test_a_recipe_without_a_name_finds_its_model_by_the_fingerprint():
    piece = compose(checkpoint=open_checkpoint("bach-grid"), bars=1)
    assert piece.source.startswith("musiclab @")
    assert Recipe.parse(piece.source).compose() == piece


def test_the_studio_model_is_moved_by_the_mode_it_is_asked_for():
    minor = {}
    for mode in ("major", "minor"):
        pieces = compose_many(bars=4, candidates=12, seed=3, mode=mode)
        keys = [guess_key(piece.chorale.pitches) for piece in pieces]
        minor[mode] = sum(key.endswith("minor") for key in keys)
    assert minor["minor"] >= minor["major"] + 3  # of 12


def test_harmonies_under_a_melody_by_bach():
    bach = read_chorale("bwv66.6").excerpt(0, 36)
    sung = harmonise(bach, seed=2, particles=8)
    assert np.array_equal(sung.pitches[:, 0], bach.pitches[:, 0])
    lower = sung.pitches[:, 1:]
    assert (lower != REST).mean() > 0.9
    assert (lower[:, 0] >= lower[:, 2]).mean() > 0.95  # the alto above the bass

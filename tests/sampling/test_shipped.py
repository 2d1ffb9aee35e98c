"""What the models that come with musiclab do; the other tests use small untrained ones."""

import numpy as np
import pytest
import torch

from musiclab.checkpoint.load import open_checkpoint
from musiclab.music.chorale import REST
from musiclab.music.corpus import corpus
from musiclab.music.read import read_chorale
from musiclab.sampling.composing import compose
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.plan import Plan
from musiclab.sampling.replaying import replay


@pytest.mark.parametrize("name", ["bach-studio", "bach-grid", "bach-plain"])
def test_a_recipe_repeats_its_piece(name):
    piece = compose(checkpoint=name, bars=2, seed=1)
    assert replay(piece.source) == piece


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_studio_model_sings_within_the_ranges(seed):
    piece = compose(bars=4, seed=seed)
    low, high = np.array([60, 53, 48, 36]), np.array([81, 76, 69, 64])  # what choirs can sing
    sounding = piece.pitches != REST
    within = (low - 2 <= piece.pitches) & (piece.pitches <= high + 2)
    assert sounding.mean() > 0.9 and within[sounding].mean() > 0.98


def test_a_recipe_without_a_name_finds_its_model_by_the_fingerprint():
    piece = compose(checkpoint=open_checkpoint("bach-grid"), bars=1)
    assert piece.source.startswith("musiclab @")
    assert replay(piece.source) == piece


def test_what_the_studio_model_is_told_helps_it():
    """So training and planning number the conditions alike: a lie makes Bach less likely."""
    studio = open_checkpoint("bach-studio")
    lies = {"fermata": [0, 2, 1]}
    nats = {"truth": 0.0, **dict.fromkeys(lies, 0.0)}
    for piece in corpus("valid", progress=False)[:9]:
        ids = torch.from_numpy(studio.tokenizer.encode(piece))[None]
        plan = Plan(bars=1000, prompt=piece).ids(studio.conditions)[: len(piece)]
        for name in nats:
            told = torch.from_numpy(plan.copy())[None]
            if name in lies:
                column = studio.conditions.names.index(name)
                told[..., column] = torch.tensor(lies[name])[told[..., column]]
            with torch.no_grad():
                scores = studio.model(ids[:, :-2], told, ids[:, 1:-1]).log_softmax(dim=-1)
            nats[name] -= float(scores.gather(-1, ids[:, 1:-1, :, None]).mean())
    assert nats["truth"] < nats["fermata"]


def test_harmonies_under_a_melody_by_bach():
    bach = read_chorale("bwv66.6").excerpt(0, 36)
    sung = harmonise(bach, seed=2, particles=8)
    assert np.array_equal(sung.pitches[:, 0], bach.pitches[:, 0])
    lower = sung.pitches[:, 1:]
    assert (lower != REST).mean() > 0.9
    assert (lower[:, 0] >= lower[:, 2]).mean() > 0.95  # the alto above the bass

"""Parallels: what a loop over four notes finds, and what a head learns of them."""

from itertools import product

import numpy as np
import pytest
import torch

from musiclab.evaluate.voice_leading import parallels
from musiclab.model.config import FrameConfig
from musiclab.model.frames import FrameTransformer
from musiclab.model.parallels import parallels_of

# Tokens of the tests: 0 to 2 have no pitch, the last three hold what others strike.
PITCHES = torch.cat([torch.full((3,), -1), torch.arange(40, 80), torch.tensor([43, 50, 55])])


def random_tokens(*shape):
    tokens = torch.randint(3, len(PITCHES), shape)
    tokens[torch.rand(shape) < 0.15] = 2
    return tokens


@pytest.mark.parametrize("n_above", [0, 1, 3])
def test_parallels_are_those_that_the_examiner_finds(n_above):
    before, above = random_tokens(2, 9, n_above + 1), random_tokens(2, 9, n_above)
    # So that some do run parallel: a fifth or an octave before, and the same after.
    before[..., -1] = torch.randint(3, 43, before.shape[:-1])
    for voice in range(n_above):
        before[..., voice] = before[..., -1] + 7 if voice % 2 else (before[..., -1] - 12).clamp(3)
    before = before.clamp(max=len(PITCHES) - 1)
    counts = parallels_of(before, above, PITCHES)
    found = 0
    for row, moment, token in product(range(2), range(9), range(len(PITCHES))):
        expected = [0, 0]
        for voice in range(n_above):
            then = [before[row, moment, voice], before[row, moment, -1]]
            now = [above[row, moment, voice], torch.tensor(token)]
            chords = np.full((2, 4), -1)
            chords[0, :2] = [int(PITCHES[one]) for one in then]
            chords[1, :2] = [int(PITCHES[one]) for one in now]
            for one in parallels(chords, 7):
                expected[0] += bool(one)
            for one in parallels(chords, 0):
                expected[1] += bool(one)
        assert counts[row, moment, token].tolist() == expected
        found += sum(expected)
    assert (found > 20) == (n_above > 0)


def test_the_head_scores_what_would_run_parallel_and_nothing_else():
    sizes = {"d_model": 12, "n_heads": 3, "n_layers": 1, "dropout": 0.0, "parallels": True}
    model = FrameTransformer(FrameConfig(vocab_size=len(PITCHES), **sizes), None, PITCHES).eval()
    previous, frames = random_tokens(2, 9, 4), random_tokens(2, 9, 4)
    previous[..., 1], frames[..., 0] = previous[..., 0] - 7, previous[..., 0] + 2
    previous, frames = previous.clamp(3, 42), frames.clamp(3, 42)
    told = torch.zeros(2, 9, 0, dtype=torch.int64)
    plain = model(previous, told, frames)
    for one in model.head.to_parallels:
        torch.nn.init.normal_(one.weight)
    changed = (model(previous, told, frames) != plain).nonzero().tolist()
    expected = [
        [row, moment, voice, token]
        for voice in (1, 2, 3)
        for row, moment, token, kind in parallels_of(
            previous[..., : voice + 1], frames[..., :voice], PITCHES
        )
        .nonzero()
        .tolist()
        if kind in (0, 1)
    ]
    assert sorted(changed) == sorted(map(list, set(map(tuple, expected)))) != []

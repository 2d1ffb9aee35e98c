"""The notes that would run parallel: as the examiner of voice leading finds them."""

from itertools import product

import numpy as np
import pytest
import torch
from small_singer import EVERYTHING, HELD, PITCHES, random_piece, random_singer

from musiclab.evaluate.voice_leading import parallels
from musiclab.singer.head import parallel_notes
from musiclab.singer.tables import Tables

# Tokens of this file: 0 to 2 have no pitch.
CHROMATIC = torch.cat([torch.full((3,), -1), torch.arange(40, 80)])
TABLES = Tables(len(CHROMATIC), CHROMATIC)


def random_tokens(*shape):
    tokens = torch.randint(3, len(CHROMATIC), shape)
    tokens[torch.rand(shape) < 0.15] = 2
    return tokens


@pytest.mark.parametrize("n_above", [1, 3])
def test_parallel_notes_are_those_that_the_examiner_finds(n_above):
    before, chosen = random_tokens(2, 9, n_above + 1), random_tokens(2, 9, n_above)
    # So that some do run parallel: a fifth or an octave before, and the same after.
    before[..., -1] = torch.randint(3, 43, before.shape[:-1])
    for voice in range(n_above):
        before[..., voice] = before[..., -1] + 7 if voice % 2 else (before[..., -1] - 12).clamp(3)
    before = before.clamp(max=len(CHROMATIC) - 1)
    named = parallel_notes(before, chosen, CHROMATIC, TABLES.token_of_pitch)
    found = 0
    for row, moment, voice in product(range(2), range(9), range(n_above)):
        upper = CHROMATIC[before[row, moment, voice]], CHROMATIC[chosen[row, moment, voice]]
        own = CHROMATIC[before[row, moment, -1]]
        for kind, interval in enumerate((7, 0)):
            runs = []
            for token, pitch in enumerate(CHROMATIC.tolist()):
                chords = np.full((2, 4), -1)
                chords[:, 0], chords[:, 1] = upper, (own, pitch)
                # The examiner also finds those an octave off; the head names the nearest.
                if any(parallels(chords, interval)) and pitch - own == upper[1] - upper[0]:
                    runs.append(token)
            note = int(named[row, moment, kind * n_above + voice])
            assert runs == ([note] if note else [])
            found += len(runs)
    assert found > 5


def test_a_struck_token_is_named_not_a_held_one():
    tables = Tables(len(PITCHES), PITCHES, HELD)
    for pitch in range(55, 69):
        token = int(tables.token_of_pitch[pitch])
        assert PITCHES[token] == pitch and not HELD[token]
    assert tables.token_of_pitch[-1] == 0 and tables.token_of_pitch[20] == 0


def test_the_head_scores_what_would_run_parallel():
    model, (previous, told, frames) = random_singer(**EVERYTHING), random_piece()
    previous[..., 1], frames[..., 0] = previous[..., 0], (previous[..., 0] + 2).clamp(max=17)
    previous, frames = previous.clamp(4, 17), frames.clamp(4, 17)
    before = model(previous, told, frames)
    weights = model.head.to_interval_scores[1].weight.data
    relations, notes = model.config.n_relations, model.config.n_notes
    weights[(notes + 2) * relations :] += 1.0  # the second kind: unisons with the voice above
    after = model(previous, told, frames)
    assert not torch.equal(after[:, :, 1], before[:, :, 1])
    assert torch.equal(after[:, :, 2], before[:, :, 2])

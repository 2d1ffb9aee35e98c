"""Batches for the infiller: every cell is shown or asked for, never both."""

import numpy as np
import pytest
import torch

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.tokens import Conditions, GridTokenizer
from musiclab.training.infill_batches import InfillBatches, draw_hidden

TOKENIZER = GridTokenizer(holds=True)


@pytest.fixture
def pieces():
    random = np.random.default_rng(7)
    return [Chorale(pitches=random.integers(50, 70, (n, 4))) for n in (5, 7, 11)]


def batches(pieces, **options):
    return InfillBatches(pieces, TOKENIZER, Conditions(("phase",)), batch_size=3, **options)


@pytest.mark.parametrize("training", [True, False])
def test_what_is_shown_and_what_is_asked_for_make_the_piece(pieces, training):
    drawn = batches(pieces, transpose=False, training=training)
    (shown, told, sounds), targets = drawn.batch(0)
    assert torch.equal((shown == TOKENIZER.pad_id) & sounds[..., None], targets != TOKENIZER.pad_id)
    assert (shown[~sounds] == TOKENIZER.end_id).all() and told.shape == (3, 11, 1)
    for row, piece in zip(range(3), drawn.chosen(0).tolist(), strict=True):
        whole = torch.maximum(shown, targets)[row, : len(pieces[piece])]
        assert torch.equal(whole, torch.from_numpy(TOKENIZER.encode(pieces[piece])[1:-1]))


def test_holes_are_of_all_sizes():
    random = np.random.default_rng(3)
    holes = [draw_hidden(40, 4, random) for _ in range(400)]
    shares = np.array([hole.mean() for hole in holes])
    assert shares.min() > 0 and (shares < 0.1).mean() > 0.1 and (shares > 0.9).mean() > 0.03
    blocks = [h for h in holes if len(np.unique(h[h.any(axis=1)], axis=0)) == 1]
    assert 0.3 < len(blocks) / 400 < 0.7  # in those, every frame hides the same voices


def test_validation_asks_the_same_each_time_and_training_does_not(pieces):
    fixed, drawn = batches(pieces, training=False), batches(pieces)
    assert torch.equal(fixed.batch(0).targets, fixed.batch(0).targets)
    other = InfillBatches(pieces[1:], TOKENIZER, Conditions(("phase",)), training=False)
    assert other.batch(0).targets.shape[0] == 2
    assert not torch.equal(drawn.batch(0).targets, drawn.batch(1).targets)


def test_options_without_meaning_are_refused(pieces):
    with pytest.raises(SettingError, match="note_dropout"):
        batches(pieces, note_dropout=0.3)

"""Batches for the harmoniser: the melody whole, the others one step late, and they alone asked."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.music.chorale import REST, Chorale
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.tokens.melody import melody_columns
from musiclab.training.frame_batches import FrameBatches
from musiclab.training.harmony_batches import HarmonyBatches

TOKENIZER, CONDITIONS = GridTokenizer(holds=True), Conditions(("phase", "beat", "key"))


def piece(length: int) -> Chorale:
    random = np.random.default_rng(length)
    pitches = np.array([70, 64, 58, 50]) + random.integers(-3, 4, (length, 4))
    pitches[random.random((length, 4)) < 0.1] = REST
    return Chorale(pitches=pitches, key="G minor", time_signature="3/4")


PIECES = [piece(length) for length in (23, 5, 17, 31, 29)]


def batches(kind=HarmonyBatches, **options):
    return kind(PIECES, TOKENIZER, CONDITIONS, **{"batch_size": 3} | options)


def test_everything_but_the_melody_is_that_of_frame_batches():
    ours, theirs = batches(condition_dropout=0.3), batches(FrameBatches, condition_dropout=0.3)
    for number in range(7):
        (source, told, previous, frames), targets = ours.batch(number)
        (expected_previous, expected_told, expected_frames), _ = theirs.batch(number)
        assert torch.equal(previous, expected_previous)
        assert torch.equal(told, expected_told)
        assert torch.equal(frames, expected_frames)
        assert torch.equal(targets, frames[..., 1:])
        assert torch.equal(source[..., 0], frames[..., 0])


def test_the_columns_are_those_of_the_melody_in_any_key():
    ours = batches()
    for number in range(7):
        source = ours.batch(number).inputs[0]
        for row, chosen in zip(source, ours.chosen(number), strict=True):
            expected = torch.from_numpy(melody_columns(PIECES[chosen]))
            length = len(expected)
            assert_close(row[:length, 1:], expected, rtol=0, atol=0)
            assert (row[length:] == TOKENIZER.pad_id).all()


def test_no_note_of_the_melody_is_hidden():
    hidden = 0
    for number in range(9):
        (_, _, previous, frames), _ = batches(note_dropout=1.0).batch(number)
        inside = (frames[:, 1:, 0] != TOKENIZER.pad_id) & (frames[:, :-1, 0] != TOKENIZER.pad_id)
        assert torch.equal(previous[:, 1:, 0][inside], frames[:, :-1, 0][inside])
        assert (frames[..., 0][inside.nonzero(as_tuple=True)] > 0).all()
        hidden += int((previous[:, 1:, 1:][inside] == TOKENIZER.pad_id).sum())
    assert hidden > 100  # of the others many are


def test_validation_hides_nothing_and_keeps_the_key():
    plain = batches(FrameBatches, training=False)
    ours = batches(training=False, note_dropout=1.0, condition_dropout=1.0)
    for one, other in zip(ours, plain, strict=True):
        assert torch.equal(one.inputs[2], other.inputs[0])
        assert torch.equal(one.inputs[1], other.inputs[1])


def test_the_fingerprint_tells_settings_apart():
    prints = {batches(**o).fingerprint for o in ({}, {"note_dropout": 0.1}, {"seed": 1})}
    assert len(prints) == 3


@pytest.mark.parametrize("option", [{"crop": 8}, {"repeat": 0.5}, {"with_end": True}])
def test_what_cuts_a_melody_is_refused(option):
    with pytest.raises(SettingError, match=next(iter(option))):
        batches(**option)

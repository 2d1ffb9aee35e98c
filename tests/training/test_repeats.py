"""Repeats: a piece plays one or two of its passages again, and the past stays its past."""

import numpy as np
import pytest
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.frame_batches import FrameBatches
from musiclab.training.repeats import with_repeats

FRAMES = GridTokenizer()
LENGTHS = (61, 150, 39, 203)


def numbered(length: int) -> Chorale:
    """Make a piece whose every frame says which it is."""
    digits = np.stack([np.arange(length) // 12**place % 12 for place in range(4)], axis=1)
    return Chorale(pitches=[72, 60, 50, 40] + digits)


PIECES = [numbered(length) for length in LENGTHS]


def frame_batches(names=("phase",), **options) -> FrameBatches:
    options = {"batch_size": 4, "transpose": False} | options
    return FrameBatches(PIECES, FRAMES, Conditions(names), **options)


def indices(targets) -> np.ndarray:
    """Read from a batch's row which frame of the piece each is."""
    pitches = FRAMES.decode(targets.numpy()).pitches
    return (pitches - [72, 60, 50, 40]) @ (12 ** np.arange(4))


@pytest.mark.parametrize("n_frames", [40, 61, 200, 333, 900])
def test_an_order_is_the_piece_with_one_or_two_passages_again(n_frames):
    lengths, counts = [], []
    for seed in range(300):
        order = with_repeats(n_frames, np.random.default_rng(seed))
        assert order.min() == 0 and n_frames <= len(order) <= 960
        # What is played for the first time is played in the piece's own order, and all of it.
        first_time = np.unique(order, return_index=True)[1]
        assert np.array_equal(order[np.sort(first_time)], np.arange(n_frames))
        breaks = np.flatnonzero(np.diff(order) != 1)
        assert not ((breaks + 1) % 4).any() and not (order[breaks + 1] % 4).any()
        counts.append(len(breaks))
        if len(breaks) == 1:  # one passage, at once
            lengths.append(len(order) - n_frames)
    assert max(counts) <= 6  # two of the first passage, played twice, and two of the second
    assert set(lengths) <= set(range(16, min(128, n_frames // 2) + 1, 4))
    assert len(set(lengths)) >= 2
    assert 0.2 < np.mean(np.equal(counts, 1)) < 0.45  # half have one passage, 0.6 of them at once


@pytest.mark.parametrize("n_frames", [1, 16, 39, 950])
def test_what_is_too_short_or_would_grow_too_long_stays(n_frames):
    for seed in range(20):
        order = with_repeats(n_frames, np.random.default_rng(seed))
        assert np.array_equal(order, np.arange(n_frames))


@pytest.mark.parametrize("options", [{}, {"crop": 100}])
def test_the_past_is_the_repeated_piece_one_step_late(options):
    batches, longer = frame_batches(repeat=1.0, **options), set()
    for number in range(20):
        (previous, told, frames), targets = batches.batch(number)
        assert_close(frames, targets)
        for row, chosen in enumerate(batches.chosen(number)):
            length = int((targets[row] != FRAMES.pad_id).all(dim=1).sum())
            order = indices(targets[row, :length])
            assert_close(previous[row, 1:length], targets[row, : length - 1])
            own = FRAMES.encode(PIECES[chosen])
            assert np.array_equal(previous[row, 0], own[order[0]])  # start, or the frame before
            phases = (order[0] + np.arange(length)) % 16
            assert np.array_equal(told[row, :length, 0], phases)
            expected = min(LENGTHS[chosen], options.get("crop", 999))
            longer.add((LENGTHS[chosen], length > expected))
    assert longer == {(61, True), (150, True), (39, False), (203, True)}


def test_as_many_pieces_repeat_as_asked():
    batches = frame_batches(repeat=0.3)
    drawn = [batches.batch(number).targets for number in range(60)]
    lengths = [int((row != FRAMES.pad_id).all(dim=1).sum()) for batch in drawn for row in batch]
    repeated = 1 - np.mean(np.isin(lengths, LENGTHS))
    assert 0.15 < repeated < 0.3  # one piece of four is too short


def test_without_repeats_nothing_changes():
    plain, none = frame_batches(note_dropout=0.3), frame_batches(note_dropout=0.3, repeat=0.0)
    assert plain.fingerprint == none.fingerprint != frame_batches(repeat=0.5).fingerprint
    assert frame_batches(repeat=0.4).fingerprint != frame_batches(repeat=0.5).fingerprint
    for number in range(5):
        assert_close(plain.batch(number), none.batch(number), rtol=0, atol=0)
    valid = frame_batches(repeat=1.0, training=False)
    assert_close(valid.batch(0), frame_batches(training=False).batch(0), rtol=0, atol=0)


def test_a_model_that_is_told_nothing_may_repeat_too():
    _, told, _ = frame_batches(names=(), repeat=1.0).batch(0).inputs
    assert told.shape[2] == 0


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (("phase", "beat"), {}, "beat"),
        (("fermata",), {}, "fermata"),
        (("phase", "remaining", "mode"), {}, "mode, remaining"),
        (("phase",), {"with_end": True}, "the end"),
        (("phase",), {"repeat": 1.1}, "repeat must lie"),
        (("phase",), {"repeat": -0.1}, "repeat must lie"),
    ],
)
def test_what_repeats_would_make_untrue_is_refused(names, options, message):
    with pytest.raises(SettingError, match=message):
        frame_batches(names=names, **{"repeat": 0.5} | options)

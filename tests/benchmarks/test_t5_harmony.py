"""Chorales as words for an encoder-decoder, and the two models that read them, on tiny sizes."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from benchmarks import harmony_models
from benchmarks.harmony_words import IGNORED, LENGTH, PAD, Words, collate, decoded, draw

LONG = np.array([[72 + n % 3, 67, 60 + n % 2, 48 - n % 5] for n in range(LENGTH)])
SHORT = np.array([[71, 66, -1, 50], [73, 69, 62, 43]] * 5)


@pytest.fixture(params=[False, True], ids=["plain", "places told"])
def words(request):
    return Words.of([LONG, LONG - 4, SHORT], places=request.param)


@pytest.fixture(params=["T5", "ours"])
def model(request, words, monkeypatch):
    monkeypatch.setattr(harmony_models, "D_MODEL", 8)
    monkeypatch.setattr(harmony_models, "HEADS", 2)
    if request.param == "T5":
        pytest.importorskip("transformers")
    build = harmony_models.build_t5 if request.param == "T5" else harmony_models.build_ours
    torch.manual_seed(0)
    return build(words).eval()


def test_labels_say_what_is_sung(words):
    _, labels = collate([LONG, SHORT], words)
    for row, window in zip(labels, (LONG, SHORT), strict=True):
        said = row[row != IGNORED][:-1]  # without the end
        assert np.array_equal(decoded(said, words, window), window)


def test_short_windows_are_filled_up_and_not_counted(words):
    source, labels = collate([LONG, SHORT], words)
    parts = 2 if words.places else 1
    assert (source[1] == PAD).sum() == parts * (LENGTH - len(SHORT))
    assert (labels[1] == IGNORED).sum() == (parts + 2) * (LENGTH - len(SHORT))
    assert source.max() < len(words)


def test_every_word_has_its_turn(words):
    _, labels = collate([LONG], words)
    turns = words.turns()
    assert len(turns) == labels.shape[1] - 1
    assert all(word in turn for word, turn in zip(labels[0], turns, strict=False))


def test_windows_move_within_the_ranges_but_not_with_a_rest(words):
    random = np.random.default_rng(0)
    drawn = [draw([LONG, SHORT], words, random) for _ in range(30)]
    assert len({one[0, 1] for one in drawn}) > 3  # the alto, in several keys
    for one in drawn:
        assert len(one) >= 8 and (words.ids(one) > 2).all()
    assert words.keys(SHORT) == [0]


def test_a_word_does_not_see_itself_or_what_follows(model, words):
    source, labels = collate([LONG], words)
    changed = labels.clone()
    changed[0, 9:12] = labels[0, 9:12].roll(1)
    before, after = (harmony_models.scores(model, source, one) for one in (labels, changed))
    assert_close(before[:, :10], after[:, :10])  # the word at 9 is read when 10 is asked for
    assert not torch.allclose(before[:, 10:], after[:, 10:])


def test_pads_change_nothing(model, words):
    alone, together = (
        harmony_models.scores(model, *collate(one, words)) for one in ([SHORT], [SHORT, LONG])
    )
    assert_close(together[:1, : alone.shape[1]], alone)


def test_what_is_sung_keeps_the_soprano_and_the_ranges(model, words):
    (new,) = harmony_models.sung(model, words, [LONG], seed=1)
    assert np.array_equal(new[:, 0], LONG[:, 0])
    sung = np.where(new == -1, words.lowest, new)
    assert (sung >= words.lowest).all() and (sung <= words.highest).all()

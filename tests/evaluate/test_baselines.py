import math

import numpy as np
import pytest

from musiclab.evaluate.baselines import BigramBaseline, UnigramBaseline
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import LADDER


def test_unigrams_are_counted_for_each_voice_alone():
    learned = [np.array([[60, 64, 48, -1], [60, 62, 48, -1], [61, 64, 48, -1]])]
    model = UnigramBaseline(learned, alpha=1.0)
    # The alphabet: the rest, and 48 to 64: 18 symbols.
    expected = -math.log((2 + 1) / (3 + 18)) - math.log((1 + 1) / 21) - 2 * math.log(4 / 21)
    assert model.nats_per_note([np.array([[60, 62, 48, -1]])]) == pytest.approx(expected / 4)


def test_bigrams_follow_the_same_voice():
    learned = [np.array([[60, 70, 60, 60], [62, 70, 60, 60], [60, 70, 60, 60], [62, 70, 60, 60]])]
    model = BigramBaseline(learned, alpha=0.5)
    unigram = model.unigram.probabilities[0]
    heard = model.probabilities[0, 61, 63]  # of 60 and 62, in the table of 1 + pitch
    assert heard == pytest.approx((2 + 0.5 * unigram[63]) / (2 + 0.5))
    piece = np.array([[60, 70, 60, 60], [62, 70, 60, 60]])
    first = -np.log(model.unigram.probabilities[range(4), 1 + piece[0]]).sum()
    second = -np.log(model.probabilities[range(4), 1 + piece[0], 1 + piece[1]]).sum()
    assert model.nats_per_note([piece]) == pytest.approx((first + second) / 8)


@pytest.mark.parametrize("model", [UnigramBaseline, BigramBaseline])
def test_they_are_probabilities(model):
    rng = np.random.default_rng(0)
    learned = [rng.integers(40, 80, (frames, 4)) for frames in (3, 1, 11)]
    sums = model(learned).probabilities.sum(axis=-1)
    np.testing.assert_allclose(sums, 1)


def test_on_the_benchmark_they_are_where_the_ladder_has_them():
    """The ladder was measured on the canonical data; ours lacks five pieces."""
    train, valid, test = (
        [piece for _, piece in benchmark_pieces(split, progress=False)]
        for split in ("train", "valid", "test")
    )
    _, unigram, bigram = LADDER[:3]
    for rung, model in ((unigram, UnigramBaseline(train)), (bigram, BigramBaseline(train))):
        assert model.nats_per_note(valid) == pytest.approx(rung.valid, abs=0.05)
        assert model.nats_per_note(test) == pytest.approx(rung.test, abs=0.05)

import numpy as np
import pytest

from musiclab.evaluate.baselines import RepeatBaseline
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import LADDER


def test_how_often_a_voice_holds_is_counted_by_place_in_the_beat():
    sung = np.array([60, 60, 62, 62, 62, 60, 60, 60, 60, 60])  # moves at frames 2 and 5
    piece = np.full((10, 4), 70)
    piece[:, 2] = sung
    model = RepeatBaseline([piece], alpha=0.5)
    # Place 0: frames 4 and 8; place 1: 1, 5, 9; place 2: 2, 6; place 3: 3, 7.
    np.testing.assert_allclose(model.stays[2], [2.5 / 3, 2.5 / 4, 1.5 / 3, 2.5 / 3])
    assert (model.stays[0] > model.stays[2, 1]).all()


def test_when_it_leaves_it_sings_any_other_pitch_by_its_unigram(pieces):
    model = RepeatBaseline(pieces)
    columns = pieces[0] + 1
    chances, sung = model.next_note(columns, 6, 1), model.unigram.probabilities[1]
    before = columns[5, 1]
    assert chances[before] == pytest.approx(model.stays[1, 2])
    others = np.delete(np.arange(129), before)
    np.testing.assert_allclose(
        chances[others] / sung[others], (1 - model.stays[1, 2]) / (1 - sung[before])
    )


def test_on_the_benchmark_it_is_where_the_ladder_has_it():
    train, valid, test = (
        [piece for _, piece in benchmark_pieces(split, progress=False)]
        for split in ("train", "valid", "test")
    )
    rung, model = LADDER[3], RepeatBaseline(train)
    assert model.nats_per_note(valid) == pytest.approx(rung.valid, abs=0.02)
    assert model.nats_per_note(test) == pytest.approx(rung.test, abs=0.02)

"""What all simple models have in common."""

import numpy as np
import pytest

from musiclab.errors import ScoreError, SettingError
from musiclab.evaluate.baseline import N_COLUMNS, alphabet
from musiclab.evaluate.baselines import (
    BigramBaseline,
    RepeatBaseline,
    UniformBaseline,
    UnigramBaseline,
)
from musiclab.evaluate.contexts import previous_notes
from musiclab.evaluate.kneser_ney import KneserNey

KINDS = {
    "uniform": UniformBaseline,
    "unigram": UnigramBaseline,
    "bigram": BigramBaseline,
    "repeat": RepeatBaseline,
    "in stream": KneserNey.in_stream,
    "by relevance": KneserNey,
    "no feature": lambda pieces: KneserNey(pieces, [previous_notes(v, 0) for v in range(4)]),
}


@pytest.fixture(params=KINDS)
def model(request, pieces):
    return KINDS[request.param](pieces)


@pytest.fixture
def other():
    """A piece that was not learned from, long enough for every feature."""
    rng = np.random.default_rng(7)
    return np.repeat(rng.integers(34, 85, (13, 4)), 3, axis=0)


def test_measuring_and_drawing_use_the_same_probabilities(model, pieces, other):
    for piece in (pieces[0], other):
        columns = piece + 1
        measured = np.exp(-model.nats_of_pieces([piece])[0])
        for frame in (0, 1, 2, 5, 18, len(piece) - 1):
            for voice in range(4):
                chances = model.next_note(columns, frame, voice)
                assert chances[columns[frame, voice]] == pytest.approx(measured[frame, voice])


def test_every_distribution_sums_to_one(model, other):
    columns = other + 1
    for frame in (0, 3, 38):
        for voice in range(4):
            chances = model.next_note(columns, frame, voice)
            assert chances.shape == (N_COLUMNS,)
            assert chances.sum() == pytest.approx(1) and (chances > 0).all()


def test_the_future_changes_nothing(model, other):
    measured = model.nats_of_pieces([other])[0].reshape(-1)
    for first in (0, 5, 66, 150):
        changed = other.reshape(-1).copy()
        changed[first:] = 50
        again = model.nats_of_pieces([changed.reshape(other.shape)])[0].reshape(-1)
        assert (again[:first] == measured[:first]).all()


def test_the_mean_is_over_all_notes_not_over_pieces(model, pieces, other):
    nats = model.nats_of_pieces([*pieces, other])
    expected = sum(one.sum() for one in nats) / sum(one.size for one in nats)
    assert model.nats_per_note([*pieces, other]) == pytest.approx(expected)


def test_a_seed_fixes_the_piece(model):
    one, same, another = (model.sample(19, seed=seed) for seed in (3, 3, 4))
    assert len(one) == 19 and one == same
    assert not np.array_equal(one.pitches, another.pitches)
    assert "seed 3" in one.title


def test_samples_follow_the_probabilities(pieces):
    """A fair coin among all pitches that were heard, and the rest."""
    model = UniformBaseline(pieces)
    drawn = model.sample(3001, seed=0).pitches + 1
    share = np.bincount(drawn.reshape(-1), minlength=N_COLUMNS) / drawn.size
    np.testing.assert_allclose(share, model.probabilities, atol=0.004)
    likely = UnigramBaseline([np.full((97, 4), 60)]).sample(50).pitches
    assert (likely == 60).mean() > 0.95


@pytest.mark.parametrize("frames", [0, -1, 5000])
def test_wrong_lengths_are_refused(pieces, frames):
    with pytest.raises(SettingError, match="frames"):
        UnigramBaseline(pieces).sample(frames)


def test_wrong_pieces_are_refused(model):
    with pytest.raises(ScoreError):
        model.nats_per_note([np.zeros((3, 5), dtype=int)])


def test_what_was_never_heard_is_unlikely_but_not_impossible():
    for name, kind in KINDS.items():
        if name != "repeat":  # holding is likely, whatever is held
            nats = kind([np.full((5, 4), 60)]).nats_of_pieces([np.full((2, 4), 99)])[0]
            assert 5 < nats[0, 0] < 30, name


def test_the_alphabet_is_the_rest_and_all_pitches_between():
    marks = alphabet([np.array([[60, 62, -1, 60]]), np.array([[65, 62, 62, 62]])])
    assert np.flatnonzero(marks).tolist() == [0, *range(61, 67)]
    assert np.flatnonzero(alphabet([np.full((2, 4), -1)])).tolist() == [0]

import numpy as np
import pytest

from musiclab.evaluate.baseline import columns_of
from musiclab.evaluate.clues import BY_RELEVANCE, read_clues, recent_clues
from musiclab.evaluate.peeking import inputs_that_know


@pytest.fixture
def piece(pieces):
    return pieces[0]


@pytest.mark.parametrize("voice", range(4))
@pytest.mark.parametrize("clues", [BY_RELEVANCE, [recent_clues(v, 9) for v in range(4)]])
def test_kneser_ney_never_sees_the_answer(piece, voice, clues):
    names = [str(clue) for clue in clues[voice]]

    def inputs(pitches, voice):
        return read_clues(columns_of(pitches), clues[voice])

    assert inputs_that_know(inputs, piece, voice=voice, names=names) == []


def test_whatever_depends_on_the_answer_or_on_what_follows_is_named(piece):
    def inputs(pitches, voice):
        next_frame = np.concatenate([pitches[1:], pitches[-1:]])
        before = np.concatenate([0 * pitches[:1], pitches[:-1]])
        chord = pitches.sum(axis=1)
        return np.stack(
            [before[:, 3], pitches[:, 0], chord, pitches[:, 2], next_frame[:, 0]], axis=1
        )

    names = ["bass before", "soprano now", "chord", "tenor now", "soprano next"]
    assert inputs_that_know(inputs, piece, voice=1, names=names) == names[2:]
    assert inputs_that_know(inputs, piece, voice=0, names=names) == names[1:]
    assert inputs_that_know(inputs, piece, voice=3, names=names) == ["chord", "soprano next"]


def test_the_piece_is_left_as_it_was(piece):
    before = piece.copy()
    inputs_that_know(lambda pitches, voice: pitches, piece, voice=0, names="abcd")
    assert (piece == before).all()

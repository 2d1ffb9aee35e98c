import numpy as np
import pytest
import torch
from torch.nn.functional import pad

from musiclab.errors import SettingError
from musiclab.evaluate.baseline import columns_of
from musiclab.evaluate.contexts import BY_RELEVANCE, previous_notes, read_features
from musiclab.evaluate.target_leakage import leaking_inputs, sees_the_answer


@pytest.fixture
def piece(pieces):
    return pieces[0]


@pytest.mark.parametrize("voice", range(4))
@pytest.mark.parametrize("features", [BY_RELEVANCE, [previous_notes(v, 9) for v in range(4)]])
def test_kneser_ney_never_sees_the_answer(piece, voice, features):
    names = [str(one) for one in features[voice]]

    def inputs(pitches, voice):
        return read_features(columns_of(pitches), features[voice])

    assert leaking_inputs(inputs, piece, voice=voice, names=names) == []


def test_whatever_depends_on_the_answer_or_on_what_follows_is_named(piece):
    def inputs(pitches, voice):
        next_frame = np.concatenate([pitches[1:], pitches[-1:]])
        before = np.concatenate([0 * pitches[:1], pitches[:-1]])
        chord = pitches.sum(axis=1)
        return np.stack(
            [before[:, 3], pitches[:, 0], chord, pitches[:, 2], next_frame[:, 0]], axis=1
        )

    names = ["bass before", "soprano now", "chord", "tenor now", "soprano next"]
    assert leaking_inputs(inputs, piece, voice=1, names=names) == names[2:]
    assert leaking_inputs(inputs, piece, voice=0, names=names) == names[1:]
    assert leaking_inputs(inputs, piece, voice=3, names=names) == ["chord", "soprano next"]


def test_the_piece_is_left_as_it_was(piece):
    before = piece.copy()
    leaking_inputs(lambda pitches, voice: pitches, piece, voice=0, names="abcd")
    assert (piece == before).all()


# ---- Changing a later note -----------------------------------------------------------------


def late(ids, steps, start):
    """Shift by so many steps; none at all gives the answer away."""
    return pad(ids, (steps, 0), value=start)[..., : ids.shape[-1]]


@pytest.mark.parametrize(("steps", "leaks"), [(0, True), (1, False), (2, False)])
def test_a_flat_model_sees_the_answer_without_the_shift(flat, piece, steps, leaks):
    ids = torch.from_numpy(flat.tokenizer.encode_pitches(piece))[1:-1]
    start = flat.tokenizer.start_id
    assert sees_the_answer(lambda ids: flat.model(late(ids, steps, start)[None]), ids) is leaks


def test_an_untrained_model_gives_a_leak_away_too(piece):
    """Its loss cannot: small weights know nothing yet."""
    table = 1e-3 * torch.randn(60, 60, generator=torch.Generator().manual_seed(1))
    ids = torch.from_numpy(piece % 53).reshape(-1)
    assert sees_the_answer(lambda ids: 1 + table[ids], ids)
    assert not sees_the_answer(lambda ids: 1 + table[late(ids, 1, 59)], ids)


def test_a_frame_model_sees_its_own_frame_if_it_is_not_held_back(grid, piece):
    rows = torch.from_numpy(grid.tokenizer.encode_pitches(piece))[1:-1]
    told = torch.zeros(1, len(rows), 1, dtype=torch.int64)

    def predict(rows, steps):
        previous = pad(rows, (0, 0, steps, 0), value=grid.tokenizer.start_id)[: len(rows)]
        with torch.no_grad():
            return grid.model(previous[None], told, rows[None])

    assert not sees_the_answer(lambda rows: predict(rows, 1), rows)
    assert sees_the_answer(lambda rows: predict(rows, 0), rows)


@pytest.mark.parametrize("back", [0, 1, 5])
def test_a_leak_through_what_follows_is_seen(back):
    """Such as a summary of the whole piece, or a note that is told some frames early."""
    notes = np.random.default_rng(3).integers(60, 80, 31)
    table = np.random.default_rng(4).normal(size=(100, 7))

    def predict(notes):
        ahead = np.append(notes[back:], np.full(back, 99))
        return table[ahead]

    assert sees_the_answer(predict, notes)
    assert sees_the_answer(lambda notes: np.full((31, 2), notes.mean()), notes)
    assert not sees_the_answer(lambda notes: np.full((31, 2), len(notes)), notes)


def test_scores_that_forbid_are_compared_as_well():
    notes = np.array([1, 2, 3, 1, 2])
    table = np.where(np.eye(4) > 0, 0.0, -np.inf)
    assert sees_the_answer(lambda notes: table[notes], notes)
    assert not sees_the_answer(lambda notes: table[np.append(0, notes[:-1])], notes)


def test_nothing_can_be_seen_in_one_note_alone_and_rows_are_wanted():
    with pytest.raises(SettingError, match="two different notes"):
        sees_the_answer(lambda notes: notes[:, None], np.array([60, 60]))
    with pytest.raises(SettingError, match="one row of scores per note"):
        sees_the_answer(lambda notes: notes, np.array([60, 62]))

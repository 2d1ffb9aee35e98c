import math

import numpy as np
import pytest
import torch

from musiclab.errors import ScoreError, SettingError, TokenError
from musiclab.evaluate import likelihood
from musiclab.evaluate.likelihood import bits_per_frame, nats_of_pieces, nats_per_note
from musiclab.music.chorale import Chorale
from musiclab.singer.singer import Singer


@torch.no_grad()
def one_note_at_a_time(checkpoint, piece):
    """Measure by the definition: for each note, ask the model anew, showing it the past alone."""
    tokenizer, nats = checkpoint.tokenizer, np.empty(piece.shape)
    id_of = {-1: tokenizer.rest_id}
    id_of |= {p: tokenizer.vocabulary.index[f"pitch-{p}"] for p in range(33, 85)}
    ids = torch.tensor([[id_of[int(p)] for p in row] for row in piece])
    rows = torch.cat([torch.full((1, 4), tokenizer.start_id), ids])
    names = checkpoint.conditions.names
    for frame in range(len(piece)):
        past = rows[None, : frame + 1]
        if isinstance(checkpoint.model, Singer):
            told = torch.zeros(1, frame + 1, len(names), dtype=torch.int64)
            told[..., names.index("phase")] = torch.arange(frame + 1) % 16
            known = checkpoint.model.memories(past, told)
            hidden = checkpoint.model.trunk(past, told, memories=known)[:, -1]
        for voice in range(4):
            above = ids[None, frame, :voice]
            if isinstance(checkpoint.model, Singer):
                logits = checkpoint.model.next_voice(hidden, known, above)[0]
            else:
                start = torch.full((1, 1), tokenizer.start_id)
                read = torch.cat([start, ids[None, :frame].flatten(1), above], dim=1)
                logits = checkpoint.model(read)[0, -1]
            nats[frame, voice] = -logits.log_softmax(dim=-1)[ids[frame, voice]]
    return nats


def test_it_is_the_mean_over_all_notes_of_what_the_model_says_of_each(checkpoint, pieces):
    expected = [one_note_at_a_time(checkpoint, piece) for piece in pieces]
    mean = sum(one.sum() for one in expected) / sum(one.size for one in expected)
    assert nats_per_note(pieces, checkpoint) == pytest.approx(mean, abs=1e-4)
    for piece, nats in zip(pieces, expected, strict=True):
        np.testing.assert_allclose(nats_of_pieces([piece], checkpoint)[0], nats, atol=1e-3)


def test_pieces_measured_together_are_measured_as_if_alone(checkpoint, pieces, monkeypatch):
    together = nats_per_note(pieces, checkpoint)
    monkeypatch.setattr(likelihood, "BATCH_POSITIONS", 1)
    assert nats_per_note(pieces, checkpoint) == pytest.approx(together, abs=1e-6)
    assert nats_per_note(pieces[::-1], checkpoint) == pytest.approx(together, abs=1e-6)


def test_long_pieces_count_by_their_length(checkpoint, pieces):
    sizes = np.array([piece.size for piece in pieces])
    means = np.array([nats_per_note([piece], checkpoint) for piece in pieces])
    expected = (sizes * means).sum() / sizes.sum()
    assert nats_per_note(pieces, checkpoint) == pytest.approx(expected, abs=1e-6)
    assert nats_per_note(pieces, checkpoint) != pytest.approx(means.mean(), abs=1e-3)


def test_the_order_of_the_pieces_is_kept(grid, pieces):
    for piece, nats in zip(pieces, likelihood.nats_of_pieces(pieces, grid), strict=True):
        assert nats.shape == piece.shape
        np.testing.assert_allclose(nats, nats_of_pieces([piece], grid)[0], atol=1e-5)


def test_what_comes_later_never_changes_what_came_before(checkpoint, pieces):
    longer = nats_of_pieces(pieces[:1], checkpoint)[0]
    (shorter,) = nats_of_pieces([pieces[0][:11]], checkpoint)
    np.testing.assert_allclose(shorter, longer[:11], atol=1e-5)


def test_nothing_is_told_but_what_follows_from_the_index(told_more, pieces):
    named = Chorale(
        pitches=pieces[0], fermatas=np.ones(29, bool), key="C minor", time_signature="3/4"
    )
    assert nats_per_note([named], told_more) == nats_per_note([pieces[0]], told_more)


def test_dropout_is_off_and_the_model_is_left_as_it_was(grid, pieces):
    expected = nats_per_note(pieces, grid)
    grid.model.train()
    try:
        assert nats_per_note(pieces, grid) == expected
        assert grid.model.training
    finally:
        grid.model.eval()


def test_tensors_will_do(grid, pieces):
    tensors = [torch.from_numpy(piece) for piece in pieces]
    assert nats_per_note(tensors, grid) == nats_per_note(pieces, grid)


def test_scores_are_divided_by_the_temperature(grid, flat, pieces, monkeypatch):
    for checkpoint in (grid, flat):
        warm = [nats_per_note(pieces, checkpoint, temperature=one) for one in (0.5, 1, 2, 1e9)]
        assert len(set(warm)) == 4
        assert warm[3] == pytest.approx(math.log(checkpoint.tokenizer.vocab_size), abs=1e-3)
        assert warm[1] == nats_per_note(pieces, checkpoint)
    divided = nats_per_note(pieces, flat, temperature=2)
    forward = flat.model.forward
    monkeypatch.setattr(flat.model, "forward", lambda ids: forward(ids) / 2)
    assert nats_per_note(pieces, flat) == pytest.approx(divided, abs=1e-5)


@pytest.mark.parametrize("temperature", [0, -1, math.nan, math.inf])
def test_wrong_temperatures_are_refused(grid, pieces, temperature):
    with pytest.raises(SettingError, match="temperature must be"):
        nats_per_note(pieces, grid, temperature=temperature)


def test_bits_per_frame():
    assert bits_per_frame(math.log(2)) == pytest.approx(4)


GOOD = np.full((5, 4), 60)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (np.full((5, 3), 60), ScoreError, "^piece 1 must have .* got shape \\(5, 3\\)"),
        (np.full(4, 60), ScoreError, "^piece 1 must have"),
        (np.empty((0, 4), int), ScoreError, "^piece 1 must have"),
        ([[60, 60], [60]], ScoreError, "^piece 1 must have"),
        (GOOD.astype(float), ScoreError, "^piece 1 must hold whole MIDI numbers"),
        (GOOD.astype(bool), ScoreError, "^piece 1 must hold whole"),
        (GOOD - 62, ScoreError, "^piece 1 holds -2"),
        (GOOD + 68, ScoreError, "^piece 1 holds 128"),
        (GOOD + 25, TokenError, "^piece 1: no token for pitch 85 \\(soprano, frame 0\\)"),
        (GOOD - 28, TokenError, "^piece 1: no token for pitch 32 .*transpose"),
    ],
)
def test_what_cannot_be_measured_is_refused(grid, bad, error, message):
    with pytest.raises(error, match=message):
        nats_per_note([GOOD, bad], grid)


@pytest.mark.parametrize("pieces", [[], GOOD, Chorale(pitches=GOOD)])
def test_a_list_of_pieces_is_wanted(grid, pieces):
    with pytest.raises(ScoreError):
        nats_per_note(pieces, grid)


def test_a_model_with_holds_does_not_compare(holds):
    with pytest.raises(SettingError, match="held"):
        nats_per_note([GOOD], holds)

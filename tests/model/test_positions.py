"""Each scheme against its definition, written out as slowly as possible."""

import math

import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.positions import (
    LearnedPositions,
    RelativePositions,
    Rotary,
    Sinusoidal,
    rotate,
    sinusoidal,
    skew,
)


@pytest.mark.parametrize("d_model", [6, 7])
def test_sinusoidal_equals_the_paper(d_model):
    waves = sinusoidal(11, d_model)
    for position in range(11):
        for column in range(d_model):
            angle = position / 10_000 ** (2 * (column // 2) / d_model)
            expected = math.cos(angle) if column % 2 else math.sin(angle)
            assert waves[position, column].item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("start", [0, 3, 5, 13])  # inside, across and beyond the table of 7
def test_sinusoidal_layer_scales_and_adds(start):
    x = torch.randn(2, 5, 11)
    expected = x * math.sqrt(11) + sinusoidal(start + 5, 11)[start:]
    assert_close(Sinusoidal(d_model=11, max_seq=7)(x, start), expected)


def test_rotate_equals_rotation_matrices():
    x = torch.randn(2, 3, 7, 10)
    positions = torch.tensor([0, 1, 2, 3, 5, 700, 11])
    turned = rotate(x, positions)
    for row, position in enumerate(positions.tolist()):
        for pair in range(5):
            angle = position * 10_000 ** (-2 * pair / 10)
            matrix = torch.tensor(
                [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
            )
            both = slice(2 * pair, 2 * pair + 2)
            assert_close(turned[..., row, both], x[..., row, both] @ matrix.T, atol=1e-4, rtol=0)


@pytest.mark.parametrize("shift", [1, 13, 400])
def test_rotary_scores_depend_on_distance_only(shift):
    query, key = torch.randn(2, 2, 3, 7, 10)
    here = torch.arange(7)
    scores = rotate(query, here) @ rotate(key, here).mT
    assert_close(
        rotate(query, here + shift) @ rotate(key, here + shift).mT, scores, atol=1e-3, rtol=1e-3
    )
    assert not torch.allclose(rotate(query, here + shift) @ rotate(key, here).mT, scores, atol=0.1)


@pytest.mark.parametrize("start", [0, 3, 5, 13])
def test_rotary_table_equals_rotate(start):
    x = torch.randn(2, 3, 5, 10)
    expected = rotate(x, torch.arange(start, start + 5))
    assert_close(Rotary(head_dim=10, max_seq=7)(x, start), expected)


def test_rotate_takes_any_strides_and_keeps_the_type():
    x = torch.randn(2, 3, 11, 7)[..., 1:, :].mT
    assert_close(rotate(x, torch.arange(7)), rotate(x.contiguous(), torch.arange(7)))
    assert rotate(x.bfloat16(), torch.arange(7)).dtype == torch.bfloat16


def test_tables_stay_out_of_checkpoints():
    assert not Rotary(head_dim=10, max_seq=7).state_dict()
    assert not Sinusoidal(d_model=10, max_seq=7).state_dict()


@pytest.mark.parametrize("start", [0, 2])
def test_learned_positions_add_their_rows(start):
    layer, x = LearnedPositions(max_seq=7, d_model=11), torch.randn(2, 5, 11)
    assert_close(layer(x, start), x + layer.table(torch.arange(start, start + 5)))


def test_learned_positions_refuse_what_they_never_saw():
    with pytest.raises(SettingError, match="max_seq=7, got 8"):
        LearnedPositions(max_seq=7, d_model=11)(torch.randn(2, 5, 11), start=3)


def test_odd_heads_cannot_turn():
    with pytest.raises(SettingError, match="even"):
        Rotary(head_dim=5, max_seq=7)


@pytest.mark.parametrize("q_seq", [1, 3, 7])
def test_skew_equals_a_loop(q_seq):
    by_distance = torch.randn(2, 3, q_seq, 7)
    skewed = skew(by_distance)
    for query in range(q_seq):
        place = 7 - q_seq + query  # the last query stands beside the last key
        for key in range(place + 1):
            assert_close(skewed[..., query, key], by_distance[..., query, 6 - (place - key)])


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("q_seq", "k_seq"), [(1, 1), (1, 7), (3, 7), (7, 7), (5, 13), (13, 13)])
def test_relative_positions_equal_a_loop(causal, q_seq, k_seq):
    max_seq = 11  # so that 13 keys also meet the farthest vector
    layer = RelativePositions(n_heads=3, head_dim=5, max_seq=max_seq, causal=causal)
    torch.nn.init.normal_(layer.table)
    query = torch.randn(2, 3, q_seq, 5)
    scores = layer(query, k_seq)
    assert scores.shape == (2, 3, q_seq, k_seq)
    for row in range(q_seq):
        place = k_seq - q_seq + row
        for key in range(place + 1 if causal else k_seq):
            step = max(-(max_seq - 1), min(max_seq - 1, key - place))
            vectors = layer.table[:, step + max_seq - 1]
            assert_close(scores[:, :, row, key], (query[:, :, row] * vectors).sum(-1))

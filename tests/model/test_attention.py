"""Attention against torch's own: the function, the layers, both paths, with and without masks."""

import pytest
import torch
from paths import with_path
from torch import nn
from torch.nn.functional import scaled_dot_product_attention
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.attention import (
    CrossAttention,
    MultiHeadAttention,
    attend,
    attention_weights,
    causal_mask,
)
from musiclab.model.fused_attention import fused_attend
from musiclab.model.positions import rotate

PATHS = pytest.mark.parametrize("path", ["fused", "readable"])


def padding(batch=2, k_seq=7):
    """Hide the last two keys of the first row; every other key is visible."""
    visible = torch.ones(batch, k_seq, dtype=torch.bool)
    visible[0, -2:] = False
    return visible


def torch_twin(ours, kdim=None):
    """Build ``nn.MultiheadAttention`` with the weights of one of our layers."""
    d_model = ours.to_out.weight.shape[0]
    twin = nn.MultiheadAttention(d_model, ours.n_heads, bias=False, batch_first=True)
    parts = (
        [ours.to_qkv.weight]
        if isinstance(ours, MultiHeadAttention)
        else [ours.to_query.weight, ours.to_key_value.weight]
    )
    twin.in_proj_weight.data = torch.cat([part.detach() for part in parts])
    twin.out_proj.weight.data = ours.to_out.weight.detach().clone()
    return twin


def assert_same_gradients(ours, theirs, *inputs):
    """Compare what flows back to the inputs from both results."""
    weight = torch.randn_like(ours)
    assert_close(
        torch.autograd.grad((ours * weight).sum(), inputs),
        torch.autograd.grad((theirs * weight).sum(), inputs),
        atol=1e-5,
        rtol=1e-4,
    )


@pytest.mark.parametrize("q_seq", [1, 3, 7])  # 1 is a cached step, 7 the whole sequence
def test_attention_equals_torch(q_seq):
    query, key, value = torch.randn(3, 2, 5, 7, 11)  # all sizes differ
    expected = scaled_dot_product_attention(query, key, value, is_causal=True)
    visible = causal_mask(q_seq, 7, query.device)
    ours = attention_weights(query[..., -q_seq:, :], key, visible) @ value
    assert_close(ours, expected[..., -q_seq:, :])


def test_weights_are_shares():
    query, key = torch.randn(2, 2, 5, 7, 11)
    weights = attention_weights(query, key, causal_mask(7, 7, query.device))
    assert_close(weights.sum(dim=-1), torch.ones(2, 5, 7))
    assert not weights.triu(1).any()
    assert (weights.tril() + torch.ones(7, 7).triu(1) > 0).all()


@PATHS
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("q_seq", [1, 3, 7])
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("far", [True, False])
def test_attend_equals_plain_arithmetic(path, causal, q_seq, padded, far):
    query, key, value = torch.randn(3, 2, 5, 7, 11, dtype=torch.float64)
    query = query[:, :, -q_seq:]
    relative = torch.randn(2, 5, q_seq, 7, dtype=torch.float64) if far else None
    visible = padding()[:, None, None] if padded else None
    expected = torch.zeros_like(query)
    for row in range(q_seq):
        seen = torch.ones(2, 1, 7, dtype=torch.bool)
        if causal:
            seen[:, :, 7 - q_seq + row + 1 :] = False
        if padded:
            seen = seen & visible[:, 0]
        scores = (query[:, :, row, None] * key).sum(-1)
        if far:
            scores = scores + relative[:, :, row]
        shares = (scores / 11**0.5).exp() * seen
        shares = shares / shares.sum(-1, keepdim=True)
        expected[:, :, row] = (shares[..., None] * value).sum(2)
    mix = {"readable": attend, "fused": fused_attend}[path]
    ours = mix(query, key, value, causal=causal, visible=visible, relative=relative)
    assert_close(ours, expected)


@PATHS
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_layer_equals_torch(path, causal, padded):
    ours = with_path(MultiHeadAttention(15, 3, causal=causal), path)
    x = torch.randn(2, 7, 15, requires_grad=True)
    visible = padding() if padded else None
    theirs, _ = torch_twin(ours)(
        x,
        x,
        x,
        attn_mask=torch.ones(7, 7, dtype=torch.bool).triu(1) if causal else None,
        key_padding_mask=~visible if padded else None,
    )
    result = ours(x, visible=visible[:, None, None] if padded else None)
    assert_close(result, theirs)
    assert_same_gradients(result, theirs, x)


@PATHS
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("q_seq", [1, 5, 11])  # shorter and longer than the memory
def test_cross_attention_equals_torch(path, padded, q_seq):
    ours = with_path(CrossAttention(15, 3), path)
    x = torch.randn(2, q_seq, 15, requires_grad=True)
    memory = torch.randn(2, 7, 15, requires_grad=True)
    visible = padding() if padded else None
    hidden = ~visible if padded else None
    theirs, _ = torch_twin(ours)(x, memory, memory, key_padding_mask=hidden)
    result = ours(x, memory, visible=visible[:, None, None] if padded else None)
    assert_close(result, theirs)
    assert_same_gradients(result, theirs, x, memory)


@PATHS
@pytest.mark.parametrize("positions", ["rotary", "relative"])
@pytest.mark.parametrize("causal", [True, False])
def test_positions_act_on_queries_and_keys_only(path, positions, causal):
    ours = with_path(MultiHeadAttention(18, 3, causal=causal, positions=positions), path)
    x = torch.randn(2, 7, 18)
    parts = (x @ ours.to_qkv.weight.T).chunk(3, dim=-1)
    query, key, value = (part.unflatten(-1, (3, 6)).transpose(1, 2) for part in parts)
    mask = torch.zeros(7, 7).masked_fill(torch.ones(7, 7).triu(1).bool() & causal, -torch.inf)
    if positions == "rotary":
        query, key = rotate(query, torch.arange(7)), rotate(key, torch.arange(7))
    else:
        nn.init.normal_(ours.relative.table)
        mask = mask + ours.relative(query, 7) / 6**0.5
    mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask)
    assert_close(ours(x), mixed.transpose(1, 2).flatten(2) @ ours.to_out.weight.T)


@pytest.mark.parametrize("positions", ["none", "rotary", "relative"])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_fused_equals_readable(positions, causal, padded):
    settings = {"causal": causal, "positions": positions, "max_seq": 5}
    fused = with_path(MultiHeadAttention(18, 3, **settings), "fused")
    readable = with_path(MultiHeadAttention(18, 3, **settings), "readable")
    readable.load_state_dict(fused.state_dict())
    x = torch.randn(2, 7, 18, requires_grad=True)
    visible = padding()[:, None, None] if padded else None
    ours, theirs = fused(x, visible=visible), readable(x, visible=visible)
    assert_close(ours, theirs)
    assert_same_gradients(ours, theirs, x)
    weight = torch.randn_like(ours)
    assert_close(
        torch.autograd.grad((fused(x, visible=visible) * weight).sum(), list(fused.parameters())),
        torch.autograd.grad(
            (readable(x, visible=visible) * weight).sum(), list(readable.parameters())
        ),
        atol=1e-5,
        rtol=1e-4,
    )


@PATHS
@pytest.mark.parametrize("positions", ["none", "rotary", "relative"])
def test_future_never_changes_past(path, positions):
    layer = with_path(MultiHeadAttention(18, 3, positions=positions), path)
    x = torch.randn(2, 7, 18)
    changed = torch.cat([x[:, :5], torch.randn(2, 2, 18)], dim=1)
    assert_close(layer(x)[:, :5], layer(changed)[:, :5])
    assert not torch.allclose(layer(x)[:, 5:], layer(changed)[:, 5:])


@PATHS
def test_without_mask_and_positions_order_is_invisible(path):
    layer, x = with_path(MultiHeadAttention(15, 3, causal=False), path), torch.randn(2, 7, 15)
    order = torch.randperm(7)
    assert_close(layer(x[:, order]), layer(x)[:, order])


@PATHS
@pytest.mark.parametrize("positions", ["rotary", "relative"])
def test_positions_make_order_visible(path, positions):
    layer = with_path(MultiHeadAttention(18, 3, causal=False, positions=positions), path)
    x, order = torch.randn(2, 7, 18), torch.arange(7).flip(0)
    if positions == "relative":
        nn.init.normal_(layer.relative.table)
    assert not torch.allclose(layer(x[:, order]), layer(x)[:, order], atol=1e-3)
    assert torch.allclose(layer(x), layer(x))


def test_heads_must_divide_the_width():
    with pytest.raises(SettingError, match="4 and 15"):
        MultiHeadAttention(15, 4)
    with pytest.raises(SettingError, match="4 and 15"):
        CrossAttention(15, 4)

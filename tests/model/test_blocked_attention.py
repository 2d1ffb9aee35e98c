"""Attention in blocks against torch's: results, gradients, and when it is chosen."""

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.testing import assert_close

from musiclab.model import Transformer, TransformerConfig, attention, blocked_attention
from musiclab.model.attention import attend
from musiclab.model.blocked_attention import BLOCK, LONGEST, attend_in_blocks, blocks, blocks_pay


def heads(seq, dtype=torch.float64):
    return [torch.randn(2, 3, seq, 10).to(dtype).requires_grad_() for _ in range(3)]


@pytest.mark.parametrize("seq", [1, 7, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 150])
def test_blocks_equal_torch(seq):
    parts = heads(seq)
    expected = scaled_dot_product_attention(*parts, is_causal=True)
    mixed, weight = attend_in_blocks(*parts), torch.randn(2, 3, seq, 10, dtype=torch.float64)
    assert_close(mixed, expected)
    assert_close(
        torch.autograd.grad(mixed, parts, weight), torch.autograd.grad(expected, parts, weight)
    )


def test_gradients_equal_differences():
    parts = [one[:1, :1, :, :4].detach().requires_grad_() for one in heads(5)]
    torch.autograd.gradcheck(attend_in_blocks, parts)


def test_second_derivatives_are_refused_not_wrong():
    parts = heads(5)
    squared = attend_in_blocks(*parts).square().sum()
    (gradient,) = torch.autograd.grad(squared, parts[:1], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.square().sum().backward()


def test_bfloat16_is_as_exact_as_torch_in_bfloat16():
    exact, weight = heads(150), torch.randn(2, 3, 150, 10)
    parts = [one.detach().bfloat16().requires_grad_() for one in exact]

    def error(mixing):
        short = mixing(*parts)
        long = scaled_dot_product_attention(*exact, is_causal=True)
        pairs = zip(
            (short, *torch.autograd.grad(short, parts, weight.bfloat16())),
            (long, *torch.autograd.grad(long, exact, weight.double())),
            strict=True,
        )
        return max(((one - other).norm() / other.norm()).item() for one, other in pairs)

    fused = error(lambda *parts: scaled_dot_product_attention(*parts, is_causal=True))
    assert error(attend_in_blocks) < 2 * fused < 0.02


def test_future_changes_nothing():
    query, key, value = (one.detach() for one in heads(150))
    before = attend_in_blocks(query, key, value)
    key[:, :, 100:], value[:, :, 100:] = 1e3, -1e3
    assert torch.equal(attend_in_blocks(query, key, value)[:, :, :100], before[:, :, :100])


@pytest.mark.parametrize("seq", [1, 64, 65, 200])
def test_blocks_cover_every_query_once(seq):
    covered = [place for now, _ in blocks(seq) for place in range(seq)[now]]
    assert covered == list(range(seq))
    assert all(seen == slice(0, now.stop) for now, seen in blocks(seq))


def test_blocks_are_chosen_only_where_they_pay(monkeypatch):
    query = torch.randn(1, 2, 9, 4, dtype=torch.bfloat16, requires_grad=True)
    assert blocks_pay(query, query)
    assert not blocks_pay(query.detach(), query)  # no training
    assert not blocks_pay(query.float(), query.float())
    assert not blocks_pay(query, query.float())  # from a cache
    assert not blocks_pay(query.to("meta"), query)
    long = query[:, :, :1].expand(-1, -1, LONGEST + 1, -1)
    assert not blocks_pay(long, long)

    calls = []
    monkeypatch.setattr(
        attention, "attend_in_blocks", lambda *parts: calls.append(parts) or parts[2]
    )
    attend(query, query, query, causal=True)
    assert len(calls) == 1
    visible = torch.ones(1, 1, 9, 9, dtype=torch.bool)
    for changes in ({"causal": False}, {"visible": visible}, {"path": "readable"}):
        attend(query, query, query, **{"causal": True, **changes})
    attend(query[:, :, -1:], query, query, causal=True)
    assert len(calls) == 1


def test_model_in_bf16_learns_the_same_as_with_torch(monkeypatch):
    config = TransformerConfig(vocab_size=53, d_model=18, n_heads=3, n_layers=2, dropout=0.0)
    model, ids = Transformer(config), torch.randint(53, (2, 71))

    def gradient():
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(ids)
        torch.nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1).float(), ids[:, 1:].flatten()
        ).backward()
        return torch.cat([one.grad.flatten() for one in model.parameters()])

    ours = gradient()
    monkeypatch.setattr(attention, "blocks_pay", lambda query, key: False)
    theirs = gradient()
    assert not torch.equal(ours, theirs)
    assert (ours - theirs).norm() < 0.01 * theirs.norm()


def test_blocks_smaller_than_the_head_dim(monkeypatch):
    monkeypatch.setattr(blocked_attention, "BLOCK", 3)
    parts = heads(8)
    assert_close(attend_in_blocks(*parts), scaled_dot_product_attention(*parts, is_causal=True))

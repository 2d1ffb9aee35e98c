"""The whole decoder-only model: causality, caching, first loss, types, checkpoints."""

import math

import pytest
import torch
from paths import with_path
from torch import nn
from torch.nn.functional import cross_entropy
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.config import TransformerConfig
from musiclab.model.transformer import Transformer

SCHEMES = pytest.mark.parametrize(
    "positions", ["rotary", "sinusoidal", "learned", "relative", "none"]
)
PATHS = pytest.mark.parametrize("path", ["fused", "readable"])
NORMS = pytest.mark.parametrize("norm", ["pre", "post"])


def build(positions="rotary", path="fused", norm="pre", **changed):
    """Build a small model whose weights are large, so that any change shows in the logits."""
    sizes = {"vocab_size": 53, "max_seq": 13, "d_model": 18, "n_heads": 3, "n_layers": 2}
    config = TransformerConfig(**sizes | changed, positions=positions, norm=norm)
    model = with_path(Transformer(config).eval(), path)
    for name, weight in model.named_parameters():
        if "norm" not in name:
            nn.init.normal_(weight, std=0.4)
    return model


def tokens(batch=2, seq=11):
    return torch.randint(53, (batch, seq))


@SCHEMES
@PATHS
@NORMS
@pytest.mark.parametrize("parts", [[1] * 11, [5, 1, 3, 2], [11]])
def test_cached_equals_uncached(positions, path, norm, parts):
    model, ids = build(positions, path, norm), tokens()
    cache = model.new_cache(batch=2)
    steps = [model(part, cache) for part in ids.split(parts, dim=1)]
    assert_close(torch.cat(steps, dim=1), model(ids), atol=1e-4, rtol=1e-4)
    assert cache.length == 11


@SCHEMES
@NORMS
def test_select_continues_the_chosen_rows(positions, norm):
    model, ids = build(positions, norm=norm), tokens(batch=3)
    cache = model.new_cache(batch=3)
    model(ids[:, :7], cache)
    rows = torch.tensor([2, 0, 0, 1])
    cache.select(rows)
    branches = torch.cat([ids[rows, :7], tokens(batch=4, seq=4)], dim=1)
    expected = model(branches)[:, 7:]
    assert_close(model(branches[:, 7:], cache), expected, atol=1e-4, rtol=1e-4)


@SCHEMES
def test_reset_starts_from_the_first_position(positions):
    model, ids = build(positions), tokens()
    cache = model.new_cache(batch=2)
    model(tokens(), cache)
    cache.reset()
    assert_close(model(ids, cache), model(ids), atol=1e-4, rtol=1e-4)


@SCHEMES
@PATHS
@NORMS
def test_future_never_changes_past(positions, path, norm):
    model, ids = build(positions, path, norm), tokens()
    changed = ids.clone()
    changed[:, 7:] = (ids[:, 7:] + 1) % 53
    assert_close(model(ids)[:, :7], model(changed)[:, :7])
    different = (model(ids)[:, 7:] - model(changed)[:, 7:]).abs().amax(dim=(0, 2))
    assert (different > 1e-3).all()


@SCHEMES
def test_every_past_token_matters(positions):
    model, ids = build(positions), tokens(batch=1)
    embedded = model.embed(ids).detach().requires_grad_()
    last = model.stack(embedded)[:, -1].square().sum()
    (gradient,) = torch.autograd.grad(last, embedded)
    assert (gradient.abs().amax(dim=-1) > 0).all()


@SCHEMES
@NORMS
def test_fused_equals_readable_with_gradients(positions, norm):
    fused, readable = build(positions, "fused", norm), build(positions, "readable", norm)
    readable.load_state_dict(fused.state_dict())
    ids, weight = tokens(), torch.randn(2, 11, 53)
    assert_close(fused(ids), readable(ids), atol=1e-4, rtol=1e-4)
    for model in (fused, readable):
        (model(ids) * weight).mean().backward()
    for ours, theirs in zip(fused.parameters(), readable.parameters(), strict=True):
        assert ours.grad is not None
        assert_close(ours.grad, theirs.grad, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("positions", ["rotary", "relative", "none"])
def test_only_distances_matter(positions):
    """Where a scheme is relative, a piece that starts later sounds the same."""
    model, ids = build(positions, max_seq=29), tokens()
    expected = model(ids)
    model.stack.positions.forward = lambda x, start=0: x  # the start reaches attention alone
    if model.stack.blocks[0].attention.rotary is not None:
        for block in model.stack.blocks:
            turn = block.attention.rotary.forward
            block.attention.rotary.forward = lambda x, start=0, turn=turn: turn(x, start + 17)
    assert_close(model(ids), expected, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary", "relative"])
def test_order_is_seen(positions):
    model = build(positions, n_layers=1)
    ids = torch.tensor([[3, 5, 7, 11], [5, 3, 7, 11]])
    first, second = model(ids)[:, -1]
    assert not torch.allclose(first, second, atol=1e-3)


def test_one_layer_without_positions_sees_a_set():
    model = build("none", n_layers=1)
    ids = torch.tensor([[3, 5, 7, 11], [5, 3, 7, 11]])
    first, second = model(ids)[:, -1]
    assert_close(first, second)


@pytest.mark.parametrize("positions", ["rotary", "sinusoidal", "relative", "none"])
def test_longer_than_max_seq(positions):
    model, ids = build(positions), tokens(seq=17)  # max_seq is 13
    cache = model.new_cache(batch=2, max_seq=17)
    steps = [model(part, cache) for part in ids.split([11, 1, 1, 3, 1], dim=1)]
    assert_close(torch.cat(steps, dim=1), model(ids), atol=1e-4, rtol=1e-4)


def test_learned_positions_end():
    with pytest.raises(SettingError, match="max_seq=13"):
        build("learned")(tokens(seq=17))


def test_a_full_cache_is_told():
    model = build()
    cache = model.new_cache(batch=2)
    with pytest.raises(SettingError, match="13 positions"):
        model(tokens(seq=17), cache)


@SCHEMES
@NORMS
def test_a_new_model_finds_every_token_about_equally_likely(positions, norm):
    config = TransformerConfig(vocab_size=53, max_seq=101, positions=positions, norm=norm)
    model, ids = Transformer(config).eval(), tokens(batch=3, seq=101)
    repeated = cross_entropy(model(ids).flatten(0, 1), ids.flatten())  # no liking for copies
    shuffled = cross_entropy(model(ids).flatten(0, 1), ids.flip(1).flatten())
    assert repeated.item() == pytest.approx(math.log(53), abs=0.2)
    assert shuffled.item() == pytest.approx(math.log(53), abs=0.2)


def test_the_stream_does_not_grow_with_depth():
    def size(n_layers):
        model = Transformer(TransformerConfig(vocab_size=53, n_layers=n_layers)).eval()
        model.stack.norm = nn.Identity()
        return model.stack(model.embed(tokens())).std().item()

    assert size(16) == pytest.approx(size(1), rel=0.5)


def test_it_learns_to_repeat():
    torch.manual_seed(0)
    config = TransformerConfig(
        vocab_size=53, max_seq=13, d_model=18, n_heads=3, n_layers=2, dropout=0
    )
    model, ids = Transformer(config), tokens()
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.02)
    for _ in range(60):
        loss = cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.5


def test_dropout_acts_in_training_only():
    model, ids = build(dropout=0.5), tokens()
    assert_close(model(ids), model(ids), rtol=0, atol=0)
    model.train()
    assert not torch.allclose(model(ids), model(ids))


def test_every_setting_reaches_the_layers():
    model = build("relative", norm="post", dropout=0.3, d_ff=17)
    rates = [module.p for module in model.modules() if isinstance(module, nn.Dropout)]
    assert rates == [0.3] * 3  # of the embeddings, and of each of two blocks
    for block in model.stack.blocks:
        assert block.attention.relative.table.shape == (3, 13, 6)
        assert block.feed_forward[0].weight.shape == (17, 18)


@SCHEMES
@PATHS
def test_bfloat16_autocast_trains_and_samples(positions, path):
    model, ids = build(positions, path), tokens()
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(ids)
        cache = model.new_cache(batch=2)
        steps = torch.cat([model(part, cache) for part in ids.split([5, 1, 5], dim=1)], dim=1)
    exact = model(ids)
    logits.float().square().mean().backward()
    assert all(weight.grad.isfinite().all() for weight in model.parameters())
    assert (logits - exact).abs().mean() < 0.1 * exact.abs().mean()
    assert (steps - exact).abs().mean() < 0.1 * exact.abs().mean()


@SCHEMES
def test_whole_model_in_bfloat16(positions):
    model, ids = build(positions), tokens()
    exact, model = model(ids), model.bfloat16()
    cache = model.new_cache(batch=2)
    assert cache.layers[0].key.dtype == torch.bfloat16
    steps = torch.cat([model(part, cache) for part in ids.split([5, 1, 5], dim=1)], dim=1)
    assert (steps - exact).abs().mean() < 0.2 * exact.abs().mean()


@SCHEMES
def test_state_dict_round_trip(positions):
    model, other, ids = build(positions), build(positions), tokens()
    assert not torch.allclose(model(ids), other(ids))
    other.load_state_dict(model.state_dict())
    assert_close(other(ids), model(ids), rtol=0, atol=0)
    assert set(model.state_dict()) == {name for name, _ in model.named_parameters()}


@SCHEMES
def test_inference_mode(positions):
    model, ids = build(positions), tokens()
    expected = model(ids)
    with torch.inference_mode():
        cache = model.new_cache(batch=2)
        model(ids[:, :7], cache)
        assert_close(model(ids[:, 7:], cache), expected[:, 7:], atol=1e-4, rtol=1e-4)

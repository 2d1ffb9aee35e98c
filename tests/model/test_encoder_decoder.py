"""The encoder-decoder: who sees whom, padding, caching, and torch's own stacks."""

import math

import pytest
import torch
from paths import with_path
from torch import nn
from torch.nn.functional import cross_entropy
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.config import TransformerConfig
from musiclab.model.encoder_decoder import EncoderDecoder

SCHEMES = pytest.mark.parametrize(
    "positions", ["rotary", "sinusoidal", "learned", "relative", "none"]
)
PATHS = pytest.mark.parametrize("path", ["fused", "readable"])


def build(positions="rotary", path="fused", norm="pre"):
    """Build a small model whose weights are large, so that any change shows in the logits."""
    config = TransformerConfig(
        vocab_size=53,
        max_seq=13,
        d_model=18,
        n_heads=3,
        n_layers=2,
        positions=positions,
        norm=norm,
    )
    model = with_path(EncoderDecoder(config).eval(), path)
    for name, weight in model.named_parameters():
        if "norm" not in name:
            nn.init.normal_(weight, std=0.4)
    return model


def tokens(seq, batch=2):
    return torch.randint(53, (batch, seq))


def changed(ids, first, last):
    ids = ids.clone()
    ids[:, first:last] = (ids[:, first:last] + 1) % 53
    return ids


def moved(before, after):
    """Tell for each position whether its logits differ."""
    return (before - after).abs().amax(dim=(0, 2)) > 1e-3


@SCHEMES
@PATHS
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("parts", [[1] * 11, [5, 1, 3, 2]])
def test_cached_equals_uncached(positions, path, padded, parts):
    model, source, target = build(positions, path), tokens(7), tokens(11)
    visible = torch.arange(7) < torch.tensor([[5], [7]]) if padded else None
    memory, cache = model.encode(source, visible), model.new_cache(batch=2)
    steps = [model.decode(part, memory, visible, cache) for part in target.split(parts, dim=1)]
    assert_close(torch.cat(steps, dim=1), model(source, target, visible), atol=1e-4, rtol=1e-4)


@SCHEMES
@PATHS
def test_future_target_never_changes_past(positions, path):
    model, source, target = build(positions, path), tokens(7), tokens(11)
    logits, others = model(source, target), model(source, changed(target, 5, 11))
    assert_close(logits[:, :5], others[:, :5])
    assert moved(logits, others)[5:].all()


@SCHEMES
@PATHS
def test_every_target_position_sees_every_source_position(positions, path):
    model, source, target = build(positions, path), tokens(7), tokens(11)
    for place in range(7):
        assert moved(model(source, target), model(changed(source, place, place + 1), target)).all()


@SCHEMES
@PATHS
def test_encoder_sees_both_ways(positions, path):
    model, source = build(positions, path), tokens(7)
    memory = model.encode(source)
    assert moved(memory, model.encode(changed(source, 6, 7))).all()
    assert moved(memory, model.encode(changed(source, 0, 1))).all()


@SCHEMES
@PATHS
def test_padding_is_invisible(positions, path):
    """A padded row gives what the same row gives alone, whatever stands in the padding."""
    model, source, target = build(positions, path), tokens(7), tokens(11)
    visible = torch.arange(7) < torch.tensor([[5], [7]])
    logits = model(source, target, visible)
    assert_close(logits[:1], model(source[:1, :5], target[:1]), atol=1e-4, rtol=1e-4)
    assert_close(logits[1:], model(source[1:], target[1:]), atol=1e-4, rtol=1e-4)
    rubbish = torch.where(visible, source, tokens(7))
    assert_close(model(rubbish, target, visible), logits)


def test_nothing_but_padding_is_refused():
    visible = torch.tensor([[True] * 7, [False] * 7])
    with pytest.raises(SettingError, match="padding"):
        build().encode(tokens(7), visible)


def test_encoder_without_positions_does_not_know_the_order():
    model, source, order = build("none"), tokens(7), torch.randperm(7)
    assert_close(model.encode(source[:, order]), model.encode(source)[:, order])


@pytest.mark.parametrize("shape", [(1, 7), (2, 5)])
def test_a_cache_serves_one_source(shape):
    model = build()
    cache = model.new_cache(batch=2)
    model.decode(tokens(3), model.encode(tokens(7)), cache=cache)
    with pytest.raises(SettingError):
        model.decode(tokens(1, shape[0]), model.encode(tokens(shape[1], shape[0])), cache=cache)


def test_reset_makes_room_for_another_source():
    model, target = build(), tokens(5)
    cache = model.new_cache(batch=2)
    model.decode(target, model.encode(tokens(7)), cache=cache)
    cache.reset()
    memory = model.encode(tokens(7))
    assert_close(model.decode(target, memory, cache=cache), model.decode(target, memory))


def test_select_takes_the_source_along():
    model, source, target = build(), tokens(7, batch=3), tokens(11, batch=3)
    memory, cache, rows = model.encode(source), model.new_cache(batch=3), torch.tensor([2, 2, 0, 1])
    model.decode(target[:, :5], memory, cache=cache)
    cache.select(rows)
    steps = model.decode(target[rows, 5:], memory[rows], cache=cache)
    assert_close(steps, model(source[rows], target[rows])[:, 5:], atol=1e-4, rtol=1e-4)


def test_a_new_model_finds_every_token_about_equally_likely():
    model = EncoderDecoder(TransformerConfig(vocab_size=53)).eval()
    source, target = tokens(29), tokens(31)
    loss = cross_entropy(model(source, target).flatten(0, 1), target.flatten())
    assert loss.item() == pytest.approx(math.log(53), abs=0.2)


def test_gradient_reaches_every_weight():
    model = build("relative").train()
    model(tokens(7), tokens(11)).square().mean().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in model.parameters())


@SCHEMES
def test_bfloat16_autocast(positions):
    model, source, target = build(positions), tokens(7), tokens(11)
    visible = torch.arange(7) < torch.tensor([[5], [7]])
    exact = model(source, target, visible)
    with torch.autocast("cpu", torch.bfloat16):
        cache, memory = model.new_cache(batch=2), model.encode(source, visible)
        steps = [model.decode(part, memory, visible, cache) for part in target.split(1, dim=1)]
    assert (torch.cat(steps, dim=1) - exact).abs().mean() < 0.2 * exact.abs().mean()

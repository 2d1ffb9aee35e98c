"""One block, and stacks of blocks, against torch's layers with the same weights."""

import pytest
import torch
from paths import with_path
from torch import nn
from torch.testing import assert_close

from musiclab.model.block import Block, PostNormBlock
from musiclab.model.config import TransformerConfig
from musiclab.model.kv_cache import KVCache
from musiclab.model.stack import Stack

NORMS = pytest.mark.parametrize("norm", ["pre", "post"])
D_MODEL, N_HEADS, D_FF = 15, 3, 17


def loud(module):
    """Draw every weight anew, norms included, so that no part can hide behind zeros or ones."""
    for weight in module.parameters():
        nn.init.normal_(weight, std=0.4)
    return module


def copy_weights(ours, theirs):
    """Give torch's layer the weights of our block; the biases that we do without become 0."""
    for name, weight in theirs.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(weight)

    def copy(target, *sources):
        target.data = torch.cat([source.detach() for source in sources])

    def copy_norm(target, source):
        target.load_state_dict(source.state_dict())

    copy(theirs.self_attn.in_proj_weight, ours.attention.to_qkv.weight)
    copy(theirs.self_attn.out_proj.weight, ours.attention.to_out.weight)
    copy(theirs.linear1.weight, ours.feed_forward[0].weight)
    copy(theirs.linear2.weight, ours.feed_forward[2].weight)
    copy_norm(theirs.norm1, ours.attention_norm)
    if isinstance(theirs, nn.TransformerEncoderLayer):
        copy_norm(theirs.norm2, ours.feed_forward_norm)
        return
    cross = ours.cross_attention
    copy(theirs.multihead_attn.in_proj_weight, cross.to_query.weight, cross.to_key_value.weight)
    copy(theirs.multihead_attn.out_proj.weight, cross.to_out.weight)
    copy_norm(theirs.norm2, ours.cross_attention_norm)
    copy_norm(theirs.norm3, ours.feed_forward_norm)


def torch_layer(kind, norm):
    """Build torch's layer of our sizes, left in training mode so that its shortcuts stay out."""
    return kind(D_MODEL, N_HEADS, D_FF, 0.0, "gelu", batch_first=True, norm_first=norm == "pre")


def assert_same(ours, theirs, inputs):
    """Compare the results and what flows back to the inputs."""
    assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    weight = torch.randn_like(ours)
    assert_close(
        torch.autograd.grad((ours * weight).sum(), inputs),
        torch.autograd.grad((theirs * weight).sum(), inputs),
        atol=1e-3,
        rtol=1e-3,
    )


def build(norm, dropout=0.0, **options):
    """Build a block of our sizes, of either kind."""
    kind = Block if norm == "pre" else PostNormBlock
    return kind(D_MODEL, N_HEADS, D_FF, dropout, **options)


def hidden(seq, causal):
    """Mask in torch's sense: True is forbidden."""
    return torch.ones(seq, seq, dtype=torch.bool).triu(1) if causal else None


@NORMS
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("path", ["fused", "readable"])
def test_block_equals_torch_encoder_layer(norm, causal, padded, path):
    ours = with_path(loud(build(norm, causal=causal, positions="none")), path)
    theirs = torch_layer(nn.TransformerEncoderLayer, norm)
    copy_weights(ours, theirs)
    x = torch.randn(2, 7, D_MODEL, requires_grad=True)
    visible = torch.arange(7) < torch.tensor([[5], [7]])
    expected = theirs(
        x, src_mask=hidden(7, causal), src_key_padding_mask=~visible if padded else None
    )
    assert_same(ours(x, visible=visible[:, None, None] if padded else None), expected, [x])


@NORMS
@pytest.mark.parametrize("padded", [True, False])
def test_block_equals_torch_decoder_layer(norm, padded):
    ours = loud(build(norm, cross=True, positions="none"))
    theirs = torch_layer(nn.TransformerDecoderLayer, norm)
    copy_weights(ours, theirs)
    x = torch.randn(2, 7, D_MODEL, requires_grad=True)
    memory = torch.randn(2, 11, D_MODEL, requires_grad=True)
    visible = torch.arange(11) < torch.tensor([[5], [11]])
    expected = theirs(
        x,
        memory,
        tgt_mask=hidden(7, True),
        memory_key_padding_mask=~visible if padded else None,
    )
    result = ours(x, memory=memory, memory_visible=visible[:, None, None] if padded else None)
    assert_same(result, expected, [x, memory])


def config(norm):
    return TransformerConfig(
        vocab_size=53,
        d_model=D_MODEL,
        n_heads=N_HEADS,
        d_ff=D_FF,
        n_layers=2,
        dropout=0,
        positions="none",
        norm=norm,
    )


@NORMS
@pytest.mark.parametrize("causal", [True, False])
def test_stack_equals_torch_encoder(norm, causal):
    ours = loud(Stack(config(norm), causal=causal))
    last = nn.LayerNorm(D_MODEL) if norm == "pre" else None
    theirs = nn.TransformerEncoder(
        torch_layer(nn.TransformerEncoderLayer, norm), 2, norm=last, enable_nested_tensor=False
    )
    for block, layer in zip(ours.blocks, theirs.layers, strict=True):
        copy_weights(block, layer)
    if last is not None:
        last.load_state_dict(ours.norm.state_dict())
    x = torch.randn(2, 7, D_MODEL, requires_grad=True)
    assert_same(ours(x), theirs(x, mask=hidden(7, causal)), [x])


@NORMS
def test_stack_equals_torch_decoder(norm):
    ours = loud(Stack(config(norm), cross=True))
    last = nn.LayerNorm(D_MODEL) if norm == "pre" else None
    theirs = nn.TransformerDecoder(torch_layer(nn.TransformerDecoderLayer, norm), 2, norm=last)
    for block, layer in zip(ours.blocks, theirs.layers, strict=True):
        copy_weights(block, layer)
    if last is not None:
        last.load_state_dict(ours.norm.state_dict())
    x = torch.randn(2, 7, D_MODEL, requires_grad=True)
    memory = torch.randn(2, 11, D_MODEL, requires_grad=True)
    expected = theirs(x, memory, tgt_mask=hidden(7, True))
    assert_same(ours(x, memory=memory), expected, [x, memory])


@NORMS
def test_dropout_acts_on_what_is_added_in_training_only(norm):
    block, x = build(norm, dropout=0.5, positions="none"), torch.randn(3, 101, D_MODEL)
    loud(block)
    block.eval()
    quiet = block(x)
    assert_close(block(x), quiet, rtol=0, atol=0)
    block.train()
    assert not torch.allclose(block(x), quiet)
    added = []
    block.dropout.register_forward_hook(lambda module, given, made: added.append((given[0], made)))
    block(x)
    assert len(added) == 2  # what attention adds, and what the feed-forward layer adds
    for before, after in added:
        kept = after != 0
        assert 0.4 < kept.float().mean() < 0.6
        assert_close(after[kept], 2 * before[kept])


@pytest.mark.parametrize("cross", [True, False])
def test_every_dropout_has_the_rate_asked_for(cross):
    block = Block(D_MODEL, N_HEADS, D_FF, 0.3, positions="none", cross=cross)
    assert [module.p for module in block.modules() if isinstance(module, nn.Dropout)] == [0.3]


def test_feed_forward_is_four_times_as_wide_unless_told():
    assert Block(D_MODEL, N_HEADS, positions="none").feed_forward[0].weight.shape == (60, 15)


@NORMS
@pytest.mark.parametrize("positions", ["rotary", "relative", "none"])
def test_cached_block_equals_uncached(norm, positions):
    kind = Block if norm == "pre" else PostNormBlock
    block = loud(kind(18, 3, 17, 0.0, positions=positions, max_seq=11))
    x, (layer,) = torch.randn(2, 7, 18), KVCache(1, 2, 7, 3, 6).layers
    steps = [block(part, cache=layer) for part in x.split([3, 1, 2, 1], dim=1)]
    assert_close(torch.cat(steps, dim=1), block(x), atol=1e-4, rtol=1e-4)

"""Right answers to the exercises of notebook 8, each written in another way."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from musiclab.model import Block as LibraryBlock
from musiclab.model import FeedForward, MultiHeadAttention, Transformer


def layer_norm_loops(x, gain=None, bias=None, epsilon=1e-5):
    batch, seq, d_model = x.shape
    result = torch.empty_like(x)
    for b in range(batch):
        for s in range(seq):
            row = x[b, s].tolist()
            mean = sum(row) / d_model
            variance = sum((one - mean) ** 2 for one in row) / d_model
            for d in range(d_model):
                one = (row[d] - mean) / math.sqrt(variance + epsilon)
                one = one if gain is None else one * gain[d].item()
                result[b, s, d] = one if bias is None else one + bias[d].item()
    return result


def layer_norm_numpy(x, gain=None, bias=None, epsilon=1e-5):
    x = x.numpy().astype(np.float64)
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    gain = np.ones(x.shape[-1]) if gain is None else gain.numpy()
    bias = np.zeros(x.shape[-1]) if bias is None else bias.numpy()
    return gain * (x - mean) / np.sqrt(variance + epsilon) + bias


def layer_norm_in_place(x, gain=None, bias=None, epsilon=1e-5):
    x = x.clone()
    x -= x.mean(dim=-1, keepdim=True)
    x *= torch.rsqrt(x.var(dim=-1, keepdim=True, unbiased=False) + epsilon)
    if gain is not None:
        x *= gain
    if bias is not None:
        x += bias
    return x


class _Linears(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.1):
        super().__init__()
        self.widen = nn.Linear(d_model, d_ff, bias=False)
        self.narrow = nn.Linear(d_ff, d_model, bias=False)
        self.dropout = dropout


class FeedForwardByHand(_Linears):
    def forward(self, x):
        wide = x @ self.widen.weight.T
        bent = wide * (1 + torch.erf(wide / math.sqrt(2))) / 2
        found = bent @ self.narrow.weight.T
        if self.training:
            found = found * (torch.rand(found.shape) >= self.dropout) / (1 - self.dropout)
        return found


class FeedForwardDropoutLayer(_Linears):
    def __init__(self, d_model, d_ff, dropout=0.1):
        super().__init__(d_model, d_ff, dropout)
        self.drop, self.bend = nn.Dropout(dropout), nn.GELU()

    def forward(self, x):
        return self.drop(self.narrow(self.bend(self.widen(x))))


class FeedForwardEachPosition(_Linears):
    def forward(self, x):
        rows = [self.narrow(F.gelu(self.widen(row))) for row in x.flatten(0, 1)]
        found = torch.stack(rows).view_as(x)
        if not self.training:
            return found
        kept = torch.bernoulli(torch.full_like(found, 1 - self.dropout))
        return torch.where(kept > 0, found / (1 - self.dropout), 0.0)


class _Parts(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.1, norm="pre"):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.attention_norm = nn.LayerNorm(d_model)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.p, self.norm = dropout, norm


class BlockByLoop(_Parts):
    def forward(self, x):
        pairs = (self.attention, self.attention_norm), (self.feed_forward, self.feed_forward_norm)
        for part, norm in pairs:
            found = part(norm(x)) if self.norm == "pre" else part(x)
            x = x + F.dropout(found, self.p, self.training)
            x = norm(x) if self.norm == "post" else x
        return x


class BlockInPlace(_Parts):
    def forward(self, x):
        def drop(found):
            return F.dropout(found, p=self.p, training=self.training)

        x = x.clone()
        if self.norm == "post":
            x += drop(self.attention(x))
            x = self.attention_norm(x)
            return self.feed_forward_norm(x + drop(self.feed_forward(x)))
        x += drop(self.attention(self.attention_norm(x)))
        x += drop(self.feed_forward(self.feed_forward_norm(x)))
        return x


class BlockFromTheLibrary(nn.Module):
    def __new__(cls, d_model, n_heads, d_ff, dropout=0.1, norm="pre"):
        block = LibraryBlock(d_model, n_heads, d_ff, dropout, positions="none")
        if norm == "post":
            block.__class__ = type("Post", (LibraryBlock,), {"forward": cls.post})
        return block

    def post(self, x):
        x = self.attention_norm(x + self.dropout(self.attention(x)))
        return self.feed_forward_norm(x + self.dropout(self.feed_forward(x)))


def count_by_building(config):
    return sum(one.numel() for one in Transformer(config).parameters())


def count_by_shapes(config):
    d, f = config.d_model, config.d_ff or 4 * config.d_model
    shapes = [(config.vocab_size, d), (config.vocab_size, d)]
    shapes += [(config.max_seq, d)] * (config.positions == "learned")
    for _ in range(config.n_layers):
        shapes += [(3 * d, d), (d, d), (f, d), (d, f), (d,), (d,), (d,), (d,)]
    shapes += [(d,), (d,)] * (config.norm == "pre")
    return sum(math.prod(shape) for shape in shapes)


def count_in_numpy(config):
    d = np.int64(config.d_model)
    f = 4 * d if config.d_ff is None else np.int64(config.d_ff)
    once = 2 * config.vocab_size * d + 2 * d * (config.norm == "pre")
    once = once + config.max_seq * d * (config.positions == "learned")
    return once + config.n_layers * (4 * d * d + 2 * d * f + 4 * d)


class _Cross(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads, self.head_dim = n_heads, d_model // n_heads
        self.to_query = nn.Linear(d_model, d_model, bias=False)
        self.to_key_value = nn.Linear(d_model, 2 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)


class CrossFused(_Cross):
    def forward(self, x, memory, visible):
        def split(one):
            return one.view(*one.shape[:2], self.n_heads, self.head_dim).transpose(1, 2)

        key, value = self.to_key_value(memory).chunk(2, dim=-1)
        mixed = F.scaled_dot_product_attention(
            split(self.to_query(x)), split(key), split(value), attn_mask=visible[:, None, None]
        )
        return self.to_out(mixed.transpose(1, 2).flatten(2))


class CrossHeadByHead(_Cross):
    def forward(self, x, memory, visible):
        query = self.to_query(x).split(self.head_dim, dim=-1)
        both = self.to_key_value(memory).split(self.head_dim, dim=-1)
        heads = []
        for n in range(self.n_heads):
            key, value = both[n], both[self.n_heads + n]
            scores = torch.einsum("bqd,bkd->bqk", query[n], key) * self.head_dim**-0.5
            scores = scores + torch.where(visible, 0.0, -math.inf)[:, None]
            heads.append(scores.softmax(-1) @ value)
        return self.to_out(torch.cat(heads, dim=-1))


class CrossPieceByPiece(_Cross):
    def forward(self, x, memory, visible):
        results = []
        for own, piece, seen in zip(x, memory, visible, strict=True):
            query = self.to_query(own).view(len(own), self.n_heads, -1)
            both = self.to_key_value(piece[seen]).view(int(seen.sum()), 2, self.n_heads, -1)
            key, value = both.unbind(1)
            scores = torch.einsum("qhd,khd->hqk", query, key) / math.sqrt(self.head_dim)
            mixed = torch.einsum("hqk,khd->qhd", scores.softmax(-1), value)
            results.append(self.to_out(mixed.flatten(1)))
        return torch.stack(results)


@torch.no_grad()
def hears_by_list(model, ids, listener, speaker):
    rows = ids.tolist()
    piece, place = speaker
    rows[piece][place] = 0 if rows[piece][place] == 49 else rows[piece][place] + 1
    before, after = model(ids)[listener].tolist(), model(torch.tensor(rows))[listener].tolist()
    return any(abs(one - other) > 1e-5 for one, other in zip(before, after, strict=True))


def hears_numpy(model, ids, listener, speaker):
    changed = ids.numpy().copy()
    changed[speaker] = (changed[speaker] + 7) % 50
    before, after = model(ids).numpy(), model(torch.from_numpy(changed)).numpy()
    return not np.allclose(before[listener], after[listener], rtol=0, atol=1e-5)


def hears_by_addition(model, ids, listener, speaker):
    one = torch.zeros_like(ids)
    one[speaker] = 1
    moved = model((ids + one) % 50) - model(ids)
    return moved[listener].norm().item() > 1e-5


class RunningMean(nn.Module):
    def __init__(self, d_model):
        super().__init__()
        self.mix = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x):
        count = torch.arange(1, x.shape[1] + 1)[:, None]
        return x + self.mix(x.cumsum(dim=1) / count)


class SlowEcho(nn.Module):
    """Each step hears what sounds now, and a fading echo of what sounded before."""

    def __init__(self, d_model):
        super().__init__()
        self.norm = nn.LayerNorm(d_model)
        self.fade = nn.Parameter(torch.zeros(d_model))
        self.out = nn.Linear(d_model, d_model)

    def forward(self, x):
        echo, found = torch.zeros_like(x[:, 0]), []
        for heard in self.norm(x).unbind(dim=1):
            echo = self.fade.sigmoid() * echo + heard
            found.append(self.out(echo))
        return x + torch.stack(found, dim=1)


class OneBefore(nn.Module):
    """A gate decides how much of the position before is let in; at first it is shut."""

    def __init__(self, d_model):
        super().__init__()
        self.gate = nn.Linear(d_model, d_model)
        self.scale = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        before = F.pad(x, (0, 0, 1, 0))[:, :-1]
        return x + self.scale * torch.sigmoid(self.gate(x)) * before


RIGHT = {
    "layer-norm": [layer_norm_loops, layer_norm_numpy, layer_norm_in_place],
    "feed-forward": [FeedForwardByHand, FeedForwardDropoutLayer, FeedForwardEachPosition],
    "block": [BlockByLoop, BlockInPlace, BlockFromTheLibrary],
    "parameter-count": [count_by_building, count_by_shapes, count_in_numpy],
    "cross-attention": [CrossFused, CrossHeadByHead, CrossPieceByPiece],
    "hears": [hears_by_list, hears_numpy, hears_by_addition],
    "own-block": [RunningMean, SlowEcho, OneBefore],
}

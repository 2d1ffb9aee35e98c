"""The trunk of a model made ready for one thing: to read one more position, as fast as it goes.

One position through four layers of width 128 is 0.8 million multiplications: a processor does them
in some 50 microseconds, but the 67 modules of the ordinary model, each a few calls into torch, take
many times as long. So here the weights are taken over once, folded together where the mathematics
allows, and a position is a short row of calls into NumPy and torch, whose arrays share memory. The
ordinary model says what is right, and tests hold the two equal; this file says only how to get
there sooner.

What is folded:

- LayerNorm takes the mean away from the stream. All that is written into the stream is freed of its
  mean beforehand, so that nothing is left to take away.
- LayerNorm's gain and bias, attention's scale and GELU's factors go into the weights beside them.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from musiclab.model.block import Block, FeedForward, Residual
from musiclab.model.kv_cache import KVCache
from musiclab.model.stack import Stack

ALONE = 2**18  # weights up to which NumPy multiplies a row on one core, whatever it is told

Stream = Float[np.ndarray, "batch d_model"]
Matrix = Float[np.ndarray, "inputs outputs"]
Row = Float[np.ndarray, " outputs"]
Rows = Float[np.ndarray, "batch outputs"]


class Reading(NamedTuple):
    """A LayerNorm and the linear layers behind it, as one: normalise, multiply, add."""

    weight: Matrix
    bias: Row
    least: float  # keeps the LayerNorm from dividing by 0

    def __call__(self, x: Stream) -> Rows:
        """Read the stream, whose rows have mean 0."""
        result = times(x / length(x, self.least), self.weight)
        result += self.bias
        return result


class FeedForwardWeights(NamedTuple):
    """Widen, bend, narrow: gelu(y) = y (1 + erf(y / sqrt 2)) / 2, the factors in the weights."""

    widen: Reading
    narrow: Matrix

    def __call__(self, x: Stream) -> Stream:
        """Return what is to be added to the stream."""
        wide = self.widen(x)
        bent = torch.erf(torch.from_numpy(wide)).numpy()
        bent += 1
        bent *= wide
        return times(bent, self.narrow)


class LayerWeights(NamedTuple):
    """One block."""

    to_qkv: Reading
    to_out: Matrix
    feed_forward: FeedForwardWeights


class FastStack:
    """Read one more position of each piece of a batch.

    Args:
        stack: Whose weights are taken as they are now: pre-norm, with rotary positions or none.
        positions: How many will be read at most.
    """

    def __init__(self, stack: Stack, positions: int) -> None:
        self.n_heads, self.head_dim = stack.config.n_heads, stack.config.head_dim
        self.layers = [_layer(block) for block in stack.blocks]
        width = stack.config.d_model
        self.gain = (stack.norm.weight * math.sqrt(width)).numpy()
        self.bias, self.least = stack.norm.bias.numpy(), width * stack.norm.eps
        self.turns = None
        if stack.config.positions == "rotary":
            turns = stack.blocks[0].attention.rotary.turns[:positions]
            self.turns = torch.view_as_complex(turns.contiguous()).numpy()

    def __call__(self, x: Stream, cache: KVCache) -> Stream:
        """Run all blocks over one new position, and normalise.

        Args:
            x: Its embedding, each row of mean 0.
            cache: Filled by the ordinary model or by this one; it grows by one position.
        """
        x, at = x.copy(), cache.length
        for weights, layer in zip(self.layers, cache.layers, strict=True):
            qkv = weights.to_qkv(x).reshape(len(x), 3, self.n_heads, self.head_dim)
            if self.turns is not None:
                points = qkv[:, :2].view(np.complex64)  # two coordinates are a point of the plane
                points *= self.turns[at]
            keys, values = layer.key.numpy(), layer.value.numpy()
            keys[:, :, at], values[:, :, at] = qkv[:, 1], qkv[:, 2]
            layer.length = at + 1
            scores = np.matmul(keys[:, :, : at + 1], qkv[:, 0, :, :, None])[..., 0]
            shares = torch.softmax(torch.from_numpy(scores), dim=-1).numpy()
            mixed = np.matmul(shares[:, :, None], values[:, :, : at + 1])
            x += times(mixed.reshape(x.shape), weights.to_out)
            x += weights.feed_forward(x)
        x /= length(x, self.least)
        x *= self.gain
        x += self.bias
        return x


def length(x: Stream, least: float) -> Float[np.ndarray, "batch 1"]:
    """Measure each row, as LayerNorm does where the mean is 0."""
    return np.sqrt(np.vecdot(x, x) + least)[:, None]


def times(x: Float[np.ndarray, "batch inputs"], weight: Matrix) -> Rows:
    """Multiply: a single row by NumPy, whose calls cost less; more by torch, on its own cores."""
    if len(x) == 1 and weight.size <= ALONE:
        return np.dot(x, weight)
    return torch.mm(torch.from_numpy(x), torch.from_numpy(weight)).numpy()


def reading(
    norm: nn.LayerNorm, weight: Float[Tensor, "outputs inputs"], factor: float = 1.0
) -> Reading:
    """Fold a LayerNorm into the linear layers that read it.

    x / sqrt(mean(x^2) + eps) is sqrt(width) * x / sqrt(sum(x^2) + width * eps).
    """
    width = weight.shape[1]
    folded = weight * (norm.weight * (factor * math.sqrt(width)))
    bias = weight @ norm.bias * factor
    return Reading(folded.T.contiguous().numpy(), bias.numpy(), width * norm.eps)


def centred(written: Float[Tensor, "*inputs outputs"]) -> Float[np.ndarray, "*inputs outputs"]:
    """Free what is written into the stream of its mean."""
    return (written - written.mean(dim=-1, keepdim=True)).contiguous().numpy()


def feed_forward_weights(around: Residual, layer: FeedForward) -> FeedForwardWeights:
    """Take over a feed-forward layer and the LayerNorm before it."""
    widen, _, narrow = layer
    half = math.sqrt(0.5)
    return FeedForwardWeights(
        reading(around.norm, widen.weight, factor=half), centred(narrow.weight.T * half)
    )


def _layer(block: Block) -> LayerWeights:
    attention = block.attention
    query, key, value = attention.to_qkv.weight.chunk(3)
    # Dot products grow like sqrt(head_dim); the query is made smaller instead.
    query = query / math.sqrt(len(query) / attention.n_heads)
    return LayerWeights(
        reading(block.around_attention.norm, torch.cat([query, key, value])),
        centred(attention.to_out.weight.T),
        feed_forward_weights(block.around_feed_forward, block.feed_forward),
    )

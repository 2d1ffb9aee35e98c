"""Causal attention for training on a processor: plain matrix products, a few queries at a time.

torch's fused kernel never holds all shares of attention at once. That saves memory, and on a GPU
time too. On a processor, in bfloat16, its backward pass takes several times as long as the five
matrix products that it consists of. Here those are called one by one. A block of queries does not
even look at the keys of its future, which saves nearly half of the work, and its scores are few
enough to stay in the processor's cache.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

BLOCK = 64  # queries
LONGEST = 1024  # positions; what is kept for backward grows with their square

Queries = Float[Tensor, "batch heads seq head_dim"]


def blocks_pay(query: Queries, key: Queries) -> bool:
    """Tell whether blocks are faster than the fused kernel: in training, on a processor, in bf16.

    Example:
        >>> query = torch.zeros(1, 4, 9, 32, dtype=torch.bfloat16, requires_grad=True)
        >>> blocks_pay(query, query), blocks_pay(query, query.float())
        (True, False)
    """
    in_bf16 = query.dtype == key.dtype == torch.bfloat16  # a cache may hold longer numbers
    training = query.requires_grad and query.shape[2] <= LONGEST
    return in_bf16 and training and query.device.type == "cpu"


def attend_in_blocks(query: Queries, key: Queries, value: Queries) -> Queries:
    """Mix the values of each position's past, as ``attend(query, key, value, causal=True)`` does.

    Args:
        query: What each position looks for.
        key: What each position offers.
        value: What each position gives.

    Source:
        The blocks are those of Dao et al. (2022), "FlashAttention", arXiv:2205.14135, but for the
        shares, which are kept here and not computed again.
    """
    flat = (one.flatten(0, 1) for one in (query, key, value))  # every head of every piece alike
    return _Blocks.apply(*flat).unflatten(0, query.shape[:2])


class _Blocks(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        scale = 1 / math.sqrt(query.shape[-1])
        future = query.new_full((BLOCK, BLOCK), -math.inf).triu(1)
        mixed, kept = torch.empty_like(value), []
        for now, seen in blocks(query.shape[1]):
            scores = _product(query[:, now], key[:, seen].mT, scale)
            size = now.stop - now.start
            scores[..., now] += future[:size, :size]
            kept.append(scores.softmax(dim=-1))
            torch.bmm(kept[-1], value[:, seen], out=mixed[:, now])
        ctx.save_for_backward(query, key, value, *kept)
        return mixed

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_mixed: Tensor) -> tuple[Tensor, ...]:
        """Follow the chain rule back through ``shares @ value``, the softmax and the scores."""
        query, key, value, *kept = ctx.saved_tensors
        scale = 1 / math.sqrt(query.shape[-1])
        d_query, d_key, d_value = (torch.zeros_like(one) for one in (query, key, value))
        for (now, seen), shares in zip(blocks(query.shape[1]), kept, strict=True):
            d_value[:, seen].baddbmm_(shares.mT, d_mixed[:, now])
            d_shares = torch.bmm(d_mixed[:, now], value[:, seen].mT)
            # That is shares * (d_shares - (shares * d_shares).sum(dim=-1, keepdim=True)):
            d_scores = torch._softmax_backward_data(d_shares, shares, -1, shares.dtype)
            d_query[:, now] = _product(d_scores, key[:, seen], scale)
            d_key[:, seen].baddbmm_(d_scores.mT, query[:, now], alpha=scale)
        return d_query, d_key, d_value


def blocks(seq: int) -> list[tuple[slice, slice]]:
    """Cut ``seq`` queries into blocks, each with the keys that its last query may see.

    Example:
        >>> blocks(100)
        [(slice(0, 64, None), slice(0, 64, None)), (slice(64, 100, None), slice(0, 100, None))]
    """
    ends = [(first, min(first + BLOCK, seq)) for first in range(0, seq, BLOCK)]
    return [(slice(first, end), slice(0, end)) for first, end in ends]


def _product(left: Tensor, right: Tensor, scale: float) -> Tensor:
    """Multiply batches of matrices and scale them, without a second pass over the result."""
    return torch.baddbmm(left.new_empty(1, 1, 1), left, right, beta=0, alpha=scale)

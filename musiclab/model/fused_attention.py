"""Attention in one call: what ``attention.attend`` says step by step, as fast as torch can."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention


def fused_attend(
    query: Float[Tensor, "batch heads q_seq head_dim"],
    key: Float[Tensor, "batch heads k_seq head_dim"],
    value: Float[Tensor, "batch heads k_seq head_dim"],
    *,
    causal: bool,
    visible: Bool[Tensor, "#batch #heads #q_seq k_seq"] | None = None,
    relative: Float[Tensor, "batch heads q_seq k_seq"] | None = None,
) -> Float[Tensor, "batch heads q_seq head_dim"]:
    """Mix the values, each query by its own weights; arguments as for ``attention.attend``."""
    q_seq, k_seq = query.shape[2], key.shape[2]
    if q_seq == 1:  # a single newest query has no future to hide
        causal = False
    if visible is None and relative is None and (q_seq == k_seq or not causal):
        return scaled_dot_product_attention(query, key, value, is_causal=causal)
    mask = torch.ones(q_seq, k_seq, dtype=torch.bool, device=query.device)
    mask = mask.tril(k_seq - q_seq) if causal else mask
    mask = mask if visible is None else mask & visible
    if relative is not None:
        mask = (relative / math.sqrt(query.shape[-1])).masked_fill(~mask, -math.inf)
    return scaled_dot_product_attention(query, key, value, attn_mask=mask)

"""Attention: every position asks (query), every position answers (key) and gives (value)."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn

from musiclab.errors import SettingError
from musiclab.model.fused_attention import fused_attend
from musiclab.model.kv_cache import LayerCache
from musiclab.model.positions import RelativePositions, Rotary

Queries = Float[Tensor, "batch heads q_seq head_dim"]
Keys = Float[Tensor, "batch heads k_seq head_dim"]
Pairs = Float[Tensor, "batch heads q_seq k_seq"]


def attention_weights(
    query: Queries,
    key: Keys,
    visible: Bool[Tensor, "*#batch_heads #q_seq k_seq"] | None,
    relative: Pairs | None = None,
) -> Pairs:
    """Share each query's attention among the keys it may see; every row sums to 1.

    Args:
        query: What each position looks for.
        key: What each position offers.
        visible: True where the query may see the key; at least one key a row. None: all.
        relative: Scores of the distances, added to those of the contents.

    Source:
        Vaswani et al. (2017), "Attention Is All You Need", section 3.2.1, arXiv:1706.03762.

    Example:
        >>> query = key = torch.zeros(1, 1, 3, 2)
        >>> attention_weights(query, key, causal_mask(3, 3, query.device))[0, 0]
        tensor([[1.0000, 0.0000, 0.0000],
                [0.5000, 0.5000, 0.0000],
                [0.3333, 0.3333, 0.3333]])
    """
    scores = query @ key.mT  # batch heads q_seq k_seq: the sum over head_dim, for every pair
    if relative is not None:
        scores = scores + relative
    # Dot products grow like sqrt(head_dim); unscaled, they would saturate the softmax.
    scores = scores / math.sqrt(query.shape[-1])
    if visible is not None:
        scores = scores.masked_fill(~visible, -math.inf)
    return scores.softmax(dim=-1)


def causal_mask(q_seq: int, k_seq: int, device: torch.device) -> Bool[Tensor, "q_seq k_seq"]:
    """Let the last query see every key, the one before it one key fewer, and so on."""
    return torch.ones(q_seq, k_seq, dtype=torch.bool, device=device).tril(k_seq - q_seq)


def attend(
    query: Queries,
    key: Keys,
    value: Keys,
    *,
    causal: bool,
    visible: Bool[Tensor, "#batch #heads #q_seq k_seq"] | None = None,
    relative: Pairs | None = None,
) -> Queries:
    """Mix the values, each query by its own weights.

    Args:
        query: What each position looks for; the last query stands beside the last key if causal.
        key: What each position offers.
        value: What each position gives.
        causal: Hide the future.
        visible: Also hide the keys that are False here, such as padding.
        relative: Scores of the distances.
    """
    if causal and query.shape[2] > 1:  # a single newest query has no future to hide
        past = causal_mask(query.shape[2], key.shape[2], query.device)
        visible = past if visible is None else past & visible
    weights = attention_weights(query, key, visible, relative)
    return weights @ value  # batch heads q_seq head_dim: the sum over k_seq


SPLIT = "batch seq (part heads head_dim) -> part batch heads seq head_dim"
MERGE = "batch heads seq head_dim -> batch seq (heads head_dim)"


class MultiHeadAttention(nn.Module):
    """Let each position gather from its own sequence, in ``n_heads`` subspaces at once.

    Dropout is left to the residual branch: inside the fused kernel it is slow, and once is enough.

    Args:
        d_model: Width of the residual stream.
        n_heads: Subspaces; must divide ``d_model``.
        causal: Hide the future.
        positions: "rotary" or "relative"; the other schemes are not attention's business.
        max_seq: Positions that rotary and relative tables are made for.
    """

    fused = False  # see fused_attention

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        *,
        causal: bool = True,
        positions: str = "none",
        max_seq: int = 512,
    ) -> None:
        super().__init__()
        self.n_heads, self.causal = n_heads, causal
        head_dim = _head_dim(d_model, n_heads)
        self.to_qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)
        self.rotary = Rotary(head_dim, max_seq) if positions == "rotary" else None
        self.relative = None
        if positions == "relative":
            self.relative = RelativePositions(n_heads, head_dim, max_seq, causal=causal)

    def forward(
        self,
        x: Float[Tensor, "batch seq d_model"],
        *,
        visible: Bool[Tensor, "#batch #heads #seq k_seq"] | None = None,
        cache: LayerCache | None = None,
    ) -> Float[Tensor, "batch seq d_model"]:
        """Gather from the past (all of it if not causal), which a cache remembers."""
        qkv = rearrange(self.to_qkv(x), SPLIT, part=3, heads=self.n_heads)
        # Backward, a split is put together again in one go; two indices would each be padded.
        query_and_key, (value,) = qkv.split([2, 1])
        if self.rotary is not None:
            start = 0 if cache is None else cache.length
            query_and_key = self.rotary(query_and_key, start)
        query, key = query_and_key
        if cache is not None:
            key, value = cache.extend(key, value)
        relative = None if self.relative is None else self.relative(query, key.shape[2])
        mix = fused_attend if self.fused else attend
        mixed = mix(query, key, value, causal=self.causal, visible=visible, relative=relative)
        return self.to_out(rearrange(mixed, MERGE))


class CrossAttention(nn.Module):
    """Let each position of one sequence gather from another, such as an encoder's memory."""

    fused = False  # see fused_attention

    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        _head_dim(d_model, n_heads)
        self.n_heads = n_heads
        self.to_query = nn.Linear(d_model, d_model, bias=False)
        self.to_key_value = nn.Linear(d_model, 2 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)

    def forward(
        self,
        x: Float[Tensor, "batch q_seq d_model"],
        memory: Float[Tensor, "batch k_seq d_model"],
        *,
        visible: Bool[Tensor, "#batch #heads #q_seq k_seq"] | None = None,
        cache: LayerCache | None = None,
    ) -> Float[Tensor, "batch q_seq d_model"]:
        """Gather from all of ``memory`` that is visible; a cache keeps its keys and values."""
        (query,) = rearrange(self.to_query(x), SPLIT, part=1, heads=self.n_heads)
        key, value = self.read(memory, cache)
        mix = fused_attend if self.fused else attend
        mixed = mix(query, key, value, causal=False, visible=visible)
        return self.to_out(rearrange(mixed, MERGE))

    def read(
        self, memory: Float[Tensor, "batch k_seq d_model"], cache: LayerCache | None = None
    ) -> tuple[Keys, Keys]:
        """Make keys and values of the memory, or take them from a cache that has read it.

        Raises:
            SettingError: If the cache has read a memory of another shape.
        """
        if cache is None or cache.memory is None:
            pair = rearrange(self.to_key_value(memory), SPLIT, part=2, heads=self.n_heads)
            key, value = pair[0], pair[1]
            if cache is not None:
                cache.memory = key, value
            return key, value
        batch, _, k_seq, _ = cache.memory[0].shape
        if (batch, k_seq) != memory.shape[:2]:
            raise SettingError(
                f"the cache has read a memory of {batch} x {k_seq} positions, got "
                f"{memory.shape[0]} x {memory.shape[1]}; call cache.reset() before another source"
            )
        return cache.memory


@contextmanager
def fused_attention(model: nn.Module) -> Iterator[None]:
    """Let a model attend in one fast call to torch, the same up to rounding, as in training.

    Outside, a model attends with ``attend``, step by step, so that whoever edits that hears it.
    """
    layers = [
        one for one in model.modules() if isinstance(one, MultiHeadAttention | CrossAttention)
    ]
    before = [one.fused for one in layers]
    try:
        for layer in layers:
            layer.fused = True
        yield
    finally:
        for layer, fused in zip(layers, before, strict=True):
            layer.fused = fused


def _head_dim(d_model: int, n_heads: int) -> int:
    if d_model % n_heads:
        raise SettingError(f"n_heads must divide d_model, got {n_heads} and {d_model}")
    return d_model // n_heads

"""One layer of a Transformer: gather from other positions, then think about each alone."""

from collections.abc import Callable

from jaxtyping import Bool, Float
from torch import Tensor, nn

from musiclab.model.attention import CrossAttention, MultiHeadAttention
from musiclab.model.dropout import Dropout
from musiclab.model.kv_cache import LayerCache

Stream = Float[Tensor, "batch seq d_model"]


class FeedForward(nn.Sequential):
    """Widen, bend, narrow: the same small network at every position."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__(
            nn.Linear(d_model, d_ff, bias=False), nn.GELU(), nn.Linear(d_ff, d_model, bias=False)
        )


class Residual(nn.Module):
    """Add to the stream what a sublayer makes of it, with a LayerNorm before or after.

    Before ("pre"), the stream runs through the whole model untouched, which trains more easily;
    after ("post") is the order of the first Transformer.

    Source:
        Xiong et al. (2020), "On Layer Normalization in the Transformer Architecture",
        arXiv:2002.04745.
    """

    def __init__(self, d_model: int, dropout: float, norm: str) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(d_model)
        self.dropout = Dropout(dropout)
        self.pre = norm == "pre"

    def forward(self, x: Stream, sublayer: Callable[[Tensor], Tensor]) -> Stream:
        """Run ``sublayer`` on a branch beside the stream."""
        if self.pre:
            return x + self.dropout(sublayer(self.norm(x)))
        return self.norm(x + self.dropout(sublayer(x)))


class Block(nn.Module):
    """Self-attention, cross-attention if asked for, and a feed-forward layer, each with a residual.

    Equal to ``nn.TransformerEncoderLayer`` (and, with ``cross``, ``nn.TransformerDecoderLayer``)
    with GELU and without biases.

    Args:
        d_model: Width of the residual stream.
        n_heads: Attention heads; must divide ``d_model``.
        d_ff: Inner width of the feed-forward layer; None for ``4 * d_model``.
        dropout: Probability of dropping what a sublayer adds, in training only.
        norm: "pre" or "post".
        causal: Hide the future from self-attention.
        cross: Also attend to a memory.
        positions: The scheme; only "rotary" and "relative" act here.
        max_seq: Positions that rotary and relative tables are made for.
        path: "fused" or "readable" attention.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int | None = None,
        dropout: float = 0.1,
        *,
        norm: str = "pre",
        causal: bool = True,
        cross: bool = False,
        positions: str = "rotary",
        max_seq: int = 512,
        path: str = "fused",
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(
            d_model, n_heads, causal=causal, positions=positions, max_seq=max_seq, path=path
        )
        self.feed_forward = FeedForward(d_model, d_ff or 4 * d_model)
        self.around_attention = Residual(d_model, dropout, norm)
        self.around_feed_forward = Residual(d_model, dropout, norm)
        if cross:
            self.cross_attention = CrossAttention(d_model, n_heads, path=path)
            self.around_cross_attention = Residual(d_model, dropout, norm)

    def forward(
        self,
        x: Stream,
        *,
        visible: Bool[Tensor, "#batch #heads #seq seen"] | None = None,
        memory: Float[Tensor, "batch k_seq d_model"] | None = None,
        memory_visible: Bool[Tensor, "#batch #heads #seq k_seq"] | None = None,
        cache: LayerCache | None = None,
    ) -> Stream:
        """Return the stream with this block's findings added.

        Args:
            x: The residual stream.
            visible: Positions of the sequence itself that may be seen, beyond the causal mask.
            memory: An encoder's output, for a block made with ``cross``.
            memory_visible: Positions of the memory that may be seen.
            cache: This layer's part of a ``KVCache``; then ``x`` holds only new positions.
        """
        x = self.around_attention(x, lambda h: self.attention(h, visible=visible, cache=cache))
        if memory is not None:
            x = self.around_cross_attention(
                x,
                lambda h: self.cross_attention(h, memory, visible=memory_visible, cache=cache),
            )
        return self.around_feed_forward(x, self.feed_forward)

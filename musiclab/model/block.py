"""One layer of a Transformer: gather from other positions, then think about each alone."""

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


class Block(nn.Module):
    """Self-attention, cross-attention if asked for, and a feed-forward layer.

    Each adds to the residual stream what it makes of the normalised stream ("pre-norm"), so that
    the stream itself runs through the whole model untouched. Equal to
    ``nn.TransformerEncoderLayer`` (and, with ``cross``, ``nn.TransformerDecoderLayer``) with
    ``norm_first``, GELU and without biases.

    Args:
        d_model: Width of the residual stream.
        n_heads: Attention heads; must divide ``d_model``.
        d_ff: Inner width of the feed-forward layer; None for ``4 * d_model``.
        dropout: Probability of dropping what a sublayer adds, in training only.
        causal: Hide the future from self-attention.
        cross: Also attend to a memory.
        positions: The scheme; only "rotary" and "relative" act here.
        max_seq: Positions that rotary and relative tables are made for.

    Source:
        Vaswani et al. (2017), arXiv:1706.03762; pre-norm: Xiong et al. (2020), "On Layer
        Normalization in the Transformer Architecture", arXiv:2002.04745.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int | None = None,
        dropout: float = 0.1,
        *,
        causal: bool = True,
        cross: bool = False,
        positions: str = "rotary",
        max_seq: int = 512,
    ) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(d_model)
        self.attention = MultiHeadAttention(
            d_model, n_heads, causal=causal, positions=positions, max_seq=max_seq
        )
        if cross:
            self.cross_attention_norm = nn.LayerNorm(d_model)
            self.cross_attention = CrossAttention(d_model, n_heads)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_ff or 4 * d_model)
        self.dropout = Dropout(dropout)

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
        drop = self.dropout
        x = x + drop(self.attention(self.attention_norm(x), visible=visible, cache=cache))
        if memory is not None:
            found = self.cross_attention(
                self.cross_attention_norm(x), memory, visible=memory_visible, cache=cache
            )
            x = x + drop(found)
        return x + drop(self.feed_forward(self.feed_forward_norm(x)))


class PostNormBlock(Block):
    """The block of 2017: normalise after each addition, the stream itself ("post-norm")."""

    def forward(
        self,
        x: Stream,
        *,
        visible: Bool[Tensor, "#batch #heads #seq seen"] | None = None,
        memory: Float[Tensor, "batch k_seq d_model"] | None = None,
        memory_visible: Bool[Tensor, "#batch #heads #seq k_seq"] | None = None,
        cache: LayerCache | None = None,
    ) -> Stream:
        """Return the stream with this block's findings added; arguments as for ``Block``."""
        drop = self.dropout
        x = self.attention_norm(x + drop(self.attention(x, visible=visible, cache=cache)))
        if memory is not None:
            found = self.cross_attention(x, memory, visible=memory_visible, cache=cache)
            x = self.cross_attention_norm(x + drop(found))
        return self.feed_forward_norm(x + drop(self.feed_forward(x)))

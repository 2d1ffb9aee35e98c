"""A plain GPT of torch's parts, in the architecture of GPT-2 as nanoGPT trains it.

Learned positions, LayerNorm before each sublayer, no biases, the table that reads tokens tied to
the one that writes them, and dropout in three places: on the embeddings, inside attention and on
what each sublayer adds. nanoGPT (A. Karpathy, github.com/karpathy/nanoGPT) has one rate for all
three; here that of attention can be set apart, to see what it costs.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class PlainGPT(nn.Module):
    """Score every next token.

    Args:
        vocab_size: Tokens.
        max_seq: Positions.
        d_model: Width of the residual stream.
        n_heads: Attention heads; must divide ``d_model``.
        n_layers: Blocks.
        dropout: Probability on the embeddings and on what each sublayer adds.
        attention_dropout: Probability on the shares of attention; None for the same.
    """

    def __init__(
        self,
        vocab_size: int,
        max_seq: int,
        d_model: int,
        n_heads: int,
        n_layers: int,
        dropout: float,
        attention_dropout: float | None = None,
    ) -> None:
        super().__init__()
        inside = dropout if attention_dropout is None else attention_dropout
        self.embed = nn.Embedding(vocab_size, d_model)
        self.positions = nn.Embedding(max_seq, d_model)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            PlainBlock(d_model, n_heads, dropout, inside) for _ in range(n_layers)
        )
        self.norm = nn.LayerNorm(d_model, bias=False)
        self.to_logits = nn.Linear(d_model, vocab_size, bias=False)
        self.to_logits.weight = self.embed.weight

    def forward(self, ids: Tensor) -> Tensor:
        """Read ids [batch, seq]; return natural-log scores [batch, seq, vocab]."""
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.dropout(self.embed(ids) + self.positions(places))
        for block in self.blocks:
            x = block(x)
        return self.to_logits(self.norm(x))


class PlainBlock(nn.Module):
    """Attention, then a feed-forward layer of four times the width."""

    def __init__(self, d_model: int, n_heads: int, dropout: float, inside: float) -> None:
        super().__init__()
        self.n_heads, self.inside = n_heads, inside
        self.before_attention = nn.LayerNorm(d_model, bias=False)
        self.to_qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)
        self.before_feed_forward = nn.LayerNorm(d_model, bias=False)
        self.widen = nn.Linear(d_model, 4 * d_model, bias=False)
        self.narrow = nn.Linear(4 * d_model, d_model, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return the stream with this block's findings added."""
        x = x + self.dropout(self.attend(self.before_attention(x)))
        wide = F.gelu(self.widen(self.before_feed_forward(x)))
        return x + self.dropout(self.narrow(wide))

    def attend(self, x: Tensor) -> Tensor:
        """Gather from the past with torch's fused kernel, which is as fast as it comes."""
        heads = [
            part.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
            for part in self.to_qkv(x).chunk(3, dim=-1)
        ]
        rate = self.inside if self.training else 0.0
        mixed = F.scaled_dot_product_attention(*heads, is_causal=True, dropout_p=rate)
        return self.to_out(mixed.transpose(1, 2).flatten(2))

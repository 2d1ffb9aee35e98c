"""The decoder-only Transformer: read tokens, predict each one's successor."""

from jaxtyping import Float, Int
from torch import Tensor, nn

from musiclab.model.config import TransformerConfig
from musiclab.model.kv_cache import KVCache
from musiclab.model.stack import Stack, initialise


class Transformer(nn.Module):
    """Predict the next token from all that came before.

    The table that writes tokens is not tied to the one that reads them: our vocabularies are so
    small that tying would save one weight in fifty, and an untied model starts without a liking
    for repeating its last token.

    Args:
        config: Every size.

    Example:
        >>> import torch
        >>> model = Transformer(TransformerConfig(vocab_size=53, d_model=8, n_heads=2, n_layers=1))
        >>> model(torch.tensor([[1, 40, 44, 47]])).shape
        torch.Size([1, 4, 53])
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.stack = Stack(config)
        self.to_logits = nn.Linear(config.d_model, config.vocab_size, bias=False)
        initialise(self, config.n_layers)

    def forward(
        self, ids: Int[Tensor, "batch seq"], cache: KVCache | None = None
    ) -> Float[Tensor, "batch seq vocab"]:
        """Score every possible next token after each token.

        Args:
            ids: Tokens; with a cache, only those it has not read yet.
            cache: Made by ``new_cache``; it grows by ``seq``.

        Returns:
            Natural-log scores, not normalised.
        """
        return self.to_logits(self.stack(self.embed(ids), cache=cache))

    def new_cache(self, batch: int = 1, max_seq: int | None = None) -> KVCache:
        """Make an empty cache for ``batch`` pieces of up to ``max_seq`` tokens."""
        return self.stack.new_cache(batch, max_seq)

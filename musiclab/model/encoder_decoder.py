"""The encoder-decoder: read one sequence whole, then write another, such as a harmony."""

from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from musiclab.errors import SettingError
from musiclab.model.config import TransformerConfig
from musiclab.model.kv_cache import KVCache
from musiclab.model.stack import Stack, initialise


class EncoderDecoder(nn.Module):
    """Write a target token by token while looking at the whole source.

    Source and target share one vocabulary and one embedding table; encoder and decoder have
    ``n_layers`` blocks each.

    Args:
        config: Every size.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = Stack(config, causal=False)
        self.decoder = Stack(config, causal=True, cross=True)
        self.to_logits = nn.Linear(config.d_model, config.vocab_size, bias=False)
        initialise(self, config.n_layers)

    def encode(
        self,
        source: Int[Tensor, "batch source_seq"],
        visible: Bool[Tensor, "batch source_seq"] | None = None,
    ) -> Float[Tensor, "batch source_seq d_model"]:
        """Read the source, every position seeing every other.

        Args:
            source: Tokens, padded to one length.
            visible: False on padding; None if there is none.

        Returns:
            The memory that ``decode`` looks at.

        Raises:
            SettingError: If a source is nothing but padding.
        """
        return self.encoder(self.embed(source), visible=_for_every_query(visible))

    def decode(
        self,
        target: Int[Tensor, "batch seq"],
        memory: Float[Tensor, "batch source_seq d_model"],
        visible: Bool[Tensor, "batch source_seq"] | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch seq vocab"]:
        """Score every possible next token of the target after each of its tokens.

        Args:
            target: Tokens written so far; with a cache, only those it has not read yet.
            memory: What ``encode`` returned.
            visible: False where the source is padding, as given to ``encode``.
            cache: Made by ``new_cache``, for one source only: ``reset`` it before the next.
        """
        x = self.decoder(
            self.embed(target),
            memory=memory,
            memory_visible=_for_every_query(visible),
            cache=cache,
        )
        return self.to_logits(x)

    def forward(
        self,
        source: Int[Tensor, "batch source_seq"],
        target: Int[Tensor, "batch seq"],
        visible: Bool[Tensor, "batch source_seq"] | None = None,
    ) -> Float[Tensor, "batch seq vocab"]:
        """Encode and decode at once, as in training."""
        return self.decode(target, self.encode(source, visible), visible)

    def new_cache(self, batch: int = 1, max_seq: int | None = None) -> KVCache:
        """Make an empty cache for ``batch`` targets of up to ``max_seq`` tokens."""
        return self.decoder.new_cache(batch, max_seq)


def _for_every_query(
    visible: Bool[Tensor, "batch source_seq"] | None,
) -> Bool[Tensor, "batch 1 1 source_seq"] | None:
    if visible is None:
        return None
    if not visible.any(dim=-1).all():
        raise SettingError("a source is nothing but padding; leave it out of the batch")
    return rearrange(visible, "batch source_seq -> batch 1 1 source_seq")

"""The same Transformer over frames: one position holds what all voices do at one moment.

Over flat tokens, four positions in a row make one moment. Here a position is the moment itself: the
embeddings of its tokens are summed, and a small head writes the next frame's voices one after
another, each hearing those already written. It is a chain of the same conditional probabilities,
with a sequence four times shorter.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from musiclab.model.config import FrameConfig
from musiclab.model.frame_embedding import OLDEST, ColumnEmbedding, frames_held, relation_columns
from musiclab.model.kv_cache import KVCache
from musiclab.model.stack import Stack, initialise
from musiclab.model.voice_head import VoiceHead


class FrameTransformer(nn.Module):
    """Predict the next frame, voice by voice, from all frames before it.

    Args:
        config: Every size.
        relations: Relation of every two tokens, as ``GridTokenizer.relations`` gives it.

    Example:
        >>> config = FrameConfig(vocab_size=53, condition_sizes=(16,), d_model=8, n_heads=2)
        >>> frames, beats = torch.ones(1, 7, 4, dtype=torch.int64), torch.arange(7).view(1, 7, 1)
        >>> FrameTransformer(config)(frames, beats, frames).shape
        torch.Size([1, 7, 4, 53])
    """

    def __init__(
        self, config: FrameConfig, relations: Int[Tensor, "vocab candidate"] | None = None
    ) -> None:
        super().__init__()
        self.config = config
        n_voices, n_pairs = config.n_voices, config.n_voices * (config.n_voices - 1) // 2
        sizes = (config.vocab_size,) * n_voices + (OLDEST + 1,) * n_voices
        if config.n_relations:
            sizes += (config.n_relations,) * (n_voices + n_pairs)
        self.embed = ColumnEmbedding(sizes + config.condition_sizes, config.d_model)
        self.stack = Stack(config)
        self.head = VoiceHead(config)
        table = torch.zeros(config.vocab_size, config.vocab_size, dtype=torch.int64)
        self.register_buffer("relations", table if relations is None else relations.clone())
        initialise(self, config.n_layers)

    def trunk(
        self,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch seq condition"],
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch unread d_model"]:
        """Summarise the past before each frame.

        Args:
            previous: The frames one step late: a frame of start tokens, then the piece.
            conditions: What is told about the frame to be written.
            cache: Made by ``new_cache``. Give the whole piece so far all the same; only the
                frames that the cache has not read are computed and returned.
        """
        columns = [previous, frames_held(previous)]
        if self.config.n_relations:
            columns.append(relation_columns(previous, self.relations))
        rows = torch.cat([*columns, conditions], dim=-1)
        read = 0 if cache is None else cache.length
        return self.stack(self.embed(rows[:, read:]), cache=cache)

    def next_voice(
        self,
        hidden: Float[Tensor, "batch d_model"],
        previous: Int[Tensor, "batch voice"],
        chosen: Int[Tensor, "batch n_chosen"],
    ) -> Float[Tensor, "batch vocab"]:
        """Score the next voice of one frame.

        Args:
            hidden: The trunk's summary for this frame.
            previous: The frame before it.
            chosen: The voices of this frame already written, highest first; may be none.

        Returns:
            Natural-log scores, not normalised.
        """
        one_frame = (hidden[:, None], previous[:, None], chosen[:, None])
        return self.head.next_voice(*one_frame, self.relations)[:, 0]

    def forward(
        self,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch seq condition"],
        targets: Int[Tensor, "batch seq voice"],
    ) -> Float[Tensor, "batch seq voice vocab"]:
        """Score every voice of every frame.

        Args:
            previous: The frames one step late: a frame of start tokens, then the piece.
            conditions: What is told about the frame to be written.
            targets: The frames themselves; a voice's scores depend only on the voices above it.

        Returns:
            Natural-log scores, not normalised.
        """
        return self.head(self.trunk(previous, conditions), previous, targets, self.relations)

    def new_cache(self, batch: int = 1, max_seq: int | None = None) -> KVCache:
        """Make an empty cache for ``batch`` pieces of up to ``max_seq`` frames."""
        return self.stack.new_cache(batch, max_seq)

"""What the models over frames share: they read the past alike, and write with the same head."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from musiclab.model.config import FrameConfig
from musiclab.model.frame_embedding import OLDEST, ColumnEmbedding
from musiclab.model.past import Past, look_back
from musiclab.model.profiles import OCTAVE
from musiclab.model.recall import N_GRADES
from musiclab.model.voice_head import VoiceHead


class FrameModel(nn.Module):
    """Read frames as rows of small numbers, and score the next frame voice by voice.

    A subclass builds ``embed`` and ``embed_profiles`` with ``embeddings``, its stack and ``head``,
    and keeps the tables with ``register_tables``.
    """

    config: FrameConfig
    embed: ColumnEmbedding
    embed_profiles: nn.Linear | None
    head: VoiceHead
    relations: Int[Tensor, "vocab candidate"]
    pitches: Int[Tensor, " vocab"]

    def look_back(
        self,
        previous: Int[Tensor, "batch seq voice"],
        first: int = 0,
        conditions: Int[Tensor, "batch seq condition"] | None = None,
    ) -> Past:
        """Collect what is shown of the past, besides attention's own findings; see ``Past``."""
        return look_back(previous, self.config, self.relations, self.pitches, first, conditions)

    def memories(self, previous, conditions, first=0):  # noqa: ANN
        """As look_back."""
        return self.look_back(previous, first, conditions)

    def read(
        self, past: Past, conditions: Int[Tensor, "batch unread condition"]
    ) -> Float[Tensor, "batch unread d_model"]:
        """Embed what is shown of the past, and what is told, as one vector a frame."""
        x = self.embed(torch.cat([past.columns, conditions], dim=-1))
        if self.embed_profiles is not None:
            x = x + self.embed_profiles(past.seen_by_voices.flatten(2))
        return x

    def next_voice(
        self,
        hidden: Float[Tensor, "batch d_model"],
        past: Past,
        chosen: Int[Tensor, "batch n_chosen"],
    ) -> Float[Tensor, "batch vocab"]:
        """Score the next voice of one frame.

        Args:
            hidden: The trunk's summary for this frame.
            past: What ``look_back`` found; of several frames, the last counts.
            chosen: The voices of this frame that stand already, highest first; may be none.

        Returns:
            Natural-log scores, not normalised.
        """
        return self.head.next_voice(
            hidden[:, None], past.last(), chosen[:, None], self.relations, self.pitches
        )[:, 0]

    def register_tables(
        self,
        relations: Int[Tensor, "vocab candidate"] | None,
        pitches: Int[Tensor, " vocab"] | None,
    ) -> None:
        """Keep the tables with the weights; without them nothing is related or has a pitch."""
        size = self.config.vocab_size
        table = torch.zeros(size, size, dtype=torch.int64)
        self.register_buffer("relations", table if relations is None else relations.clone())
        none = torch.full((size,), -1)
        self.register_buffer("pitches", none if pitches is None else pitches.clone())


def embeddings(config: FrameConfig) -> tuple[ColumnEmbedding, nn.Linear | None]:
    """Build the tables that read the columns, and the layer that reads the profiles, if any."""
    columns = ColumnEmbedding(column_sizes(config), config.d_model)
    if not config.n_profiles:
        return columns, None
    seen = config.n_voices * config.n_profiles_read * OCTAVE
    return columns, nn.Linear(seen, config.d_model, bias=False)


def column_sizes(config: FrameConfig) -> tuple[int, ...]:
    """Count the ids of each column of a model's input, in the order of ``Past.columns``."""
    voices, tokens = config.n_voices, config.vocab_size
    sizes = (tokens,) * voices + (OLDEST + 1,) * voices
    if config.n_relations:
        sizes += (config.n_relations,) * (voices + voices * (voices - 1) // 2)
    sizes += ((tokens,) * voices + (config.n_relations,) * voices) * config.n_earlier
    if config.recall:
        sizes += ((tokens,) * voices + (N_GRADES,)) * 2
    return sizes + config.condition_sizes

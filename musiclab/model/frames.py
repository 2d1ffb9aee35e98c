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
from musiclab.model.frame_embedding import OLDEST, ColumnEmbedding
from musiclab.model.kv_cache import KVCache
from musiclab.model.past import Past, look_back
from musiclab.model.profiles import OCTAVE
from musiclab.model.recall import N_GRADES
from musiclab.model.stack import Stack, initialise
from musiclab.model.voice_head import VoiceHead


class FrameTransformer(nn.Module):
    """Predict the next frame, voice by voice, from all frames before it.

    Args:
        config: Every size, and what of the past is shown.
        relations: Relation of every two tokens, as ``GridTokenizer.relations`` gives it.
        pitches: MIDI number of every token, -1 if it has none, as ``GridTokenizer.pitches``.

    Example:
        >>> config = FrameConfig(vocab_size=53, condition_sizes=(16,), d_model=8, n_heads=2)
        >>> frames, beats = torch.ones(1, 7, 4, dtype=torch.int64), torch.arange(7).view(1, 7, 1)
        >>> FrameTransformer(config)(frames, beats, frames).shape
        torch.Size([1, 7, 4, 53])
    """

    def __init__(
        self,
        config: FrameConfig,
        relations: Int[Tensor, "vocab candidate"] | None = None,
        pitches: Int[Tensor, " vocab"] | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.embed = ColumnEmbedding(column_sizes(config), config.d_model)
        self.embed_profiles = None
        if config.n_profiles:
            seen = config.n_voices * config.n_profiles_read * OCTAVE
            self.embed_profiles = nn.Linear(seen, config.d_model, bias=False)
        self.stack = Stack(config)
        self.head = VoiceHead(config)
        table = torch.zeros(config.vocab_size, config.vocab_size, dtype=torch.int64)
        self.register_buffer("relations", table if relations is None else relations.clone())
        if config.n_earlier or config.n_profiles or config.parallels:
            none = torch.full((config.vocab_size,), -1)
            self.register_buffer("pitches", none if pitches is None else pitches.clone())
        else:
            self.pitches = None
        initialise(self, config.n_layers)

    def look_back(
        self,
        previous: Int[Tensor, "batch seq voice"],
        first: int = 0,
        conditions: Int[Tensor, "batch seq condition"] | None = None,
    ) -> Past:
        """Collect what is shown of the past, besides attention's own findings; see ``Past``."""
        return look_back(previous, self.config, self.relations, self.pitches, first, conditions)

    def trunk(
        self,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch seq condition"],
        cache: KVCache | None = None,
        past: Past | None = None,
    ) -> Float[Tensor, "batch unread d_model"]:
        """Summarise the past before each frame.

        Args:
            previous: The frames one step late: a frame of start tokens, then the piece.
            conditions: What is told about the frame to be written.
            cache: Made by ``new_cache``. Give the whole piece so far all the same; only the
                frames that the cache has not read are computed and returned.
            past: What ``look_back`` found, if that is known already.
        """
        read = 0 if cache is None else cache.length
        past = self.look_back(previous, read, conditions) if past is None else past
        x = self.embed(torch.cat([past.columns, conditions[:, read:]], dim=-1))
        if self.embed_profiles is not None:
            x = x + self.embed_profiles(past.seen_by_voices.flatten(2))
        return self.stack(x, cache=cache)

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
            chosen: The voices of this frame already written, highest first; may be none.

        Returns:
            Natural-log scores, not normalised.
        """
        return self.head.next_voice(
            hidden[:, None], past.last(), chosen[:, None], self.relations, self.pitches
        )[:, 0]

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
        past = self.look_back(previous, conditions=conditions)
        hidden = self.trunk(previous, conditions, past=past)
        return self.head(hidden, past, targets, self.relations, self.pitches)

    def new_cache(self, batch: int = 1, max_seq: int | None = None) -> KVCache:
        """Make an empty cache for ``batch`` pieces of up to ``max_seq`` frames."""
        return self.stack.new_cache(batch, max_seq)


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

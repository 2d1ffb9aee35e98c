"""The same Transformer over frames: one position holds what all voices do at one moment.

Over flat tokens, four positions in a row make one moment. Here a position is the moment itself: the
embeddings of its tokens are summed, and a small head writes the next frame's voices one after
another, each hearing those already written. It is a chain of the same conditional probabilities,
with a sequence four times shorter.
"""

from jaxtyping import Float, Int
from torch import Tensor

from musiclab.model.config import FrameConfig
from musiclab.model.frame_model import FrameModel, embeddings
from musiclab.model.kv_cache import KVCache
from musiclab.model.past import Past
from musiclab.model.stack import Stack, initialise
from musiclab.model.voice_head import VoiceHead


class FrameTransformer(FrameModel):
    """Predict the next frame, voice by voice, from all frames before it.

    Args:
        config: Every size, and what of the past is shown.
        relations: Relation of every two tokens, as ``GridTokenizer.relations`` gives it.
        pitches: MIDI number of every token, -1 if it has none, as ``GridTokenizer.pitches``.

    Example:
        >>> import torch
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
        self.embed, self.embed_profiles = embeddings(config)
        self.stack = Stack(config)
        self.head = VoiceHead(config)
        self.register_tables(relations, pitches)
        initialise(self, config.n_layers)

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
        return self.stack(self.read(past, conditions[:, read:]), cache=cache)

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

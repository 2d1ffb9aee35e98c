"""The encoder-decoder over frames: one voice is given whole, the others are written under it.

The encoder reads the given voice from beginning to end, so that at every moment the decoder knows
what is coming. The decoder is the frame model: it reads the frames already written, and the same
head writes the next frame's voices, of which the first is chosen already.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.model.config import FrameConfig
from musiclab.model.frame_embedding import ColumnEmbedding
from musiclab.model.frame_model import FrameModel, embeddings
from musiclab.model.kv_cache import KVCache
from musiclab.model.past import HIDDEN, Past
from musiclab.model.stack import Stack, initialise
from musiclab.model.voice_head import VoiceHead


@dataclass(frozen=True, kw_only=True)
class FrameEncoderDecoderConfig(FrameConfig):
    """The sizes of a ``FrameEncoderDecoder``; encoder and decoder have ``n_layers`` blocks each.

    Raises:
        SettingError: If a value is of the wrong type, out of range or contradicts another.
    """

    source_sizes: tuple[int, ...] = ()  # ids of each column that is told of the given voice
    aligned: bool = True  # add what the encoder says of a frame to the decoder's same frame

    def __post_init__(self) -> None:
        """Check every value."""
        super().__post_init__()
        sizes = self.source_sizes
        if not isinstance(sizes, tuple) or len(sizes) > 64:
            raise SettingError(f"source_sizes must be a tuple of sizes, got {sizes!r:.60}")
        for size in sizes:
            if type(size) is not int or not 1 <= size <= 4096:
                raise SettingError(f"a column must have 1 ... 4096 ids, got {size!r:.60}")
        if not isinstance(self.aligned, bool):
            raise SettingError(f"aligned must be True or False, got {self.aligned!r:.60}")
        if self.n_voices < 2:
            raise SettingError("one voice is given, so n_voices must be at least 2, got 1")


class Memory(NamedTuple):
    """What the encoder made of the given voice, and where there is none of it."""

    states: Float[Tensor, "batch seq d_model"]
    visible: Bool[Tensor, "batch 1 1 seq"] | None  # False on padding; None: there is no padding


class FrameEncoderDecoder(FrameModel):
    """Write all voices but the first, which is known from its first frame to its last.

    Args:
        config: Every size, and what of the past is shown.
        relations: Relation of every two tokens, as ``GridTokenizer.relations`` gives it.
        pitches: MIDI number of every token, -1 if it has none, as ``GridTokenizer.pitches``.

    Source:
        Vaswani et al. (2017), "Attention Is All You Need", arXiv:1706.03762: the encoder-decoder.
        That source and target share their clock, so that state t of the one can simply be added to
        position t of the other, is special to harmonising.

    Example:
        >>> config = FrameEncoderDecoderConfig(vocab_size=53, d_model=8, n_heads=2)
        >>> frames = torch.ones(1, 7, 4, dtype=torch.int64)
        >>> melody, told = frames[..., :1], frames[..., :0]
        >>> FrameEncoderDecoder(config)(melody, told, frames, frames).shape
        torch.Size([1, 7, 3, 53])
    """

    def __init__(
        self,
        config: FrameEncoderDecoderConfig,
        relations: Int[Tensor, "vocab candidate"] | None = None,
        pitches: Int[Tensor, " vocab"] | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        source_columns = (config.vocab_size, *config.source_sizes, *config.condition_sizes)
        self.embed_source = ColumnEmbedding(source_columns, config.d_model)
        self.encoder = Stack(config, causal=False)
        self.embed, self.embed_profiles = embeddings(config)
        self.decoder = Stack(config, cross=True)
        self.head = VoiceHead(config)
        self.register_tables(relations, pitches)
        initialise(self, config.n_layers)

    def encode(
        self,
        source: Int[Tensor, "batch seq column"],
        conditions: Int[Tensor, "batch seq condition"],
    ) -> Memory:
        """Read the given voice, every frame seeing every other.

        Args:
            source: Of each frame the given voice's token, 0 where a piece is over, then
                the columns of ``source_sizes``.
            conditions: What is told about each frame.
        """
        sounding = source[..., 0] != HIDDEN
        visible = None
        if not sounding.all():  # the fastest attention takes no mask
            visible = rearrange(sounding, "batch seq -> batch 1 1 seq")
        x = self.embed_source(torch.cat([source, conditions], dim=-1))
        return Memory(self.encoder(x, visible=visible), visible)

    def trunk(
        self,
        memory: Memory,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch all_seq condition"],
        cache: KVCache | None = None,
        past: Past | None = None,
    ) -> Float[Tensor, "batch unread d_model"]:
        """Summarise, for each frame, the past before it and the given voice around it.

        Args:
            memory: What ``encode`` returned, of the whole piece.
            previous: The frames one step late: a frame of start tokens, then the piece so far.
            conditions: What is told about each frame; rows beyond ``previous`` are not read.
            cache: Made by ``new_cache``, for one piece only. Give all frames so far all the same;
                only those that the cache has not read are computed and returned.
            past: What ``look_back`` found, if that is known already.
        """
        unread = slice(0 if cache is None else cache.length, previous.shape[1])
        if past is None:
            past = self.look_back(previous, unread.start, conditions[:, : unread.stop])
        x = self.read(past, conditions[:, unread])
        if self.config.aligned:
            x = x + memory.states[:, unread]
        return self.decoder(x, memory=memory.states, memory_visible=memory.visible, cache=cache)

    def forward(
        self,
        source: Int[Tensor, "batch seq column"],
        conditions: Int[Tensor, "batch seq condition"],
        previous: Int[Tensor, "batch seq voice"],
        frames: Int[Tensor, "batch seq voice"],
    ) -> Float[Tensor, "batch seq written vocab"]:
        """Score every voice of every frame but the given one.

        Args:
            source: As for ``encode``.
            conditions: What is told about each frame.
            previous: The frames one step late: a frame of start tokens, then the piece.
            frames: The piece, the given voice first; a voice's scores depend only on those above.

        Returns:
            Natural-log scores, not normalised.
        """
        past = self.look_back(previous, conditions=conditions)
        hidden = self.trunk(self.encode(source, conditions), previous, conditions, past=past)
        scored = [
            self.head.next_voice(hidden, past, frames[..., :voice], self.relations, self.pitches)
            for voice in range(1, self.config.n_voices)
        ]
        return torch.stack(scored, dim=-2)

    def new_cache(self, batch: int = 1, max_seq: int | None = None) -> KVCache:
        """Make an empty cache of the decoder for ``batch`` pieces of up to ``max_seq`` frames."""
        return self.decoder.new_cache(batch, max_seq)

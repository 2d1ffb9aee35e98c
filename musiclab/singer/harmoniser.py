"""The harmoniser: a singer that first reads a whole melody, then writes the voices under it."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from musiclab.errors import SettingError
from musiclab.model.kv_cache import KVCache
from musiclab.model.stack import Stack, initialise
from musiclab.singer.config import SingerConfig, check_sizes
from musiclab.singer.memories import HIDDEN, Memories
from musiclab.singer.singer import Singer


@dataclass(frozen=True, kw_only=True)
class HarmoniserConfig(SingerConfig):
    """The settings of a ``Harmoniser``; encoder and decoder have ``n_layers`` blocks each.

    Raises:
        SettingError: If a value is of the wrong type, out of range or contradicts another.
    """

    source_sizes: tuple[int, ...] = ()  # ids of each column that comes with the melody

    def __post_init__(self) -> None:
        """Check every value."""
        super().__post_init__()
        check_sizes("source_sizes", self.source_sizes, 4096)
        if self.n_voices < 2:
            raise SettingError("one voice is given, so n_voices must be at least 2, got 1")
        if self.tunes:
            raise SettingError("a harmoniser looks nothing up in other tunes; leave tunes=False")


class Melody(NamedTuple):
    """What the encoder made of the melody, and where there is none of it."""

    states: Float[Tensor, "batch seq d_model"]
    visible: Bool[Tensor, "batch 1 1 seq"] | None  # False on padding; None: there is no padding


class Harmoniser(Singer):
    """Write all voices but the first, which is known from its first frame to its last.

    Args:
        config: Every size, and what is remembered.
        pitches: As for ``Singer``.
        held: As for ``Singer``.

    Source:
        Vaswani et al. (2017), "Attention Is All You Need", arXiv:1706.03762: the encoder-decoder.
        That melody and harmony share their clock, so that state t of the one can simply be added to
        position t of the other, is special to harmonising.

    Example:
        >>> config = HarmoniserConfig(vocab_size=53, d_model=8, n_heads=2)
        >>> frames = torch.ones(1, 7, 4, dtype=torch.int64)
        >>> melody, told = frames[..., :1], frames[..., :0]
        >>> Harmoniser(config)(melody, told, frames, frames).shape
        torch.Size([1, 7, 3, 53])
    """

    config: HarmoniserConfig

    def __init__(
        self,
        config: HarmoniserConfig,
        pitches: Int[Tensor, " vocab"] | None = None,
        held: Bool[Tensor, " vocab"] | None = None,
    ) -> None:
        super().__init__(config, pitches, held)
        columns = (config.vocab_size, *config.source_sizes, *config.condition_sizes)
        self.embed_melody = nn.ModuleList(nn.Embedding(size, config.d_model) for size in columns)
        self.encoder = Stack(config, causal=False)
        initialise(self, config.n_layers)

    def build_stack(self) -> Stack:
        """Build the decoder's blocks, which also attend to the melody."""
        return Stack(self.config, cross=True)

    def encode(
        self,
        source: Int[Tensor, "batch seq column"],
        conditions: Int[Tensor, "batch seq condition"],
    ) -> Melody:
        """Read the melody, every frame seeing every other.

        Args:
            source: Of each frame the melody's token, 0 where a piece is over, then the columns of
                ``source_sizes``.
            conditions: What is told about each frame.
        """
        sounding = source[..., 0] != HIDDEN
        visible = None if sounding.all() else rearrange(sounding, "batch seq -> batch 1 1 seq")
        columns = torch.cat([source, conditions], dim=-1).unbind(dim=-1)
        x = sum(embed(one) for embed, one in zip(self.embed_melody, columns, strict=True))
        return Melody(self.encoder(x, visible=visible), visible)

    def trunk(
        self,
        melody: Melody,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch all_seq condition"],
        cache: KVCache | None = None,
        memories: Memories | None = None,
    ) -> Float[Tensor, "batch unread d_model"]:
        """Summarise, for each frame, the past before it and the melody around it.

        Args:
            melody: What ``encode`` returned, of the whole piece.
            previous: The frames one step late: a frame of start tokens, then the piece so far.
            conditions: What is told about each frame; rows beyond ``previous`` are not read.
            cache: As for ``Singer.trunk``, for one piece only.
            memories: As for ``Singer.trunk``.
        """
        first, end = 0 if cache is None else cache.length, previous.shape[1]
        conditions = conditions[:, :end]
        if memories is None:
            memories = self.memories(previous, conditions, first)
        x = self.read(previous, conditions, memories, first) + melody.states[:, first:end]
        return self.stack(x, memory=melody.states, memory_visible=melody.visible, cache=cache)

    def forward(
        self,
        source: Int[Tensor, "batch seq column"],
        conditions: Int[Tensor, "batch seq condition"],
        previous: Int[Tensor, "batch seq voice"],
        frames: Int[Tensor, "batch seq voice"],
    ) -> Float[Tensor, "batch seq written vocab"]:
        """Score every voice of every frame but the melody.

        Args:
            source: As for ``encode``.
            conditions: What is told about each frame.
            previous: The frames one step late: a frame of start tokens, then the piece.
            frames: The piece, melody first; a voice's scores depend only on those above it.

        Returns:
            Natural-log scores, not normalised.
        """
        memories, melody = self.memories(previous, conditions), self.encode(source, conditions)
        hidden = self.trunk(melody, previous, conditions, memories=memories)
        scored = [
            self.head.next_voice(hidden, memories, frames[..., :voice], self.tables)
            for voice in range(1, self.config.n_voices)
        ]
        return torch.stack(scored, dim=-2)

"""The singer: a Transformer over frames, whose candidates are heard by their intervals.

Over flat tokens, four positions in a row make one moment. Here a position is the moment itself, a
*frame*, and a small head writes the next frame's voices one after another, each hearing those
already written. It is a chain of the same conditional probabilities, four times shorter.
"""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import embedding_bag, pad

from musiclab.errors import SettingError
from musiclab.model.kv_cache import KVCache
from musiclab.model.stack import Stack, initialise
from musiclab.singer.config import SingerConfig
from musiclab.singer.head import VoiceHead
from musiclab.singer.memories import OCTAVE, Memories, Votes, remember
from musiclab.singer.tables import Tables
from musiclab.singer.tunes import LONGEST, Found, Tunes, hear, relative

OLDEST = 31  # frames; whatever has sounded longer counts as this old
PART = 64  # numbers that describe one voice before the voices are joined to the stream


def frames_held(tokens: Int[Tensor, "batch seq voice"]) -> Int[Tensor, "batch seq voice"]:
    """Count for how many frames each voice has kept its token, up to ``OLDEST``.

    Example:
        >>> frames_held(torch.tensor([[[60], [60], [60], [62], [62]]])).flatten().tolist()
        [0, 1, 2, 0, 1]
    """
    now = torch.arange(tokens.shape[1], device=tokens.device)[None, :, None]
    changed = torch.ones_like(tokens, dtype=torch.bool)
    changed[:, 1:] = tokens[:, 1:] != tokens[:, :-1]
    since = torch.where(changed, now, 0).cummax(dim=1).values
    return (now - since).clamp(max=OLDEST)


class Singer(nn.Module):
    """Predict the next frame, voice by voice, from all frames before it.

    Args:
        config: Every size, and what is remembered.
        pitches: MIDI number of each token, -1 if it has none, as ``GridTokenizer.pitches()``.
        held: True for tokens that hold a note which sounds already, as ``GridTokenizer.held()``.

    Example:
        >>> config = SingerConfig(vocab_size=53, condition_sizes=(16,), d_model=8, n_heads=2)
        >>> frames, beats = torch.ones(1, 7, 4, dtype=torch.int64), torch.arange(7).view(1, 7, 1)
        >>> Singer(config)(frames, beats, frames).shape
        torch.Size([1, 7, 4, 53])
    """

    def __init__(
        self,
        config: SingerConfig,
        pitches: Int[Tensor, " vocab"] | None = None,
        held: Bool[Tensor, " vocab"] | None = None,
    ) -> None:
        super().__init__()
        self.config, voices = config, config.n_voices
        self.tunes: Tunes | None = None  # read from the corpus when they are first needed
        self.tables = Tables(config.vocab_size, pitches, held)
        self.embed = nn.Embedding(voices * config.vocab_size, PART)
        self.embed_held = nn.Embedding(voices * (OLDEST + 1), PART)
        n_intervals = config.n_notes * (config.n_relations + 1)
        self.embed_intervals = nn.Embedding(n_intervals, PART) if n_intervals else None
        steps = OCTAVE * len(config.decays)
        self.embed_steps = nn.Linear(steps, PART, bias=False) if steps else None
        self.to_stream = nn.Linear(voices * PART, config.d_model, bias=False)
        sizes = config.condition_sizes
        self.embed_conditions = nn.ModuleList(nn.Embedding(n, config.d_model) for n in sizes)
        self.stack = self.build_stack()
        self.head = VoiceHead(config)
        initialise(self, config.n_layers)

    def build_stack(self) -> Stack:
        """Build the trunk's blocks."""
        return Stack(self.config)

    def memories(
        self,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch seq condition"],
        first: int = 0,
    ) -> Memories:
        """Collect what is remembered before each frame from ``first`` on; see ``Memories``."""
        memories = remember(previous, conditions, self.config, self.tables.pitches, first)
        if self.config.tunes:
            memories = memories._replace(found=self.found_now(previous))
        return memories

    def read(
        self,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch seq condition"],
        memories: Memories,
        first: int = 0,
    ) -> Float[Tensor, "batch unread d_model"]:
        """Embed each voice's newest note, and all that it remembers relative to that note."""
        newest = previous[:, first:]
        voice = torch.arange(self.config.n_voices, device=previous.device)
        x = self.embed(newest + self.config.vocab_size * voice)  # batch unread voice part
        x = x + self.embed_held(frames_held(previous)[:, first:] + (OLDEST + 1) * voice)
        if self.embed_intervals is not None:
            note = torch.arange(self.config.n_notes, device=previous.device)
            rows = self.tables.relation[memories.notes, newest[..., None]]
            rows = rows + (self.config.n_relations + 1) * note  # each note has its own vectors
            x = x + self._sum_of_embeddings(rows, memories.weights)
        if self.embed_steps is not None:
            seen = self.tables.pitch_class[newest].clamp(max=OCTAVE - 1)[..., None]
            x = x + self.embed_steps(memories.histograms.take_along_dim(seen, dim=2))
        x = self.to_stream(rearrange(x, "batch seq voice part -> batch seq (voice part)"))
        told = zip(self.embed_conditions, conditions[:, first:].unbind(dim=-1), strict=True)
        return x + sum(embed(column) for embed, column in told)

    def _sum_of_embeddings(
        self,
        rows: Int[Tensor, "batch seq voice note"],
        weights: Float[Tensor, "batch seq voice note"],
    ) -> Float[Tensor, "batch seq voice part"]:
        """Look vectors up, weigh and add them in one call: they are never written down."""
        flat, table = rows.flatten(0, 2), self.embed_intervals.weight
        weights = weights.flatten(0, 2).to(table.dtype)
        summed = embedding_bag(flat, table, mode="sum", per_sample_weights=weights)
        return summed.unflatten(0, rows.shape[:3])

    def trunk(
        self,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch seq condition"],
        cache: KVCache | None = None,
        memories: Memories | None = None,
    ) -> Float[Tensor, "batch unread d_model"]:
        """Summarise the past before each frame.

        Args:
            previous: The frames one step late: a frame of start tokens, then the piece.
            conditions: What is told about the frame to be written.
            cache: Made by ``new_cache``. Give the whole piece so far all the same; only the
                frames that the cache has not read are computed and returned.
            memories: Of the frames not read yet, if they are known already.
        """
        first = 0 if cache is None else cache.length
        if memories is None:
            memories = self.memories(previous, conditions, first)
        return self.stack(self.read(previous, conditions, memories, first), cache=cache)

    def next_voice(
        self,
        hidden: Float[Tensor, "batch d_model"],
        memories: Memories,
        chosen: Int[Tensor, "batch n_chosen"],
    ) -> Float[Tensor, "batch vocab"]:
        """Score the next voice of one frame.

        Args:
            hidden: The trunk's summary for this frame.
            memories: What is remembered; of several frames, the last counts.
            chosen: The voices of this frame that stand already, highest first; may be none.

        Returns:
            Natural-log scores, not normalised.
        """
        memories = memories.last()
        if self.config.tunes:
            memories = memories._replace(votes=self.votes_now(memories, chosen))
        scored = self.head.next_voice(hidden[:, None], memories, chosen[:, None], self.tables)
        return scored[:, 0]

    def forward(
        self,
        previous: Int[Tensor, "batch seq voice"],
        conditions: Int[Tensor, "batch seq condition"],
        targets: Int[Tensor, "batch seq voice"],
        *votes: Tensor,
    ) -> Float[Tensor, "batch seq voice vocab"]:
        """Score every voice of every frame, each as if the voices above it had been written so.

        Args:
            previous: The frames one step late: a frame of start tokens, then the piece.
            conditions: What is told about the frame to be written.
            targets: The frames themselves; a voice's scores depend only on the voices above it.
            *votes: The fields of ``Votes``, if they were looked up before.

        Returns:
            Natural-log scores, not normalised.

        Raises:
            SettingError: If a singer with other tunes is trained on pieces that find themselves.
        """
        if self.training and self.config.tunes and not votes:
            raise SettingError(
                "a singer that looks up other tunes would find each piece itself in training; "
                "give its batches tunes=Preset.build_tunes(pieces), or its config tunes=False"
            )
        memories = self.memories(previous, conditions)
        if self.config.tunes:
            found = Votes(*votes) if votes else self.votes_of_pieces(targets)
            memories = memories._replace(votes=found)
        hidden = self.trunk(previous, conditions, memories=memories)
        scored = [
            self.head.next_voice(hidden, memories, targets[..., :voice], self.tables)
            for voice in range(self.config.n_voices)
        ]
        return torch.stack(scored, dim=-2)

    def other_tunes(self) -> Tunes:
        """Give the training pieces; they are read once."""
        if self.tunes is None:
            from musiclab.music.corpus import corpus  # only a singer that looks up needs it

            pieces = corpus("train", extras=True, progress=False)
            self.tunes = Tunes([piece.pitches for piece in pieces])
        return self.tunes

    def votes_of_pieces(self, frames: Int[Tensor, "batch seq voice"]) -> Votes:
        """Look up, before each frame of whole pieces, what followed in other tunes."""
        pitches, look_up = self.tables.pitches[frames], self.other_tunes().votes
        found = zip(*(look_up(piece) for piece in pitches.cpu().numpy()), strict=True)
        shares, lengths = (torch.from_numpy(np.stack(one)).to(frames.device) for one in found)
        return Votes(shares, lengths, pad(pitches[:, :-1, 0], (1, 0), value=-1))

    def found_now(self, previous: Int[Tensor, "batch seq voice"]) -> list[list[Found]]:
        """Find the places in other tunes that agree with each piece up to its newest frame."""
        recent = self.tables.pitches[previous[:, -LONGEST:]].cpu().numpy()
        number = previous.shape[1] - 2  # the first frame is no music
        return [self.other_tunes().find(hear(piece), number) for piece in recent]

    def votes_now(self, memories: Memories, chosen: Int[Tensor, "batch n_chosen"]) -> Votes:
        """Count what followed there, after the voices that are chosen."""
        soprano = self.tables.pitches[memories.newest(1)[:, -1]]  # batch 1
        above = relative(self.tables.pitches[chosen].cpu().numpy(), soprano.cpu().numpy())
        counted = map(self.other_tunes().count, memories.found, above)
        shares, lengths = (np.stack(one)[:, None] for one in zip(*counted, strict=True))
        there = (torch.from_numpy(one).to(chosen.device) for one in (shares, lengths))
        return Votes(*there, soprano)

    def new_cache(self, batch: int = 1, max_seq: int | None = None) -> KVCache:
        """Make an empty cache for ``batch`` pieces of up to ``max_seq`` frames."""
        return self.stack.new_cache(batch, max_seq)

"""A model without a direction: it reads what is shown of a piece, and fills in what is hidden.

The singer reads the past alone. Here attention sees both ways, and a hidden cell may lie anywhere:
a note, a voice, a bar. Each is guessed from all cells that are shown, and not from the other hidden
ones; ``musiclab.sampling.gibbs`` says how they are made to agree.
"""

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import one_hot, pad

from musiclab.model.block import FeedForward
from musiclab.model.dropout import Dropout
from musiclab.model.stack import Stack, initialise
from musiclab.singer.config import SingerConfig
from musiclab.singer.head import interval_scores
from musiclab.singer.memories import HIDDEN, OCTAVE, seen_from_every_class
from musiclab.singer.singer import PART
from musiclab.singer.tables import Tables

Shown = Int[Tensor, "batch seq voice"]  # tokens, HIDDEN where the model is to guess


def nearest_shown(shown: Shown, backwards: bool = False) -> Shown:
    """Give each voice's nearest token that is shown before each frame, or after it.

    Example:
        >>> shown = torch.tensor([5, HIDDEN, HIDDEN, 7]).view(1, 4, 1)
        >>> nearest_shown(shown).flatten().tolist(), nearest_shown(shown, True).flatten().tolist()
        ([0, 5, 5, 5], [7, 7, 7, 0])
    """
    if backwards:
        return nearest_shown(shown.flip(1)).flip(1)
    # A frame of HIDDEN stands before the piece, so that place 0 means that nothing is shown.
    tokens = pad(shown, (0, 0, 1, 0), value=HIDDEN)
    places = torch.arange(tokens.shape[1], device=shown.device)[None, :, None]
    newest = torch.where(tokens == HIDDEN, 0, places).cummax(dim=1).values
    return tokens.gather(1, newest)[:, :-1]


def notes_around(shown: Shown) -> Int[Tensor, "batch seq voice note"]:
    """List the notes that each cell is judged by, all of them shown: its own voice's nearest ones,
    and what every voice sings in the frame before, in this one and in the next.

    The other voices are counted from the cell's own, so that "the voice below" is always the same.
    """  # noqa: D205
    seq, voices = shown.shape[1:]
    turn = torch.arange(voices, device=shown.device)
    beside = pad(shown, (0, 0, 1, 1), value=HIDDEN)
    frames = torch.stack([beside[:, here : here + seq] for here in range(3)], dim=-1)
    sung = frames[:, :, (turn[:, None] + turn) % voices]  # batch seq voice other near
    own = [nearest_shown(shown), nearest_shown(shown, backwards=True)]
    return torch.cat([torch.stack(own, dim=-1), sung.flatten(-2)], dim=-1)


def pitch_classes_shown(
    pitches: Int[Tensor, "batch seq voice"],
) -> Float[Tensor, "batch 1 class 12"]:
    """Count the pitch classes of all that is shown, seen from each class as a possible note."""
    classes = torch.where(pitches < 0, OCTAVE, pitches % OCTAVE)
    heard = one_hot(classes, OCTAVE + 1)[..., :OCTAVE].sum(dim=(1, 2)).float()  # batch 12
    share = OCTAVE * heard / heard.sum(dim=-1, keepdim=True).clamp(min=1) - 1
    return seen_from_every_class(share[:, None])


class Infiller(nn.Module):
    """Guess the hidden cells of a piece from those that are shown, on either side.

    Args:
        config: Every size; of what a singer remembers only ``n_relations`` is used.
        pitches: MIDI number of each token, -1 if it has none, as ``GridTokenizer.pitches()``.
        held: True for tokens that hold a note which sounds already, as ``GridTokenizer.held()``.

    Source:
        Devlin et al. (2019), "BERT", arXiv:1810.04805; for chorales Huang et al. (2017),
        "Counterpoint by Convolution", arXiv:1903.07227.

    Example:
        >>> config = SingerConfig(vocab_size=53, condition_sizes=(16,), d_model=8, n_heads=2)
        >>> shown, beats = torch.ones(1, 7, 4, dtype=torch.int64), torch.arange(7).view(1, 7, 1)
        >>> Infiller(config)(shown, beats).shape
        torch.Size([1, 7, 4, 53])
    """

    fills_gaps = True  # it cannot write from left to right

    def __init__(
        self,
        config: SingerConfig,
        pitches: Int[Tensor, " vocab"] | None = None,
        held: Bool[Tensor, " vocab"] | None = None,
    ) -> None:
        super().__init__()
        self.config, voices, d_model = config, config.n_voices, config.d_model
        self.tables = Tables(config.vocab_size, pitches, held)
        self.n_notes = 2 + 3 * voices
        n_rows = self.n_notes * (config.n_relations + 1)
        self.embed = nn.Embedding(voices * config.vocab_size, PART)
        self.embed_intervals = nn.EmbeddingBag(n_rows, PART, mode="sum")
        self.to_stream = nn.Linear(voices * PART, d_model, bias=False)
        sizes = config.condition_sizes
        self.embed_conditions = nn.ModuleList(nn.Embedding(n, d_model) for n in sizes)
        self.stack = Stack(config, causal=False)
        self.starts = nn.Linear(d_model, voices * d_model)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, config.d_ff or 4 * d_model)
        self.norm = nn.LayerNorm(d_model)
        self.dropout = Dropout(config.dropout)
        self.to_logits = nn.Linear(d_model, config.vocab_size, bias=False)
        self.to_interval_scores = nn.Linear(d_model, self.n_notes * config.n_relations, bias=False)
        self.to_step_scores = nn.Linear(d_model, OCTAVE, bias=False)
        initialise(self, config.n_layers)
        nn.init.normal_(self.embed_intervals.weight, std=0.1)

    def read(
        self,
        shown: Shown,
        conditions: Int[Tensor, "batch seq condition"],
        notes: Int[Tensor, "batch seq voice note"],
    ) -> Float[Tensor, "batch seq d_model"]:
        """Embed what each voice shows, and the intervals to the notes around it."""
        config, device = self.config, shown.device
        voice = torch.arange(config.n_voices, device=device)
        x = self.embed(shown + config.vocab_size * voice)  # batch seq voice part
        anchor = torch.where(shown == HIDDEN, notes[..., 0], shown)
        rows = self.tables.relation[notes, anchor[..., None]]
        rows = rows + (config.n_relations + 1) * torch.arange(self.n_notes, device=device)
        x = x + self.embed_intervals(rows.flatten(0, 2)).unflatten(0, shown.shape)
        x = self.to_stream(rearrange(x, "batch seq voice part -> batch seq (voice part)"))
        told = zip(self.embed_conditions, conditions.unbind(dim=-1), strict=True)
        return x + sum(embed(column) for embed, column in told)

    def forward(
        self,
        shown: Shown,
        conditions: Int[Tensor, "batch seq condition"],
        sounds: Bool[Tensor, "batch seq"] | None = None,
    ) -> Float[Tensor, "batch seq voice vocab"]:
        """Score every token for every cell.

        Args:
            shown: The piece as tokens, ``HIDDEN`` where the model is to guess.
            conditions: What is told about each frame.
            sounds: False for frames after a piece's end, which no other may look at.

        Returns:
            Natural-log scores, not normalised; those of cells that are shown mean nothing.
        """
        voices, notes = self.config.n_voices, notes_around(shown)
        visible = None if sounds is None else sounds[:, None, None]  # for every head and query
        hidden = self.stack(self.read(shown, conditions, notes), visible=visible)
        # hidden: batch seq d_model
        x = self.starts(hidden).unflatten(-1, (voices, -1))  # batch seq voice d_model
        x = x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        x = self.dropout(self.norm(x))
        scores = self.to_interval_scores(x).float().unflatten(-1, (self.n_notes, -1))
        weights = torch.ones_like(notes, dtype=torch.float32)
        by_interval = interval_scores(scores, weights, self.tables.relation[notes])
        classes = pitch_classes_shown(self.tables.pitches[shown])[:, :, None]  # batch 1 1 class 12
        by_class = (self.to_step_scores(x).float()[..., None, :] * classes).sum(dim=-1)
        by_class = pad(by_class, (0, 1))[..., self.tables.pitch_class]
        return self.to_logits(x).float() + by_interval + by_class

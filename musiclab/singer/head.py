"""The last step of a singer: write the voices of one frame, one after another."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import pad

from musiclab.model.block import FeedForward
from musiclab.model.dropout import Dropout
from musiclab.singer.config import SingerConfig
from musiclab.singer.memories import HIDDEN, OCTAVE, Memories, Votes
from musiclab.singer.tables import Tables
from musiclab.singer.tunes import KINDS, N_LENGTHS, SOPRANO, WIDE

LEAST_SHARE = 0.005  # of the votes; less counts hardly more than none
FIFTH, UNISON = 7, 0  # semitones, after whole octaves are taken away


def interval_scores(
    scores: Float[Tensor, "*batch note relation"],
    weights: Float[Tensor, "*batch note"],
    relation: Int[Tensor, "*batch note candidate"],
) -> Float[Tensor, "*batch candidate"]:
    """Score each candidate by its relation to every note that is remembered.

    Args:
        scores: What each relation to each note is worth, from relation 1 on.
        weights: How much each note counts.
        relation: Of each note to each candidate; 0, no relation, is worth nothing.

    Example:
        >>> scores = torch.tensor([[0.5, 2.0]])  # one note, two relations
        >>> interval_scores(scores, torch.tensor([1.0]), torch.tensor([[0, 1, 2, 2]]))
        tensor([0.0000, 0.5000, 2.0000, 2.0000])
    """
    worth = pad(scores, (1, 0)).gather(-1, relation)  # note candidate
    return (weights[..., None] * worth).sum(dim=-2)


def parallel_notes(
    before: Int[Tensor, "batch seq voice"],
    chosen: Int[Tensor, "batch seq n_chosen"],
    pitches: Int[Tensor, " vocab"],
    token_of_pitch: Int[Tensor, " pitch"],
) -> Int[Tensor, "batch seq parallel"]:
    """Name the notes that would run in parallel fifths or octaves with the voices above.

    Args:
        before: The newest tokens of the voices above and, last, of the voice itself.
        chosen: The tokens of the voices above in the frame that is being written.
        pitches: MIDI number of each token, -1 if it has none.
        token_of_pitch: The token that strikes each MIDI number, 0 if none does.

    Returns:
        For each voice above the note that would keep a fifth with it, then for each the note that
        would keep an octave or unison; 0 where there is no such danger.

    Example:
        >>> before, chosen = torch.tensor([[[60, 53]]]), torch.tensor([[[62]]])  # F C, then D
        >>> parallel_notes(before, chosen, torch.arange(128), torch.arange(129)).tolist()
        [[[55, 0]]]
    """
    then, own, now = pitches[before[..., :-1]], pitches[before[..., -1:]], pitches[chosen]
    moved = now - then
    runs = (moved != 0) & (now >= 0) & (then >= 0) & (own >= 0)
    note = token_of_pitch[(own + moved).clamp(-1, 127)]
    apart = torch.where(runs, (then - own).abs() % OCTAVE, -1)
    kept = [torch.where(apart == interval, note, HIDDEN) for interval in (FIFTH, UNISON)]
    return torch.cat(kept, dim=-1)


def votes_for_tokens(
    votes: Votes, voice: int, pitches: Int[Tensor, " vocab"]
) -> Float[Tensor, "batch seq kind vocab"]:
    """Turn one voice's votes, counted from the soprano, into scores of tokens.

    A score is the logarithm of the share, so that what the singer expects and what followed
    elsewhere are multiplied; a floor keeps a note that nobody votes for possible.
    """
    note = (SOPRANO + pitches - votes.soprano[..., None]).clamp(1, WIDE - 1)  # batch seq vocab
    rows = torch.where(pitches < 0, 0, note)[:, :, None]
    shares = votes.shares[:, :, voice].float().take_along_dim(rows, dim=-1)
    return torch.log1p(shares / LEAST_SHARE)


class VoiceHead(nn.Module):
    """Write one frame's voices in order, each from the trunk and the voices already written.

    Each candidate gets a score of its own, and one for its interval to each note that the voice
    remembers, the voices already written among them.

    Args:
        config: Every size.
    """

    def __init__(self, config: SingerConfig) -> None:
        super().__init__()
        self.config, d_model, voices = config, config.d_model, range(config.n_voices)
        self.starts = nn.ModuleList(nn.Linear(d_model, d_model) for _ in voices)
        self.chosen = nn.Embedding(config.n_voices * config.vocab_size, d_model)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, config.d_ff or 4 * d_model)
        self.norm = nn.LayerNorm(d_model)
        self.dropout = Dropout(config.dropout)
        self.to_logits = nn.Linear(d_model, config.vocab_size, bias=False)
        n_more = 3 if config.parallels else 1  # for each voice above: its note, and its parallels
        self.to_interval_scores = nn.ModuleList(
            nn.Linear(d_model, (config.n_notes + n_more * voice) * config.n_relations, bias=False)
            for voice in voices
            if config.n_relations
        )
        self.to_step_scores = nn.ModuleList(
            nn.Linear(d_model, OCTAVE * len(config.decays), bias=False)
            for _ in voices
            if config.decays
        )
        self.embed_lengths = nn.Embedding(len(KINDS) * N_LENGTHS, d_model) if config.tunes else None
        self.to_vote_scores = nn.ModuleList(
            nn.Linear(d_model, len(KINDS)) for _ in voices if config.tunes
        )

    def next_voice(
        self,
        hidden: Float[Tensor, "batch seq d_model"],
        memories: Memories,
        chosen: Int[Tensor, "batch seq n_chosen"],
        tables: Tables,
    ) -> Float[Tensor, "batch seq vocab"]:
        """Score the tokens of the first voice that is not yet chosen.

        Args:
            hidden: The trunk's summary of the past before each frame.
            memories: What is remembered before each frame.
            chosen: The voices of the frame already written, highest first; may be none.
            tables: What the tokens mean.

        Returns:
            Natural-log scores, not normalised.
        """
        config, voice = self.config, chosen.shape[-1]
        x = self.starts[voice](hidden)  # batch seq d_model
        if voice:
            rows = chosen + config.vocab_size * torch.arange(voice, device=chosen.device)
            x = x + self.chosen(rows).sum(dim=-2)
        if config.tunes:
            lengths = memories.votes.lengths[:, :, voice].long()  # batch seq kind
            rows = lengths + N_LENGTHS * torch.arange(len(KINDS), device=lengths.device)
            x = x + self.embed_lengths(rows).sum(dim=-2)
        x = x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        x = self.dropout(self.norm(x))
        logits = self.to_logits(x).float()
        if config.n_relations:
            notes, weights = memories.notes[:, :, voice], memories.weights[:, :, voice]
            if voice:
                more = [chosen]
                if config.parallels:
                    before = memories.newest(voice + 1)
                    more.append(
                        parallel_notes(before, chosen, tables.pitches, tables.token_of_pitch)
                    )
                notes = torch.cat([notes, *more], dim=-1)
                weights = pad(weights, (0, notes.shape[-1] - weights.shape[-1]), value=1.0)
            scores = self.to_interval_scores[voice](x).float()
            scores = scores.unflatten(-1, (notes.shape[-1], config.n_relations))
            logits = logits + interval_scores(scores, weights, tables.relation[notes])
        if config.decays:
            scores = self.to_step_scores[voice](x).float()
            by_class = (scores[:, :, None] * memories.histograms).sum(dim=-1)  # batch seq class
            # The last place is for tokens without a pitch: their score is 0.
            logits = logits + pad(by_class, (0, 1))[..., tables.pitch_class]
        if config.tunes:
            scores = self.to_vote_scores[voice](x).float()  # batch seq kind
            for_tokens = votes_for_tokens(memories.votes, voice, tables.pitches)
            logits = logits + (scores[..., None] * for_tokens).sum(dim=-2)
        return logits

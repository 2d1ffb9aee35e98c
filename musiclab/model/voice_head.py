"""The last step of a frame model: write the voices of one frame, one after another."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from musiclab.model.block import FeedForward
from musiclab.model.config import FrameConfig
from musiclab.model.dropout import Dropout
from musiclab.model.frame_embedding import ColumnEmbedding
from musiclab.model.parallels import KINDS, parallels_of
from musiclab.model.past import Past
from musiclab.model.profiles import OCTAVE


class VoiceHead(nn.Module):
    """Write one frame's voices in order, each from the trunk and the voices already written.

    Besides a score for each token, it gives one for each *relation* of that token to the voice's
    previous token, to other tokens of the past and to the voices already written, such as "three
    semitones above the soprano"; and one for each step of the scale that the token would be, as
    the profile of the past shows it. Both sound the same in every key, so what is learned in one
    key serves in all. Last, it gives one for running parallel with a voice above.

    Args:
        config: Every size.
    """

    def __init__(self, config: FrameConfig) -> None:
        super().__init__()
        d_model, voices = config.d_model, range(config.n_voices)
        self.starts = nn.ModuleList(nn.Linear(d_model, d_model) for _ in voices)
        self.chosen = ColumnEmbedding((config.vocab_size,) * config.n_voices, d_model)
        self.feed_forward = FeedForward(d_model, config.d_ff or 4 * d_model)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.norm = nn.LayerNorm(d_model)
        self.dropout = Dropout(config.dropout)
        self.to_logits = nn.Linear(d_model, config.vocab_size, bias=False)
        self.n_relations = config.n_relations
        if config.n_relations:
            self.to_relations = nn.ModuleList(
                nn.Linear(d_model, (config.n_anchors + voice) * config.n_relations, bias=False)
                for voice in voices
            )
        self.n_profiles = config.n_profiles
        if config.n_profiles:
            self.to_profiles = nn.ModuleList(
                nn.Linear(d_model, self.n_profiles * OCTAVE, bias=False) for _ in voices
            )
        self.to_parallels = None
        if config.parallels:
            self.to_parallels = nn.ModuleList(
                nn.Linear(d_model, KINDS, bias=False) for _ in voices[1:]
            )

    def next_voice(
        self,
        hidden: Float[Tensor, "batch seq d_model"],
        past: Past,
        chosen: Int[Tensor, "batch seq n_chosen"],
        relations: Int[Tensor, "vocab candidate"],
        pitches: Int[Tensor, " vocab"] | None = None,
    ) -> Float[Tensor, "batch seq vocab"]:
        """Score the tokens of the first voice that is not yet chosen.

        Args:
            hidden: The trunk's summary of the past before each frame.
            past: What is shown of it besides.
            chosen: The voices of the frame already written, highest first; may be none.
            relations: Relation of every two tokens, [earlier or upper, candidate].
            pitches: Pitch of every token, -1 if it has none; for profiles and parallels.

        Returns:
            Natural-log scores, not normalised.
        """
        voice = chosen.shape[-1]
        x = self.starts[voice](hidden) + self.chosen(chosen)
        x = x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        x = self.dropout(self.norm(x))
        logits = self.to_logits(x).float()
        if self.n_relations:
            anchors = torch.cat([past.anchors[:, :, voice], chosen], dim=-1)
            scores = self.to_relations[voice](x).float().unflatten(-1, (-1, self.n_relations))
            logits = logits + scores.gather(-1, relations[anchors]).sum(dim=-2)
        if self.n_profiles:
            scores = self.to_profiles[voice](x).float()[:, :, None]
            of_classes = (scores * past.profiles.flatten(-2)).sum(dim=-1)
            logits = logits + torch.where(pitches < 0, 0.0, of_classes[..., pitches % OCTAVE])
        if self.to_parallels is not None and voice:
            scores = self.to_parallels[voice - 1](x).float()[:, :, None]
            before = past.anchors[:, :, : voice + 1, 0]  # each voice's newest
            logits = logits + (scores * parallels_of(before, chosen, pitches)).sum(dim=-1)
        return logits

    def forward(
        self,
        hidden: Float[Tensor, "batch seq d_model"],
        past: Past,
        targets: Int[Tensor, "batch seq voice"],
        relations: Int[Tensor, "vocab candidate"],
        pitches: Int[Tensor, " vocab"] | None = None,
    ) -> Float[Tensor, "batch seq voice vocab"]:
        """Score every voice at once, each as if the voices above it had been written so."""
        scored = [
            self.next_voice(hidden, past, targets[..., :voice], relations, pitches)
            for voice in range(targets.shape[-1])
        ]
        return torch.stack(scored, dim=-2)

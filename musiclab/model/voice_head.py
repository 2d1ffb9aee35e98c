"""The last step of a frame model: write the voices of one frame, one after another."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from musiclab.model.block import FeedForward, Residual
from musiclab.model.config import FrameConfig
from musiclab.model.frame_embedding import ColumnEmbedding


class VoiceHead(nn.Module):
    """Write one frame's voices in order, each from the trunk and the voices already written.

    Besides a score for each token, it gives one for each *relation* of that token to the voice's
    previous token and to the voices already written, such as "three semitones above the soprano".
    A relation sounds the same in every key, so what is learned in one key serves in all.

    Args:
        config: Every size.
    """

    def __init__(self, config: FrameConfig) -> None:
        super().__init__()
        d_model, voices = config.d_model, range(config.n_voices)
        self.starts = nn.ModuleList(nn.Linear(d_model, d_model) for _ in voices)
        self.chosen = ColumnEmbedding((config.vocab_size,) * config.n_voices, d_model)
        self.feed_forward = FeedForward(d_model, config.d_ff or 4 * d_model)
        self.around_feed_forward = Residual(d_model, config.dropout, "pre")
        self.norm = nn.LayerNorm(d_model)
        self.to_logits = nn.Linear(d_model, config.vocab_size, bias=False)
        self.n_relations = config.n_relations
        if config.n_relations:
            self.to_relations = nn.ModuleList(
                nn.Linear(d_model, (1 + voice) * config.n_relations, bias=False) for voice in voices
            )

    def next_voice(
        self,
        hidden: Float[Tensor, "batch seq d_model"],
        previous: Int[Tensor, "batch seq voice"],
        chosen: Int[Tensor, "batch seq n_chosen"],
        relations: Int[Tensor, "vocab candidate"],
    ) -> Float[Tensor, "batch seq vocab"]:
        """Score the tokens of the first voice that is not yet chosen.

        Args:
            hidden: The trunk's summary of the past before each frame.
            previous: The frame before each.
            chosen: The voices of the frame already written, highest first; may be none.
            relations: Relation of every two tokens, [earlier or upper, candidate].

        Returns:
            Natural-log scores, not normalised.
        """
        voice = chosen.shape[-1]
        x = self.starts[voice](hidden) + self.chosen(chosen)
        x = self.norm(self.around_feed_forward(x, self.feed_forward))
        logits = self.to_logits(x).float()
        if not self.n_relations:
            return logits
        anchors = torch.cat([previous[..., voice : voice + 1], chosen], dim=-1)
        scores = self.to_relations[voice](x).float().unflatten(-1, (1 + voice, self.n_relations))
        return logits + scores.gather(-1, relations[anchors]).sum(dim=-2)

    def forward(
        self,
        hidden: Float[Tensor, "batch seq d_model"],
        previous: Int[Tensor, "batch seq voice"],
        targets: Int[Tensor, "batch seq voice"],
        relations: Int[Tensor, "vocab candidate"],
    ) -> Float[Tensor, "batch seq voice vocab"]:
        """Score every voice at once, each as if the voices above it had been written so."""
        scored = [
            self.next_voice(hidden, previous, targets[..., :voice], relations)
            for voice in range(targets.shape[-1])
        ]
        return torch.stack(scored, dim=-2)

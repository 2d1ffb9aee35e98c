"""Hear how notes are chosen: "bach-studio" writes, and a learner's function chooses each token."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from musiclab.checkpoint import load_checkpoint
from musiclab.inference import predicting
from musiclab.music.chorale import VOICES, Chorale
from musiclab.sampling.filters import sample_next
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.plan import Plan
from musiclab.sampling.steps import steps_for

Scores = Float[Tensor, "batch vocab"]
Tokens = Int[Tensor, " batch"]
Allowed = Bool[Tensor, "previous vocab"]
Choose = Callable[[Scores, Tokens, Allowed, torch.Generator], Tokens]


def sing(choose: Choose, *, bars: int = 2, seed: int = 1) -> Chorale:
    """Let "bach-studio" write, and ``choose`` take one token after another.

    Args:
        choose: Takes the scores of the next voice, what this voice did in the frame before, the
            table of what may follow what, and where random numbers come from.
        bars: How many to write.
        seed: Where the random numbers start.
    """
    checkpoint = load_checkpoint("bach-studio")
    model, tokenizer = checkpoint.model, checkpoint.tokenizer
    plan = torch.from_numpy(Plan(bars=bars, key="G major").ids(checkpoint.conditions, seed=seed))
    steps = steps_for(model, tokenizer, frames=len(plan), conditions=plan)
    allowed, generator = Grammar(tokenizer).without_end, torch.Generator().manual_seed(seed)
    with predicting(model):
        for _ in range(len(plan)):
            before = steps.previous
            chosen = before[:, :0]  # no voice yet
            for voice in range(len(VOICES)):
                token = choose(steps.score(chosen), before[:, voice], allowed, generator)
                chosen = torch.cat([chosen, torch.as_tensor(token).reshape(1, 1)], dim=1)
            steps.write(chosen)
    return tokenizer.decode(steps.written[0].numpy())


def sing_with(
    bend: Callable[[Scores], Scores] = lambda scores: scores,
    draw: Callable[[Scores, torch.Generator], Tokens] = sample_next,
) -> Chorale:
    """Let "bach-studio" write: forbid what cannot be sung, bend the scores, draw."""

    def choose(scores: Scores, previous: Tokens, allowed: Allowed, generator: torch.Generator):
        scores = scores.masked_fill(~allowed[previous], -torch.inf)
        return draw(torch.as_tensor(bend(scores)), generator)

    return sing(choose)

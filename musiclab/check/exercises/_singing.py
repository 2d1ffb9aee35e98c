"""Hear how notes are chosen: "bach-studio" writes, and a learner's function chooses each token."""

import time
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
from musiclab.tokens.grid import GridTokenizer

PATIENCE = 3.0  # seconds of computing: a busy machine is not the answer's fault
REST = GridTokenizer.rest_id

Scores = Float[Tensor, "batch vocab"]
Tokens = Int[Tensor, " batch"]
Allowed = Bool[Tensor, "previous vocab"]
Choose = Callable[[Scores, Tokens, Allowed, torch.Generator], Tokens]


def sing(choose: Choose, *, bars: int = 2, seed: int = 1) -> Chorale:
    """Let "bach-studio" write, and ``choose`` take one token after another.

    Args:
        choose: Takes the scores of the next voice, what this voice did in the frame before, the
            table of what may follow what, and where random numbers come from. A token that is no
            music (a pad, a start, an end) is heard as a rest.
        bars: How many to write.
        seed: Where the random numbers start.

    Raises:
        TimeoutError: If ``choose`` is too slow to write music with.
    """
    checkpoint = load_checkpoint("bach-studio")
    model, tokenizer = checkpoint.model, checkpoint.tokenizer
    plan = torch.from_numpy(Plan(bars=bars, key="G major").ids(checkpoint.conditions, seed=seed))
    steps = steps_for(model, tokenizer, frames=len(plan), conditions=plan)
    allowed, generator = Grammar(tokenizer).without_end, torch.Generator().manual_seed(seed)
    end = time.process_time() + PATIENCE
    with predicting(model):
        for _ in range(len(plan)):
            before = steps.previous
            chosen = before[:, :0]  # no voice yet
            for voice in range(len(VOICES)):
                token = choose(steps.score(chosen), before[:, voice], allowed, generator)
                token = torch.as_tensor(token).reshape(1, 1).clamp(min=REST)
                chosen = torch.cat([chosen, token], dim=1)
            steps.write(chosen)
            if time.process_time() > end:
                raise TimeoutError("too slow to write music with")
    return tokenizer.decode(steps.written[0].numpy())


def sing_with(
    bend: Callable[[Scores], Scores] = lambda scores: scores,
    draw: Callable[[Scores, torch.Generator], Tokens] = sample_next,
) -> Chorale:
    """Let "bach-studio" write: bend the scores, forbid what cannot be sung, draw.

    Where bending leaves nothing to draw, a rest is heard.
    """

    def choose(
        scores: Scores, previous: Tokens, allowed: Allowed, generator: torch.Generator
    ) -> Tokens:
        forbidden = ~allowed[previous]
        scores = torch.as_tensor(bend(scores.masked_fill(forbidden, -torch.inf)))
        scores = scores.masked_fill(forbidden | scores.isnan(), -torch.inf)
        return draw(scores, generator) if (scores > -torch.inf).any() else torch.tensor([REST])

    return sing(choose)

"""Sequential Monte Carlo: follow many harmonisations at once, and drop those the melody refutes.

A decoder-only model writes forwards: it cannot choose a chord with the next melody note in mind.
But it can say afterwards how likely that note was after that chord. So several harmonisations
(particles) are written side by side; each is weighted by how likely it made the melody so far; when
a few hold nearly all the weight, the others are replaced by copies of those. With enough particles
the result is distributed as the model's own p(alto, tenor, bass | soprano).

Source:
    Doucet and Johansen (2009), "A Tutorial on Particle Filtering and Smoothing: Fifteen Years
    Later". For language models: Lew et al. (2023), "Sequential Monte Carlo Steering of Large
    Language Models using Probabilistic Programs", arXiv:2306.03081.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.inference import predicting
from musiclab.sampling.generate import draw, log_probabilities, one_core
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.settings import Settings
from musiclab.sampling.steps import Steps


class Cloud(NamedTuple):
    """All particles after one more frame."""

    tokens: Int[Tensor, "particle frame voice"]
    log_weights: Float[Tensor, " particle"]  # normalised: their exponentials sum to 1
    log_evidence: float  # nats: how likely the model finds the melody so far


def follow(
    steps: Steps,
    grammar: Grammar,
    melody: Int[Tensor, " frame"],
    *,
    settings: Settings,
    generator: torch.Generator,
    melody_grammar: Grammar | None = None,
) -> Iterator[Cloud]:
    """Write the lower voices of every particle, frame by frame.

    The melody's likelihood is the model's own; temperature and filters act on the voices that are
    drawn. At temperature 1 without filters the cloud follows the model's posterior.

    Args:
        steps: Stand at the first frame, one row of the batch a particle.
        grammar: Which token may follow which.
        melody: Token of the soprano in each frame.
        settings: Temperature and filters.
        generator: Where the random numbers come from.
        melody_grammar: Which token may follow which in the melody. It is given, so no rule of
            voice leading should weigh it; by default ``grammar``.

    Yields:
        The cloud after each frame.
    """
    device = steps.previous.device
    count = len(steps.previous)
    written = torch.empty(count, 0, steps.previous.shape[1], dtype=torch.int64, device=device)
    weights = torch.full((count,), 1 / count, dtype=torch.float64, device=device).log()
    evidence = 0.0
    for soprano in melody.tolist():
        with predicting(steps.model), one_core(steps.model):
            chosen = torch.full_like(steps.previous[:, :1], soprano)
            scores = log_probabilities(steps, melody_grammar or grammar, chosen[:, :0])
            weights = weights + scores[:, soprano].double()
            total = weights.logsumexp(dim=0)
            evidence += float(total)
            weights = weights - total
            if effective_size(weights) < count / 2:
                rows = resample(weights, generator)
                steps.select(rows)
                written = written[rows]
                weights = torch.full_like(weights, 1 / count).log()
            while chosen.shape[1] < written.shape[2]:
                scores = log_probabilities(steps, grammar, chosen)
                chosen = torch.cat([chosen, draw(scores, settings, generator)[0]], dim=-1)
            steps.write(chosen)
            written = torch.cat([written, chosen[:, None]], dim=1)
        yield Cloud(written, weights, evidence)


def effective_size(log_weights: Float[Tensor, " particle"]) -> float:
    """Count how many equally weighted particles would be worth as much.

    Example:
        >>> effective_size(torch.tensor([0.5, 0.5, 0.0]).log())
        2.0
    """
    return float(1 / (2 * log_weights).exp().sum())


def resample(
    log_weights: Float[Tensor, " particle"], generator: torch.Generator
) -> Int[Tensor, " particle"]:
    """Choose as many particles as there are, each about as often as its weight says.

    One random number places a comb of evenly spaced teeth on the line of summed weights
    ("systematic" resampling): a particle of weight w is taken n w times, rounded up or down.

    Example:
        >>> weights = torch.tensor([0.5, 0.0, 0.25, 0.25])
        >>> resample(weights.log(), torch.Generator().manual_seed(0))
        tensor([0, 0, 2, 3])
    """
    count = len(log_weights)
    start = torch.rand((), generator=generator, dtype=torch.float64, device=generator.device)
    teeth = (torch.arange(count, device=log_weights.device) + start.to(log_weights.device)) / count
    ends = log_weights.double().exp().cumsum(dim=0)
    return torch.searchsorted(ends / ends[-1], teeth, right=True).clamp(max=count - 1)

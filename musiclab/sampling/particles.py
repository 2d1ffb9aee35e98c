"""Sequential Monte Carlo: write many harmonisations at once, and drop those the melody refutes.

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

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from musiclab.sampling.steps import Steps


class Particles:
    """The weights of the pieces of a batch, which all have the same melody.

    Args:
        steps: Write them, one row of the batch a particle.
        generator: Where the random numbers come from.

    Attributes:
        log_weights: Normalised: their exponentials sum to 1.
        log_evidence: Nats: how likely the model finds the melody so far.
    """

    def __init__(self, steps: Steps, generator: torch.Generator) -> None:
        self.steps, self.generator = steps, generator
        self.log_weights = _level(len(steps.rows), steps.rows.device)
        self.log_evidence = 0.0

    def weigh(self, log_probabilities: Float[Tensor, " particle"]) -> None:
        """Weigh every particle after a frame; copy the good ones over the bad if few are good.

        Args:
            log_probabilities: How likely each particle made the melody's note of that frame.
        """
        weights = self.log_weights + log_probabilities.double()
        total = weights.logsumexp(dim=0)
        self.log_evidence += float(total)
        self.log_weights = weights - total
        if effective_size(self.log_weights) < len(weights) / 2:
            self.steps.select(resample(self.log_weights, self.generator))
            self.log_weights = _level(len(weights), weights.device)

    def draw(self, wanted: Bool[Tensor, " particle"] | None = None) -> int:
        """Draw one particle, as often as its weight says; of those wanted, if there are any."""
        weights = self.log_weights.exp()
        if wanted is not None and (weights * wanted).any():
            weights = weights * wanted
        weights = weights.to(self.generator.device)
        return int(torch.multinomial(weights, 1, generator=self.generator))


def _level(count: int, device: torch.device) -> Float[Tensor, " particle"]:
    return torch.full((count,), 1 / count, dtype=torch.float64, device=device).log()


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

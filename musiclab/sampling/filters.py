"""From scores to one token: sharpen or flatten, drop the unlikely, draw."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.sampling.settings import (
    Settings,
    check_min_p,
    check_temperature,
    check_top_k,
    check_top_p,
)

Logits = Float[Tensor, "batch vocab"]


def _check_logits(logits: Logits) -> None:
    if logits.ndim != 2 or not logits.numel():
        shape = tuple(logits.shape)
        raise SettingError(f"logits must hold rows of scores, a score a token; got shape {shape}")


def apply_temperature(logits: Logits, temperature: float | int) -> Logits:
    """Flatten the probabilities (above 1) or sharpen them (below 1).

    Args:
        logits: Natural-log scores of the next token, not necessarily normalised.
        temperature: What the scores are divided by, above 0.

    Returns:
        The scores divided by ``temperature``, up to one constant a row, which a softmax does not
        see: each row's largest score is 0.

    Raises:
        SettingError: If ``temperature`` is not a finite number above 0, or there are no scores.

    Source:
        Ackley, Hinton and Sejnowski (1985), "A Learning Algorithm for Boltzmann Machines".

    Example:
        >>> scores = torch.tensor([[0.2, 0.8]]).log()
        >>> apply_temperature(scores, 0.5).softmax(dim=-1)
        tensor([[0.0588, 0.9412]])
    """
    check_temperature(temperature)
    _check_logits(logits)
    # The likeliest at 0: however small the temperature, 0 stays 0 and the rest falls to -inf.
    below_best = logits - logits.max(dim=-1, keepdim=True).values
    return (below_best.double() / temperature).to(logits.dtype)


def top_k(logits: Logits, k: int) -> Logits:
    """Keep each row's ``k`` likeliest tokens; among equals, those of lower id.

    Args:
        logits: Natural-log scores of the next token.
        k: How many to keep; more than there are keeps all.

    Returns:
        ``logits`` with the other tokens at -inf.

    Raises:
        SettingError: If ``k`` is not a whole number of at least 1, or there are no scores.

    Source:
        Fan, Lewis and Dauphin (2018), "Hierarchical Neural Story Generation", arXiv:1805.04833.

    Example:
        >>> top_k(torch.tensor([[0.2, 0.5, 0.3]]).log(), 2).exp()
        tensor([[0.0000, 0.5000, 0.3000]])
    """
    check_top_k(k)
    _check_logits(logits)
    # A stable sort leaves equals in the order of their ids; torch.topk promises no order.
    likeliest = logits.sort(dim=-1, descending=True, stable=True).indices[:, :k]
    kept = torch.full_like(logits, -math.inf)
    return kept.scatter(-1, likeliest, logits.gather(-1, likeliest))


def top_p(logits: Logits, p: float | int) -> Logits:
    """Keep each row's fewest likeliest tokens that together reach probability ``p``.

    Also called nucleus sampling. The token that crosses ``p`` stays; among equals, those of lower
    id come first.

    Args:
        logits: Natural-log scores of the next token, not necessarily normalised.
        p: Probability to keep, in (0, 1]; 1 keeps every token.

    Returns:
        ``logits`` with the other tokens at -inf; at least one token a row survives.

    Raises:
        SettingError: If ``p`` is outside (0, 1], or there are no scores.

    Source:
        Holtzman et al. (2020), "The Curious Case of Neural Text Degeneration", arXiv:1904.09751.

    Example:
        >>> top_p(torch.tensor([[0.2, 0.5, 0.3]]).log(), 0.7).exp()
        tensor([[0.0000, 0.5000, 0.3000]])
    """
    check_top_p(p)
    _check_logits(logits)
    if p == 1:  # rounding in the running sum would drop the tail
        return logits
    ordered, ids = logits.sort(dim=-1, descending=True, stable=True)
    probabilities = ordered.double().softmax(dim=-1)
    likelier = probabilities.cumsum(dim=-1) - probabilities  # of all the tokens before each
    likelier[:, 0] = 0
    return torch.full_like(logits, -math.inf).scatter(
        -1, ids, ordered.masked_fill(likelier >= p, -math.inf)
    )


def min_p(logits: Logits, share: float | int) -> Logits:
    """Keep the tokens at least ``share`` times as likely as the likeliest.

    Where the model is sure, few survive; where it is not, many do.

    Args:
        logits: Natural-log scores of the next token.
        share: In [0, 1); 0 keeps every token.

    Returns:
        ``logits`` with the other tokens at -inf; the likeliest survives.

    Raises:
        SettingError: If ``share`` is outside [0, 1), or there are no scores.

    Source:
        Nguyen et al. (2024), "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM
        Outputs", arXiv:2407.01082.

    Example:
        >>> min_p(torch.tensor([[0.2, 0.5, 0.3]]).log(), 0.5).exp()
        tensor([[0.0000, 0.5000, 0.3000]])
    """
    check_min_p(share)
    _check_logits(logits)
    if share == 0:
        return logits
    best = logits.max(dim=-1, keepdim=True).values
    return logits.masked_fill(logits < best + math.log(share), -math.inf)


def filter_logits(logits: Logits, settings: Settings) -> Logits:
    """Apply the temperature, then whichever of top_k, top_p and min_p are set, in that order."""
    if settings.temperature != 1:
        logits = apply_temperature(logits, settings.temperature)
    if settings.top_k is not None:
        logits = top_k(logits, settings.top_k)
    if settings.top_p is not None:
        logits = top_p(logits, settings.top_p)
    if settings.min_p is not None:
        logits = min_p(logits, settings.min_p)
    return logits


def sample_next(logits: Logits, generator: torch.Generator) -> Int[Tensor, " batch"]:
    """Draw one token a row, each as often as its probability says.

    Lay the probabilities end to end, as stretches of the line from 0 to 1, and throw one dart: a
    token is drawn when the dart lands in its stretch (inverse transform sampling).

    Args:
        logits: Natural-log scores of the next token; -inf for what must not be drawn.
        generator: Where the random numbers come from; the same state gives the same tokens. They
            are drawn on its device, so that a seed means the same on every kind of machine.

    Returns:
        Ids of the tokens.

    Raises:
        SettingError: If there are no scores, or a row leaves no token to draw, or holds NaN.

    Source:
        Devroye (1986), "Non-Uniform Random Variate Generation", chapter III.2.

    Example:
        >>> generator = torch.Generator().manual_seed(0)
        >>> sample_next(torch.tensor([[-math.inf, 0.0, -math.inf]]), generator)
        tensor([1])
    """
    _check_logits(logits)
    (batch, vocab), device = logits.shape, generator.device
    ends = logits.to(device).softmax(dim=-1, dtype=torch.float64).cumsum(dim=-1)
    darts = torch.rand(batch, 1, dtype=torch.float64, generator=generator, device=device)
    drawn = torch.searchsorted(ends, darts, right=True).squeeze(1)
    if int(drawn.max()) == vocab:  # beyond the last stretch: a softmax of only -inf is NaN
        raise SettingError("there is no token to draw: a row of scores is all -inf or holds NaN")
    return drawn.to(logits.device)

"""Fill in hidden cells with a model that reads both ways: guess them all, then mend the guesses.

Guessed at once, hidden cells know nothing of each other and clash. So some of them are hidden
again, at random, and guessed anew from all the others; again and again, and ever fewer at a time.
That is blocked Gibbs sampling: many at first, to move fast, and few in the end, to agree.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from musiclab.checks import check_whole
from musiclab.errors import SettingError
from musiclab.inference import predicting
from musiclab.sampling.filters import filter_logits, sample_next
from musiclab.sampling.settings import Settings
from musiclab.tokens.grid import GridTokenizer

SWEEPS = 48
LEAST = 0.02  # share of the cells that is guessed anew in the last sweeps
ANNEALED = 0.85  # of the sweeps, until that share is reached
Tokens = Int[Tensor, "batch frame voice"]


def share_hidden(sweep: int, sweeps: int) -> float:
    """Say which share of the cells a sweep guesses anew: all at first, few in the end.

    Source:
        Yao et al. (2014), "On the Equivalence Between Deep NADE and Generative Stochastic
        Networks", arXiv:1409.0585; for chorales Huang et al. (2017), arXiv:1903.07227.

    Example:
        >>> [round(share_hidden(sweep, 48), 2) for sweep in (0, 20, 47)]
        [1.0, 0.52, 0.02]
    """
    return max(LEAST, 1 - (1 - LEAST) * sweep / (ANNEALED * sweeps))


def fill(
    model: nn.Module,
    tokenizer: GridTokenizer,
    tokens: Int[Tensor, "frame voice"],
    hidden: Bool[Tensor, "frame voice"],
    *,
    conditions: Int[Tensor, "frame condition"],
    generator: torch.Generator,
    settings: Settings | None = None,
    sweeps: int = SWEEPS,
    count: int = 1,
) -> Iterator[Tokens]:
    """Guess the hidden cells, and mend the guesses sweep by sweep.

    Args:
        model: Called as ``model(shown, conditions)``, such as an ``Infiller``.
        tokenizer: The one that the model was trained with.
        tokens: The piece; what stands in hidden cells does not matter.
        hidden: True for the cells to fill.
        conditions: The conditions of each frame.
        generator: Where the random numbers come from.
        settings: Temperature and filters.
        sweeps: How often to guess.
        count: How many pieces to fill at once, each in its own way.

    Yields:
        The whole pieces after each sweep; every cell that was not hidden is as it was.

    Raises:
        SettingError: If nothing is hidden, or a shape or number does not fit.
    """
    if hidden.shape != tokens.shape or not hidden.any():
        raise SettingError(
            f"mark at least one cell to fill, in a table of shape {tuple(tokens.shape)}; got "
            f"{int(hidden.sum())} in shape {tuple(hidden.shape)}"
        )
    check_whole("sweeps", sweeps, lowest=1, highest=10_000, remedy=f"{SWEEPS} do well")
    check_whole("count", count, lowest=1, highest=64, remedy="3 can be compared")
    settings, never = settings or Settings(), _never(tokenizer)
    told = conditions.expand(count, -1, -1)
    pieces = tokens.where(~hidden, tokenizer.pad_id).repeat(count, 1, 1)
    for sweep in range(sweeps):
        draws = torch.rand(pieces.shape, generator=generator)
        again = hidden & ((draws < share_hidden(sweep, sweeps)) | (pieces == tokenizer.pad_id))
        if again.any():
            with predicting(model):
                logits = model(pieces.where(~again, tokenizer.pad_id), told)[again]
                guesses = filter_logits(logits.masked_fill(never, -torch.inf), settings)
                pieces = pieces.masked_scatter(again, sample_next(guesses, generator))
        yield struck(pieces, hidden, tokenizer)


def struck(pieces: Tokens, hidden: Bool[Tensor, "frame voice"], tokenizer: GridTokenizer) -> Tokens:
    """Strike each guessed note that is held from nothing.

    A cell beside the hole keeps its token, but sounds as struck if the note before it has changed.
    """
    pitches, held = (torch.from_numpy(one) for one in (tokenizer.pitches(), tokenizer.held()))
    sounding = pitches[pieces]  # batch frame voice
    before = torch.cat([torch.full_like(sounding[:, :1], -1), sounding[:, :-1]], dim=1)
    wrong = held[pieces] & (sounding != before) & hidden
    strikes = pieces - (tokenizer.highest - tokenizer.lowest + 1)  # "held-60" to "attack-60"
    return torch.where(wrong, strikes, pieces)


def _never(tokenizer: GridTokenizer) -> Bool[Tensor, " vocab"]:
    """Mark the tokens that are no music: pad, start and end."""
    ids = torch.arange(tokenizer.vocab_size)
    special = torch.tensor([tokenizer.pad_id, tokenizer.start_id, tokenizer.end_id])
    return torch.isin(ids, special)


def nats_per_cell(
    model: nn.Module,
    tokens: Int[Tensor, "frame voice"],
    *,
    conditions: Int[Tensor, "frame condition"],
    generator: torch.Generator,
    draws: int = 32,
    pad_id: int = 0,
) -> Float[Tensor, " draw"]:
    """Measure how surprised the model is by a piece, cell by cell in random orders.

    Filled in one cell after another, in an order drawn at random, a piece costs a sum of as many
    terms as it has cells. The term at which k cells are still hidden is, on average, the mean cost
    of k cells hidden at random. So one draw hides k cells, k drawn from 1 to all, and the mean over
    draws is the cost per cell of a random order.

    Returns:
        Nats per cell, one for each draw; take their mean.

    Source:
        Uria et al. (2014), "A Deep and Tractable Density Estimator", arXiv:1310.1757.
    """
    costs = []
    for _ in range(draws):
        order = torch.randperm(tokens.numel(), generator=generator).view_as(tokens)
        k = int(torch.randint(1, tokens.numel() + 1, (1,), generator=generator))
        hidden = order < k
        with predicting(model):
            logits = model(tokens.where(~hidden, pad_id)[None], conditions[None])[0][hidden]
        costs.append(torch.nn.functional.cross_entropy(logits.float(), tokens[hidden]))
    return torch.stack(costs)

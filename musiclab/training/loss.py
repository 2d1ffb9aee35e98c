"""The loss: how surprised a model is by what Bach wrote, and what it pays for rule violations."""

from collections.abc import Iterable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from musiclab.training import distributed
from musiclab.training.batches import Batch


def summed_nll(
    logits: Float[Tensor, "*position vocab"], targets: Int[Tensor, "*position"], pad_id: int
) -> Float[Tensor, ""]:
    """Add up the negative log-likelihood of all targets, in nats.

    A sum, not a mean: sums over parts of a batch add up, and are divided by the number of targets
    at the end. A mean of means would weigh a short piece's notes more.

    Args:
        logits: Natural-log scores, not normalised.
        targets: What should be predicted; ``pad_id`` is not counted.
        pad_id: Marks padding.

    Example:
        >>> summed_nll(torch.zeros(3, 2), torch.tensor([1, 1, 0]), pad_id=0) / 2
        tensor(0.6931)
    """
    flat = logits.reshape(-1, logits.shape[-1]).float()
    return cross_entropy(flat, targets.reshape(-1), ignore_index=pad_id, reduction="sum")


def summed_unlikelihood(
    logits: Float[Tensor, "*position vocab"],
    targets: Int[Tensor, "*position"],
    faults: Bool[Tensor, "*position vocab"],
    pad_id: int,
) -> Float[Tensor, ""]:
    """Add up -log(1 - probability of a rule violation), in nats.

    Where the composer violated a rule himself it costs nothing. A model that gave violations their
    true share r will, with this added ``weight`` times to ``summed_nll``, give them about
    r / (1 + weight).

    Args:
        logits: Natural-log scores, not normalised.
        targets: What should be predicted; ``pad_id`` is not counted.
        faults: True for each token that would break a rule there.
        pad_id: Marks padding.

    Source:
        Welleck et al. (2020), "Neural Text Generation with Unlikelihood Training",
        arXiv:1908.04319; there the unwanted tokens are repetitions.

    Example:
        >>> faults = torch.tensor([[False, True], [False, True]])
        >>> summed_unlikelihood(torch.zeros(2, 2), torch.tensor([0, 1]), faults, pad_id=-1)
        tensor(0.6931)
    """
    own = faults.gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    watched = faults.any(dim=-1) & ~own & (targets != pad_id)
    scores, faults = logits[watched].float(), faults[watched]
    # log(1 - p) is the log of what the other tokens have: exact even where p is nearly 1.
    others = scores.masked_fill(faults, -torch.inf).logsumexp(dim=-1)
    return (scores.logsumexp(dim=-1) - others).sum()


def count_targets(targets: Int[Tensor, "*position"], pad_id: int) -> int:
    """Count the targets that are not padding."""
    return int((targets != pad_id).sum())


@torch.inference_mode()
def mean_nll(model: nn.Module, batches: Iterable[Batch], pad_id: int) -> float:
    """Measure a model on whole pieces.

    Args:
        model: Any; measured without dropout.
        batches: What to measure it on, each piece once.
        pad_id: Marks padding.

    Returns:
        Nats per target: the mean over all cells of all pieces, not a mean of piece means.
    """
    was_training, device = model.training, next(model.parameters()).device
    model.eval()
    try:
        total, count = 0.0, 0
        for batch in batches:
            ours = distributed.our_rows(batch).to(device)
            total += summed_nll(model(*ours.inputs), ours.targets, pad_id).item()
            count += count_targets(ours.targets, pad_id)
    finally:
        model.train(was_training)
    total, count = distributed.summed(total, float(count))
    return total / count

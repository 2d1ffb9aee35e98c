"""AdamW, and the running average of the weights."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import AdamW

from musiclab.training.config import TrainingConfig


def build_optimiser(model: nn.Module, config: TrainingConfig) -> AdamW:
    """Build AdamW; only matrices that multiply activations decay.

    Decay pulls weights towards 0. The gains of a norm belong at 1, and the embedding of a rare
    token would shrink only because it is rare, so these do not decay.

    Source:
        Loshchilov and Hutter (2019), "Decoupled Weight Decay Regularization", arXiv:1711.05101.
    """
    decaying, others = [], []
    multipliers = {m.weight for m in model.modules() if isinstance(m, nn.Linear)}
    for parameter in model.parameters():
        (decaying if parameter in multipliers else others).append(parameter)
    groups = [
        {"params": decaying, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    groups = [one for one in groups if one["params"]]
    return AdamW(groups, lr=config.peak, betas=config.betas, fused=True)


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, step: int, decay: float) -> None:
    """Move the averaged weights a little towards the model's.

    At first the average moves faster than ``decay`` says, to forget the initial weights.

    Args:
        average: Copy of the model that holds the averaged weights; changed in place.
        model: The model after step ``step``.
        step: Counted from 0.
        decay: Share that the average keeps at each step, in the long run.

    Source:
        Polyak and Juditsky (1992); the ramp as in TensorFlow's ``ExponentialMovingAverage``.
    """
    decay = min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)


def gradient_norm(parameters: Iterable[nn.Parameter], clip: float) -> float:
    """Measure the length of the whole gradient, and shorten it to ``clip`` if it is longer."""
    return float(nn.utils.clip_grad_norm_(list(parameters), clip))

"""One training step: the gradient of a batch, then a small move of every weight."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

from musiclab.errors import SettingError
from musiclab.training import distributed
from musiclab.training.batches import Batch
from musiclab.training.config import TrainingConfig
from musiclab.training.faults import mark_faults
from musiclab.training.loss import count_targets, summed_nll, summed_unlikelihood
from musiclab.training.optimiser import gradient_norm
from musiclab.training.schedule import learning_rate


@dataclass(frozen=True)
class StepFigures:
    """How a step went."""

    loss: float  # nats per target, before the step
    learning_rate: float
    gradient_norm: float  # before clipping
    targets: int  # how many there were


def take_step(
    model: nn.Module,
    optimiser: Optimizer,
    batch: Batch,
    pad_id: int,
    step: int,
    config: TrainingConfig,
) -> StepFigures:
    """Change the weights once; if the loss is not finite, leave them as they are.

    Args:
        model: Changed in place.
        optimiser: Of the model's parameters.
        batch: The whole batch; each of several processes takes its own rows.
        pad_id: Marks padding.
        step: Its number, from 0.
        config: The settings.

    Raises:
        SettingError: If the loss or the gradient is NaN or infinite.
    """
    rate = scheduled_rate(step, config)
    for group in optimiser.param_groups:
        group["lr"] = rate
    # Dropout then depends on the step alone, so that a resumed training equals an unbroken one.
    torch.manual_seed(step_seed(config.seed, step, distributed.rank()))
    model.train()
    optimiser.zero_grad()
    share = add_gradients(model, batch, pad_id, config)
    distributed.sum_gradients(model.parameters())
    (loss,) = distributed.summed(share)
    norm = gradient_norm(model.parameters(), config.clip)
    for what, value in {"the loss": loss, "the gradient": norm}.items():
        if not math.isfinite(value):
            raise diverged(what, value, step, config)
    optimiser.step()
    return StepFigures(loss, rate, norm, count_targets(batch.targets, pad_id))


def add_gradients(model: nn.Module, batch: Batch, pad_id: int, config: TrainingConfig) -> float:
    """Add this process's share of the gradient of the mean loss, part by part.

    Every part is divided by the targets of the whole batch, so that the parts add up to the
    gradient of the batch at once.

    Returns:
        This process's share of the mean loss, in nats per target, without the unlikelihood.

    Raises:
        SettingError: If the model is none over frames, which unlikelihood needs.
    """
    if config.unlikelihood and not hasattr(model, "tables"):
        raise SettingError(
            f"unlikelihood={config.unlikelihood} needs a model over frames, which knows the "
            f"pitch of each token, got a {type(model).__name__}; take unlikelihood=0"
        )
    targets = count_targets(batch.targets, pad_id)
    device = next(model.parameters()).device
    ours, loss = distributed.our_rows(batch), 0.0
    pieces = len(ours.targets)
    size = max(1, math.ceil(pieces / config.accumulate))
    for first in range(0, pieces, size):
        part = ours.rows(slice(first, first + size)).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bf16"):
            logits = model(*part.inputs)
        share = summed_nll(logits, part.targets, pad_id) / targets
        loss += share.item()
        if config.unlikelihood:
            *_, frames = part.inputs
            faults = mark_faults(frames, model.tables.pitches)[..., -logits.shape[-2] :, :]
            shunned = summed_unlikelihood(logits, part.targets, faults, pad_id)
            share = share + config.unlikelihood * shunned / targets
        share.backward()
    return loss


def scheduled_rate(step: int, config: TrainingConfig) -> float:
    """Return the learning rate of a step as the settings plan it."""
    peak, warmup, floor = config.peak, config.warmup, config.floor
    return learning_rate(step, peak=peak, warmup=warmup, total=config.steps, floor=floor)


def step_seed(seed: int, step: int, rank: int) -> int:
    """Mix three numbers into the seed of one process's step."""
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0] >> 1)


def diverged(what: str, value: float, done: int, config: TrainingConfig) -> SettingError:
    """Build the error for ``what`` ("the loss") that is not finite after ``done`` steps."""
    rate = scheduled_rate(max(done - 1, 0), config)  # of the step that led here
    return SettingError(
        f"{what} became {value} after step {done}, learning rate {rate:.3g}; what came before is "
        "saved, but resuming it would end the same, so start anew in another folder with a "
        f"smaller peak than {config.peak:g} (--peak) or a longer warmup than {config.warmup} "
        "steps (--warmup)"
    )

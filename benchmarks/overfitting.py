"""Too few pieces, and what helps: train and validation loss under different penalties.

A small model over frames learns from 10 pieces or from all, as written or in other keys, with
dropout, with a penalty on its weights, or with decoupled weight decay, each from several seeds.
Notebook 14 shows the table and trains one row of it.

    python -m benchmarks overfitting --out musiclab/checkpoints/experiments
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import torch
from torch import nn

from benchmarks.rungs import INTERVALS
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.training.loss import count_targets, mean_nll, summed_nll
from musiclab.training.presets import PRESETS, Preset

STEPS, SEEDS, FEW = 400, (0, 1, 2), 10
SIZES = {"d_model": 64, "n_layers": 2, "note_dropout": 0.0, "repeat": 0.0}
CROP, RATE = 128, 3e-3


class Cure(NamedTuple):
    """What is done against learning by heart."""

    transpose: bool = False
    dropout: float = 0.0
    l1: float = 0.0  # times the sum of all |weights|, added to the loss
    l2: float = 0.0  # times half the sum of all squares, added to the loss
    decay: float = 0.0  # weights shrink by rate x decay at each step, apart from the gradient


CURES: Mapping[str, Cure] = {
    "nothing": Cure(),
    "other keys": Cure(transpose=True),
    "dropout": Cure(dropout=0.3),
    "L1": Cure(l1=3e-5),
    "L2 in the gradient": Cure(l2=1e-3),
    "decoupled decay": Cure(decay=0.5),
    "keys and dropout": Cure(transpose=True, dropout=0.3),
}


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train every row from every seed."""
    train, valid = (corpus(split, progress=False) for split in ("train", "valid"))
    rows: list[tuple[Any, ...]] = []
    yield f"Overfitting: {steps} steps, seeds {SEEDS}, nats per note (standard deviation)"
    yield f"  {'pieces':<8}{'cure':<20}{'train':>16}{'valid':>16}{'near 0':>8}"
    for pieces in (train[:FEW], train):
        for name, cure in CURES.items():
            found = [trained(pieces, valid, cure, steps, seed) for seed in SEEDS]
            rows += [(len(pieces), name, s, *one) for s, one in zip(SEEDS, found, strict=True)]
            own, new, small = zip(*found, strict=True)
            told = "".join(f"{mean(one):>9.3f} ({stdev(one):.3f})" for one in (own, new))
            yield f"  {len(pieces):<8}{name:<20}{told}{mean(small):>8.2f}"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with (out / "overfitting.csv").open("w", newline="", encoding="utf-8") as file:
            head = ("pieces", "cure", "seed", "train", "valid", "near_zero")
            csv.writer(file, lineterminator="\n").writerows([head, *rows])


def preset_of(cure: Cure, seed: int) -> Preset:
    """Make the small model and its batches."""
    sizes = SIZES | {"dropout": cure.dropout, "transpose": cure.transpose, "crop": CROP}
    return PRESETS["bach-grid"].change(**{**INTERVALS, **sizes, "seed": seed})


def trained(
    pieces: list[Chorale], valid: list[Chorale], cure: Cure, steps: int, seed: int
) -> tuple[float, float, float]:
    """Train one model.

    Returns:
        Nats per note on its own pieces, whole and untransposed, and on valid; and the share of
        weights that lie within 0.001 of 0.
    """
    preset = preset_of(cure, seed)
    model = preset.build_model()
    batches = preset.build_batches(pieces, training=True)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=cure.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    torch.manual_seed(seed)
    for step in range(steps):
        batch = batches.batch(step)
        loss = summed_nll(model(*batch.inputs), batch.targets, batches.pad_id)
        loss = loss / count_targets(batch.targets, batches.pad_id) + penalty(model, cure)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    measured = (preset.build_batches(some, training=False) for some in (pieces, valid))
    own, new = (mean_nll(model, one, batches.pad_id) for one in measured)
    weights = torch.cat([one.detach().flatten() for one in model.parameters()])
    return round(own, 4), round(new, 4), round((weights.abs() < 1e-3).double().mean().item(), 4)


def penalty(model: nn.Module, cure: Cure) -> torch.Tensor | float:
    """Add up what the weights cost."""
    cost: torch.Tensor | float = 0.0
    for weight in model.parameters():
        if cure.l1:
            cost = cost + cure.l1 * weight.abs().sum()
        if cure.l2:
            cost = cost + cure.l2 / 2 * weight.square().sum()
    return cost

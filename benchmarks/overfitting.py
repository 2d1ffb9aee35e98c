"""Too few pieces, and what helps: train and validation loss under different penalties.

A small model over frames learns from 10 pieces or from all, as written or in other keys, with
dropout, with a penalty on its weights, or with decoupled weight decay, each from several seeds.
Then each writes a few pieces, and the longest passage of each that also stands in training is
measured. Notebook 14 shows the table, trains one row of it and lets you hear two others.

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
from musiclab.checkpoint.save import save_checkpoint
from musiclab.evaluate.memorisation import TrainingMemory
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.sampling.decoding import generate
from musiclab.tokens.conditions import PHASE
from musiclab.training.loss import count_targets, mean_nll, summed_nll
from musiclab.training.presets import PRESETS, Preset

STEPS, SEEDS, FEW = 400, (0, 1, 2), 10
SIZES = {"d_model": 64, "n_layers": 2, "note_dropout": 0.0, "repeat": 0.0}
CROP, RATE, WRITTEN = 128, 3e-3, 8
# Kept to be heard: who learns by heart, and who cannot.
HEARD = {(FEW, "nothing"): "by-heart", (FEW, "keys and dropout"): "not-by-heart"}


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
    yield f"  {'pieces':<8}{'cure':<20}{'train':>16}{'valid':>16}{'near 0':>8}{'copied':>8}"
    for pieces in (train[:FEW], train):
        for name, cure in CURES.items():
            found = []
            for seed in SEEDS:
                preset = preset_of(cure, seed)
                model = learn(preset, pieces, cure, steps, seed)
                found.append(figures(preset, model, pieces, valid))
                if out is not None and seed == SEEDS[0] and (len(pieces), name) in HEARD:
                    parts = {"tokenizer": preset.tokenizer, "conditions": preset.conditions}
                    notes = f"Notebook 14: {len(pieces)} pieces, {name}, {steps} steps."
                    save_checkpoint(
                        out / HEARD[len(pieces), name],
                        model,
                        half=True,
                        step=steps,
                        data="",
                        figures={},
                        notes=notes,
                        **parts,
                    )
            rows += [(len(pieces), name, s, *one) for s, one in zip(SEEDS, found, strict=True)]
            own, new, small, copied = zip(*found, strict=True)
            told = "".join(f"{mean(one):>9.3f} ({stdev(one):.3f})" for one in (own, new))
            yield f"  {len(pieces):<8}{name:<20}{told}{mean(small):>8.2f}{mean(copied):>8.1f}"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with (out / "overfitting.csv").open("w", newline="", encoding="utf-8") as file:
            head = ("pieces", "cure", "seed", "train", "valid", "near_zero", "copied")
            csv.writer(file, lineterminator="\n").writerows([head, *rows])


def preset_of(cure: Cure, seed: int) -> Preset:
    """Make the small model and its batches."""
    sizes = SIZES | {"dropout": cure.dropout, "transpose": cure.transpose, "crop": CROP}
    return PRESETS["bach-grid"].change(**{**INTERVALS, **sizes, "seed": seed})


def learn(preset: Preset, pieces: list[Chorale], cure: Cure, steps: int, seed: int) -> nn.Module:
    """Train one model on some pieces."""
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
    return model


def figures(
    preset: Preset, model: nn.Module, pieces: list[Chorale], valid: list[Chorale]
) -> tuple[float, float, float, float]:
    """Measure a trained model.

    Returns:
        Nats per note on its own pieces, whole and untransposed, and on valid; the share of weights
        that lie within 0.001 of 0; and the longest passage that a piece of its own copies, in chord
        changes, the mean over some pieces.
    """
    measured = [preset.build_batches(some, training=False) for some in (pieces, valid)]
    own, new = (mean_nll(model, one, one.pad_id) for one in measured)
    weights = torch.cat([one.detach().flatten() for one in model.parameters()])
    near_zero = (weights.abs() < 1e-3).double().mean().item()
    memory = TrainingMemory(pieces)
    copied = mean(memory.longest(one).changes for one in written(preset, model))
    return round(own, 4), round(new, 4), round(near_zero, 4), copied


def written(preset: Preset, model: nn.Module) -> list[Chorale]:
    """Let a model write a few pieces at once."""
    frames = generate(
        model,
        preset.tokenizer,
        frames=CROP,
        generator=torch.Generator().manual_seed(0),
        conditions=(torch.arange(CROP) % PHASE)[:, None],
        batch=WRITTEN,
    )
    tokens = torch.stack([frame.tokens for frame in frames], dim=1)  # piece frame voice
    return [preset.tokenizer.decode(one.numpy()) for one in tokens]


def penalty(model: nn.Module, cure: Cure) -> torch.Tensor | float:
    """Add up what the weights cost."""
    cost: torch.Tensor | float = 0.0
    for weight in model.parameters():
        if cure.l1:
            cost = cost + cure.l1 * weight.abs().sum()
        if cure.l2:
            cost = cost + cure.l2 / 2 * weight.square().sum()
    return cost

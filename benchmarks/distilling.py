"""Does a small model learn more from a large one than from the music alone?

``bach-plain`` teaches two students, of half its size and of an eighth. Each is trained in three
ways, from several seeds: plainly; with the teacher, for as many steps; and plainly again, for as
much processor time as the teacher took. Notebook 19 shows the table, and lets you hear a student.

    python -m benchmarks distilling --out musiclab/checkpoints/experiments
"""

import csv
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div

from musiclab.checkpoint.load import load_checkpoint
from musiclab.checkpoint.save import save_checkpoint
from musiclab.model.attention import fused_attention
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.training.loss import mean_nll
from musiclab.training.presets import PRESETS, Preset

STEPS, SEEDS, RATE = 300, (0, 1, 2), 3e-3
SIZES: Mapping[str, dict[str, int]] = {
    "half": {"n_layers": 2, "d_model": 128},
    "eighth": {"n_layers": 2, "d_model": 64},
}
# Set beforehand, and never tuned: tuning would favour what is tuned.
TEMPERATURE, WEIGHT = 2.0, 0.5


class Trained(NamedTuple):
    """How one training went."""

    parameters: int
    steps: int
    valid: float  # nats per note, all validation pieces
    cpu_seconds: float  # without measuring


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train every student in every way from every seed."""
    teacher = load_checkpoint("bach-plain").model
    train, valid = (corpus(split, progress=False) for split in ("train", "valid"))
    rows: list[tuple[Any, ...]] = []
    yield f"Distilling: {steps} steps, seeds {SEEDS}, nats per note on valid (standard deviation)"
    yield f"  {'student':<9}{'trained':<20}{'steps':>6}{'valid':>16}{'CPU s':>8}"
    for size, changes in SIZES.items():
        found: dict[str, list[Trained]] = {}
        for seed in SEEDS:
            preset = PRESETS["bach-plain"].change(
                **changes, dropout=0.0, crop=128, batch_size=4, seed=seed
            )
            plain, _ = learn(preset, train, valid, steps)
            taught, student = learn(preset, train, valid, steps, teacher)
            longer = round(steps * taught.cpu_seconds / plain.cpu_seconds)
            for way, one in {
                "plainly": plain,
                "by the teacher": taught,
                "plainly, for longer": learn(preset, train, valid, longer)[0],
            }.items():
                found.setdefault(way, []).append(one)
                rows.append((size, way, seed, *one))
            if out is not None and seed == SEEDS[0]:
                keep(out / f"student-{size}", preset, student, taught)
        for way, several in found.items():
            _, counts, losses, seconds = zip(*several, strict=True)
            told = f"{mean(losses):>9.3f} ({stdev(losses):.3f})"
            yield f"  {size:<9}{way:<20}{mean(counts):>6.0f}{told}{mean(seconds):>8.0f}"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with (out / "distilling.csv").open("w", newline="", encoding="utf-8") as file:
            head = ("student", "trained", "seed", *Trained._fields)
            csv.writer(file, lineterminator="\n").writerows([head, *rows])


def learn(
    preset: Preset,
    train: list[Chorale],
    valid: list[Chorale],
    steps: int,
    teacher: nn.Module | None = None,
) -> tuple[Trained, nn.Module]:
    """Train one student, by a teacher if there is one, and measure it on all of ``valid``."""
    model, batches = preset.build_model(), preset.build_batches(train, training=True)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    began = time.process_time()
    with fused_attention(model), fused_attention(teacher or model):
        for step in range(steps):
            batch = batches.batch(step)
            asked = batch.targets != batches.pad_id
            logits, targets = model(*batch.inputs)[asked], batch.targets[asked]
            if teacher is None:
                loss = cross_entropy(logits, targets)
            else:
                with torch.no_grad():
                    taught = teacher(*batch.inputs)[asked]
                loss = distillation_loss(logits, taught, targets)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        seconds = time.process_time() - began
        measured = preset.build_batches(valid, training=False)
        nats = mean_nll(model, measured, measured.pad_id)
    parameters = sum(one.numel() for one in model.parameters())
    return Trained(parameters, steps, round(nats, 4), round(seconds, 1)), model


def distillation_loss(
    student: Float[Tensor, "note vocab"],
    teacher: Float[Tensor, "note vocab"],
    targets: Int[Tensor, " note"],
) -> Float[Tensor, ""]:
    """Mix the cost of Bach's notes with the distance from what the teacher thinks of all notes.

    Source:
        Hinton, Vinyals and Dean (2015), "Distilling the Knowledge in a Neural Network",
        arXiv:1503.02531.
    """
    softened = (student / TEMPERATURE).log_softmax(dim=-1)
    wanted = (teacher / TEMPERATURE).log_softmax(dim=-1)
    distance = kl_div(softened, wanted, reduction="batchmean", log_target=True)
    # Softened gradients are smaller by the square of the temperature.
    return (1 - WEIGHT) * cross_entropy(student, targets) + WEIGHT * TEMPERATURE**2 * distance


def keep(folder: Path, preset: Preset, student: nn.Module, how: Trained) -> None:
    """Store a student in 16 bits."""
    save_checkpoint(
        folder,
        student,
        tokenizer=preset.tokenizer,
        conditions=preset.conditions,
        step=how.steps,
        figures={"valid": how.valid},
        notes="Notebook 19: taught by bach-plain.",
        half=True,
    )

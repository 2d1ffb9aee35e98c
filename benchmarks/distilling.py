"""Does a small model learn more from a large one than from the music alone?

``bach-plain`` teaches a student of half its size: two blocks instead of four. The student begins
from chance, or from the first and the third block of its teacher. It is trained plainly; by the
teacher, for as many steps; and plainly for as much processor time as the teacher took. Notebook 19
shows the table, and lets you hear a student.

    python -m benchmarks distilling --threads 1 --out musiclab/checkpoints/experiments
"""

import csv
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

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

STEPS, SEEDS, FRAMES = 250, (0, 1, 2), 64
BLOCKS = (0, 2)  # of the teacher: untrained the best pair, on a few training pieces
# What begins from trained blocks takes smaller steps, so that they are not washed away.
RATES = {"chance": 2e-3, "two blocks": 1e-3}
# Set beforehand, and never tuned: tuning would favour what is tuned.
TEMPERATURE, WEIGHT = 2.0, 0.5


class Trained(NamedTuple):
    """How one training went."""

    parameters: int
    steps: int
    valid: float  # nats per note, the first frames of all validation pieces
    cpu_seconds: float  # without measuring


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train the student in every way from every seed."""
    teacher = load_checkpoint("bach-plain").model
    train, valid = (corpus(split, progress=False) for split in ("train", "valid"))
    valid = [one.excerpt(0, min(FRAMES, len(one))) for one in valid]
    found: dict[tuple[str, str], list[Trained]] = {}
    yield f"Distilling: {steps} steps, seeds {SEEDS}, nats per note on valid (standard deviation)"
    yield f"  {'begins from':<13}{'trained':<21}{'steps':>6}{'valid':>16}{'CPU s':>8}"
    for seed in SEEDS:
        preset = PRESETS["bach-plain"].change(
            n_layers=len(BLOCKS), dropout=0.0, crop=FRAMES, batch_size=2, seed=seed
        )
        for begin in RATES:
            study = partial(learn, preset, train, valid, teacher, begin)
            plain, _ = study(steps)
            taught, student = study(steps, taught=True)
            longer, _ = study(round(steps * taught.cpu_seconds / plain.cpu_seconds))
            found.setdefault((begin, "plainly"), []).append(plain)
            found.setdefault((begin, "by the teacher"), []).append(taught)
            found.setdefault((begin, "plainly for longer"), []).append(longer)
        if out is not None and seed == SEEDS[0]:
            keep(out / "student-half", preset, student, taught)
    for (begin, trained), several in found.items():
        _, counts, losses, seconds = zip(*several, strict=True)
        told = f"{mean(losses):>9.3f} ({stdev(losses):.3f})"
        yield f"  {begin:<13}{trained:<21}{mean(counts):>6.0f}{told}{mean(seconds):>8.0f}"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        rows = [
            (*way, seed, *one)
            for way, several in found.items()
            for seed, one in zip(SEEDS, several, strict=True)
        ]
        with (out / "distilling.csv").open("w", newline="", encoding="utf-8") as file:
            head = ("begins_from", "trained", "seed", *Trained._fields)
            csv.writer(file, lineterminator="\n").writerows([head, *rows])


def learn(
    preset: Preset,
    train: list[Chorale],
    valid: list[Chorale],
    teacher: nn.Module,
    begin: str,
    steps: int,
    *,
    taught: bool = False,
) -> tuple[Trained, nn.Module]:
    """Train one student, plainly or by the teacher, and measure it on ``valid``."""
    model, batches = preset.build_model(), preset.build_batches(train, training=True)
    if begin != "chance":
        take_blocks(model, teacher)
    rate = RATES[begin]
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=steps, cycle_momentum=False
    )
    began = time.process_time()
    with fused_attention(model), fused_attention(teacher):
        for step in range(steps):
            batch = batches.batch(step)
            asked = batch.targets != batches.pad_id
            logits, targets = model(*batch.inputs)[asked], batch.targets[asked]
            if taught:
                with torch.no_grad():
                    wanted = teacher(*batch.inputs)[asked]
                loss = distillation_loss(logits, wanted, targets)
            else:
                loss = cross_entropy(logits, targets)
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


def take_blocks(model: nn.Module, teacher: nn.Module) -> None:
    """Copy some of a teacher's blocks into a student, and all that is not in a block."""
    for block, number in zip(model.stack.blocks, BLOCKS, strict=True):
        block.load_state_dict(teacher.stack.blocks[number].state_dict())
    model.stack.norm.load_state_dict(teacher.stack.norm.state_dict())
    model.embed.load_state_dict(teacher.embed.state_dict())
    model.to_logits.load_state_dict(teacher.to_logits.state_dict())


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

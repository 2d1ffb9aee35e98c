"""Does a small model learn more from a large one than from the music alone?

``bach-plain`` teaches a student of half its size: two blocks instead of four. The student begins
from chance, or from the first and the third block of its teacher; it is trained plainly or by the
teacher, for as many steps; and from chance plainly once more, for as much processor time as the
teacher took. Notebook 19 shows the table, and lets you hear a student.

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

STEPS, SEEDS, RATE = 200, (0, 1, 2), 3e-3
BLOCKS = (0, 2)  # of the teacher: untrained the best pair, on a few training pieces
GENTLE = 1e-3  # the rate for what begins from them, so that it is not washed away
# Set beforehand, and never tuned: tuning would favour what is tuned.
TEMPERATURE, WEIGHT = 2.0, 0.5


class Trained(NamedTuple):
    """How one training went."""

    parameters: int
    steps: int
    valid: float  # nats per note, all validation pieces
    cpu_seconds: float  # without measuring


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train the student in every way from every seed."""
    teacher = load_checkpoint("bach-plain").model
    train, valid = (corpus(split, progress=False) for split in ("train", "valid"))
    found: dict[str, list[Trained]] = {}
    yield f"Distilling: {steps} steps, seeds {SEEDS}, nats per note on valid (standard deviation)"
    yield f"  {'begins from':<13}{'trained':<21}{'steps':>6}{'valid':>16}{'CPU s':>8}"
    for seed in SEEDS:
        preset = PRESETS["bach-plain"].change(
            n_layers=len(BLOCKS), dropout=0.0, crop=64, batch_size=2, seed=seed
        )
        study = partial(learn, preset, train, valid)
        plain = study(steps)
        taught = study(steps, teacher=teacher)
        longer = round(steps * taught[0].cpu_seconds / plain[0].cpu_seconds)
        best = study(steps, begin=teacher, teacher=teacher)
        for way, (one, _) in {
            "chance,plainly": plain,
            "chance,by the teacher": taught,
            "chance,plainly for longer": study(longer),
            "two blocks,plainly": study(steps, begin=teacher),
            "two blocks,by the teacher": best,
        }.items():
            found.setdefault(way, []).append(one)
        if out is not None and seed == SEEDS[0]:
            keep(out / "student-half", preset, best[1], best[0])
    for way, several in found.items():
        _, counts, losses, seconds = zip(*several, strict=True)
        begin, trained = way.split(",")
        told = f"{mean(losses):>9.3f} ({stdev(losses):.3f})"
        yield f"  {begin:<13}{trained:<21}{mean(counts):>6.0f}{told}{mean(seconds):>8.0f}"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        rows = [
            (*way.split(","), seed, *one)
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
    steps: int,
    *,
    begin: nn.Module | None = None,
    teacher: nn.Module | None = None,
) -> tuple[Trained, nn.Module]:
    """Train one student, by a teacher if there is one, and measure it on all of ``valid``."""
    model, batches = preset.build_model(), preset.build_batches(train, training=True)
    if begin is not None:
        take_blocks(model, begin)
    rate = RATE if begin is None else GENTLE
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
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

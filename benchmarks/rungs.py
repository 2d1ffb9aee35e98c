"""From the plain Transformer to the singer, a rung at a time: what each one is worth on valid.

Short trainings of small models, each with a schedule of its own, so the figures are not those of
the shipped models: only their differences count. Every rung is trained from several seeds. With
``--out`` the weights of the first seed are kept; notebook 10 lets you hear them.

    python -m benchmarks rungs --out musiclab/checkpoints/rungs
"""

import csv
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import Any

from musiclab.checkpoint.load import load_checkpoint
from musiclab.checkpoint.save import save_checkpoint
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.singer.memories import N_INTERVALS
from musiclab.training.loop import Trainer
from musiclab.training.presets import PRESETS

STEPS, SEEDS = 150, (0, 1, 2)
SMALL = {"d_model": 64, "dropout": 0.2}
ALONE = {"tunes": False}  # no rung looks up other tunes
NOTHING = ALONE | {
    "n_relations": 0,
    "earlier": 0,
    "decays": (),
    "repeats": False,
    "parallels": False,
}
INTERVALS = NOTHING | {"n_relations": N_INTERVALS}
RUNGS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "plain": ("bach-plain", {"n_layers": 2}),
    "frames": ("bach-grid", NOTHING),
    "intervals": ("bach-grid", INTERVALS),
    "earlier": ("bach-grid", INTERVALS | {"earlier": 6}),
    "histograms": ("bach-grid", INTERVALS | {"earlier": 6, "decays": (8, 32, 128)}),
    "repeats": ("bach-grid", ALONE | {"parallels": False}),
    "parallels": ("bach-grid", ALONE),
}


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train every rung from every seed, and say how it does on the validation pieces."""
    pieces = {split: corpus(split, progress=False) for split in ("train", "valid")}
    rows = []
    yield f"Rungs: {steps} steps each, seeds {SEEDS}, nats per note on the validation pieces"
    yield f"  {'':<12}{'valid':>8}{'+-':>8}{'CPU s':>8}"
    for name, (preset, changes) in RUNGS.items():
        began, figures = time.process_time(), []
        for seed in SEEDS:
            folder = out / name if out is not None and seed == SEEDS[0] else None
            figures.append(valid_after(preset, changes, steps, seed, pieces, folder))
            rows.append((name, seed, round(figures[-1], 4)))
        seconds = time.process_time() - began
        yield f"  {name:<12}{mean(figures):>8.4f}{stdev(figures):>8.4f}{seconds:>8.0f}"
    if out is not None:
        with (out / "rungs.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([("rung", "seed", "valid"), *rows])


def valid_after(
    preset: str,
    changes: Mapping[str, Any],
    steps: int,
    seed: int,
    pieces: Mapping[str, list[Chorale]],
    folder: Path | None = None,
) -> float:
    """Train one rung from one seed; keep its weights in 16 bits if a folder is given.

    Returns:
        Nats per note on the validation pieces.
    """
    pace = {"steps": steps, "validate_every": steps, "seed": seed, "warmup": 30}
    small = PRESETS[preset].change(**{**pace, **SMALL, **changes})
    with TemporaryDirectory() as run_folder:
        trainer = Trainer(
            small.build_model(),
            small.build_batches(pieces["train"], training=True),
            small.training,
            valid=small.build_batches(pieces["valid"], training=False),
            folder=None if folder is None else run_folder,
            show_progress=False,
            notes=f"A rung of notebook 10, trained for {steps} steps.",
        )
        loss = trainer.run().valid_losses[-1]
        if folder is not None:
            trained = load_checkpoint(run_folder)
            kept = {name: trained.info[name] for name in ("step", "data", "figures", "notes")}
            kept |= {"tokenizer": trained.tokenizer, "conditions": trained.conditions}
            save_checkpoint(folder, trained.model, half=True, **kept)
    return loss

"""How large a model? Validation loss against parameters and against computing time.

The same plain model over frames in eight widths, each from several seeds, all for the same number
of steps, measured on the way. Notebook 15 fits a power law to seven of them, predicts the eighth,
and trains one of them.

    python -m benchmarks sizes --out musiclab/checkpoints/experiments
"""

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from benchmarks.rungs import NOTHING
from musiclab.checkpoint.save import save_checkpoint
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.training.loop import Trainer
from musiclab.training.presets import PRESETS, Preset

WIDTHS, STEPS, SEEDS = (8, 12, 16, 24, 32, 48, 64, 96), 800, (0, 1, 2)
MEASURED = 8  # times on the way


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train every width from every seed."""
    train, valid = (corpus(split, progress=False) for split in ("train", "valid"))
    rows: list[tuple[Any, ...]] = []
    yield f"Sizes: {steps} steps, seeds {SEEDS}, nats per note on valid (standard deviation)"
    yield f"  {'width':>5}{'parameters':>12}{'valid':>16}{'CPU s':>8}"
    for width in WIDTHS:
        found = []
        for seed in SEEDS:
            keep = out / f"width-{width}" if out is not None and seed == SEEDS[0] else None
            curve = curve_of(preset_of(width, steps, seed), train, valid, keep)
            rows += [(width, seed, *point) for point in curve]
            found.append(curve[-1])
        counts, _, losses, seconds = zip(*found, strict=True)
        told = f"{mean(losses):>9.3f} ({stdev(losses):.3f})"
        yield f"  {width:>5}{counts[0]:>12,}{told}{mean(seconds):>8.0f}"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with (out / "sizes.csv").open("w", newline="", encoding="utf-8") as file:
            head = ("width", "seed", "parameters", "step", "valid", "cpu_seconds")
            csv.writer(file, lineterminator="\n").writerows([head, *rows])


def preset_of(width: int, steps: int, seed: int) -> Preset:
    """Settle one training; only the width and the seed differ."""
    pace = {"steps": steps, "validate_every": steps // MEASURED, "seed": seed, "peak": 3e-3}
    data = {"crop": 64, "batch_size": 8, "note_dropout": 0.0, "repeat": 0.0}
    sizes = {"d_model": width, "n_layers": 2, "n_heads": 2, "dropout": 0.0}
    return PRESETS["bach-grid"].change(**NOTHING, **pace, **data, **sizes)


def curve_of(
    preset: Preset, train: list[Chorale], valid: list[Chorale], keep: Path | None = None
) -> list[tuple[int, int, float, float]]:
    """Train one model; give its parameters, step, loss on valid and seconds, on the way.

    Args:
        preset: What to train.
        train: Pieces to learn from.
        valid: Pieces to be measured on.
        keep: Folder for its weights, in 16 bits; None keeps nothing.
    """
    model, seconds = preset.build_model(), [time.process_time(), 0.0]
    curve: list[tuple[int, int, float, float]] = []
    n_parameters = sum(one.numel() for one in model.parameters())

    def note(trainer: Trainer) -> None:
        step, loss = trainer.step, trainer.history.valid_losses[-1]
        curve.append((n_parameters, step, round(loss, 4), round(seconds[1], 1)))
        seconds[0] = time.process_time()  # measuring is not charged

    def charge(_: Trainer) -> None:
        now = time.process_time()
        seconds[:] = [now, seconds[1] + now - seconds[0]]

    trainer = Trainer(
        model,
        preset.build_batches(train, training=True),
        preset.training,
        valid=preset.build_batches(valid, training=False),
        on_step=charge,
        on_validate=note,
        show_progress=False,
    )
    trainer.run()
    if keep is not None:
        parts = {"tokenizer": preset.tokenizer, "conditions": preset.conditions}
        notes = f"Notebook 15: width {preset.model['d_model']}."
        figures = {"valid": curve[-1][2]}
        options = {"step": trainer.step, "figures": figures, "notes": notes, "half": True}
        save_checkpoint(keep, trainer.average, **parts, **options)
    return curve

"""Does a pruned model recover when what is left of it is trained?

``bach-plain`` loses the smallest four weights in five, and is trained for a few
steps, from several seeds. The same training without pruning is the control.

    python -m benchmarks retraining --threads 1 --out musiclab/checkpoints/experiments
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks.shrinking import halved, kept, matrices, shrink, sparse
from benchmarks.smaller import measured
from musiclab.checkpoint.load import load_checkpoint
from musiclab.model.attention import fused_attention
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.training.presets import PRESETS

SEEDS, STEPS, RATE, SHARES = (0, 1, 2), 60, 1e-3, (0.0, 0.8)


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Prune, train and measure."""
    train, valid = (corpus(split, progress=False) for split in ("train", "valid"))
    rows = []
    yield f"Retraining: {steps} steps, seeds {SEEDS}, nats per note on valid (standard deviation)"
    for share in SHARES:
        found = [trained(train, valid, share, seed, steps) for seed in SEEDS]
        rows += [(share, seed, steps, *one) for seed, one in zip(SEEDS, found, strict=True)]
        sizes, losses = zip(*found, strict=True)
        told = f"{sizes[0]:>11,} bytes{mean(losses):>8.3f} ({stdev(losses):.3f})"
        yield f"  {share:>4.0%} pruned{told}"
    if out is not None:
        with (out / "retraining.csv").open("w", newline="", encoding="utf-8") as file:
            head = ("pruned", "seed", "steps", "bytes", "valid")
            csv.writer(file, lineterminator="\n").writerows([head, *rows])


def trained(
    train: list[Chorale], valid: list[Chorale], share: float, seed: int, steps: int
) -> tuple[int, float]:
    """Prune all matrices together, then train what is left; what is 0 stays 0.

    Returns:
        Bytes of the file, and nats per note on ``valid``.
    """
    plain = load_checkpoint("bach-plain")
    model, preset = plain.model, PRESETS["bach-plain"].change(crop=64, batch_size=2, seed=seed)
    batches = preset.build_batches(train, training=True)
    names = matrices(model)
    stay = kept(names, share, "global") if share else {n: w == w for n, w in names.items()}
    layers = dict(model.named_parameters())
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    torch.manual_seed(seed)
    model.train()
    with fused_attention(model):
        for step in range(steps):
            with torch.no_grad():
                for name, mask in stay.items():
                    layers[name].mul_(mask)
            batch = batches.batch(step)
            asked = batch.targets != batches.pad_id
            loss = cross_entropy(model(*batch.inputs)[asked], batch.targets[asked])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    size = shrink(model.eval(), sparse(stay) if share else halved)
    return size, measured(plain, model, valid)

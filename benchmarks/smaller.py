"""How small may a model get? ``bach-plain`` in fewer bits, with fewer weights, or thinner.

Each row is measured on all validation pieces, beside the bytes of the file that would hold it.
Magnitude pruning has random pruning as its control. The student comes from
``benchmarks.distilling``, which has to run first.
Notebook 19 shows the table, and makes most of its rows again by hand.

    python -m benchmarks smaller --out musiclab/checkpoints/experiments
"""

import csv
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from safetensors.torch import save
from torch import nn

from benchmarks.shrinking import (
    Shrink,
    halved,
    low_rank,
    pruned,
    quantised,
    shrink,
)
from musiclab.checkpoint.load import SHIPPED, Checkpoint, load_checkpoint
from musiclab.evaluate.likelihood import nats_per_note
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus

SEEDS, STUDENT = (0, 1, 2), "student-half"


class Row(NamedTuple):
    """One model, and how well it does."""

    family: str
    setting: str
    seed: int
    bytes: int
    valid: float  # nats per note, all validation pieces


def run(out: Path | None = None) -> Iterator[str]:
    """Measure every row."""
    valid = corpus("valid", progress=False)
    rows: list[Row] = []
    yield f"Smaller: bach-plain, nats per note on {len(valid)} validation pieces"
    yield f"  {'':<16}{'':<22}{'seed':>5}{'bytes':>11}{'valid':>8}"
    for one in (*shrunk(valid), *students(valid, out or SHIPPED / "experiments")):
        rows.append(one)
        yield told(one)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with (out / "smaller.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([Row._fields, *rows])


def told(row: Row) -> str:
    """Write a row for the eye."""
    return f"  {row.family:<16}{row.setting:<22}{row.seed:>5}{row.bytes:>11,}{row.valid:>8.4f}"


def ways() -> Iterator[tuple[str, str, int, Shrink]]:
    """Name every way to shrink that needs no training."""
    yield "original", "16 bits", 0, halved
    for bits in (8, 4, 3, 2):
        for per in ("tensor", "row", "group"):
            yield "quantised", f"{bits} bits by {per}", 0, quantised(bits, per)
    for share in (0.2, 0.4, 0.6, 0.8):
        for how in ("global", "layer"):
            yield "pruned", f"{share:.0%} {how}", 0, pruned(share, how)
        for seed in SEEDS:
            yield "pruned", f"{share:.0%} random", seed, pruned(share, "random", seed)
    for share in (0.75, 0.5, 0.25):
        yield "low rank", f"{share:.0%} of the numbers", 0, low_rank(share)


def shrunk(valid: list[Chorale]) -> Iterator[Row]:
    """Measure what needs no training."""
    plain = load_checkpoint("bach-plain")
    whole = len(save(plain.model.state_dict()))
    yield Row("original", "32 bits", 0, whole, measured(plain, plain.model, valid))
    for family, setting, seed, how in ways():
        model = deepcopy(plain.model)
        size = shrink(model, how)
        yield Row(family, setting, seed, size, measured(plain, model, valid))


def students(valid: list[Chorale], folder: Path) -> Iterator[Row]:
    """Measure the student, and what it loses by being stored in fewer bits as well."""
    student = load_checkpoint(folder / STUDENT)
    for setting, how in {
        "16 bits": halved,
        "8 bits by row": quantised(8, "row"),
        "4 bits by group": quantised(4, "group"),
    }.items():
        model = deepcopy(student.model)
        size = shrink(model, how)
        yield Row(STUDENT, setting, 0, size, measured(student, model, valid))


def measured(checkpoint: Checkpoint, model: nn.Module, valid: list[Chorale]) -> float:
    """Measure a model in place of the checkpoint's own."""
    return round(nats_per_note([p.pitches for p in valid], replace(checkpoint, model=model)), 4)

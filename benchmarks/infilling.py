"""Who mends a hole better: the model that reads both sides, or the one that writes forwards?

Both fill the same holes in six bars of validation pieces, once each: two bars of alto and tenor,
one bar of all voices, four bars of the bass, and all voices but the soprano. Notebook 17 shows the
table.

    python -m benchmarks infilling --out musiclab/checkpoints/experiments
"""

import csv
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from jaxtyping import Bool

from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.sampling.rewriting import rewrite

PIECES, FRAMES = 24, 96
HOLES: Mapping[str, tuple[slice, slice]] = {
    "alto and tenor, 2 bars": (slice(32, 64), slice(1, 3)),
    "all voices, 1 bar": (slice(32, 48), slice(0, 4)),
    "bass, 4 bars": (slice(16, 80), slice(3, 4)),
    "all but the soprano": (slice(0, FRAMES), slice(1, 4)),
}
MODELS = ("bach-infill", "bach-studio")


def run(pieces: int = PIECES, seed: int = 0, out: Path | None = None) -> Iterator[str]:
    """Let both models fill every hole of every piece."""
    chorales = [one for one in corpus("valid", progress=False) if len(one) >= FRAMES][:pieces]
    rows: list[tuple[Any, ...]] = []
    yield f"Holes in {len(chorales)} validation pieces of {FRAMES} frames; Bach's own beside"
    head = ("as Bach", "chords", "5ths", "8ves", "s")
    columns = "".join(f"{one:>{w}}" for one, w in zip(head, (8, 8, 6, 6, 7), strict=True))
    yield f"  {'hole':<26}{'filled by':<14}{columns}"
    for hole, places in HOLES.items():
        cells = np.zeros((FRAMES, 4), dtype=bool)
        cells[places] = True
        for who in (*MODELS, "Bach"):
            found = [filled(one.excerpt(0, FRAMES), cells, who, seed) for one in chorales]
            rows += [(hole, who, number, *one) for number, one in enumerate(found)]
            same, *counts, seconds = zip(*found, strict=True)
            told = "".join(f"{sum(one):>{w}}" for one, w in zip(counts, (8, 6, 6), strict=True))
            yield f"  {hole:<26}{who:<14}{mean(same):>8.0%}{told}{mean(seconds):>7.1f}"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with (out / "infilling.csv").open("w", newline="", encoding="utf-8") as file:
            head = ("hole", "by", "piece", "as_bach", "chords", "fifths", "octaves", "seconds")
            csv.writer(file, lineterminator="\n").writerows([head, *rows])


def filled(
    piece: Chorale, cells: Bool[np.ndarray, "frame voice"], who: str, seed: int
) -> tuple[float, int, int, int, float]:
    """Fill one hole.

    Returns:
        The share of hidden cells with Bach's own pitch; chords, parallel fifths and octaves of the
        whole excerpt; seconds.
    """
    began, new = time.perf_counter(), piece
    if who != "Bach":
        (new,) = rewrite(piece, cells, count=1, seed=seed, checkpoint=who)
    seconds = time.perf_counter() - began
    counts = voice_leading_counts([new.pitches])
    same = float((new.pitches == piece.pitches)[cells].mean())
    return same, counts.chords, counts.parallel_fifths, counts.parallel_octaves, round(seconds, 2)

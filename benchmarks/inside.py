"""Inside ``bach-plain``: what each head is worth, what its streams know, and whether it copies.

Heads are silenced one by one and the validation pieces measured again; linear probes read key,
chord and metre from every layer, and from controls; four bars are heard twice in a row. Beside it,
the induction lab. Notebook 18 shows the tables and does one row of each.

    python -m benchmarks inside --out musiclab/checkpoints/experiments
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from benchmarks.inside_lab import STEPS, Point, lab
from benchmarks.inside_probes import Right, probes
from musiclab.checkpoint.load import Checkpoint, load_checkpoint
from musiclab.evaluate.likelihood import nats_of_pieces
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus

MODEL, PASSAGE, FOR_MEANS, DRAWS = "bach-plain", 64, 40, 3  # frames; training pieces; controls
BEFORE = ("nothing", "itself", "itself backwards", "another piece")


def run(pieces: int | None = None, steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Measure everything on ``pieces`` validation pieces (None: all), a table at a time."""
    checkpoint = load_checkpoint(MODEL)
    train, valid = (corpus(split, progress=False) for split in ("train", "valid"))
    valid, train = valid[:pieces], train[: None if pieces is None else 4 * pieces]
    yield from report_heads(checkpoint, train, valid, out)
    yield from report_repeats(checkpoint, valid, out)
    yield from report_lab(steps, out)
    yield from report_probes(checkpoint, train, valid, out)


def report_heads(
    checkpoint: Checkpoint, train: list[Chorale], valid: list[Chorale], out: Path | None
) -> Iterator[str]:
    """Tell what each head is worth."""
    yield f"Silenced: change in nats per note on {len(valid)} validation pieces, by voice"
    yield f"  {'layer':>5} {'what':<9}{'filled with':<12}{'S':>7}{'A':>7}{'T':>7}{'B':>7}{'all':>8}"
    rows: list[tuple[Any, ...]] = []
    for layer, what, fill, found in silenced(checkpoint, train[:FOR_MEANS], valid):
        rows += [(layer, what, fill, number, *one) for number, one in enumerate(found)]
        table = np.array(found)
        voices = (table[:, :1] * table[:, 1:]).sum(axis=0) / table[:, 0].sum()
        told = "".join(f"{one:>7.3f}" for one in voices)
        yield f"  {layer:>5} {what:<9}{fill:<12}{told}{voices.mean():>8.3f}"
    head = ("layer", "what", "fill", "piece", "frames", "S", "A", "T", "B")
    write(out, "inside_heads", [head, *rows])


def report_repeats(checkpoint: Checkpoint, valid: list[Chorale], out: Path | None) -> Iterator[str]:
    """Tell what a passage costs that has been heard before."""
    rows = repeats(checkpoint, valid)
    write(out, "inside_repeats", [("piece", *BEFORE), *rows])
    yield f"Four bars of {len(rows)} pieces, nats per note, by what stands before them"
    for name, cost in zip(BEFORE, np.array(rows)[:, 1:].mean(axis=0), strict=True):
        yield f"  {name:<18}{cost:>7.3f}"


def report_lab(steps: int, out: Path | None) -> Iterator[str]:
    """Tell what the small models of the lab have learnt."""
    points = list(lab(steps))
    write(out, "inside_lab", [Point._fields, *points])
    yield f"Induction lab: nats per repeated note after {points[-1].step} steps, by seed"
    for one in points:
        if one.step == points[-1].step:
            yield f"  layers {one.layers}, {one.melodies:<13}seed {one.seed}{one.again:>8.3f}"


def report_probes(
    checkpoint: Checkpoint, train: list[Chorale], valid: list[Chorale], out: Path | None
) -> Iterator[str]:
    """Tell what can be read from the streams."""
    found = list(probes(checkpoint, train, valid))
    write(out, "inside_probes", [Right._fields, *found])
    yield "Probes: share of frames that each reads right, in pieces it has not seen"
    for reader in dict.fromkeys((one.label, one.source, one.layer) for one in found):
        mine = [one for one in found if (one.label, one.source, one.layer) == reader]
        share = sum(one.right for one in mine) / sum(one.frames for one in mine)
        yield f"  {reader[0]:<11}{reader[1]:<12}{reader[2]:>3}{share:>8.3f}"


def write(out: Path | None, name: str, table: list[tuple[Any, ...]]) -> None:
    """Write a table with its head."""
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with (out / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(table)


def silenced(
    checkpoint: Checkpoint, train: list[Chorale], valid: list[Chorale]
) -> Iterator[tuple[int, str, str, list[tuple[Any, ...]]]]:
    """Silence each head, each layer, and as many numbers at random; measure every piece again.

    Yields:
        Layer; a head's number, "layer" or "random 0"; what it was filled with; and for each piece
        its frames and by how many nats per note S, A, T and B cost more.
    """
    model, pitches = checkpoint.model, [one.pitches for one in valid]
    means, heads = mean_outputs(checkpoint, train), model.config.n_heads
    before = nats_of_pieces(pitches, checkpoint)
    random = np.random.default_rng(0)
    for layer, mean in enumerate(means):
        width = len(mean) // heads
        places = {str(n): np.arange(width) + n * width for n in range(heads)}
        places["layer"] = np.arange(len(mean))
        for draw in range(DRAWS):
            places[f"random {draw}"] = random.choice(len(mean), width, replace=False)
        for what, columns in places.items():
            for fill in ("mean", "zero") if what.isdigit() else ("mean",):
                values = mean if fill == "mean" else torch.zeros_like(mean)
                with replaced(checkpoint, layer, torch.from_numpy(columns), values):
                    after = nats_of_pieces(pitches, checkpoint)
                found = [
                    (len(new), *(new - old).mean(axis=0).round(4).tolist())
                    for new, old in zip(after, before, strict=True)
                ]
                yield layer, what, fill, found


@contextmanager
def replaced(
    checkpoint: Checkpoint, layer: int, columns: Tensor, values: Float[Tensor, " d_model"]
) -> Iterator[None]:
    """Put other numbers into some columns of the heads' outputs, before they are projected."""

    def hook(_: Any, inputs: tuple[Tensor, ...]) -> Tensor:
        return inputs[0].index_copy(-1, columns, values[columns].expand(*inputs[0].shape[:2], -1))

    to_out = checkpoint.model.stack.blocks[layer].attention.to_out
    handle = to_out.register_forward_pre_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def mean_outputs(checkpoint: Checkpoint, pieces: list[Chorale]) -> list[Float[Tensor, " d_model"]]:
    """Average what the heads of each layer give, over all notes of some pieces."""
    blocks = checkpoint.model.stack.blocks
    sums, count = [0.0 for _ in blocks], sum(one.pitches.size for one in pieces)

    def adding(layer: int) -> Any:
        def hook(_: Any, inputs: tuple[Tensor, ...]) -> None:
            sums[layer] = sums[layer] + inputs[0].sum(dim=(0, 1))

        return hook

    handles = [
        block.attention.to_out.register_forward_pre_hook(adding(layer))
        for layer, block in enumerate(blocks)
    ]
    for piece in pieces:  # one at a time: no padding comes into the mean
        nats_of_pieces([piece.pitches], checkpoint)
    for handle in handles:
        handle.remove()
    return [one.clone() / count for one in sums]


def repeats(checkpoint: Checkpoint, valid: list[Chorale]) -> list[tuple[Any, ...]]:
    """Measure the first four bars of each piece after ``BEFORE``.

    Backwards they have the same notes in another order. The other piece gives its first four bars,
    and is in the same key, where there is one.
    """
    long = [one for one in valid if len(one) >= PASSAGE]
    rows = []
    for number, piece in enumerate(long):
        others = [one for one in long if one is not piece and one.key == piece.key]
        other = (others or [long[number - 1]])[0].pitches[:PASSAGE]
        passage = piece.pitches[:PASSAGE]
        before = (passage[:0], passage, passage[::-1], other)
        nats = nats_of_pieces([np.concatenate([one, passage]) for one in before], checkpoint)
        rows.append((number, *(round(float(one[-PASSAGE:].mean()), 4) for one in nats)))
    return rows

"""The JSB benchmark on one page: a checkpoint beside the floors and the published figures."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import no_type_check

from musiclab.checkpoint.load import Checkpoint
from musiclab.evaluate.baselines import BigramBaseline, UnigramBaseline, uniform_nats
from musiclab.evaluate.kneser_ney import KneserNey, in_every_key
from musiclab.evaluate.likelihood import bits_per_frame, nats_of_pieces
from musiclab.evaluate.pieces import Pitches
from musiclab.evaluate.repeat import RepeatBaseline
from musiclab.music.benchmark import (
    FAULTY_VALID,
    LADDER,
    LEAKED_TRAIN,
    WHY_FAULTY,
    benchmark_pieces,
    benchmark_table,
)

Measure = Callable[[Sequence[Pitches]], float]  # nats a note of some pieces
Indexed = list[tuple[int, Pitches]]  # canonical index and music, as benchmark_pieces gives them


@dataclass(frozen=True)
class Row:
    """What one model reaches, in nats a note; None where it was not measured."""

    model: str
    valid: float | None
    valid_sound: float | None  # without the two faulty pieces
    test: float | None


@dataclass(frozen=True)
class BenchmarkReport:
    """Figures of the JSB benchmark; ``print`` shows them as a table.

    Args:
        measured: The checkpoint first, then the floors, measured here on the same pieces.
        missing: Canonical indices that music21 does not have, by split.
        counts: How many pieces of each split were measured or learned from.
    """

    measured: tuple[Row, ...]
    missing: dict[str, tuple[int, ...]]
    counts: dict[str, int]

    @property
    def checkpoint(self) -> Row:
        """The checkpoint's own figures."""
        return self.measured[0]

    def __str__(self) -> str:
        """Lay out the table."""
        heads = ("nats/note", "valid", "valid*", "test")
        lines = ["JSB Chorales, rebuilt from music21's corpus", "", _line(*heads)]
        lines += ["measured here, by this program:"]
        lines += [_line(row.model, row.valid, row.valid_sound, row.test) for row in self.measured]
        bits = [bits_per_frame(v) for v in _figures(self.checkpoint)]
        lines += [_line("  the first row in bits/frame", *bits), ""]
        lines += ["quoted, measured on the canonical data:"]
        lines += [_line(rung.model, rung.valid, None, rung.test) for rung in LADDER]
        return "\n".join(lines + ["", *self._notes()])

    def _notes(self) -> list[str]:
        faults = [f"  valid {index}: {WHY_FAULTY[index]}" for index in FAULTY_VALID]
        absent = [
            f"{split} {', '.join(map(str, indices))}"
            for split, indices in self.missing.items()
            if indices
        ]
        counted = ", ".join(f"{count} {split}" for split, count in self.counts.items())
        leaked = ", ".join(map(str, LEAKED_TRAIN))
        return [
            f"* without valid {' and '.join(map(str, FAULTY_VALID))}:",
            *faults,
            f"Pieces: {counted}. Not in music21: {'; '.join(absent)}.",
            f"The floors learn from train without {leaked}, the twin of valid {FAULTY_VALID[-1]}.",
            "A note is one voice in one 16th, rests included; bits/frame = 4 x nats / ln 2.",
        ]


@no_type_check  # the checkpoint is checked where it is opened
def jsb_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-grid",
    *,
    floors: bool = False,
    progress: bool = True,
) -> BenchmarkReport:
    """Measure a checkpoint on valid and test, beside simpler models: the floors.

    Args:
        checkpoint: A shipped name, a folder, or a loaded checkpoint without holds.
        floors: Measure the two Kneser-Ney models too, which takes some ten seconds more.
        progress: Show a bar while the corpus is parsed for the first time.

    Returns:
        The figures; ``print(report)`` shows the table.

    Raises:
        MusicLabError: As for ``nats_per_note``.
    """
    splits = {s: benchmark_pieces(s, progress=progress) for s in ("train", "valid", "test")}
    name = checkpoint if isinstance(checkpoint, str | os.PathLike) else "this checkpoint"
    rows = [_measure_checkpoint(str(name), checkpoint, splits)]
    for model, measure in _floors([piece for _, piece in splits["train"]], counted=floors):
        parts = (_sound(splits["valid"], keep_faulty=keep) for keep in (True, False))
        values = [measure([piece for _, piece in part]) for part in parts]
        rows.append(Row(model, *values, measure([piece for _, piece in splits["test"]])))
    found = {split: {index for index, _ in pieces} for split, pieces in splits.items()}
    missing = {
        split: tuple(
            row.index
            for row in benchmark_table()
            if row.split == split and row.index not in found[split]
            if split != "train" or row.index not in LEAKED_TRAIN
        )
        for split in splits
    }
    counts = {split: len(pieces) for split, pieces in splits.items()}
    return BenchmarkReport(tuple(rows), missing, counts)


def _floors(learned: list[Pitches], *, counted: bool) -> Iterator[tuple[str, Measure]]:
    """Give the simpler models one at a time, so that one's counts can go before the next's."""
    yield "uniform over 47 symbols", lambda pieces: uniform_nats()
    yield "how often each voice sings each pitch", UnigramBaseline(learned).nats_per_note
    yield "bigram within each voice", BigramBaseline(learned).nats_per_note
    yield "repeat the pitch, aware of the beat", RepeatBaseline(learned).nats_per_note
    if counted:
        everywhere = in_every_key(learned)
        yield "Kneser-Ney, order 8, transposed", KneserNey.in_stream(everywhere).nats_per_note
        yield "Kneser-Ney, contexts by relevance", KneserNey(everywhere).nats_per_note


def _measure_checkpoint(name: str, checkpoint: object, splits: dict[str, Indexed]) -> Row:
    """Read each piece once; the mean without the faulty ones needs no second reading."""
    sums = {}
    for split in ("valid", "test"):
        nats = nats_of_pieces([piece for _, piece in splits[split]], checkpoint)
        sums[split] = {
            index: (float(one.sum()), one.size)
            for (index, _), one in zip(splits[split], nats, strict=True)
        }
    sound = {i: pair for i, pair in sums["valid"].items() if i not in FAULTY_VALID}
    return Row(name, _mean(sums["valid"]), _mean(sound), _mean(sums["test"]))


def _mean(sums: dict[int, tuple[float, int]]) -> float:
    """Mean over all cells, not over pieces."""
    return sum(nats for nats, _ in sums.values()) / sum(cells for _, cells in sums.values())


def _sound(pieces: Indexed, *, keep_faulty: bool) -> Indexed:
    return [one for one in pieces if keep_faulty or one[0] not in FAULTY_VALID]


def _figures(row: Row) -> tuple[float, float, float]:
    return row.valid, row.valid_sound, row.test


def _line(name: str, *values: float | str | None) -> str:
    cells = [v if isinstance(v, str) else "" if v is None else f"{v:.4f}" for v in values]
    return f"{name[:40]:<41}" + "".join(f"{cell:>9}" for cell in cells)

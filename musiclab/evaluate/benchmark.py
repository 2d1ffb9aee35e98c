"""The JSB benchmark on one page: a checkpoint beside simpler models and the published figures."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import no_type_check

import numpy as np

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_number
from musiclab.errors import CheckpointError
from musiclab.evaluate.baselines import BigramBaseline, RepeatBaseline, UnigramBaseline
from musiclab.evaluate.benchmark_file import read_benchmark_file
from musiclab.evaluate.kneser_ney import KneserNey, in_every_key
from musiclab.evaluate.likelihood import Nats, bits_per_frame, nats_of_pieces
from musiclab.evaluate.pieces import Pitches
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import (
    FAULTY_VALID,
    LADDER,
    LEAKED_TRAIN,
    SPLITS,
    WHY_FAULTY,
    benchmark_table,
)

SYMBOLS = 47  # what the benchmark's voices sing, the rest included

NatsOf = Callable[[Sequence[Pitches]], list[Nats]]
Splits = dict[str, dict[int, Pitches]]  # music by split and canonical index


@dataclass(frozen=True)
class Row:
    """What one model reaches, in nats per note."""

    model: str
    valid: float
    valid_sound: float  # without the two faulty pieces, ``FAULTY_VALID``
    test: float


@dataclass(frozen=True)
class Table:
    """What was measured on one form of the benchmark."""

    title: str  # which form it is, and of how many pieces
    rows: tuple[Row, ...]  # the checkpoint, the same without its calibration, simpler models

    def lines(self) -> Iterator[str]:
        """Lay out the table."""
        yield from (self.title, _line("nats/note", "valid", "valid*", "test"))
        for row in self.rows:
            yield _line(row.model, row.valid, row.valid_sound, row.test)
        first = self.rows[0]
        bits = map(bits_per_frame, (first.valid, first.valid_sound, first.test))
        yield _line("  the first row in bits/frame", *bits)


@dataclass(frozen=True)
class BenchmarkReport:
    """Figures of the JSB benchmark; ``print`` shows them."""

    tables: tuple[Table, ...]  # on the canonical file, if given; then on the rebuilt pieces
    missing: dict[str, tuple[int, ...]]  # canonical indices that music21 does not have, by split

    def __str__(self) -> str:
        """Lay out the tables, the published figures below, and what one must know of them."""
        lines = [line for table in self.tables for line in (*table.lines(), "")]
        lines += ["quoted, measured on the canonical pieces"]
        lines += [_line(rung.model, rung.valid, None, rung.test) for rung in LADDER]
        lines += ["", f"* without valid {' and '.join(map(str, FAULTY_VALID))}:"]
        lines += [f"  valid {index}: {WHY_FAULTY[index]}" for index in FAULTY_VALID]
        absent = [f"{split} {_listed(ids)}" for split, ids in self.missing.items() if ids]
        lines += [
            "Valid also chose the step of a training that is kept, and the calibration.",
            f"Not in music21: {'; '.join(absent)}. The simpler models learn from the rebuilt train",
            f"without {_listed(LEAKED_TRAIN)}, the twin of valid {FAULTY_VALID[-1]}.",
            "A note is one voice in one 16th, rests included; bits/frame = 4 x nats / ln 2.",
        ]
        return "\n".join(lines)


@no_type_check  # the checkpoint is checked where it is opened
def jsb_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-grid",
    *,
    data: str | os.PathLike[str] | None = None,
    floors: bool = False,
    progress: bool = True,
) -> BenchmarkReport:
    """Measure a checkpoint on valid and test, beside simpler models.

    Args:
        checkpoint: A shipped name, a folder, or a loaded checkpoint without holds.
        data: The public file of the benchmark, to be measured on as well; see
            ``read_benchmark_file``. Only with it do the figures compare with published ones.
        floors: Measure the two Kneser-Ney models too, which takes some ten seconds more.
        progress: Show a bar while the corpus is parsed for the first time.

    Returns:
        The figures; ``print(report)`` shows them.

    Raises:
        MusicLabError: As for ``nats_per_note`` and ``read_benchmark_file``.
    """
    canonical = {} if data is None else read_benchmark_file(data)
    rebuilt = {split: dict(benchmark_pieces(split, progress=progress)) for split in SPLITS}
    forms = {_title("rebuilt from music21's corpus", rebuilt): rebuilt}
    if canonical:
        canonical = {split: dict(enumerate(pieces)) for split, pieces in canonical.items()}
        forms = {_title(Path(data).name, canonical): canonical} | forms
    rows: dict[str, list[Row]] = {title: [] for title in forms}
    learned = list(rebuilt["train"].values())
    for model, nats_of in (*_checkpoint(checkpoint), *_simpler_models(learned, counted=floors)):
        for title, pieces in forms.items():
            rows[title].append(_row(model, nats_of, pieces))
    tables = tuple(Table(title, tuple(measured)) for title, measured in rows.items())
    return BenchmarkReport(tables, {split: _missing(split, rebuilt[split]) for split in SPLITS})


def _checkpoint(checkpoint: str | os.PathLike[str] | Checkpoint) -> Iterator[tuple[str, NatsOf]]:
    """Give the checkpoint as it is, and as it was before its scores were divided."""
    opened = open_checkpoint(checkpoint)
    named = isinstance(checkpoint, str | os.PathLike)
    yield (
        str(checkpoint) if named else "this checkpoint",
        partial(nats_of_pieces, checkpoint=opened),
    )
    divisor = opened.info.get("figures", {}).get("temperature", 1)
    check_number("the temperature of the checkpoint", divisor, above=0, error=CheckpointError)
    if divisor != 1:
        uncalibrated = partial(nats_of_pieces, checkpoint=opened, temperature=1 / divisor)
        yield f"  not calibrated (not divided by {divisor:.2f})", uncalibrated


def _simpler_models(learned: list[Pitches], *, counted: bool) -> Iterator[tuple[str, NatsOf]]:
    """Give one at a time, so that one's counts can go before the next's."""
    yield (
        f"uniform over {SYMBOLS} symbols",
        lambda pieces: [np.full(piece.shape, math.log(SYMBOLS)) for piece in pieces],
    )
    yield "how often each voice sings each pitch", UnigramBaseline(learned).nats_of_pieces
    yield "bigram within each voice", BigramBaseline(learned).nats_of_pieces
    yield "repeat the pitch, aware of the beat", RepeatBaseline(learned).nats_of_pieces
    if counted:
        everywhere = in_every_key(learned)
        yield "Kneser-Ney, order 8, transposed", KneserNey.in_stream(everywhere).nats_of_pieces
        yield "Kneser-Ney, contexts by relevance", KneserNey(everywhere).nats_of_pieces


def _row(model: str, nats_of: NatsOf, pieces: Splits) -> Row:
    """Measure each piece once; means are over all notes, not over pieces."""
    valid, test = (
        dict(zip(pieces[split], nats_of(list(pieces[split].values())), strict=True))
        for split in ("valid", "test")
    )
    sound = [nats for index, nats in valid.items() if index not in FAULTY_VALID]
    sets = list(valid.values()), sound, list(test.values())
    return Row(model, *(float(np.concatenate(nats).mean()) for nats in sets))


def _missing(split: str, found: dict[int, Pitches]) -> tuple[int, ...]:
    left_out = LEAKED_TRAIN if split == "train" else ()
    indices = [row.index for row in benchmark_table() if row.split == split]
    return tuple(one for one in indices if one not in found and one not in left_out)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _title(form: str, pieces: Splits) -> str:
    valid, test = len(pieces["valid"]), len(pieces["test"])
    return f"JSB Chorales, {form}: {valid} valid and {test} test pieces"


def _line(name: str, *values: float | str | None) -> str:
    cells = [v if isinstance(v, str) else "" if v is None else f"{v:.4f}" for v in values]
    return f"{name[:40]:<41}" + "".join(f"{cell:>9}" for cell in cells)

"""The JSB benchmark on one page: a checkpoint beside simpler models and the published figures."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import no_type_check

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.evaluate.baselines import BigramBaseline, UnigramBaseline, uniform_nats
from musiclab.evaluate.benchmark_file import read_benchmark_file
from musiclab.evaluate.kneser_ney import KneserNey, in_every_key
from musiclab.evaluate.likelihood import bits_per_frame, nats_of_pieces
from musiclab.evaluate.pieces import Pitches
from musiclab.evaluate.repeat import RepeatBaseline
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import (
    FAULTY_VALID,
    LADDER,
    LEAKED_TRAIN,
    WHY_FAULTY,
    benchmark_table,
)

Measure = Callable[[Sequence[Pitches]], float]  # nats per note of some pieces
Indexed = dict[int, Pitches]  # music by canonical index

NOTES = f"""\
* without valid {" and ".join(map(str, FAULTY_VALID))}:
{chr(10).join(f"  valid {index}: {WHY_FAULTY[index]}" for index in FAULTY_VALID)}
Valid has also chosen: which step of a training is kept, and the temperature of a calibration.
The simpler models learn from the rebuilt train without {", ".join(map(str, LEAKED_TRAIN))}, the \
twin of valid {FAULTY_VALID[-1]}.
A note is one voice in one 16th, rests included; bits/frame = 4 x nats / ln 2."""


@dataclass(frozen=True)
class Row:
    """What one model reaches, in nats per note.

    Args:
        model: Its name.
        valid: On all valid pieces.
        valid_sound: On all but the two faulty ones, ``FAULTY_VALID``.
        test: On all test pieces.
    """

    model: str
    valid: float
    valid_sound: float
    test: float


@dataclass(frozen=True)
class Table:
    """What was measured on one form of the benchmark.

    Args:
        title: Which form it is, and of how many pieces.
        rows: The checkpoint first; if it was calibrated, then the same without calibration; then
            the simpler models.
    """

    title: str
    rows: tuple[Row, ...]

    @property
    def checkpoint(self) -> Row:
        """The checkpoint's own figures."""
        return self.rows[0]

    def lines(self) -> Iterator[str]:
        """Lay out the table."""
        yield from (self.title, _line("nats/note", "valid", "valid*", "test"))
        for row in self.rows:
            yield _line(row.model, row.valid, row.valid_sound, row.test)
        first = self.checkpoint
        bits = map(bits_per_frame, (first.valid, first.valid_sound, first.test))
        yield _line("  the first row in bits/frame", *bits)


@dataclass(frozen=True)
class BenchmarkReport:
    """Figures of the JSB benchmark; ``print`` shows them.

    Args:
        tables: On the canonical file, if that was given; then on the pieces rebuilt from music21.
        missing: Canonical indices that music21 does not have, by split.
    """

    tables: tuple[Table, ...]
    missing: dict[str, tuple[int, ...]]

    def __str__(self) -> str:
        """Lay out the tables, and the published figures below."""
        lines = [line for table in self.tables for line in (*table.lines(), "")]
        lines += ["quoted, measured on the canonical pieces"]
        lines += [_line(rung.model, rung.valid, None, rung.test) for rung in LADDER]
        absent = [
            f"{split} {', '.join(map(str, ids))}" for split, ids in self.missing.items() if ids
        ]
        return "\n".join([*lines, "", NOTES, f"Not in music21: {'; '.join(absent)}."])


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
    given = None if data is None else read_benchmark_file(data)
    rebuilt = {s: dict(benchmark_pieces(s, progress=progress)) for s in ("train", "valid", "test")}
    opened = open_checkpoint(checkpoint)
    name = str(checkpoint) if isinstance(checkpoint, str | os.PathLike) else "this checkpoint"
    forms = {_title("rebuilt from music21's corpus", rebuilt): rebuilt}
    if given is not None:
        canonical = {split: dict(enumerate(pieces)) for split, pieces in given.items()}
        forms = {_title(Path(data).name, canonical): canonical} | forms
    rows = {title: _rows_of_checkpoint(name, opened, pieces) for title, pieces in forms.items()}
    for model, measure in _simpler_models(list(rebuilt["train"].values()), counted=floors):
        for title, pieces in forms.items():
            sound = list(_without_faulty(pieces["valid"]).values())
            parts = list(pieces["valid"].values()), sound, list(pieces["test"].values())
            rows[title].append(Row(model, *map(measure, parts)))
    tables = tuple(Table(title, tuple(found)) for title, found in rows.items())
    return BenchmarkReport(tables, {split: _missing(split, rebuilt[split]) for split in rebuilt})


def _rows_of_checkpoint(name: str, checkpoint: Checkpoint, pieces: dict[str, Indexed]) -> list[Row]:
    """Measure the checkpoint as it is, and as it was before its scores were divided."""
    temperature = checkpoint.info.get("figures", {}).get("temperature", 1.0)
    rows = [_row_of_checkpoint(name, checkpoint, pieces)]
    if temperature != 1:
        label = f"  before calibration (by {temperature:.2f})"
        rows.append(_row_of_checkpoint(label, checkpoint, pieces, temperature=1 / temperature))
    return rows


def _row_of_checkpoint(
    name: str, checkpoint: Checkpoint, pieces: dict[str, Indexed], temperature: float = 1.0
) -> Row:
    """Read each piece once; the mean without the faulty ones needs no second reading."""
    sums: dict[str, dict[int, tuple[float, int]]] = {}
    for split in ("valid", "test"):
        arrays = list(pieces[split].values())
        nats = nats_of_pieces(arrays, checkpoint, temperature=temperature)
        totals = [(float(one.sum()), one.size) for one in nats]
        sums[split] = dict(zip(pieces[split], totals, strict=True))
    sound = _without_faulty(sums["valid"])
    return Row(name, *map(_mean, (sums["valid"], sound, sums["test"])))


def _simpler_models(learned: list[Pitches], *, counted: bool) -> Iterator[tuple[str, Measure]]:
    """Give one at a time, so that one's counts can go before the next's."""
    yield "uniform over 47 symbols", lambda pieces: uniform_nats()
    yield "how often each voice sings each pitch", UnigramBaseline(learned).nats_per_note
    yield "bigram within each voice", BigramBaseline(learned).nats_per_note
    yield "repeat the pitch, aware of the beat", RepeatBaseline(learned).nats_per_note
    if counted:
        everywhere = in_every_key(learned)
        yield "Kneser-Ney, order 8, transposed", KneserNey.in_stream(everywhere).nats_per_note
        yield "Kneser-Ney, contexts by relevance", KneserNey(everywhere).nats_per_note


def _mean(sums: dict[int, tuple[float, int]]) -> float:
    """Mean over all cells, not over pieces."""
    return sum(nats for nats, _ in sums.values()) / sum(cells for _, cells in sums.values())


def _without_faulty(by_index: dict[int, object]) -> dict:
    return {index: one for index, one in by_index.items() if index not in FAULTY_VALID}


def _missing(split: str, found: Indexed) -> tuple[int, ...]:
    left_out = LEAKED_TRAIN if split == "train" else ()
    indices = [row.index for row in benchmark_table() if row.split == split]
    return tuple(one for one in indices if one not in found and one not in left_out)


def _title(form: str, pieces: dict[str, Indexed]) -> str:
    return (
        f"JSB Chorales, {form}: {len(pieces['valid'])} valid and {len(pieces['test'])} test pieces"
    )


def _line(name: str, *values: float | str | None) -> str:
    cells = [v if isinstance(v, str) else "" if v is None else f"{v:.4f}" for v in values]
    return f"{name[:40]:<41}" + "".join(f"{cell:>9}" for cell in cells)

"""The musical table: what a teacher would mark in a model's pieces, beside Bach's own rates."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

from tqdm.auto import tqdm

from benchmarks.musical_figures import FIGURES, Bounded, Column, measure
from benchmarks.rule_cost import rule_cost
from benchmarks.samples import MOST_PIECES, Samples, write_samples
from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_whole
from musiclab.evaluate.memorisation import TrainingMemory
from musiclab.music.chorale import COMFORTABLE, Chorale
from musiclab.music.corpus import corpus
from musiclab.sampling.composing import MOST_CANDIDATES
from musiclab.sampling.plan import Plan
from musiclab.sampling.settings import RULES

PIECES, BARS, BEST_OF = 400, 16, 8
RULED = {"no parallels": ("parallels",), "all rules": RULES}  # columns with a mask

_RANGES = ", ".join(f"{v} {low}-{high}" for v, (low, high) in zip("SATB", COMFORTABLE, strict=True))
NOTES = f"""\
A chord is a run of 16ths in which no pitch changes. Parallel: two voices move in one direction, a
fifth (an octave) apart before and after. Hidden: soprano and bass arrive there in one direction,
the soprano by a leap. Ranges, as MIDI numbers: {_RANGES}.
Intervals: exact Poisson (Garwood) for parallels, hidden and leaps, exact binomial for their ratios;
pieces drawn anew (bootstrap) for what comes in clusters; Wilson for per cent. -: none to compare.
The tonic is found from all but the last whole note. Leading notes are judged where the last bass
note is the tonic; Bach lets those of alto and tenor fall.
Nats: mean over all notes; a note is a voice in a 16th. What the rules cost: -log of the probability
that the model without rules gives to all the notes that they allow.
Copied: the same chords in the same order, in any key, whatever their lengths. Of Bach's, the test
pieces are compared, each only as far as the model's pieces are long."""


@dataclass(frozen=True)
class MusicalReport:
    """The musical figures; ``print`` shows them as tables."""

    title: str  # which pieces these are
    columns: tuple[Column, ...]  # Bach's first, then the model's

    def __str__(self) -> str:
        """Lay out the tables."""
        bach, *ours = self.columns
        names = [one.name for one in self.columns]
        lines = [self.title, "", _line("in 1,000 chords (95 % interval)", names)]
        lines += [
            _line(row.label, [_cell(one.rate(row)) for one in self.columns]) for row in FIGURES
        ]
        rare = [row for row in FIGURES if row.kind == "rare"]
        lines += ["", _line("times Bach's own rate", ["", *names[1:]])]
        lines += [
            _line(row.label, ["", *(_cell(one.ratio_to(bach, row)) for one in ours)])
            for row in rare
        ]
        costs = {
            "nats per note, without rules": ("nats", 4),
            "nats per note that rules cost": ("lost", 4),
            "notes in 1,000: a rule gave way": ("gave_way", 2),
            "processor seconds per piece": ("seconds", 2),
        }
        lines += ["", _line("cost", names)]
        for label, (name, digits) in costs.items():
            values = [getattr(one, name) for one in self.columns]
            if any(value is not None for value in values):
                lines.append(
                    _line(label, ["-" if v is None else f"{v:.{digits}f}" for v in values])
                )
        lines += ["", _line("longest copy, in chord changes", names)]
        copied = [one.copied_changes() for one in self.columns]
        lines += [
            _line(label, [f"{one[place]:.0f}" for one in copied])
            for place, label in enumerate(("median", "90th percentile", "maximum"))
        ]
        lines += [f"  the maximum of {one.name}: {one.nearest or 'none'}" for one in self.columns]
        return "\n".join([*lines, "", NOTES])


def run(**asked) -> str:
    """Measure and print; see ``musical_report``."""
    return str(musical_report(**asked))


def musical_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    *,
    pieces: int = PIECES,
    bars: int = BARS,
    best_of: int = BEST_OF,
    seed: int = 0,
    progress: bool = True,
) -> MusicalReport:
    """Write pieces with a checkpoint, and count in them and in Bach's.

    The columns: pieces as ``compose`` writes them by default; of every ``best_of`` such pieces
    the likeliest; and pieces written under rules.

    Args:
        checkpoint: A shipped name, a folder, or a loaded checkpoint.
        pieces: How many of each kind.
        bars: Length of each, in 4/4.
        best_of: Among how many the likeliest is chosen.
        seed: Where the random numbers start; the same seed gives the same table, but for the
            seconds.
        progress: Show a bar.

    Raises:
        SettingError: If a value is out of range.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    check_whole("best_of", best_of, lowest=1, highest=MOST_CANDIDATES, remedy="8 are usual")
    most = MOST_PIECES // best_of
    check_whole("pieces", pieces, lowest=2, highest=most, remedy=f"{PIECES} are plenty")
    opened, frames = open_checkpoint(checkpoint), Plan(bars=bars).frames
    bach, memory = bach_and_memory(frames, progress=progress)
    columns = [bach]
    total = pieces * (best_of + len(RULED)) * frames
    with tqdm(total=total, unit=" frames", leave=False, disable=None if progress else True) as bar:
        asked = {"checkpoint": opened, "bars": bars, "seed": seed, "on_frames": bar.update}
        drafts = write_samples(pieces * best_of, at_once=best_of, **asked)
        kinds = [
            ("model alone", drafts.choose(range(0, pieces * best_of, best_of)), ()),
            (f"best of {best_of}", drafts.best_of(best_of), ()),
        ]
        kinds += [(one, write_samples(pieces, rules=r, **asked), r) for one, r in RULED.items()]
    columns += [_measure_samples(one, samples, memory, opened, r) for one, samples, r in kinds]
    name = name_of(checkpoint, opened)
    title = (
        f"{pieces} pieces of {bars} bars by {name}, seed {seed}, beside {len(bach.counts)} by Bach"
    )
    return MusicalReport(title, tuple(columns))


def bach_and_memory(cut: int | None = None, *, progress: bool) -> tuple[Column, TrainingMemory]:
    """Count in all of Bach's pieces, and look for copies in those of the test split.

    Args:
        cut: As for ``measure``.
        progress: Show a bar while the corpus is parsed for the first time.
    """
    splits: dict[str, list[Chorale]] = {
        split: corpus(split, progress=progress) for split in ("train", "valid", "test")
    }
    memory = TrainingMemory(corpus("train", extras=True, progress=progress))
    everything = [piece for pieces in splits.values() for piece in pieces]
    return measure("Bach", everything, memory, compared=splits["test"], cut=cut), memory


def name_of(checkpoint: object, opened: Checkpoint) -> str:
    """Name a checkpoint with the fingerprint of its weights."""
    named = isinstance(checkpoint, str | os.PathLike)
    return f"{checkpoint if named else 'a model'}@{opened.fingerprint}"


def _measure_samples(
    name: str,
    samples: Samples,
    memory: TrainingMemory,
    checkpoint: Checkpoint,
    rules: Sequence[str],
) -> Column:
    cost = rule_cost(checkpoint, samples.tokens, samples.conditions, rules)
    notes = int(cost.notes.sum())
    return measure(
        name,
        samples.chorales,
        memory,
        nats=float(cost.nats.sum()) / notes,
        lost=float(cost.lost.sum()) / notes if rules else None,
        gave_way=1000 * int(cost.gave_way.sum()) / notes if rules else None,
        seconds=samples.seconds,
    )


def _line(label: str, cells: Sequence[str]) -> str:
    return f"{label:<32}" + "".join(f"{cell:>18}" for cell in cells).rstrip()


def _cell(bounded: Bounded) -> str:
    """Write a figure and its interval."""
    value, low, high = (f"{one:.0f}" if one >= 99.95 else f"{one:.1f}" for one in bounded)
    return "-" if math.isnan(bounded[0]) else f"{value} ({low}-{high})"

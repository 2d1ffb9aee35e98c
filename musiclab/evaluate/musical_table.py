"""The musical table: what a teacher would mark in a model's pieces, beside Bach's own rates."""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import no_type_check

from tqdm.auto import tqdm

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.evaluate.memorisation import TrainingMemory
from musiclab.evaluate.musical_figures import FIGURES, Column, Figure, measure
from musiclab.evaluate.rule_cost import rule_cost
from musiclab.evaluate.samples import MOST_PIECES, Samples, write_samples
from musiclab.music.chorale import COMFORTABLE
from musiclab.music.corpus import corpus
from musiclab.sampling.compose import MOST_CANDIDATES
from musiclab.sampling.plan import Plan
from musiclab.sampling.settings import RULES, check_whole

PIECES, BARS, BEST_OF = 200, 16, 8
RULED = {"no parallels": ("parallels",), "all rules": RULES}  # columns with a mask


@dataclass(frozen=True)
class MusicalReport:
    """The musical figures; ``print`` shows them as tables.

    Args:
        title: Which pieces these are.
        columns: Bach's test pieces first, then the model's.
    """

    title: str
    columns: tuple[Column, ...]

    def __str__(self) -> str:
        """Lay out the tables."""
        bach, *ours = self.columns
        names = [one.name for one in self.columns]
        lines = [self.title, "", _line("in 1,000 chords, or in %", names)]
        lines += [
            _line(row.label, [_number(one.rate(row), row.digits) for one in self.columns])
            for row in FIGURES
        ]
        lines += ["", _line("times Bach's own rate (95 % interval)", ["", *names[1:]])]
        lines += [
            _line(row.label, ["", *(_ratio(one, bach, row) for one in ours)]) for row in FIGURES
        ]
        costs = {
            "nats a note, by the model without rules": ("nats", 4),
            "nats a note that the rules cost": ("lost", 4),
            "notes in 1,000 where a rule gave way": ("gave_way", 2),
            "processor seconds a piece": ("seconds", 2),
        }
        lines += ["", _line("cost", names)]
        lines += [
            _line(label, [_number(getattr(one, name), digits) for one in self.columns])
            for label, (name, digits) in costs.items()
            if any(getattr(one, name) is not None for one in self.columns)
        ]
        lines += ["", _line("longest passage copied, chord changes", names)]
        copied = [one.copied_changes() for one in self.columns]
        lines += [
            _line(label, [f"{one[place]:.0f}" for one in copied])
            for place, label in enumerate(("median", "90th percentile", "maximum"))
        ]
        lines += [f"  the maximum of {one.name}: {one.nearest or 'none'}" for one in self.columns]
        return "\n".join([*lines, "", *_notes()])


@no_type_check  # the checkpoint is checked where it is opened
def musical_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    *,
    pieces: int = PIECES,
    bars: int = BARS,
    best_of: int = BEST_OF,
    seed: int = 0,
    progress: bool = True,
) -> MusicalReport:
    """Write pieces with a checkpoint, and count in them and in Bach's test pieces.

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

    Returns:
        The figures; ``print(report)`` shows them.

    Raises:
        SettingError: If a value is out of range.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    check_whole("best_of", best_of, lowest=1, highest=MOST_CANDIDATES, remedy="8 are usual")
    most = MOST_PIECES // best_of
    check_whole("pieces", pieces, lowest=2, highest=most, remedy="200 are plenty")
    opened, frames = open_checkpoint(checkpoint), Plan(bars=bars).frames
    named = isinstance(checkpoint, str | os.PathLike)
    name = f"{checkpoint if named else 'a model'}@{opened.fingerprint}"
    bach = corpus("test", progress=progress)
    memory = TrainingMemory(corpus("train", extras=True, progress=progress))
    columns = [measure("Bach's test", bach, memory, cut=frames)]
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
    return MusicalReport(
        f"{pieces} pieces of {bars} bars by {name}, seed {seed}, beside {len(bach)} by Bach",
        tuple(columns),
    )


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
    return f"{label:<40}" + "".join(f"{cell:>14}" for cell in cells).rstrip()


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _ratio(column: Column, bach: Column, row: Figure) -> str:
    ratio, low, high = column.ratio_to(bach, row)
    if math.isnan(ratio):
        return "-"
    return f"{_short(ratio)} ({_short(low)}-{_short(high)})"


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}"


def _notes() -> Iterator[str]:
    ranges = ", ".join(
        f"{voice} {low}-{high}" for voice, (low, high) in zip("SATB", COMFORTABLE, strict=True)
    )
    yield "A chord is a run of 16ths in which no pitch changes. Parallel: two voices move one way,"
    yield "a fifth (an octave) apart before and after. Hidden: soprano and bass arrive there moving"
    yield f"one way, the soprano by a leap. Ranges, as MIDI numbers: {ranges}."
    yield "The tonic is found from all but the last whole note. Leading notes are judged where the"
    yield "last bass note is the tonic; Bach lets those of alto and tenor fall. -: none to compare."
    yield "Nats: mean over all notes; a note is a voice in a 16th. What the rules cost: -log of the"
    yield "probability that the model without rules gives to all the notes that they allow."
    yield "Copied: the same chords in the same order, in any key, whatever their lengths. Of Bach's"
    yield "pieces only as many frames as the model's have are searched, so that the odds are even."
    yield "Bars are counted with repeats played."

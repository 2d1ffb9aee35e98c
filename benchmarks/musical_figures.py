"""What the musical table counts, in whose pieces, how sure each figure is, and what it cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from musiclab.evaluate.intervals import bootstrap_interval, wilson_interval
from musiclab.evaluate.memorisation import CopiedPassage, TrainingMemory
from musiclab.evaluate.poisson import poisson_interval, poisson_ratio
from musiclab.evaluate.voice_leading import VoiceLeading, voice_leading_counts

Bounded = tuple[float, float, float]  # a figure, and its 95 % interval


class Figure(NamedTuple):
    """One row of the table: ``count`` in 1,000 of ``among``, or in per cent of it.

    Attributes:
        label: Its name in the table.
        count: Name of a count in ``VoiceLeading``.
        among: Name of what it is divided by.
        kind: "rare": single events, about as independent as a Poisson process. "clustered": a
            piece that has one has more (in Bach's, the variance over pieces is 3 to 5 times
            Poisson's), so whole pieces are drawn anew. "share": so many of so many.
    """

    label: str
    count: str
    among: str = "chords"
    kind: str = "rare"


FIGURES = (
    Figure("parallel fifths", "parallel_fifths"),
    Figure("parallel octaves", "parallel_octaves"),
    Figure("voices cross", "crossing", kind="clustered"),
    Figure("over an octave, soprano to alto", "wide_soprano_alto", kind="clustered"),
    Figure("over an octave, alto to tenor", "wide_alto_tenor", kind="clustered"),
    Figure("notes out of range", "out_of_range", kind="clustered"),
    Figure("hidden fifths and octaves", "hidden"),
    Figure("voices overlap", "overlap", kind="clustered"),
    Figure("leaps of a tritone", "tritone_leaps"),
    Figure("leaps of a seventh", "seventh_leaps"),
    Figure("leading notes unresolved, %", "unresolved", "leading_notes", "share"),
    Figure("  in soprano and bass, %", "outer_unresolved", "outer_leading_notes", "share"),
    Figure("ends on the tonic chord, %", "ends_on_tonic_chord", "pieces", "share"),
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """Some pieces, and all that was measured on them."""

    name: str  # whose they are
    counts: tuple[VoiceLeading, ...]  # of each piece
    copied: tuple[CopiedPassage, ...]  # of each piece that was looked for in training
    nearest: str  # where in training the longest of these stands
    nats: float | None = None  # per note, by the model without rules; None for Bach's
    lost: float | None = None  # nats per note that rules cost; see ``rule_cost``
    gave_way: float | None = None  # in how many of 1,000 notes a rule gave way
    seconds: float | None = None  # processor time per piece, many being written at once

    def rate(self, figure: Figure) -> Bounded:
        """Measure one figure over all pieces; nan where there is nothing to divide by."""
        counts, among = self._each(figure)
        count, total = sum(counts), sum(among)
        if not total:
            return (math.nan,) * 3
        scale = 100 if figure.kind == "share" else 1000
        if figure.kind == "share":
            low, high = wilson_interval(count, total)
        elif figure.kind == "rare" or not count:  # drawing anew from zeros gives zeros
            low, high = poisson_interval(count, total)
        else:
            low, high = bootstrap_interval(counts, among)
        return scale * count / total, scale * low, scale * high

    def ratio_to(self, other: "Column", figure: Figure) -> Bounded:
        """Say how many times as often a rare event happens here as in other pieces."""
        ours, theirs = (tuple(map(sum, one._each(figure))) for one in (self, other))
        return poisson_ratio(ours, theirs)

    def copied_changes(self) -> tuple[float, float, int]:
        """Return median, 90th percentile and maximum of what was copied, in chord changes."""
        changes = [one.changes for one in self.copied]
        return float(np.median(changes)), float(np.quantile(changes, 0.9)), max(changes)

    def _each(self, figure: Figure) -> tuple[list[int], list[int]]:
        counts = [getattr(one, figure.count) for one in self.counts]
        return counts, [getattr(one, figure.among) for one in self.counts]


def measure(
    name: str,
    pieces: Sequence[Any],
    memory: TrainingMemory,
    *,
    compared: Sequence[Any] | None = None,
    cut: int | None = None,
    **costs: float | None,
) -> Column:
    """Count and compare one set of pieces.

    Args:
        name: Whose they are.
        pieces: Chorales.
        memory: The training set.
        compared: The pieces to look for in training; None for all.
        cut: Look for copies in the first so many frames alone, since a longer piece is likelier
            to have a long passage.
        **costs: The other fields of ``Column``.
    """
    searched = pieces if compared is None else compared
    copied = tuple(
        memory.longest(one.excerpt(0, min(cut or len(one), len(one)))) for one in searched
    )
    return Column(
        name=name,
        counts=tuple(voice_leading_counts([one]) for one in pieces),
        copied=copied,
        nearest=where(max(copied, key=lambda one: one.changes), memory),
        **costs,
    )


def where(passage: CopiedPassage, memory: TrainingMemory) -> str:
    """Say which bars of which training piece a passage is, such as "bwv66.6, bars 3-5".

    A pickup is bar 0. Repeats are played out, so bars are counted as they are heard.

    Returns:
        "" if nothing is shared; frames instead of bars where a piece has no barlines.
    """
    if passage.number < 0:
        return ""
    first, last = passage.training_frames[0], passage.training_frames[1] - 1
    piece = memory.pieces[passage.number]
    work = getattr(piece, "source", "").rpartition("/")[2].removesuffix(".mxl")
    called = work or passage.name or f"training piece {passage.number}"
    if not hasattr(piece, "beats"):
        return f"{called}, frames {first}-{last}"
    bars = np.cumsum(piece.beats == 0)[[first, last]].tolist()
    return (
        f"{called}, bar{'' if bars[0] == bars[1] else 's'} {'-'.join(map(str, sorted(set(bars))))}"
    )

"""The figures of the musical table: what is counted, in whose pieces, and what it cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from musiclab.evaluate.intervals import bootstrap_ratio
from musiclab.evaluate.memorisation import CopiedPassage, TrainingMemory
from musiclab.evaluate.voice_leading import VoiceLeading, voice_leading_counts


class Figure(NamedTuple):
    """One row of the table: ``count`` is divided by ``among``, and said ``per`` so many."""

    label: str
    count: str  # names of counts in VoiceLeading
    among: str
    per: int

    @property
    def digits(self) -> int:
        """How many are printed after the point."""
        return 1 if self.per == 1000 else 0


_CHORDS, _SHARE = ("chords", 1000), 100
FIGURES = (
    Figure("parallel fifths", "parallel_fifths", *_CHORDS),
    Figure("parallel octaves", "parallel_octaves", *_CHORDS),
    Figure("voices cross", "crossing", *_CHORDS),
    Figure("over an octave, soprano to alto", "wide_soprano_alto", *_CHORDS),
    Figure("over an octave, alto to tenor", "wide_alto_tenor", *_CHORDS),
    Figure("notes out of range", "out_of_range", *_CHORDS),
    Figure("hidden fifths and octaves", "hidden", *_CHORDS),
    Figure("voices overlap", "overlap", *_CHORDS),
    Figure("leaps of a tritone", "tritone_leaps", *_CHORDS),
    Figure("leaps of a seventh", "seventh_leaps", *_CHORDS),
    Figure("last leading notes unresolved, %", "unresolved", "leading_notes", _SHARE),
    Figure("  of soprano and bass alone, %", "outer_unresolved", "outer_leading_notes", _SHARE),
    Figure("pieces that end on the tonic chord, %", "ends_on_tonic_chord", "pieces", _SHARE),
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """Some pieces, and all that was measured on them.

    Attributes:
        name: Whose they are.
        counts: Of each piece.
        copied: Of each piece, the longest passage that also stands in training.
        nearest: Where in training the longest of all these stands.
        nats: Nats a note that the model without rules needs for them; None for Bach's.
        lost: Nats a note that rules cost; see ``rule_cost``.
        gave_way: How many of 1,000 notes a rule gave way at.
        seconds: Processor time to write a piece, many being written at once.
    """

    name: str
    counts: tuple[VoiceLeading, ...]
    copied: tuple[CopiedPassage, ...]
    nearest: str
    nats: float | None = None
    lost: float | None = None
    gave_way: float | None = None
    seconds: float | None = None

    def rate(self, figure: Figure) -> float:
        """Measure one figure over all pieces; nan where there is nothing to divide among."""
        count, among = (sum(one) for one in self._each(figure))
        return figure.per * count / among if among else float("nan")

    def ratio_to(self, other: "Column", figure: Figure) -> tuple[float, float, float]:
        """Compare with other pieces: the ratio of the two rates, and its 95 % interval."""
        return bootstrap_ratio(self._each(figure), other._each(figure))

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
    cut: int | None = None,
    **costs: float | None,
) -> Column:
    """Count and compare one set of pieces.

    Args:
        name: Whose they are.
        pieces: Chorales.
        memory: The training set.
        cut: Look for copies in the first so many frames alone, since longer pieces have more
            room for a long passage.
        **costs: The other fields of ``Column``.
    """
    heard = [one if cut is None else one.excerpt(0, min(cut, len(one))) for one in pieces]
    copied = tuple(memory.longest(one) for one in heard)
    return Column(
        name=name,
        counts=tuple(voice_leading_counts([one]) for one in pieces),
        copied=copied,
        nearest=memory.where(max(copied, key=lambda one: one.changes)),
        **costs,
    )

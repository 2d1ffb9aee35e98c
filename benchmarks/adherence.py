"""Adherence to conditions: what a model was asked and what is heard, beside chance and Bach."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from benchmarks.adherence_checks import (
    ends_on_held_chord,
    ends_on_tonic_chord,
    heard_metre,
    held_fermatas,
    is_in_key,
    is_in_mode,
)
from benchmarks.musical import name_of
from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_whole
from musiclab.evaluate.intervals import wilson_interval
from musiclab.music.chorale import FRAMES_PER_QUARTER, Chorale
from musiclab.music.corpus import corpus
from musiclab.music.keys import MODES, find_key
from musiclab.sampling.composing import MOST_CANDIDATES, compose_many

PICKUP = FRAMES_PER_QUARTER  # as in most of Bach's in 4/4
LINES = (3, 5, 9, 12, 16)  # the bars at whose ends a user put fermatas: no regular pattern
BARS = LINES[-1]

# Asked for in turn: common and rare ones, on both sides of the circle of fifths.
KEYS = (
    *("C major", "E- major", "G major", "A major"),
    *("D minor", "F# minor", "G minor", "B minor"),
)


class Share(NamedTuple):
    """So many of so many."""

    count: int
    among: int

    def __str__(self) -> str:
        """Write it as a percentage, with its 95 % interval (Wilson)."""
        if not self.among:
            return "-"
        low, high = (100 * bound for bound in wilson_interval(*self))
        return f"{100 * self.count / self.among:.0f} % ({low:.0f}-{high:.0f})"


class Adherence(NamedTuple):
    """One row: what was asked, and how often it was heard."""

    what: str
    asked: Share  # in pieces of which it was asked
    control: Share  # in pieces of which it was not asked, or something else was
    bach: Share  # in Bach's, judged by what stands in the score: the most to be hoped for


class _Asked(NamedTuple):
    """A piece, and the key that it was asked to be in."""

    piece: Chorale
    key: str

    @property
    def mode(self) -> str:
        return self.key.rpartition(" ")[2]


def measure_adherence(
    bach: Sequence[Chorale],
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    copies: int = 8,
    seed: int = 0,
) -> list[Adherence]:
    """Ask for keys, line ends, an end and a metre; hear what comes.

    Three sets of pieces of 16 bars: in 4/4 with a pickup, all of it asked, ``copies`` for each of
    ``KEYS``; as many in 3/4; and 64 in 4/4 with neither key nor fermatas nor end asked. As
    control, a key and a mode are listened for in pieces that were asked for another, a metre in
    those that were asked for the other, all else in those of which nothing was asked.

    Args:
        bach: Chorales of his, which no training has seen.
        checkpoint: A shipped name, a folder or a loaded checkpoint that can be told all this.
        copies: Pieces for each of the 8 keys, at most 64.
        seed: Where the random numbers start.

    Raises:
        SettingError: If a value is out of range, or the checkpoint cannot be told all this.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    check_whole("copies", copies, lowest=1, highest=MOST_CANDIDATES, remedy="8 are enough")
    opened, lines = open_checkpoint(checkpoint), _line_ends()

    def write(number: int, pieces: int, **plan) -> list[Chorale]:
        options = {"checkpoint": opened, "seed": seed * 1000 + number, "candidates": pieces}
        return [one.chorale for one in compose_many(bars=BARS, **options, **plan)]

    def in_all_keys(first: int, **plan) -> list[_Asked]:
        return [
            _Asked(piece, key)
            for number, key in enumerate(KEYS, first)
            for piece in write(number, copies, key=key, **plan)
        ]

    four = in_all_keys(0, pickup=PICKUP, fermatas=lines)
    three = in_all_keys(100, time_signature="3/4")
    free = write(200, MOST_CANDIDATES, pickup=PICKUP, ending=False)
    unasked = [_Asked(piece, find_key(piece.pitches, with_ending=False)) for piece in free]
    own = [_Asked(piece, piece.key) for piece in bach]
    asked_for_another = [
        _Asked(one.piece, KEYS[KEYS.index(one.key) - len(KEYS) // 2]) for one in four
    ]
    return [
        _row("heard in its key", lambda one: is_in_key(*one), four, asked_for_another, own),
        *(
            _row(
                f"heard in {mode}",
                lambda one, mode=mode: is_in_mode(one.piece, mode),
                [one for one in four if one.mode == mode],
                [one for one in four if one.mode != mode],
                [one for one in own if one.mode == mode],
            )
            for mode in MODES
        ),
        _row("ends on its tonic chord", lambda one: ends_on_tonic_chord(*one), four, unasked, own),
        _row(
            "comes to rest at its end",
            lambda one: ends_on_held_chord(one.piece),
            four,
            unasked,
            own,
        ),
        Adherence(
            "holds a chord under a fermata",
            *(_held([one.piece for one in pieces], lines) for pieces in (four, unasked)),
            _held(bach),
        ),
        *(
            _row(
                f"heard in {metre}",
                lambda one, metre=metre: heard_metre(one.piece) == metre,
                asked,
                other,
                [one for one in own if one.piece.time_signature == metre],
            )
            for metre, asked, other in (("3/4", three, four), ("4/4", four, three))
        ),
    ]


@dataclass(frozen=True)
class AdherenceReport:
    """What was asked and what was heard; ``print`` shows it as a table."""

    title: str
    rows: tuple[Adherence, ...]

    def __str__(self) -> str:
        """Lay out the table."""
        lines = [self.title, "", f"{'what was asked':30}{'asked':>15}{'control':>15}{'Bach':>15}"]
        lines += [
            f"{what:30}{asked!s:>15}{control!s:>15}{bach!s:>15}"
            for what, asked, control, bach in self.rows
        ]
        return "\n".join(lines)


def run(**asked) -> str:
    """Measure and print; see ``adherence_report``."""
    return str(adherence_report(**asked))


def adherence_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    *,
    copies: int = 8,
    seed: int = 0,
) -> AdherenceReport:
    """Measure a checkpoint beside Bach's test pieces; see ``measure_adherence``."""
    opened, bach = open_checkpoint(checkpoint), corpus("test")
    rows = measure_adherence(bach, checkpoint=opened, copies=copies, seed=seed)
    pieces, name = 2 * copies * len(KEYS) + MOST_CANDIDATES, name_of(checkpoint, opened)
    title = f"{pieces} pieces of {BARS} bars by {name}, seed {seed}, beside {len(bach)} by Bach"
    return AdherenceReport(title, tuple(rows))


def _row(what: str, adheres: Callable[[_Asked], bool], *sets: list[_Asked]) -> Adherence:
    return Adherence(what, *(Share(sum(map(adheres, pieces)), len(pieces)) for pieces in sets))


def _held(pieces: Sequence[Chorale], lines: Bool[np.ndarray, " frame"] | None = None) -> Share:
    counts = [held_fermatas(piece, lines) for piece in pieces]
    return Share(sum(held for held, _ in counts), sum(placed for _, placed in counts))


def _line_ends() -> Bool[np.ndarray, " frame"]:
    """Put a fermata on the last quarter before the place in the bar where the piece began."""
    ends = np.zeros(BARS * 16, dtype=bool)
    for bar in LINES:
        ends[16 * bar - FRAMES_PER_QUARTER : 16 * bar] = True
    return ends

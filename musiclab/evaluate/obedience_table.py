"""Ask a model for many things, hear what it writes, and set it beside chance and beside Bach."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, no_type_check

import numpy as np
from jaxtyping import Bool

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.evaluate.endings import home_key
from musiclab.evaluate.obedience import (
    comes_home,
    comes_to_rest,
    heard_metre,
    held_fermatas,
    is_in_key,
    is_in_mode,
)
from musiclab.music.chorale import FRAMES_PER_QUARTER, PITCH_CLASSES, Chorale
from musiclab.music.corpus import corpus
from musiclab.sampling.compose import MOST_CANDIDATES, compose_many
from musiclab.sampling.settings import check_whole
from musiclab.tokens.conditions import MODES

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
        """Write it as a percentage."""
        return f"{100 * self.count / self.among:.0f} %" if self.among else "-"


class Obedience(NamedTuple):
    """One row: what was asked, and how often it was heard.

    Attributes:
        what: In words.
        asked: In pieces of which it was asked.
        control: In pieces of which it was not asked, or something else was.
        bach: In Bach's, judged by what stands in the score: the most to be hoped for.
    """

    what: str
    asked: Share
    control: Share
    bach: Share


class _Asked(NamedTuple):
    """A piece, and the key that it was asked to be in."""

    piece: Chorale
    key: str

    @property
    def mode(self) -> str:
        return self.key.rpartition(" ")[2]


@no_type_check  # the settings check themselves, in better words than a checker's
def measure_obedience(
    bach: Sequence[Chorale],
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    copies: int = 8,
    seed: int = 0,
) -> list[Obedience]:
    """Ask for keys, line ends, an end and a metre; hear what comes.

    Three sets of pieces of 16 bars: in 4/4 with a pickup, all of it asked, ``copies`` for each of
    ``KEYS``; as many in 3/4; and 64 in 4/4 with neither key nor fermatas nor end asked.

    Args:
        bach: Chorales of his, which no training has seen.
        checkpoint: A shipped name, a folder or a loaded checkpoint that can be told all this.
        copies: Pieces for each of the 8 keys, at most 64.
        seed: Where the random numbers start.

    Returns:
        The rows. As control, a key and a mode are listened for in pieces that were asked for
        another, a metre in those that were asked for the other, all else in those of which
        nothing was asked.

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
    unasked = [_Asked(piece, _home(piece)) for piece in free]
    own = [_Asked(piece, piece.key) for piece in bach]
    lied_to = [_Asked(one.piece, KEYS[KEYS.index(one.key) - len(KEYS) // 2]) for one in four]
    return [
        _row("heard in its key", lambda one: is_in_key(*one), four, lied_to, own),
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
        _row("ends on its tonic chord", lambda one: comes_home(*one), four, unasked, own),
        _row("comes to rest at its end", lambda one: comes_to_rest(one.piece), four, unasked, own),
        Obedience(
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
class ObedienceReport:
    """What was asked and what was heard; ``print`` shows it as a table.

    Args:
        title: Which pieces these are.
        rows: A row for each thing that was asked.

    Example:
        >>> half, all_ = Share(2, 4), Share(4, 4)
        >>> print(ObedienceReport("12 pieces", (Obedience("heard in 3/4", all_, half, all_),)))
        12 pieces
        <BLANKLINE>
        what was asked                  asked   control    Bach
        heard in 3/4                    100 %      50 %   100 %
    """

    title: str
    rows: tuple[Obedience, ...]

    def __str__(self) -> str:
        """Lay out the table."""
        lines = [self.title, "", f"{'what was asked':30}{'asked':>7}{'control':>10}{'Bach':>8}"]
        lines += [
            f"{what:30}{asked!s:>7}{control!s:>10}{bach!s:>8}"
            for what, asked, control, bach in self.rows
        ]
        return "\n".join(lines)


@no_type_check  # the checkpoint is checked where it is opened
def obedience_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    *,
    copies: int = 8,
    seed: int = 0,
) -> ObedienceReport:
    """Ask a checkpoint for keys, line ends, an end and a metre, beside Bach's test pieces.

    Args:
        checkpoint: As for ``measure_obedience``.
        copies: As for ``measure_obedience``.
        seed: As for ``measure_obedience``.

    Returns:
        The shares; ``print(report)`` shows them.

    Raises:
        SettingError: As for ``measure_obedience``.
        CheckpointError: As for ``measure_obedience``.
    """
    opened, bach = open_checkpoint(checkpoint), corpus("test")
    named = isinstance(checkpoint, str | os.PathLike)
    name = f"{checkpoint if named else 'a model'}@{opened.fingerprint}"
    rows = measure_obedience(bach, checkpoint=opened, copies=copies, seed=seed)
    pieces = 2 * copies * len(KEYS) + MOST_CANDIDATES
    title = f"{pieces} pieces of {BARS} bars by {name}, seed {seed}, beside {len(bach)} by Bach"
    return ObedienceReport(title, tuple(rows))


def _row(what: str, obeys: Callable[[_Asked], bool], *sets: list[_Asked]) -> Obedience:
    return Obedience(what, *(Share(sum(map(obeys, pieces)), len(pieces)) for pieces in sets))


def _held(pieces: Sequence[Chorale], lines: Bool[np.ndarray, " frame"] | None = None) -> Share:
    counts = [held_fermatas(piece, lines) for piece in pieces]
    return Share(sum(held for held, _ in counts), sum(placed for _, placed in counts))


def _home(piece: Chorale) -> str:
    """Name the key that is heard."""
    tonic, mode = home_key(piece.pitches)
    return f"{PITCH_CLASSES[tonic]} {mode}"


def _line_ends() -> Bool[np.ndarray, " frame"]:
    """Put a fermata on the last quarter before the place in the bar where the piece began."""
    ends = np.zeros(BARS * 16, dtype=bool)
    for bar in LINES:
        ends[16 * bar - FRAMES_PER_QUARTER : 16 * bar] = True
    return ends

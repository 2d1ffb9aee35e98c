"""Find music that stands on both sides of a split, by its fingerprints."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from musiclab.checks import check_whole
from musiclab.errors import SettingError
from musiclab.evaluate.fingerprints import Chords, chords_of, runs
from musiclab.music.chorale import REST

SHORTEST = 12  # chords; where Bach's own formulas end and twins begin
RECOGNISED = 0.8  # share of a part that must stand in the whole


@dataclass(frozen=True, kw_only=True)
class SharedPassage:
    """The longest passage that two pieces share."""

    left: str  # name of the piece in the first set
    right: str  # name of the piece in the second
    chords: int  # its length
    share: float  # of the left piece's chords, how many belong to it; 1 is the whole piece
    semitones: int  # how much higher the right piece has it
    left_frame: int  # where it begins
    right_frame: int

    def __str__(self) -> str:
        """Say it in a line."""
        moved = f", {self.semitones:+d} semitones" if self.semitones else ""
        return (
            f"{self.left} from frame {self.left_frame} = {self.right} from frame "
            f"{self.right_frame}: {self.chords} chords, {self.share:.0%} of {self.left}{moved}"
        )


def shared_passages(
    left: Sequence[Any],
    right: Sequence[Any],
    *,
    shortest: int = SHORTEST,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
) -> list[SharedPassage]:
    """Find passages that pieces of two sets share, in whatever key.

    Args:
        left: Such as the validation set; Int (frame, voice) arrays or chorales.
        right: Such as the training set.
        shortest: In chords; a chord lasts until a voice moves.
        names: Of the pieces in both sets; by default the titles of chorales, or numbers.

    Returns:
        For each pair of pieces its longest shared passage, the longest of all first.

    Raises:
        ScoreError: If a piece has a wrong shape or impossible numbers.
        SettingError: If ``shortest`` is below 2, or names and pieces differ in number.

    Example:
        >>> piece = np.random.default_rng(0).integers(40, 80, (20, 4))
        >>> print(*shared_passages([piece[5:]], [piece + 2]))
        left 0 from frame 0 = right 0 from frame 5: 15 chords, 100% of left 0, +2 semitones
    """
    check_whole("shortest", shortest, lowest=2)
    sides = chords_of(left), chords_of(right)
    if names is None:
        names = _names(left, "left"), _names(right, "right")
    if [len(side) for side in sides] != [len(side) for side in names]:
        raise SettingError("give one name per piece, of both sets, or leave the names out")
    found = []
    for (piece, other), (length, chord, place) in _longest(*sides, shortest).items():
        (frames, chords), (other_frames, others) = sides[0][piece], sides[1][other]
        one_voice = np.argmax(chords[chord] != REST)  # a passage begins where somebody sings
        found.append(
            SharedPassage(
                left=names[0][piece],
                right=names[1][other],
                chords=length,
                share=length / len(chords),
                semitones=int((others[place] - chords[chord])[one_voice]),
                left_frame=int(frames[chord]),
                right_frame=int(other_frames[place]),
            )
        )
    return sorted(found, key=lambda one: (-one.chords, one.left, one.right))


@dataclass(frozen=True, kw_only=True)
class SplitPiece:
    """A piece of which parts, given by their numbers, lie on both sides of a split."""

    piece: str
    left: tuple[int, ...]
    right: tuple[int, ...]

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.piece}: {len(self.left)} parts on the left, {len(self.right)} on the right"


def split_pieces(
    left: Sequence[Any], right: Sequence[Any], whole: Sequence[Any], *, shortest: int = 6
) -> list[SplitPiece]:
    """Find pieces that were cut, with parts on both sides, even if no two parts overlap.

    Args:
        left: Parts in one set.
        right: Parts in the other.
        whole: The pieces that they were cut from, in any key; titles are their names.
        shortest: A part with fewer chords than this is not recognised.

    Returns:
        One finding per piece, in the order of ``whole``.

    Raises:
        MusicLabError: As for ``shared_passages``.
    """
    check_whole("shortest", shortest, lowest=2)
    pieces = chords_of(whole)
    sides = [_parts(chords_of(side), pieces, shortest) for side in (left, right)]
    return [
        SplitPiece(piece=name, left=tuple(sides[0][number]), right=tuple(sides[1][number]))
        for number, name in enumerate(_names(whole, "piece"))
        if sides[0][number] and sides[1][number]
    ]


def _longest(
    left: list[Chords], right: list[Chords], shortest: int
) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Give by pair of pieces the longest passage: its length, and where it begins in both."""
    best: dict[tuple[int, int], tuple[int, int, int]] = {}
    for length, (piece, chord), (other, place) in runs(left, right, shortest):
        if length > best.get((piece, other), (0,))[0]:
            best[piece, other] = length, chord, place
    return best


def _parts(parts: list[Chords], whole: list[Chords], shortest: int) -> dict[int, list[int]]:
    """Give by whole piece the numbers of its parts: a part belongs where most of it stands."""
    home: dict[
        int, tuple[int, int]
    ] = {}  # by part: the length of its longest passage, and whose it is
    for (part, piece), (length, *_) in _longest(parts, whole, shortest).items():
        if length > max(RECOGNISED * len(parts[part][0]), home.get(part, (0, 0))[0]):
            home[part] = length, piece
    by_piece: dict[int, list[int]] = defaultdict(list)
    for part in sorted(home):
        by_piece[home[part][1]].append(part)
    return by_piece


def _names(pieces: Sequence[Any], word: str) -> list[str]:
    return [getattr(one, "title", "") or f"{word} {n}" for n, one in enumerate(pieces)]

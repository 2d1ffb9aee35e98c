"""Find music that stands on both sides of a split, by its fingerprints."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from musiclab.errors import SettingError
from musiclab.evaluate.fingerprints import Place, chords_of, runs
from musiclab.evaluate.pieces import checked_pieces
from musiclab.music.chorale import REST

SHORTEST = 12  # chords; where Bach's own formulas end and twins begin


@dataclass(frozen=True, kw_only=True)
class SharedPassage:
    """The longest passage that two pieces share.

    Args:
        left: Name of the piece in the first set.
        right: Name of the piece in the second.
        chords: Length of the passage, in chords.
        share: Of the left piece's chords, how many belong to the passage; 1 is the whole piece.
        semitones: How much higher the right piece has it.
        left_frame: Where it begins in the left piece.
        right_frame: Where it begins in the right piece.
    """

    left: str
    right: str
    chords: int
    share: float
    semitones: int
    left_frame: int
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
    if shortest < 2:
        raise SettingError(f"shortest must be at least 2 chords, got {shortest}")
    sides = chords_of(left), chords_of(right)
    called = _names(sides, names, (left, right))
    best: dict[tuple[int, int], tuple[int, Place, Place]] = {}
    for length, here, there in runs(*sides, shortest):
        pair = here[0], there[0]
        if pair not in best or length > best[pair][0]:
            best[pair] = length, here, there
    found = []
    for length, (piece, chord), (other, place) in best.values():
        (frames, chords), (other_frames, others) = sides[0][piece], sides[1][other]
        one_voice = np.argmax(chords[chord] != REST)  # a passage begins where somebody sings
        found.append(
            SharedPassage(
                left=called[0][piece],
                right=called[1][other],
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
    """A piece of which parts lie on both sides of a split."""

    piece: str
    left: tuple[int, ...]  # numbers of its parts
    right: tuple[int, ...]

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.piece}: {len(self.left)} parts on the left, {len(self.right)} on the right"


def split_pieces(
    left: Sequence[Any],
    right: Sequence[Any],
    whole: Sequence[Any],
    *,
    shortest: int = 6,
    names: Sequence[str] | None = None,
) -> list[SplitPiece]:
    """Find pieces that were cut, with parts on both sides, even if no two parts overlap.

    Args:
        left: Parts in one set.
        right: Parts in the other.
        whole: The pieces that they were cut from, in any key.
        shortest: A part with fewer chords than this is not recognised.
        names: Of the whole pieces.

    Returns:
        One finding a piece, in the order of ``whole``.

    Raises:
        MusicLabError: As for ``shared_passages``.
    """
    (called,) = _names((checked_pieces(whole),), None if names is None else (names,), (whole,))
    labels = [str(number) for number in range(len(called))]
    parts: list[dict[str, list[int]]] = []
    for side in (left, right):
        numbers = [str(number) for number in range(len(side))]
        of: dict[str, list[int]] = defaultdict(list)
        known: set[str] = set()
        for passage in shared_passages(side, whole, shortest=shortest, names=(numbers, labels)):
            # The longest come first: a part belongs where most of it was found.
            if passage.left not in known and passage.share > 0.8:
                known.add(passage.left)
                of[passage.right].append(int(passage.left))
        parts.append(of)
    return [
        SplitPiece(piece=name, left=tuple(sorted(parts[0][n])), right=tuple(sorted(parts[1][n])))
        for n, name in zip(labels, called, strict=True)
        if n in parts[0] and n in parts[1]
    ]


def _names(
    sides: Sequence[Sequence[object]],
    names: Sequence[Sequence[str]] | None,
    given: Sequence[Sequence[object]],
) -> list[list[str]]:
    """Take the names, or make them from titles and numbers."""
    called = []
    for number, side in enumerate(sides):
        if names is None:
            word = ("left", "right")[number] if len(sides) == 2 else "piece"
            own = [
                getattr(one, "title", "") or f"{word} {n}" for n, one in enumerate(given[number])
            ]
        else:
            own = list(names[number])
        if len(own) != len(side):
            raise SettingError(f"give one name a piece: got {len(own)} for {len(side)} pieces")
        called.append(own)
    return called

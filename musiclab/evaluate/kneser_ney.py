"""Kneser-Ney: the best that counting alone can do with four voices."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from musiclab.errors import SettingError
from musiclab.evaluate.baseline import COLUMNS, UNHEARD, Baseline, Pieces, alphabet, columns_of
from musiclab.evaluate.clues import BY_RELEVANCE, LONGEST, Clue, read_clues, recent_clues
from musiclab.evaluate.kneser_ney_table import KneserNeyTable
from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.chorale import REST, VOICES, Chorale
from musiclab.training.transposition import semitones_within, voice_ranges

MOST_NOTES = LONGEST * len(VOICES)  # that a context can hold


class KneserNey(Baseline):
    """Each voice sings what followed the same clues in training, or fewer of them.

    Args:
        pieces: To learn from; Int (frame, voice) arrays, -1 for a rest, or chorales. For other
            keys to help, give the pieces in those too: see ``in_every_key``.
        clues: What each voice looks at, the most telling first; the default is by relevance.
        one_table: Whether all four voices learn from each other's notes; then each needs the same
            number of clues.

    Example:
        >>> piece = np.tile([[72, 64, 60, 48], [71, 65, 62, 43]], (8, 1))
        >>> model = KneserNey.in_stream([piece], order=5)
        >>> model.nats_per_note([piece]) < 0.5
        True
    """

    name: ClassVar[str] = "Kneser-Ney"

    def __init__(
        self,
        pieces: Pieces,
        clues: Sequence[tuple[Clue, ...]] = BY_RELEVANCE,
        *,
        one_table: bool = False,
    ) -> None:
        if len(clues) != len(VOICES) or one_table and len(set(map(len, clues))) > 1:
            raise SettingError(
                f"give each of the {len(VOICES)} voices its clues, equally many if they share a "
                f"table; got {len(clues)} lists of {sorted(set(map(len, clues)))}"
            )
        _check_past(clues)
        arrays = checked_pieces(pieces)
        marks = np.maximum(alphabet(arrays), UNHEARD)
        self.clues, self.base = tuple(clues), marks / marks.sum()
        columns = [columns_of(array) for array in arrays]
        notes = np.concatenate(columns)
        seen = [np.concatenate([self.look(one, voice) for one in columns]) for voice in range(4)]
        if one_table:
            table = KneserNeyTable(np.concatenate(seen), notes.T.reshape(-1), COLUMNS)
            self.tables = (table,) * len(VOICES)
        else:
            self.tables = tuple(
                KneserNeyTable(one, notes[:, voice], COLUMNS) for voice, one in enumerate(seen)
            )

    @classmethod
    def in_stream(cls, pieces: Pieces, order: int = 8) -> "KneserNey":
        """Learn the stream S A T B S A T B ... as if it were one melody.

        Args:
            pieces: To learn from.
            order: A note is guessed from the ``order`` - 1 notes before it.

        Raises:
            SettingError: If ``order`` is below 1 or above 65.
        """
        if not 1 <= order <= MOST_NOTES + 1:
            raise SettingError(f"order must lie between 1 and {MOST_NOTES + 1}, got {order}")
        clues = [recent_clues(voice, order - 1) for voice in range(len(VOICES))]
        return cls(pieces, clues, one_table=True)

    def look(
        self, columns: Int[np.ndarray, "frame voice"], voice: int
    ) -> Int[np.ndarray, "frame clue"]:
        """Return what a voice is given before it sings, frame by frame.

        A subclass may give it other things, none of them negative.
        """
        return read_clues(columns, self.clues[voice])

    def probabilities_of(
        self, columns: Int[np.ndarray, "frame voice"]
    ) -> Float[np.ndarray, "frame voice"]:
        """Look at the clues of each voice."""
        found = [
            table.probabilities(self.look(columns, voice), columns[:, voice], self.base)
            for voice, table in enumerate(self.tables)
        ]
        return np.stack(found, axis=1)

    def next_note(
        self, columns: Int[np.ndarray, "frame voice"], frame: int, voice: int
    ) -> Float[np.ndarray, " column"]:
        """Look at the clues of this voice in this frame."""
        clues = self.look(columns[: frame + 1], voice)[frame]
        return self.tables[voice].distribution(clues, self.base)


def _check_past(clues: Sequence[tuple[Clue, ...]]) -> None:
    """Refuse a clue that would give the answer away."""
    for voice, asked in enumerate(clues):
        for clue in asked:
            if clue.kind == "pitch" and clue.back == 0 and clue.voice >= voice:
                raise SettingError(
                    f"the {VOICES[voice]} cannot look at {clue}: it is drawn before that; look "
                    "1 frame back"
                )


def in_every_key(pieces: Pieces) -> list[Pitches]:
    """Return each piece in every key in which each voice keeps to the range of all pieces.

    Example:
        >>> pieces = [np.array([[72, 64, 60, 48]]), np.array([[74, 66, 62, 50]])]
        >>> [int(piece[0, 0]) for piece in in_every_key(pieces)]
        [72, 73, 74, 72, 73, 74]
    """
    chorales = [Chorale(pitches=array) for array in checked_pieces(pieces)]
    ranges = voice_ranges(chorales)
    return [
        np.where(one.pitches == REST, REST, one.pitches + semitones)
        for one in chorales
        for semitones in semitones_within(one, ranges, (0, 127))
    ]

"""Kneser-Ney: the best that counting alone can do with four voices."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Int

from musiclab.checks import check_whole
from musiclab.errors import SettingError
from musiclab.evaluate.baseline import (
    N_COLUMNS,
    UNHEARD,
    Baseline,
    Chances,
    Columns,
    Distribution,
    Pieces,
    alphabet,
    columns_of,
)
from musiclab.evaluate.contexts import (
    BY_RELEVANCE,
    FARTHEST,
    Feature,
    previous_notes,
    read_features,
)
from musiclab.evaluate.kneser_ney_table import KneserNeyTable
from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.chorale import REST, VOICES, Chorale
from musiclab.music.transposition import semitones_within, voice_ranges

MOST_NOTES = FARTHEST * len(VOICES)  # that a context can hold


class KneserNey(Baseline):
    """Each voice sings what followed the same context in training, or a shorter one.

    Args:
        pieces: To learn from; Int (frame, voice) arrays, -1 for a rest, or chorales. For other
            keys to help, give the pieces in those too: see ``in_every_key``.
        features: The context of each voice, the most telling feature first; the default is by
            relevance.
        one_table: Whether all four voices learn from each other's notes; then each needs the same
            number of features.

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
        features: Sequence[tuple[Feature, ...]] = BY_RELEVANCE,
        *,
        one_table: bool = False,
    ) -> None:
        if len(features) != len(VOICES) or one_table and len(set(map(len, features))) > 1:
            raise SettingError(
                f"give each of {len(VOICES)} voices its features, equally many for one table; got "
                f"{len(features)} lists of {sorted(set(map(len, features)))}"
            )
        _check_past(features)
        arrays = checked_pieces(pieces)
        marks = np.maximum(alphabet(arrays), UNHEARD)
        self.features, self.base = tuple(features), marks / marks.sum()
        columns = [columns_of(array) for array in arrays]
        notes = np.concatenate(columns)
        seen = [np.concatenate([self.look(one, voice) for one in columns]) for voice in range(4)]
        if one_table:
            table = KneserNeyTable(np.concatenate(seen), notes.T.reshape(-1), N_COLUMNS)
            self.tables = (table,) * len(VOICES)
        else:
            self.tables = tuple(
                KneserNeyTable(one, notes[:, voice], N_COLUMNS) for voice, one in enumerate(seen)
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
        check_whole("order", order, lowest=1, highest=MOST_NOTES + 1)
        features = [previous_notes(voice, order - 1) for voice in range(len(VOICES))]
        return cls(pieces, features, one_table=True)

    def look(self, columns: Columns, voice: int) -> Int[np.ndarray, "frame feature"]:
        """Return the context of a voice's note in each frame; a subclass may return another."""
        return read_features(columns, self.features[voice])

    def probabilities_of(self, columns: Columns) -> Chances:
        """Read the context of each voice."""
        found = [
            table.probabilities(self.look(columns, voice), columns[:, voice], self.base)
            for voice, table in enumerate(self.tables)
        ]
        return np.stack(found, axis=1)

    def next_note(self, columns: Columns, frame: int, voice: int) -> Distribution:
        """Read the context of this voice in this frame."""
        features = self.look(columns[: frame + 1], voice)[frame]
        return self.tables[voice].distribution(features, self.base)


def _check_past(features: Sequence[tuple[Feature, ...]]) -> None:
    """Refuse a feature that would give the answer away."""
    for voice, asked in enumerate(features):
        for feature in asked:
            if feature.kind == "pitch" and feature.back == 0 and feature.voice >= voice:
                raise SettingError(
                    f"the {VOICES[voice]} cannot depend on {feature}, which is drawn later; take 1 "
                    "frame back"
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

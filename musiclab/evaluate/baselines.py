"""The simplest models of four voices: what every Transformer must beat."""

from typing import ClassVar

import numpy as np

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
from musiclab.evaluate.pieces import checked_pieces
from musiclab.music.chorale import FRAMES_PER_QUARTER, VOICES

_VOICES = np.arange(len(VOICES))


class UniformBaseline(Baseline):
    """Every voice sings anything, each pitch as often as any other.

    Args:
        pieces: Only their lowest and highest pitch count.
    """

    name: ClassVar[str] = "uniform"

    def __init__(self, pieces: Pieces) -> None:
        marks = np.maximum(alphabet(checked_pieces(pieces)), UNHEARD)
        self.probabilities = marks / marks.sum()

    def probabilities_of(self, columns: Columns) -> Chances:
        """Depend on nothing."""
        return self.probabilities[columns]

    def next_note(self, columns: Columns, frame: int, voice: int) -> Distribution:
        """Depend on nothing."""
        return self.probabilities


class UnigramBaseline(Baseline):
    """Each voice sings each pitch as often as it did in training, whatever went before.

    Args:
        pieces: To learn from; Int (frame, voice) arrays, -1 for a rest, or chorales.
        alpha: Added to every count, so that a pitch never heard is not impossible.

    Attributes:
        probabilities: Float (voice, column), column 0 the rest and 1 + pitch anything else.

    Example:
        >>> piece = np.array([[60, 60, 48, 48], [62, 60, 48, 48]])
        >>> round(UnigramBaseline([piece]).nats_per_note([piece]), 2)
        0.7
    """

    name: ClassVar[str] = "unigram"

    def __init__(self, pieces: Pieces, alpha: float | int = 0.1) -> None:
        arrays = checked_pieces(pieces)
        counts = np.zeros((len(VOICES), N_COLUMNS))
        np.add.at(counts, (_VOICES, columns_of(np.concatenate(arrays))), 1)
        filled = counts + np.where(alphabet(arrays) > 0, alpha, UNHEARD)
        self.probabilities = filled / filled.sum(axis=-1, keepdims=True)

    def probabilities_of(self, columns: Columns) -> Chances:
        """Depend on the voice alone."""
        return self.probabilities[_VOICES, columns]

    def next_note(self, columns: Columns, frame: int, voice: int) -> Distribution:
        """Depend on the voice alone."""
        return self.probabilities[voice]


class BigramBaseline(Baseline):
    """Each voice moves on from its last pitch as often as it did in training.

    What a pitch was rarely followed by is filled up from how often the voice sings each pitch at
    all: ``alpha`` imagined notes of that kind after every pitch. The first frame, with nothing
    before it, is the unigram's.

    Args:
        pieces: To learn from.
        alpha: How many imagined notes.

    Attributes:
        probabilities: Float (voice, column before, column now).
    """

    name: ClassVar[str] = "bigram"

    def __init__(self, pieces: Pieces, alpha: float | int = 1.0) -> None:
        self.unigram = UnigramBaseline(pieces)
        counts = np.zeros((len(VOICES), N_COLUMNS, N_COLUMNS))
        for columns in map(columns_of, checked_pieces(pieces)):
            np.add.at(counts, (_VOICES, columns[:-1], columns[1:]), 1)
        imagined = alpha * self.unigram.probabilities[:, None]
        self.probabilities = (counts + imagined) / (counts.sum(axis=-1, keepdims=True) + alpha)

    def probabilities_of(self, columns: Columns) -> Chances:
        """Depend on the voice's own pitch one frame before."""
        first = self.unigram.probabilities[_VOICES, columns[:1]]
        return np.concatenate([first, self.probabilities[_VOICES, columns[:-1], columns[1:]]])

    def next_note(self, columns: Columns, frame: int, voice: int) -> Distribution:
        """Depend on the voice's own pitch one frame before."""
        if frame == 0:
            return self.unigram.probabilities[voice]
        return self.probabilities[voice, columns[frame - 1, voice]]


class RepeatBaseline(Baseline):
    """Hold the pitch or leave it, as often as in training at this place in the beat.

    It does not know where to go: what it leaves for is the unigram's guess.

    Args:
        pieces: To learn from. Places in the beat are counted from each piece's first frame.
        alpha: Imagined frames in which a voice holds, and as many in which it moves.

    Attributes:
        stays: Float (voice, place), the probability to hold; place 0 is on the beat.

    Example:
        >>> melody = np.repeat([60, 62, 64, 65], 4)  # one pitch per beat
        >>> model = RepeatBaseline([np.stack([melody] * 4, axis=1)], alpha=0.01)
        >>> model.stays[0].round(2)
        array([0., 1., 1., 1.])
    """

    name: ClassVar[str] = "repeat"

    def __init__(self, pieces: Pieces, alpha: float | int = 0.5) -> None:
        self.unigram = UnigramBaseline(pieces)
        held, seen = np.zeros((2, FRAMES_PER_QUARTER, len(VOICES))) + [[[alpha]], [[2 * alpha]]]
        for columns in map(columns_of, checked_pieces(pieces)):
            places = np.arange(1, len(columns)) % FRAMES_PER_QUARTER
            np.add.at(held, places, columns[1:] == columns[:-1])
            np.add.at(seen, places, 1)
        self.stays = (held / seen).T

    def probabilities_of(self, columns: Columns) -> Chances:
        """Depend on the voice's last pitch and on the place in the beat."""
        before, now = columns[:-1], columns[1:]
        sung = self.unigram.probabilities
        stays = self.stays[_VOICES, np.arange(1, len(columns))[:, None] % FRAMES_PER_QUARTER]
        # Having left a pitch, it sings any other: the rest of the unigram, made to sum to 1.
        leaves = (1 - stays) * sung[_VOICES, now] / (1 - sung[_VOICES, before])
        later = np.where(now == before, stays, leaves)
        return np.concatenate([sung[_VOICES, columns[:1]], later])

    def next_note(self, columns: Columns, frame: int, voice: int) -> Distribution:
        """Depend on the voice's last pitch and on the place in the beat."""
        sung = self.unigram.probabilities[voice]
        if frame == 0:
            return sung
        before, stays = columns[frame - 1, voice], self.stays[voice, frame % FRAMES_PER_QUARTER]
        chances = (1 - stays) * sung / (1 - sung[before])
        chances[before] = stays
        return chances

"""The simplest models of four voices: what every Transformer must beat."""

import math
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from musiclab.evaluate.baseline import COLUMNS, UNHEARD, Baseline, Pieces, alphabet, columns_of
from musiclab.evaluate.pieces import checked_pieces
from musiclab.music.chorale import VOICES

SYMBOLS = 47  # what the benchmark's voices sing, the rest included


def uniform_nats(symbols: int = SYMBOLS) -> float:
    """Nats per note of guessing among ``symbols`` alike.

    Example:
        >>> round(uniform_nats(), 3)
        3.85
    """
    return math.log(symbols)


class UniformBaseline(Baseline):
    """Every voice sings anything, each pitch as often as any other.

    Args:
        pieces: Only their lowest and highest pitch count.
    """

    name: ClassVar[str] = "uniform"

    def __init__(self, pieces: Pieces) -> None:
        marks = np.maximum(alphabet(checked_pieces(pieces)), UNHEARD)
        self.probabilities = marks / marks.sum()

    def probabilities_of(
        self, columns: Int[np.ndarray, "frame voice"]
    ) -> Float[np.ndarray, "frame voice"]:
        """Depend on nothing."""
        return self.probabilities[columns]

    def next_note(
        self, columns: Int[np.ndarray, "frame voice"], frame: int, voice: int
    ) -> Float[np.ndarray, " column"]:
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
        counts = np.zeros((len(VOICES), COLUMNS))
        for columns in map(columns_of, arrays):
            for voice in range(len(VOICES)):
                counts[voice] += np.bincount(columns[:, voice], minlength=COLUMNS)
        filled = counts + np.where(alphabet(arrays) > 0, alpha, UNHEARD)
        self.probabilities = filled / filled.sum(axis=-1, keepdims=True)

    def probabilities_of(
        self, columns: Int[np.ndarray, "frame voice"]
    ) -> Float[np.ndarray, "frame voice"]:
        """Depend on the voice alone."""
        return self.probabilities[np.arange(len(VOICES)), columns]

    def next_note(
        self, columns: Int[np.ndarray, "frame voice"], frame: int, voice: int
    ) -> Float[np.ndarray, " column"]:
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
        counts = np.zeros((len(VOICES), COLUMNS, COLUMNS))
        for columns in map(columns_of, checked_pieces(pieces)):
            for voice in range(len(VOICES)):
                np.add.at(counts[voice], (columns[:-1, voice], columns[1:, voice]), 1)
        imagined = alpha * self.unigram.probabilities[:, None]
        self.probabilities = (counts + imagined) / (counts.sum(axis=-1, keepdims=True) + alpha)

    def probabilities_of(
        self, columns: Int[np.ndarray, "frame voice"]
    ) -> Float[np.ndarray, "frame voice"]:
        """Depend on the voice's own pitch one frame before."""
        voices = np.arange(len(VOICES))
        first = self.unigram.probabilities[voices, columns[:1]]
        return np.concatenate([first, self.probabilities[voices, columns[:-1], columns[1:]]])

    def next_note(
        self, columns: Int[np.ndarray, "frame voice"], frame: int, voice: int
    ) -> Float[np.ndarray, " column"]:
        """Depend on the voice's own pitch one frame before."""
        if frame == 0:
            return self.unigram.probabilities[voice]
        return self.probabilities[voice, columns[frame - 1, voice]]

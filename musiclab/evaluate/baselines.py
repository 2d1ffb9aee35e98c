"""The simplest models of four voices: what every Transformer must beat."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.chorale import REST, VOICES

SYMBOLS = 47  # what the benchmark's voices sing, the rest included
_REST_COLUMN = 0
_COLUMNS = 1 + 128  # the rest, then MIDI 0 to 127


def uniform_nats(symbols: int = SYMBOLS) -> float:
    """Nats a note of guessing among ``symbols`` alike.

    Example:
        >>> round(uniform_nats(), 3)
        3.85
    """
    return math.log(symbols)


class UnigramBaseline:
    """Each voice sings each pitch as often as it did in training, whatever went before.

    Args:
        pieces: To learn from; Int (frame, voice) arrays, -1 for a rest.
        alpha: Added to every count, so that a pitch never heard is not impossible.

    Example:
        >>> piece = np.array([[60, 60, 48, 48], [62, 60, 48, 48]])
        >>> round(UnigramBaseline([piece]).nats_per_note([piece]), 2)
        0.7
    """

    def __init__(self, pieces: Sequence[Pitches], alpha: float = 0.1) -> None:
        counts = np.zeros((len(VOICES), _COLUMNS))
        for columns in map(_columns, checked_pieces(pieces)):
            for voice in range(len(VOICES)):
                counts[voice] += np.bincount(columns[:, voice], minlength=_COLUMNS)
        self.alphabet = _alphabet(counts.sum(axis=0))
        self.probabilities = _smoothed(counts, self.alphabet, alpha)

    def nats_per_note(self, pieces: Sequence[Pitches]) -> float:
        """Measure it on other pieces, as ``musiclab.evaluate.nats_per_note`` does."""
        voices = np.arange(len(VOICES))
        found = [self.probabilities[voices, _columns(piece)] for piece in checked_pieces(pieces)]
        return float(-np.log(np.concatenate(found)).mean())


class BigramBaseline:
    """Each voice moves on from its last pitch as often as it did in training.

    What a pitch was rarely followed by is filled up from how often the voice sings each pitch at
    all: ``alpha`` imagined notes of that kind after every pitch.

    Args:
        pieces: To learn from.
        alpha: How many imagined notes.
    """

    def __init__(self, pieces: Sequence[Pitches], alpha: float = 1.0) -> None:
        self.unigram = UnigramBaseline(pieces)
        counts = np.zeros((len(VOICES), _COLUMNS, _COLUMNS))  # [voice, before, now]
        for columns in map(_columns, checked_pieces(pieces)):
            for voice in range(len(VOICES)):
                np.add.at(counts[voice], (columns[:-1, voice], columns[1:, voice]), 1)
        imagined = alpha * self.unigram.probabilities[:, None]
        self.probabilities = (counts + imagined) / (counts.sum(axis=-1, keepdims=True) + alpha)

    def nats_per_note(self, pieces: Sequence[Pitches]) -> float:
        """Measure it on other pieces; the first frame, with nothing before it, by the unigram."""
        voices = np.arange(len(VOICES))
        found = []
        for columns in map(_columns, checked_pieces(pieces)):
            found.append(self.unigram.probabilities[voices, columns[:1]])
            found.append(self.probabilities[voices, columns[:-1], columns[1:]])
        return float(-np.log(np.concatenate(found)).mean())


def _columns(piece: Pitches) -> Pitches:
    """Number pitches by column: the rest first."""
    return np.where(piece == REST, _REST_COLUMN, 1 + piece)


def _alphabet(counts: Float[np.ndarray, " column"]) -> Float[np.ndarray, " column"]:
    """Mark with 1 what may be sung: the rest, and all pitches between the lowest and highest."""
    heard = np.flatnonzero(counts[1:])
    marks = np.zeros(_COLUMNS)
    marks[_REST_COLUMN] = 1
    if heard.size:
        marks[1 + heard[0] : 2 + heard[-1]] = 1
    return marks


def _smoothed(
    counts: Float[np.ndarray, "voice column"],
    alphabet: Float[np.ndarray, " column"],
    alpha: float,
) -> Float[np.ndarray, "voice column"]:
    """Add ``alpha`` to every count of the alphabet; a pitch outside it gets next to nothing."""
    tiny = 1e-9  # so that an outlandish pitch costs some 20 nats, not infinitely many
    filled = counts + np.where(alphabet > 0, alpha, tiny)
    return filled / filled.sum(axis=-1, keepdims=True)

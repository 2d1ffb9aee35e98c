"""What every simple model of four voices can do: be measured, and be heard."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, Int

from musiclab.checks import check_whole
from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.chorale import REST, VOICES, Chorale

Pieces = Sequence[Any]  # Int (frame, voice) arrays of MIDI numbers, -1 for a rest, or chorales
Columns = Int[np.ndarray, "frame voice"]  # pitches numbered by column: 0 the rest, else 1 + pitch
Chances = Float[np.ndarray, "frame voice"]  # probability of each note
Distribution = Float[np.ndarray, " column"]

N_COLUMNS = 1 + 128  # what a voice can do: the rest first, then MIDI 0 to 127
UNHEARD = 1e-9  # so that an outlandish pitch costs some 20 nats, not infinitely many
MOST_FRAMES = 4096  # of a sample: a quarter of an hour


class Baseline(ABC):
    """A model that gives every note a probability, from what went before.

    A subclass says how probable notes are; this class measures with that, and draws from it.
    """

    name: ClassVar[str] = "baseline"

    @abstractmethod
    def probabilities_of(self, columns: Columns) -> Chances:
        """Say how probable each note of a piece was, given what stands before it."""

    @abstractmethod
    def next_note(self, columns: Columns, frame: int, voice: int) -> Distribution:
        """Say how probable each column is at one place, whatever stands there and after it."""

    def nats_of_pieces(self, pieces: Pieces) -> list[Float[np.ndarray, "_ voice"]]:
        """Measure the surprise of every note, as the ``nats_of_pieces`` of a checkpoint."""
        columns = map(columns_of, checked_pieces(pieces))
        return [-np.log(self.probabilities_of(one)) for one in columns]

    def nats_per_note(self, pieces: Pieces) -> float:
        """Measure it as ``musiclab.evaluate.nats_per_note`` measures a Transformer.

        Args:
            pieces: Each an Int (frame, voice) array of MIDI numbers, -1 for a rest, or a Chorale.

        Returns:
            Negative log-likelihood in nats per note: the mean over all cells of all pieces.

        Raises:
            ScoreError: If a piece has a wrong shape or impossible numbers.
        """
        return float(np.concatenate(self.nats_of_pieces(pieces)).mean())

    def sample(self, frames: int, seed: int = 0) -> Chorale:
        """Draw a piece note by note: frame after frame, soprano, alto, tenor, bass.

        Args:
            frames: Length in 16th notes, at most 4,096.
            seed: The same seed, the same piece.

        Raises:
            SettingError: If ``frames`` is out of range.
        """
        check_whole("frames", frames, lowest=1, highest=MOST_FRAMES)
        columns = np.zeros((frames, len(VOICES)), dtype=np.int64)
        generator = np.random.default_rng(seed)
        for frame in range(frames):
            for voice in range(len(VOICES)):
                ladder = self.next_note(columns, frame, voice).cumsum()
                drawn = np.searchsorted(ladder, generator.random() * ladder[-1], side="right")
                columns[frame, voice] = min(drawn, N_COLUMNS - 1)
        return Chorale(pitches=columns - 1, title=f"{self.name}, seed {seed}")


def columns_of(piece: Pitches) -> Pitches:
    """Number what a voice does by column: the rest first.

    Example:
        >>> columns_of(np.array([[60, 55, 48, -1]]))
        array([[61, 56, 49,  0]])
    """
    return piece - REST


def alphabet(pieces: Sequence[Pitches]) -> Distribution:
    """Mark with 1 what may be sung: the rest, and all pitches between the lowest and highest."""
    marks = np.zeros(N_COLUMNS)
    heard = np.unique(np.concatenate([columns_of(piece).ravel() for piece in pieces]))
    marks[0] = 1
    if (heard > 0).any():
        marks[heard[heard > 0][0] : heard[-1] + 1] = 1
    return marks

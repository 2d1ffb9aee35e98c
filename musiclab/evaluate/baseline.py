"""What every simple model of four voices can do: be measured, and be heard."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, Int

from musiclab.errors import SettingError
from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.chorale import REST, VOICES, Chorale

Pieces = Sequence[Any]  # Int (frame, voice) arrays of MIDI numbers, -1 for a rest, or chorales

COLUMNS = 1 + 128  # what a voice can do: the rest first, then MIDI 0 to 127
UNHEARD = 1e-9  # so that an outlandish pitch costs some 20 nats, not infinitely many
MOST_FRAMES = 4096  # of a sample: a quarter of an hour


class Baseline(ABC):
    """A model that gives every note a probability, from what went before.

    A subclass says how probable notes are; this class measures with that, and draws from it.
    Notes are numbered by column here: 0 is the rest, 1 + pitch anything else.
    """

    name: ClassVar[str] = "baseline"

    @abstractmethod
    def probabilities_of(
        self, columns: Int[np.ndarray, "frame voice"]
    ) -> Float[np.ndarray, "frame voice"]:
        """Say how probable each note of a piece was, given what stands before it."""

    @abstractmethod
    def next_note(
        self, columns: Int[np.ndarray, "frame voice"], frame: int, voice: int
    ) -> Float[np.ndarray, " column"]:
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

    def sample(
        self,
        frames: int,
        seed: int = 0,
        *,
        temperature: float | int = 1.0,
        opening: Any = None,
    ) -> Chorale:
        """Draw a piece note by note: frame after frame, soprano, alto, tenor, bass.

        Args:
            frames: Length in 16th notes, the opening included.
            seed: The same seed, the same piece.
            temperature: Below 1 the likely notes become likelier, above 1 less likely.
            opening: How it begins; Int (frame, voice) pitches, or a Chorale.

        Raises:
            SettingError: If ``frames`` is below 1, above 4,096, or shorter than the opening, or
                the temperature is not positive.
            ScoreError: If the opening is not four voices of MIDI numbers.
        """
        given = 0 if opening is None else len(opening)
        if not max(1, given) <= frames <= MOST_FRAMES:
            raise SettingError(
                f"frames must lie between {max(1, given)} and {MOST_FRAMES}, got {frames}"
            )
        if not 0 < temperature < math.inf:
            raise SettingError(f"temperature must be a positive number, got {temperature}")
        columns = np.zeros((frames, len(VOICES)), dtype=np.int64)
        if given:
            columns[:given] = columns_of(checked_pieces([opening])[0])
        generator = np.random.default_rng(seed)
        for frame in range(given, frames):
            for voice in range(len(VOICES)):
                chances = self.next_note(columns, frame, voice)
                ladder = ((chances / chances.max()) ** (1 / temperature)).cumsum()
                drawn = np.searchsorted(ladder, generator.random() * ladder[-1], side="right")
                columns[frame, voice] = min(drawn, COLUMNS - 1)
        return Chorale(pitches=columns - 1, title=f"{self.name}, seed {seed}")


def columns_of(piece: Pitches) -> Pitches:
    """Number what a voice does by column: the rest first.

    Example:
        >>> columns_of(np.array([[60, 55, 48, -1]]))
        array([[61, 56, 49,  0]])
    """
    assert REST == -1  # 1 + REST is then the first column
    return piece + 1


def alphabet(pieces: Sequence[Pitches]) -> Float[np.ndarray, " column"]:
    """Mark with 1 what may be sung: the rest, and all pitches between the lowest and highest."""
    marks = np.zeros(COLUMNS)
    heard = np.unique(np.concatenate([columns_of(piece).ravel() for piece in pieces]))
    marks[0] = 1
    if (heard > 0).any():
        marks[heard[heard > 0][0] : heard[-1] + 1] = 1
    return marks

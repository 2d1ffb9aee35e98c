"""Repeat the last pitch, and know how likely that is at this place in the beat."""

from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from musiclab.evaluate.baseline import Baseline, Pieces, columns_of
from musiclab.evaluate.baselines import UnigramBaseline
from musiclab.evaluate.pieces import checked_pieces
from musiclab.music.chorale import FRAMES_PER_QUARTER, VOICES


class RepeatBaseline(Baseline):
    """Hold the pitch or leave it, as often as in training at this place in the beat.

    It does not know where to go: what it leaves for is the unigram's guess.

    Args:
        pieces: To learn from; Int (frame, voice) arrays, -1 for a rest, or chorales. Places in
            the beat are counted from each piece's first frame.
        alpha: Imagined frames in which a voice holds, and as many in which it moves.

    Attributes:
        stays: Float (voice, place), the probability to hold; place 0 is on the beat.

    Example:
        >>> melody = np.repeat([60, 62, 64, 65], 4)  # one pitch a beat
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

    def probabilities_of(
        self, columns: Int[np.ndarray, "frame voice"]
    ) -> Float[np.ndarray, "frame voice"]:
        """Depend on the voice's last pitch and on the place in the beat."""
        voices = np.arange(len(VOICES))
        before, now = columns[:-1], columns[1:]
        sung = self.unigram.probabilities
        stays = self.stays[voices, np.arange(1, len(columns))[:, None] % FRAMES_PER_QUARTER]
        # Having left a pitch, it sings any other: the rest of the unigram, made to sum to 1.
        leaves = (1 - stays) * sung[voices, now] / (1 - sung[voices, before])
        later = np.where(now == before, stays, leaves)
        return np.concatenate([sung[voices, columns[:1]], later])

    def next_note(
        self, columns: Int[np.ndarray, "frame voice"], frame: int, voice: int
    ) -> Float[np.ndarray, " column"]:
        """Depend on the voice's last pitch and on the place in the beat."""
        sung = self.unigram.probabilities[voice]
        if frame == 0:
            return sung
        before, stays = columns[frame - 1, voice], self.stays[voice, frame % FRAMES_PER_QUARTER]
        chances = (1 - stays) * sung / (1 - sung[before])
        chances[before] = stays
        return chances

"""Batches for the infiller: whole pieces with some cells hidden, which are the targets."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool

from musiclab.errors import SettingError
from musiclab.music.chorale import FRAMES_PER_QUARTER, Chorale
from musiclab.tokens.conditions import UNKNOWN, Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.batches import Batch, padded
from musiclab.training.frame_batches import FrameBatches

LONGEST_BLOCK = 16 * FRAMES_PER_QUARTER  # frames that a hole spans at most


def draw_hidden(
    frames: int, voices: int, random: np.random.Generator
) -> Bool[np.ndarray, "frame voice"]:
    """Draw which cells to hide: at least one.

    Half the time any cells, a share of them that is itself drawn; half the time a hole: some
    frames of some voices, as somebody would mark who wants them written again.
    """
    if random.random() < 0.5:
        hidden = random.random((frames, voices)) < random.random()
    else:
        first = int(random.integers(frames))
        length = int(random.integers(1, LONGEST_BLOCK + 1))
        hidden = np.zeros((frames, voices), dtype=bool)
        hidden[first : first + length, random.random(voices) < random.uniform(0.25, 1)] = True
    if not hidden.any():
        hidden[random.integers(frames), random.integers(voices)] = True
    return hidden


class InfillBatches(FrameBatches):
    """Draw batches for an ``Infiller``.

    ``inputs`` are the frames (batch, seq, voice), with pads where the model is to guess and ends
    after the piece; ``conditions`` (batch, seq, condition); and ``sounds`` (batch, seq), False
    after the piece. The targets are the hidden cells; in validation a piece always has the same.

    Args:
        pieces: The chorales.
        tokenizer: Of layout "frames".
        conditions: What is told about each frame; by default nothing.
        **options: As for ``FrameBatches``, but without ``note_dropout``, ``repeat``, ``tunes`` and
            ``with_end``.

    Raises:
        SettingError: If the layout or a value does not fit.

    Example:
        >>> piece = Chorale(pitches=np.array([[72, 67, 64, 48], [72, 65, 62, -1]]))
        >>> (shown, *_), targets = InfillBatches([piece], GridTokenizer()).batch(0)
        >>> bool(((shown == 0) == (targets != 0)).all())
        True
    """

    def __init__(
        self,
        pieces: Sequence[Chorale],
        tokenizer: GridTokenizer,
        conditions: Conditions | None = None,
        **options: Any,
    ) -> None:
        for name in ("note_dropout", "repeat", "tunes", "with_end"):
            if options.get(name):
                raise SettingError(f"an infiller has no use for {name}; leave it out")
        super().__init__(pieces, tokenizer, conditions, **options)

    def _draw(self, piece: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
        _, told, frames = super()._draw(piece, random)
        if not self.training:
            random = np.random.default_rng([self.seed, piece, 2])
        hidden = draw_hidden(*frames.shape, random)
        return np.where(hidden, self.pad_id, frames), told, np.where(hidden, frames, self.pad_id)

    def _collate(self, rows: list[tuple[np.ndarray, ...]]) -> Batch:
        shown, told, targets = zip(*rows, strict=True)
        sounds = padded([np.ones(len(one), dtype=bool) for one in shown], False, bool)
        inputs = (padded(shown, self.tokenizer.end_id), padded(told, UNKNOWN), sounds)
        return Batch(inputs, padded(targets, self.pad_id))

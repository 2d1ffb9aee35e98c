"""Batches for the harmoniser: a melody that is known whole, and three voices to write under it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.tokens.conditions import UNKNOWN, Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.tokens.melody import melody_columns
from musiclab.training.batches import Batch, padded
from musiclab.training.frame_batches import FrameBatches


class HarmonyBatches(FrameBatches):
    """Draw batches for a ``Harmoniser``.

    ``inputs`` are ``source`` (batch, seq, column), the soprano's token and its ``melody_columns``;
    ``conditions`` (batch, seq, condition); ``previous`` (batch, seq, voice), the frames one step
    late; and the frames. The targets are alto, tenor and bass alone.

    Args:
        pieces: The chorales.
        tokenizer: Of layout "frames".
        conditions: What is told about each frame; by default nothing.
        **options: As for ``FrameBatches``, but without ``crop``, ``repeat`` and ``with_end``: the
            melody is known whole, and with it the end. ``note_dropout`` hides no note of the
            soprano.

    Raises:
        SettingError: If the layout or a value does not fit.

    Example:
        >>> piece = Chorale(pitches=np.array([[72, 67, 64, 48], [72, 65, 62, -1]]))
        >>> batches = HarmonyBatches([piece], GridTokenizer(), training=False)
        >>> (source, conditions, previous, frames), targets = batches.batch(0)
        >>> source[0].tolist(), targets[0].tolist()
        ([[43, 0, 1, 0, 0], [43, 1, 0, 0, 0]], [[38, 35, 19], [36, 33, 3]])
    """

    def __init__(
        self,
        pieces: Sequence[Chorale],
        tokenizer: GridTokenizer,
        conditions: Conditions | None = None,
        **options: Any,
    ) -> None:
        for name in ("crop", "repeat", "with_end"):
            if options.get(name):
                raise SettingError(
                    f"a harmoniser reads every melody whole, so {name}={options[name]!r} has no "
                    "meaning here; leave it out"
                )
        super().__init__(pieces, tokenizer, conditions, **options)
        self._melodies: dict[int, np.ndarray] = {}

    def _draw(self, piece: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
        previous, told, frames = super()._draw(piece, random)
        previous[1:, 0] = frames[:-1, 0]  # what is known is not hidden
        if piece not in self._melodies:  # the same in every key
            self._melodies[piece] = melody_columns(self.pieces[piece]).astype(np.int16)
        source = np.column_stack([frames[:, 0], self._melodies[piece]])
        return source, told, previous, frames

    def _collate(self, rows: list[tuple[np.ndarray, ...]]) -> Batch:
        source, told, previous, frames = zip(*rows, strict=True)
        piece = padded(frames, self.pad_id)
        past = padded(previous, self.pad_id)
        inputs = (padded(source, self.pad_id), padded(told, UNKNOWN), past, piece)
        return Batch(inputs, piece[..., 1:])

"""Batches for the model over flat tokens: one position a note, S A T B S A T B ..."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from musiclab.errors import SettingError
from musiclab.music.chorale import VOICES, Chorale
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.batches import Batch, ChoraleBatches, padded, shift_targets


class TokenBatches(ChoraleBatches):
    """Draw batches for a ``Transformer``: a piece, and as targets the same, one id on.

    A crop starts with a soprano to be predicted, from the bass before it.

    Args:
        pieces: The chorales.
        tokenizer: Of layout "notes".
        **options: As for ``ChoraleBatches``.

    Raises:
        SettingError: If the layout or a value does not fit.

    Example:
        >>> piece = Chorale(pitches=np.array([[72, 67, 64, 48]]))
        >>> batches = TokenBatches([piece], GridTokenizer(layout="notes"), training=False)
        >>> (ids,), targets = batches.batch(0)
        >>> ids.tolist(), targets.tolist()
        ([[1, 43, 38, 35]], [[43, 38, 35, 19]])
    """

    def __init__(self, pieces: Sequence[Chorale], tokenizer: GridTokenizer, **options: Any) -> None:
        super().__init__(pieces, tokenizer, **options)
        if tokenizer.layout != "notes":
            raise SettingError(
                f'flat tokens need a tokeniser of layout "notes", got "{tokenizer.layout}"'
            )

    def _draw(self, piece: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
        ids = self._ids(piece, self._key(piece, random))
        first, last = (frame * len(VOICES) for frame in self._excerpt(piece, random))
        return shift_targets(ids[first : last + 1])  # the end is one id, not a frame of four

    def _collate(self, rows: list[tuple[np.ndarray, ...]]) -> Batch:
        ids, targets = zip(*rows, strict=True)
        return Batch((padded(ids, self.pad_id),), padded(targets, self.pad_id))

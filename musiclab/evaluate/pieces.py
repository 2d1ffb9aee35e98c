"""Check bare arrays of pitches before anything is measured on them."""

from collections.abc import Sequence
from typing import Any, no_type_check

import numpy as np
from jaxtyping import Int

from musiclab.errors import ScoreError
from musiclab.music.chorale import REST, VOICES

Pitches = Int[np.ndarray, "_ voice"]  # in a list, each piece has a length of its own


@no_type_check  # it checks its argument itself
def checked_pieces(pieces: Sequence[Any]) -> list[Pitches]:
    """Return pieces as integer arrays, or refuse the first that cannot be one.

    Args:
        pieces: Each an Int (frame, voice) array of MIDI numbers, -1 for a rest, or a Chorale.

    Returns:
        The arrays.

    Raises:
        ScoreError: If there is no piece, or one has a wrong shape, type or number.
    """
    if isinstance(pieces, np.ndarray) and pieces.ndim == 2 or hasattr(pieces, "pitches"):
        raise ScoreError("pieces must be a list of pieces, got a single one; write [piece]")
    arrays = [_checked(number, piece) for number, piece in enumerate(pieces)]
    if not arrays:
        raise ScoreError("there is no piece to measure; give at least one")
    return arrays


def _checked(number: int, piece: Any) -> Pitches:
    try:
        array = np.asarray(getattr(piece, "pitches", piece))
    except ValueError:  # rows of different lengths
        array = np.empty(0)
    if array.ndim != 2 or array.shape[1] != len(VOICES) or not len(array):
        raise ScoreError(
            f"piece {number} must have one row a frame (at least one) and {len(VOICES)} columns, "
            f"got shape {array.shape}"
        )
    if array.dtype.kind not in "iu":
        raise ScoreError(
            f"piece {number} must hold whole MIDI numbers, got an array of {array.dtype}; "
            "convert it with astype(int)"
        )
    wrong = array[(array != REST) & ((array < 0) | (array > 127))]
    if wrong.size:
        raise ScoreError(
            f"piece {number} holds {wrong[0]}, which is no MIDI number; use 0 to 127, and {REST} "
            "for a rest"
        )
    return array.astype(np.int64)

"""Check ids at the border: decoding forgives any order, but not ids that no vocabulary has."""

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike

from musiclab.errors import TokenError


def known_ids(ids: ArrayLike, vocab_size: int) -> Int[np.ndarray, "..."]:
    """Return ``ids`` as an integer array, or refuse them.

    Args:
        ids: Numbers of tokens, in any shape.
        vocab_size: How many tokens there are.

    Returns:
        The same ids as an integer array.

    Raises:
        TokenError: If an id is no whole number from 0 to ``vocab_size - 1``.
    """
    try:
        array = np.asarray(ids)
    except ValueError as error:
        raise TokenError("ids must have rows of one length; pad the shorter ones") from error
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TokenError(f"ids must be whole numbers, got an array of {array.dtype}")
    unknown = array[(array < 0) | (array >= vocab_size)]
    if unknown.size:
        raise TokenError(
            f"no token has id {unknown[0]}, ids go from 0 to {vocab_size - 1}; "
            "were these made with another tokeniser?"
        )
    return array.astype(np.int64)

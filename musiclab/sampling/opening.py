"""Turn a given piece into the tokens of a checkpoint."""

import numpy as np
from jaxtyping import Int

from musiclab.errors import SettingError
from musiclab.music.chorale import REST, Chorale
from musiclab.tokens.grid import GridTokenizer


def tokens_of(
    chorale: Chorale, tokenizer: GridTokenizer, what: str
) -> Int[np.ndarray, "frame voice"]:
    """Turn a piece into tokens, one row a frame, without start and end.

    Args:
        chorale: The music.
        tokenizer: Of either layout.
        what: What an error shall call it, such as "the prompt".

    Returns:
        One row a frame.

    Raises:
        SettingError: If a pitch has no token; the message says how far to transpose.
    """
    pitches = chorale.pitches[chorale.pitches != REST]
    lowest, highest = tokenizer.lowest, tokenizer.highest
    if pitches.size and not lowest <= pitches.min() <= pitches.max() <= highest:
        low, high = int(pitches.min()), int(pitches.max())
        shift = lowest - low if low < lowest else highest - high
        remedy = f"transpose it by {shift} semitones"
        if not lowest <= low + shift <= high + shift <= highest:
            remedy = "choose one of a smaller range"
        raise SettingError(
            f"{what} goes from pitch {low} to {high}, this checkpoint sings {lowest} to {highest}; "
            f"{remedy}"
        )
    ids = tokenizer.encode(chorale)
    if tokenizer.layout == "notes":
        return ids[1:-1].reshape(-1, chorale.pitches.shape[1])
    return ids[1:-1]

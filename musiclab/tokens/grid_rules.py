"""Two tokens of one voice in neighbouring frames: which may follow the other."""

import numpy as np
from jaxtyping import Bool, Int


def grammar(
    pitches: Int[np.ndarray, " vocab"],
    held: Bool[np.ndarray, " vocab"],
    *,
    start_id: int,
    end_id: int,
) -> Bool[np.ndarray, "previous next"]:
    """Tell for every two tokens whether the second may follow the first in one voice.

    Args:
        pitches: Each token's MIDI number, -1 where it sounds nothing.
        held: True for tokens that hold a pitch.
        start_id: This id and those below it (pad) stand only before the music.
        end_id: Once the music has ended, nothing but this follows.

    Returns:
        True where the token of the column may follow that of the row.
    """
    sounds_on = pitches[:, None] == pitches[None, :]
    allowed = sounds_on | ~held[None, :]
    allowed[:, : start_id + 1] = False
    allowed[end_id] = np.arange(len(pitches)) == end_id
    return allowed

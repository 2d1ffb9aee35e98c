"""Two tokens of one voice in neighbouring frames: which may follow, and how far it leaps."""

import numpy as np
from jaxtyping import Bool, Int

from musiclab.music.chorale import REST

WIDEST = 24  # semitones; wider intervals count as this wide
N_INTERVALS = 2 * WIDEST + 1


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


def relations(
    pitches: Int[np.ndarray, " vocab"], held: Bool[np.ndarray, " vocab"]
) -> Int[np.ndarray, "previous next"]:
    """Number the musical relation of every two tokens.

    Args:
        pitches: Each token's MIDI number, -1 where it sounds nothing.
        held: True for tokens that hold a pitch.

    Returns:
        0 where either token sounds nothing, else 1 + 24 + the interval from the row's token up to
        the column's in semitones, clipped to -24 to 24; and 49 more where the column's is held.

    Source:
        The idea of telling attention how far apart two pitches are: Huang et al. (2018), "Music
        Transformer", arXiv:1809.04281. Here every pair of tokens is looked up in one table.

    Example:
        >>> relations(np.array([-1, 60, 64]), np.array([False, False, False]))
        array([[ 0,  0,  0],
               [ 0, 25, 29],
               [ 0, 21, 25]])
    """
    intervals = np.clip(pitches[None, :] - pitches[:, None], -WIDEST, WIDEST)
    numbers = 1 + WIDEST + intervals + N_INTERVALS * held[None, :]
    sounding = pitches != REST
    return np.where(sounding[:, None] & sounding[None, :], numbers, 0)

"""Say which note has no token on the grid, and how to mend that."""

import numpy as np
from jaxtyping import Int

from musiclab.music.chorale import REST, VOICES


def out_of_range(pitches: Int[np.ndarray, "frame voice"], lowest: int, highest: int) -> str:
    """Name the first note outside a tokeniser's range, and the remedy.

    Args:
        pitches: MIDI numbers, -1 for a rest, at least one outside the range.
        lowest: The lowest pitch that has a token.
        highest: The highest pitch that has a token.

    Returns:
        One sentence.

    Example:
        >>> out_of_range(np.array([[86, 60, -1, 50]]), 33, 84).split("; ")[1]
        'transpose it by -2 semitones, or build the tokeniser with highest=86'
    """
    sounding = pitches != REST
    frame, voice = np.argwhere(sounding & ((pitches < lowest) | (pitches > highest)))[0]
    low, high = pitches[sounding].min(), pitches[sounding].max()
    too_low, too_high = low < lowest, high > highest
    bounds = {f"lowest={low}": too_low, f"highest={high}": too_high}
    remedy = f"build the tokeniser with {', '.join(one for one in bounds if bounds[one])}"
    if high - low <= highest - lowest:
        shift = lowest - low if too_low else highest - high
        remedy = f"transpose it by {shift} semitones, or {remedy}"
    return (
        f"no token for pitch {pitches[frame, voice]} ({VOICES[voice]}, frame {frame}): "
        f"this tokeniser has {lowest} to {highest}; {remedy}"
    )

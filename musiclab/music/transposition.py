"""To which keys a chorale can be moved before a singer runs out of voice."""

from collections.abc import Sequence

import numpy as np

from musiclab.music.chorale import REST, Chorale

VoiceRanges = tuple[tuple[int, int], ...]  # lowest and highest MIDI number of each voice


def voice_ranges(pieces: Sequence[Chorale]) -> VoiceRanges:
    """Find the lowest and the highest pitch of each voice.

    Args:
        pieces: The chorales to search, usually those of the training split.

    Returns:
        (lowest, highest) as MIDI numbers, soprano first; (127, 0) for a voice that never sounds.

    Example:
        >>> voice_ranges([Chorale(pitches=np.array([[72, 67, 64, 48], [74, -1, 62, 50]]))])
        ((72, 74), (67, 67), (62, 64), (48, 50))
    """
    pitches = np.concatenate([piece.pitches for piece in pieces])
    lowest = np.where(pitches == REST, 127, pitches).min(axis=0)
    highest = np.where(pitches == REST, 0, pitches).max(axis=0)
    return tuple((int(low), int(high)) for low, high in zip(lowest, highest, strict=True))


def semitones_within(chorale: Chorale, ranges: VoiceRanges, vocabulary: tuple[int, int]) -> range:
    """List by how many semitones a chorale can be moved with every voice inside its range.

    Args:
        chorale: The piece.
        ranges: Lowest and highest pitch of each voice.
        vocabulary: Lowest and highest pitch that has a token.

    Returns:
        The semitones, 0 always among them.

    Example:
        >>> piece = Chorale(pitches=np.array([[72, 67, 64, 48]]))
        >>> choir = ((60, 79), (55, 74), (48, 67), (40, 60))
        >>> list(semitones_within(piece, choir, (33, 84)))
        [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3]
    """
    down, up = [], []
    for (low, high), (lowest, highest) in zip(voice_ranges([chorale]), ranges, strict=True):
        # A silent voice has 127 as its lowest pitch and 0 as its highest, so it limits nothing.
        down.append(max(lowest, vocabulary[0]) - low)
        up.append(min(highest, vocabulary[1]) - high)
    return range(min(0, max(down)), max(0, min(up)) + 1)

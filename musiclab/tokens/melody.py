"""What can be said of a melody at each moment when all of it is known, in any key alike."""

import numpy as np
from jaxtyping import Int

from musiclab.music.chorale import REST, Chorale

WIDEST = 24  # semitones; wider intervals count as this wide
N_INTERVALS = 2 * WIDEST + 1
LONGEST_NOTE = 31  # frames; whatever lasts longer counts as this long
MELODY_SIZES = (LONGEST_NOTE + 1, LONGEST_NOTE + 1, 1 + N_INTERVALS, 1 + N_INTERVALS)


def melody_columns(chorale: Chorale) -> Int[np.ndarray, "frame column"]:
    """Number, for every frame, where in its note the soprano stands and where it goes.

    Columns: frames since the note began; frames still to come before it ends; the step to this
    note from the one before; the step from it to the next. A step is 0 where there is no such
    note, or either is a rest; else 1 + 24 + the semitones upwards, clipped to -24 to 24. A rest
    counts as a note that lasts until the next one.

    Args:
        chorale: The melody is its soprano; the other voices are not looked at.

    Returns:
        One row a frame; the sizes of the columns are ``MELODY_SIZES``.

    Example:
        >>> melody = Chorale(pitches=np.array([[67, -1, -1, -1]] * 2 + [[71, -1, -1, -1]]))
        >>> melody_columns(melody)
        array([[ 0,  1,  0, 29],
               [ 1,  0,  0, 29],
               [ 0,  0, 29,  0]])
    """
    pitches = chorale.pitches[:, 0]
    begins = chorale.attacks[:, 0].copy()
    begins[:1] = True
    begins[1:] |= pitches[1:] != pitches[:-1]
    first, note = np.flatnonzero(begins), np.cumsum(begins) - 1
    after = np.append(first[1:], len(pitches))
    now, sung = np.arange(len(pitches)), pitches[first]
    steps = np.zeros(len(first) + 1, dtype=np.int64)  # into each note, and out of the last
    sounding = (sung[1:] != REST) & (sung[:-1] != REST)
    intervals = np.clip(np.diff(sung), -WIDEST, WIDEST)
    steps[1:-1] = np.where(sounding, 1 + WIDEST + intervals, 0)
    held = [
        np.minimum(frames, LONGEST_NOTE) for frames in (now - first[note], after[note] - 1 - now)
    ]
    return np.stack([*held, steps[note], steps[note + 1]], axis=1)

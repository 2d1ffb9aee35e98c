"""How a piece ends, judged by a key that the ending had no part in.

``guess_key`` takes the last bass note for a hint at the key. To ask afterwards whether the piece
ends on the tonic would be to ask a question with its answer: it flatters music that wanders. So
the home key is found here from everything but the end.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from musiclab.evaluate.pieces import Pitches
from musiclab.music.chorale import REST

END = 16  # frames, a whole note: what the home key is not judged by
OUTER = (0, 3)  # soprano and bass
FIFTH = 7  # semitones above the tonic
THIRDS = {"major": {4}, "minor": {3, 4}}  # the last chord of a piece in minor is mostly major

# Of all that sounds in Bach's training chorales, how many per cent are the tonic, the semitone
# above it, and so on; each piece counts alike.
SHARES = {
    "major": (20.0, 0.7, 13.4, 0.1, 13.9, 8.1, 1.7, 21.1, 0.7, 11.0, 0.8, 8.6),
    "minor": (19.3, 0.4, 11.4, 13.4, 1.9, 10.8, 0.7, 20.5, 5.4, 2.5, 9.3, 4.3),
}


class Ending(NamedTuple):
    """The last chord of a piece, and the leading notes that lead to it.

    Attributes:
        on_tonic: Its bass is the tonic.
        on_tonic_chord: And above it there is the third, and nothing but tonic, third and fifth; in
            minor the third may be major.
        leading_notes: Voices that come to it from the leading note, the semitone below the
            tonic, or hold it to the last; not counted where the bass is not the tonic.
        unresolved: Of these, voices that do not go up to the tonic.
        outer_leading_notes: ``leading_notes`` in soprano and bass alone.
        outer_unresolved: ``unresolved`` in soprano and bass alone.
    """

    on_tonic: bool = False
    on_tonic_chord: bool = False
    leading_notes: int = 0
    unresolved: int = 0
    outer_leading_notes: int = 0
    outer_unresolved: int = 0


def home_key(pitches: Int[np.ndarray, "frame voice"]) -> tuple[int, str]:
    """Find the key in which a piece is at home, without looking at its end.

    The last whole note is left out (of a piece shorter than two, the second half). Of the 24 keys
    the one is taken in which the rest is likeliest, if every 16th of every voice were drawn by
    ``SHARES``.

    Args:
        pitches: MIDI numbers, -1 for a rest; something must sound.

    Returns:
        Semitones of the tonic above C, and "major" or "minor".

    Example:
        >>> home_key(np.array([[67, 62, 59, 43], [66, 62, 57, 50], [64, 60, 55, 48]]))
        (7, 'major')
    """
    begins = pitches[: max(len(pitches) - END, -(-len(pitches) // 2))]
    heard = begins if (begins != REST).any() else pitches
    lengths = np.bincount(heard[heard != REST] % 12, minlength=12)
    keys = [(tonic, mode) for mode in SHARES for tonic in range(12)]
    return max(keys, key=lambda key: float(lengths @ np.log(np.roll(SHARES[key[1]], key[0]))))


def is_tonic_chord(chord: Int[np.ndarray, " voice"], tonic: int, mode: str) -> bool:
    """Tell whether a chord is the tonic's: its root in the bass, a third, nothing foreign.

    In minor the third may be major, as it mostly is at the end of Bach's; the fifth may be missing.

    Args:
        chord: MIDI numbers, the bass last, -1 for a rest.
        tonic: Semitones above C.
        mode: "major" or "minor".

    Example:
        >>> is_tonic_chord(np.array([72, 67, 64, 48]), 0, "minor")
        True
    """
    above = set(((chord[chord != REST] - tonic) % 12).tolist())
    in_root_position = chord[-1] != REST and chord[-1] % 12 == tonic
    has_third = bool(above & THIRDS[mode])
    return bool(in_root_position and has_third and above <= {0, FIFTH} | THIRDS[mode])


def ending_of(piece: Pitches) -> Ending:
    """Look at the last chord that has a bass, and at where each voice comes from.

    Example:
        >>> cadence = np.array([[72, 67, 64, 48], [71, 67, 62, 43], [72, 67, 64, 48]])
        >>> ending_of(np.repeat(cadence, 16, axis=0)).outer_leading_notes
        1
    """
    bass = np.flatnonzero(piece[:, -1] != REST)
    if not bass.size:
        return Ending()
    last, (tonic, mode) = piece[bass[-1]], home_key(piece)
    if last[-1] % 12 != tonic:
        return Ending()
    leading, unresolved = [], []
    for voice, note in enumerate(last):
        line = piece[: bass[-1], voice]
        earlier = line[line != note]
        comes = note != REST and earlier.size and earlier[-1] != REST
        stays = bool(note != REST and (note + 1) % 12 == tonic)  # and sounds in the last chord
        leading.append(stays or bool(comes and (earlier[-1] + 1) % 12 == tonic))
        unresolved.append(stays or (leading[-1] and int(note) != int(earlier[-1]) + 1))
    return Ending(
        on_tonic=True,
        on_tonic_chord=is_tonic_chord(last, tonic, mode),
        leading_notes=sum(leading),
        unresolved=sum(unresolved),
        outer_leading_notes=sum(leading[voice] for voice in OUTER),
        outer_unresolved=sum(unresolved[voice] for voice in OUTER),
    )

"""How a piece ends, judged by a key that the ending had no part in.

A last bass note is a hint at the key. To ask afterwards whether the piece ends on the tonic would
flatter music that wanders, so here the key is found from everything but the end.
"""

from typing import NamedTuple

import numpy as np

from musiclab.evaluate.pieces import Pitches
from musiclab.music.chorale import REST
from musiclab.music.keys import find_key, is_tonic_chord, tonic_pitch_class

OUTER = (0, 3)  # soprano and bass


class Ending(NamedTuple):
    """The last chord of a piece, and the leading notes that lead to it.

    A leading note, the semitone below the tonic, is counted where a voice comes from it to the last
    chord or holds it to the last; not where the last bass note is not the tonic.
    """

    on_tonic: bool = False  # the last bass note is the tonic
    on_tonic_chord: bool = False  # see ``is_tonic_chord``
    leading_notes: int = 0
    unresolved: int = 0  # of these, voices that do not go up to the tonic
    outer_leading_notes: int = 0  # in soprano and bass alone
    outer_unresolved: int = 0


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
    name, _, mode = find_key(piece, with_ending=False).partition(" ")
    last, tonic = piece[bass[-1]], tonic_pitch_class(name)
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

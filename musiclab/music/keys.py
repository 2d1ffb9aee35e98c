"""Keys: their names and signatures, how they spell a pitch, and which one a piece is in."""

import re

import numpy as np
from jaxtyping import Int

REST = -1  # the pitch of silence
MODES = ("major", "minor")
PITCH_CLASSES = ("C", "C#", "D", "E-", "E", "F", "F#", "G", "A-", "A", "B-", "B")

# How long each pitch class sounds, counted in semitones from the tonic. First what seemed to
# listeners to fit a key: the better one where a signature leaves three keys (of the 404 corpus
# files that state their mode, 351 agree, with the other profile 346). Then the shares of all that
# sounds in Bach's training chorales, in per cent, each piece counting alike: the better one where
# nothing is known (of 412 files it finds the key of the signature in 387, the first in 379).
LISTENERS = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
SHARES = {
    "major": (20.0, 0.7, 13.4, 0.1, 13.9, 8.1, 1.7, 21.1, 0.7, 11.0, 0.8, 8.6),
    "minor": (19.3, 0.4, 11.4, 13.4, 1.9, 10.8, 0.7, 20.5, 5.4, 2.5, 9.3, 4.3),
}
# What ending on the tonic is worth, in units of correlation; about what parts a key from its
# relative, so that the ending decides between those two.
ENDING_WEIGHT = 0.2
LAST_NOTE = 16  # frames, a whole note: left out where the ending shall have no say

THIRDS = {"major": {4}, "minor": {3, 4}}  # the last chord of a piece in minor is mostly major
FIFTH = 7  # semitones above the tonic

_CIRCLE_OF_FIFTHS = "FCGDAEB"
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_TONIC = re.compile(r"[A-G](#*|-*)")


def tonic_name(sharps: int, mode: str) -> str:
    """Name the tonic that a signature means, flats written as in music21.

    Args:
        sharps: Number of sharps, negative for flats.
        mode: "major" or "minor".

    Example:
        >>> tonic_name(-3, "major"), tonic_name(3, "minor")
        ('E-', 'F#')
    """
    accidentals, letter = divmod(sharps + (1 if mode == "major" else 4), 7)
    return _CIRCLE_OF_FIFTHS[letter] + (
        "#" * accidentals if accidentals > 0 else "-" * -accidentals
    )


def tonic_pitch_class(tonic: str) -> int:
    """Count a tonic's semitones above C.

    Example:
        >>> tonic_pitch_class("E-")
        3
    """
    return (_NATURALS[tonic[0]] + tonic.count("#") - tonic.count("-")) % 12


def sharps_of(key: str) -> int | None:
    """Count the sharps of a key's signature, flats as negative numbers; None if it is no key.

    Example:
        >>> sharps_of("E- major"), sharps_of("F# minor"), sharps_of("")
        (-3, 3, None)
    """
    tonic, _, mode = key.partition(" ")
    if mode not in MODES or not _TONIC.fullmatch(tonic):
        return None
    fifths = _CIRCLE_OF_FIFTHS.index(tonic[0]) - 1 + 7 * (tonic.count("#") - tonic.count("-"))
    return fifths - (3 if mode == "minor" else 0)


def spell(pitch: int, sharps: int) -> tuple[str, int]:
    """Name a pitch as a musician would in a key.

    Of the line of fifths (... B-, F, C, G, D ...) a key uses twelve neighbours: its seven notes,
    two to the flat side and three to the sharp side, the leading notes of its neighbour keys.

    Args:
        pitch: MIDI number.
        sharps: Sharps of the key signature, negative for flats.

    Returns:
        The name, flats written as in music21, and the octave, 4 from middle C on.

    Example:
        >>> spell(61, sharps=0), spell(61, sharps=-4), spell(60, sharps=7)
        (('C#', 4), ('D-', 4), ('B#', 3))
    """
    lowest = sharps - 2
    fifths = lowest + (7 * pitch - lowest) % 12
    name = tonic_name(fifths, "major")
    alteration = name.count("#") - name.count("-")
    return name, (pitch - alteration) // 12 - 1


def transpose_key(key: str, semitones: int) -> str:
    """Move the name of a key; what is no key stays as it is.

    Example:
        >>> transpose_key("G major", -2), transpose_key("", 5)
        ('F major', '')
    """
    tonic, _, mode = key.partition(" ")
    if not _TONIC.fullmatch(tonic):
        return key
    return f"{PITCH_CLASSES[(tonic_pitch_class(tonic) + semitones) % 12]} {mode}"


def spoken_key(key: str) -> str:
    """Write the name of a key as one says it.

    Example:
        >>> spoken_key("B- minor"), spoken_key("F# major")
        ('B-flat minor', 'F-sharp major')
    """
    tonic, _, mode = key.partition(" ")
    spoken = tonic[:1] + "-flat" * tonic.count("-") + "-sharp" * tonic.count("#")
    return f"{spoken} {mode}".strip()


def find_key(
    pitches: Int[np.ndarray, "frame voice"], *, sharps: int | None = None, with_ending: bool = True
) -> str:
    """Name the key in which each pitch class sounds about as long as one expects.

    Args:
        pitches: MIDI numbers, -1 for a rest.
        sharps: Sharps of the signature, negative for flats. It leaves three keys: its major key,
            its minor key, and the minor key a fifth below, since music of Bach's time often
            writes G minor with one flat. None leaves all 24.
        with_ending: A last bass note that is the tonic speaks for a key. False leaves out the last
            whole note (of a piece shorter than two, the second half), so that one may ask
            afterwards whether the piece ends on its tonic.

    Returns:
        Tonic and mode, such as "E- major"; "" where nothing sounds.

    Source:
        Krumhansl and Kessler (1982), "Tracing the Dynamic Changes in Perceived Tonal Organization
        in a Spatial Representation of Musical Keys": the idea, and ``LISTENERS``.

    Example:
        >>> find_key(np.array([[67, 62, 59, 43], [66, 62, 57, 50], [67, 62, 59, 43]]))
        'G major'
    """
    if not with_ending:
        begins = pitches[: max(len(pitches) - LAST_NOTE, -(-len(pitches) // 2))]
        pitches = begins if (begins != REST).any() else pitches
    ranked = rank_keys(pitches, sharps=sharps, with_ending=with_ending)
    return ranked[0][1] if ranked else ""


def rank_keys(
    pitches: Int[np.ndarray, "frame voice"], *, sharps: int | None = None, with_ending: bool = True
) -> list[tuple[float, str]]:
    """Rank the keys that a piece could be in, the best first; arguments as for ``find_key``.

    Returns:
        (how well it fits: a correlation, and ``ENDING_WEIGHT`` for an ending on the tonic; key).
    """
    if not (pitches != REST).any():
        return []
    lengths = np.bincount(pitches[pitches != REST] % 12, minlength=12)
    bass = pitches[pitches[:, -1] != REST, -1]
    last = bass[-1] % 12 if with_ending and bass.size else None
    candidates = [(number, mode) for number in range(-5, 7) for mode in MODES]
    if sharps is not None:
        sharps = max(-6, min(6, sharps))
        candidates = [(sharps, "major"), (sharps, "minor"), (sharps - 1, "minor")]
    profiles = SHARES if sharps is None else LISTENERS

    def fit(key: tuple[str, str]) -> float:
        tonic = tonic_pitch_class(key[0])
        expected = np.roll(profiles[key[1]], tonic)
        is_flat = lengths.std() == 0  # nothing correlates with it
        match = 0.0 if is_flat else float(np.corrcoef(lengths, expected)[0, 1])
        return match + ENDING_WEIGHT * (tonic == last)

    keys = [(tonic_name(number, mode), mode) for number, mode in candidates]
    return [(fit(key), " ".join(key)) for key in sorted(keys, key=fit, reverse=True)]


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

"""Name the key of music that nobody wrote a key signature for."""

import numpy as np
from jaxtyping import Float, Int

from musiclab.music.chorale import REST
from musiclab.music.keys import ENDING_WEIGHT, tonic_name, tonic_pitch_class

# How well each pitch class, counted from the tonic, seemed to listeners to fit a key.
FITS = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
SIGNATURES = {"major": range(-5, 7), "minor": range(-5, 7)}  # sharps; flats are negative


def guess_key(pitches: Int[np.ndarray, "frame voice"]) -> str:
    """Name the key whose notes sound as long as listeners expect.

    Keys that share their notes are told apart by the last bass note, which is likely the tonic.

    Args:
        pitches: MIDI numbers, -1 for a rest.

    Returns:
        Tonic and mode, such as "E- major"; "" where nothing sounds.

    Source:
        Krumhansl and Kessler (1982), "Tracing the Dynamic Changes in Perceived Tonal Organization
        in a Spatial Representation of Musical Keys": the profiles.

    Example:
        >>> guess_key(np.array([[67, 62, 59, 43], [66, 62, 57, 50], [67, 62, 59, 43]]))
        'G major'
    """
    sounding = pitches[pitches != REST]
    if not sounding.size:
        return ""
    lengths = np.bincount(sounding % 12, minlength=12).astype(float)
    bass = pitches[pitches[:, -1] != REST, -1]
    last = bass[-1] % 12 if bass.size else None
    keys = [(tonic_name(sharps, one), one) for one in SIGNATURES for sharps in SIGNATURES[one]]

    def fit(key: tuple[str, str]) -> float:
        tonic = tonic_pitch_class(key[0])
        return _correlation(lengths, np.roll(FITS[key[1]], tonic)) + ENDING_WEIGHT * (tonic == last)

    return " ".join(max(keys, key=fit))


def _correlation(one: Float[np.ndarray, "12"], other: Float[np.ndarray, "12"]) -> float:
    return 0.0 if one.std() == 0 else float(np.corrcoef(one, other)[0, 1])

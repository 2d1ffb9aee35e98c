"""The key of a piece: from its signature and from what it sounds."""

from typing import Any

import numpy as np
from jaxtyping import Float, Int

from musiclab.music.chorale import REST

# What ending on the tonic is worth, in units of correlation; about what parts a key from its
# relative, so that the ending decides between those two.
ENDING_WEIGHT = 0.2

_CIRCLE_OF_FIFTHS = "FCGDAEB"
_PITCH_CLASS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def tonic_name(sharps: int, mode: str) -> str:
    """Name the tonic that a key signature means.

    Args:
        sharps: Number of sharps, negative for flats.
        mode: "major" or "minor".

    Returns:
        The tonic, flats written as in music21.

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
    return (_PITCH_CLASS[tonic[0]] + tonic.count("#") - tonic.count("-")) % 12


def sharps_of(key: str) -> int | None:
    """Count the sharps of a key's signature, flats as negative numbers; None if it is no key.

    Example:
        >>> sharps_of("E- major"), sharps_of("F# minor"), sharps_of("")
        (-3, 3, None)
    """
    tonic, _, mode = key.partition(" ")
    if (
        tonic[:1] not in _PITCH_CLASS
        or set(tonic[1:]) - set("#-")
        or mode not in ("major", "minor")
    ):
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


def find_key(parts: list[Any], pitches: Int[np.ndarray, "frame voice"]) -> str:
    """Name the key of a piece.

    The signature leaves few keys to choose from: its major key, its minor key, and the minor key a
    fifth below, since music of Bach's time often writes G minor with one flat. Of these the one
    is taken whose scale degrees sound as long as listeners expect; that the last bass note is
    its tonic speaks for a key.

    Args:
        parts: music21 parts; the first signature found counts.
        pitches: The piece, MIDI numbers, -1 for a rest.

    Returns:
        Tonic and mode, such as ``"E- major"``.

    Source:
        Krumhansl and Kessler (1982), "Tracing the Dynamic Changes in Perceived Tonal
        Organization in a Spatial Representation of Musical Keys"; weights by music21.
    """
    from music21 import key

    signatures = (part.recurse().getElementsByClass(key.KeySignature).first() for part in parts)
    signature = next((one for one in signatures if one is not None), None)
    if signature is None:
        candidates = [(sharps, mode) for sharps in range(-5, 7) for mode in ("major", "minor")]
    else:
        sharps = max(-6, min(6, signature.sharps))
        candidates = [(sharps, "major"), (sharps, "minor"), (sharps - 1, "minor")]
    sounding = np.bincount(pitches[pitches != REST] % 12, minlength=12).astype(float)
    bass = pitches[pitches[:, -1] != REST, -1]
    last = bass[-1] % 12 if bass.size else None

    def likelihood(candidate: tuple[str, str]) -> float:
        tonic = tonic_pitch_class(candidate[0])
        return _match(sounding, tonic, candidate[1]) + ENDING_WEIGHT * (tonic == last)

    named = [(tonic_name(sharps, mode), mode) for sharps, mode in candidates]
    return " ".join(max(named, key=likelihood))


def _match(sounding: Float[np.ndarray, "12"], tonic: int, mode: str) -> float:
    """Correlate how long each pitch class sounds with what a key leads us to expect."""
    from music21.analysis.discrete import KrumhanslSchmuckler

    expected = np.roll(KrumhanslSchmuckler().getWeights(mode), tonic)
    if sounding.std() == 0:
        return 0.0
    return float(np.corrcoef(sounding, expected)[0, 1])

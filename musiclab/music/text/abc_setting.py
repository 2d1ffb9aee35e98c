"""What the fields of an ABC tune say of its notes: key, metre, unit of length, tempo, octave."""

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from musiclab.music.guards.limits import MAX_BEATS

_MODES = {"major": 0, "ionian": 0, "mixolydian": -1, "dorian": -2, "minor": -3, "aeolian": -3}
_MODES |= {"phrygian": -4, "locrian": -5, "lydian": 1}  # fifths away from major
_FIFTHS = "FCGDAEB"  # sharps come in this order, flats in the opposite one
ALTERS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}  # semitones
_UNITS = (1, 2, 4, 8, 16, 32, 64, 128)
_METRES = {"C": "4/4", "C|": "2/2", "none": ""}
_CLEF = re.compile(r"\b(?:clef\s*=\s*)?(?:treble|alto|tenor|bass|G|C|F)\d?([+-])8")
_SHIFT = re.compile(r"\b(octave|transpose)\s*=\s*(-?\d{1,2})\b")
_TONIC = re.compile(r"\s*([A-G])([#b]?)\s*([A-Za-z]*)")


@dataclass(frozen=True)
class Setting:
    """What holds until a field changes it."""

    unit: Fraction | None = None  # the length of a bare letter in quarters, where it is said
    metre: str = "4/4"  # "" for a free one
    tonic: str = ""  # as music21 spells it; "" for no key
    mode: str = "major"
    alters: dict[str, int] = field(default_factory=dict)  # semitones, by the letter
    shift: int = 0  # semitones by which it sounds higher than written
    tempo: float | None = None  # quarters a minute
    unread: tuple[str, ...] = ()  # fields that were not understood

    def changed(self, letter: str, value: str) -> "Setting":
        """Obey a field; one that cannot be understood changes nothing, and is noted."""
        unread = replace(self, unread=(*self.unread, f"{letter}:{value}"))
        if letter == "L":
            found = re.fullmatch(r"([1-9]\d{0,3})(?:/([1-9]\d{0,3}))?", value)
            length = found and Fraction(4 * int(found[1]), int(found[2] or 1))
            return replace(self, unit=length) if length else unread
        if letter == "M":
            metre = _METRES.get(value, re.sub(r"[()\s]", "", value))
            return replace(self, metre=metre) if _bar(metre) or not metre else unread
        if letter == "Q":
            value = re.sub(r'"[^"]*"', "", value).strip()
            return (
                replace(self, tempo=tempo) if (tempo := self._tempo(value)) or not value else unread
            )
        if letter == "K" and not re.match(r"[A-Za-z]|$", value):
            return unread
        if letter in "KV":
            keyed = self._in_key(value) if letter == "K" else self
            return replace(keyed, shift=_shift(value, self.shift))
        return self

    @property
    def bar(self) -> Fraction:
        """The length of a full bar in quarters; 4 in a free metre."""
        return _bar(self.metre) or Fraction(4)

    @property
    def quarters(self) -> Fraction:
        """The length of a bare letter: as said, else a 16th in short bars and an 8th in others."""
        return self.unit or (Fraction(1, 4) if self.bar < 3 else Fraction(1, 2))

    def signs(self, letter: str) -> list[Any]:
        """Make music21's sign of what a field set."""
        from music21 import key, meter, tempo

        if letter == "M" and self.metre:
            return [meter.TimeSignature(self.metre)]
        if letter == "K" and self.tonic:
            return [key.Key(self.tonic, self.mode)]
        if letter == "Q" and self.tempo:
            return [tempo.MetronomeMark(number=self.tempo, referent=1.0)]
        return []

    def _tempo(self, value: str) -> float | None:
        """Read "1/4=90", "1/4 3/8=40" or "90" (units a minute)."""
        found = re.fullmatch(r"(?:([\d/\s]+)=|C\d?\s*=)?\s*(\d{1,6}(?:\.\d+)?)", value)
        if not found:
            return None
        beats = re.findall(r"(\d+)/([1-9]\d*)", found[1] or "")
        beat = sum(Fraction(4 * int(count), int(unit)) for count, unit in beats)
        return float((beat or self.quarters) * Fraction(found[2]))

    def _in_key(self, value: str) -> "Setting":
        """Read "G", "F#m", "D dorian", "Hp", "none", each perhaps with accidentals of its own."""
        found = _TONIC.match(value)
        sharps = 2 if re.match(r"H[Pp]", value) else 0  # the Highland pipes have F# and C#
        mode = "major"
        if found:
            word = found[3].lower()
            # Three letters name a mode, "m" the minor one; other words are of clefs and the like.
            named = (one for one in _MODES if len(word) > 2 and one.startswith(word[:3]))
            mode = "minor" if word == "m" else next(named, "major")
            sharps = _FIFTHS.index(found[1]) - 1 + {"#": 7, "b": -7, "": 0}[found[2]] + _MODES[mode]
        alters = {letter: (sharps - place + 6) // 7 for place, letter in enumerate(_FIFTHS)}
        for sign, letter in re.findall(r"\s(\^\^?|__?|=)([a-gA-G])\b", value):
            alters[letter.upper()] = ALTERS[sign]
        tonic = found[1] + found[2].replace("b", "-") if found else ""
        return replace(self, tonic=tonic, mode=mode, alters=alters)


def _bar(metre: str) -> Fraction:
    """Add up a metre such as "6/8", "2+3/8" or "3/8+2/8"; 0 if it is none."""
    if not re.fullmatch(r"(\d{1,3}\+)*\d{1,3}/\d{1,3}(\+(\d{1,3}\+)*\d{1,3}/\d{1,3})*", metre):
        return Fraction(0)
    quarters, counts = Fraction(0), 0
    for one in metre.split("+"):
        count, _, unit = one.partition("/")
        counts += int(count)
        if max(counts, int(unit or 1)) > MAX_BEATS or unit and int(unit) not in _UNITS:
            return Fraction(0)
        if unit:
            quarters, counts = quarters + Fraction(4 * counts, int(unit)), 0
    return quarters


def _shift(value: str, before: int) -> int:
    """Read the octave sign of a clef ("treble-8"), "octave=-1" or "transpose=2"."""
    clef = [12 if sign == "+" else -12 for sign in _CLEF.findall(value)]
    words = [int(n) * (12 if word == "octave" else 1) for word, n in _SHIFT.findall(value)]
    return sum(clef + words) if clef or words else before

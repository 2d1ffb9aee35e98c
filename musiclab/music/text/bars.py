"""Bars as a text spells them out, and the music21 part that they make."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from musiclab.music.guards.limits import check_size


@dataclass
class Bar:
    """What stands between two barlines; times are in quarter notes from the first of them."""

    begin: Fraction = Fraction(0)  # from the beginning of the piece
    notes: list[tuple[int, Fraction, Any]] = field(default_factory=list)  # lane, time, note or rest
    signs: list[tuple[Fraction, Any]] = field(default_factory=list)  # metre, key, tempo, Fine, ...
    length: Fraction = Fraction(0)
    starts_repeat: bool = False
    plays: int = 1  # more than 1: a repeat sign ends it
    ending: str = ""  # "1" where the bracket of a first ending begins
    ends_ending: bool = False


def part_from_bars(bars: list[Bar], name: str, file: str) -> Any:
    """Make a music21 part; where several lanes sound, each becomes a voice of its measures.

    Args:
        bars: In written order; bars of no length are passed over.
        name: What the part is called.
        file: What an error shall call the file.

    Raises:
        ScoreError: If the part is longer than any real one.
    """
    from music21 import bar as barline
    from music21 import stream

    bars = [bar for bar in bars if bar.length]
    part, measures, full = stream.Part(), [], Fraction(4)
    if name:
        part.partName = name
    for number, bar in enumerate(bars):
        check_size(file, quarters=float(min(bar.begin + bar.length, 10**9)))
        measure = stream.Measure()
        for time, sign in bar.signs:
            measure.insert(time, sign)
            if "TimeSignature" in sign.classes:
                full = Fraction(sign.barDuration.quarterLength)
        is_pickup = number == 0 and len(bars) > 1 and bar.length < full
        # A pickup is bar 0.
        measure.number = 0 if is_pickup else number + (not measures or measures[0].number > 0)
        lanes = sorted({lane for lane, _, _ in bar.notes})
        for lane in lanes:
            voice = measure if len(lanes) == 1 else stream.Voice(id=str(lane + 1))
            for _, time, note in (one for one in bar.notes if one[0] == lane):
                voice.insert(time, note)
            if voice is not measure:
                measure.insert(0, voice)
        if bar.starts_repeat:
            measure.leftBarline = barline.Repeat(direction="start")
        if bar.plays > 1:
            measure.rightBarline = barline.Repeat(direction="end", times=bar.plays)
        part.insert(bar.begin, measure)
        measures.append(measure)
    _add_brackets(part, bars, measures)
    return part


def _add_brackets(part: Any, bars: list[Bar], measures: list[Any]) -> None:
    """Span first, second, ... endings over their measures."""
    from music21 import spanner

    number, spanned = "", []
    for bar, measure in zip(bars, measures, strict=True):
        if bar.ending or bar.starts_repeat:
            number, spanned = bar.ending, []
        if number:
            spanned.append(measure)
            if len(spanned) == 1:
                bracket = spanner.RepeatBracket(measure, number=number)
                part.insert(0, bracket)
            else:
                bracket.addSpannedElements(measure)
        if bar.plays > 1 or bar.ends_ending:
            number = ""

"""Repeat signs, endings, D.C., D.S., Fine and Coda: in which order they play the bars."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from jaxtyping import Int

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import MAX_REPEAT_GROWTH, MAX_REPEAT_TIMES
from musiclab.music.metre import Bar


@dataclass
class BarSigns:
    """What the signs at one bar ask for."""

    starts: bool = False  # a repeated section begins
    plays: int = 1  # how often the section that ends here is played
    ending: tuple[int, ...] = ()  # the passes for which the bracket above the bar stands
    jump: str = ""  # after the bar, once: "capo" to the beginning, "segno" to the sign
    segno: bool = False
    fine: bool = False  # the end, after a jump
    to_coda: bool = False  # after a jump, from here to the coda
    coda: bool = False


def read_signs(parts: list[Any]) -> list[BarSigns]:
    """Gather the signs of each bar from all parts, since some stand above or below one alone."""
    from music21 import bar, repeat, spanner

    columns = [list(part.getElementsByClass("Measure")) for part in parts]
    signs = [BarSigns() for _ in columns[0]]
    for part, measures in zip(parts, columns, strict=True):
        numbers = {id(measure): number for number, measure in enumerate(measures)}
        for one, measure in zip(signs, measures, strict=False):
            for line in (measure.leftBarline, measure.rightBarline):
                if isinstance(line, bar.Repeat):
                    one.starts |= line.direction == "start"
                    times = line.times or 2
                    one.plays = max(one.plays, times) if line.direction == "end" else one.plays
            for sign in measure.getElementsByClass(repeat.RepeatExpression):
                _note_sign(one, sign)
        for bracket in part.recurse().getElementsByClass(spanner.RepeatBracket):
            for measure in bracket:
                number = numbers.get(id(measure), len(signs))
                if number < len(signs):
                    signs[number].ending = tuple(bracket.numberRange)
    codas = [one for one in signs if one.coda]
    if len(codas) > 1:  # a sign at the jump, and the same sign where it leads
        for one in codas[:-1]:
            one.coda, one.to_coda = False, True
    return signs


def _note_sign(bar: BarSigns, sign: Any) -> None:
    from music21 import repeat

    if isinstance(sign, repeat.Coda):
        says_to = sign.getText().lower().startswith(("to ", "al "))
        bar.to_coda, bar.coda = bar.to_coda or says_to, bar.coda or not says_to
    elif isinstance(sign, repeat.Segno):
        bar.segno = True
    elif isinstance(sign, repeat.Fine):
        bar.fine = True
    elif type(sign).__name__.startswith(("DaCapo", "DalSegno")):
        bar.jump = "capo" if type(sign).__name__.startswith("DaCapo") else "segno"


def played_order(signs: list[BarSigns]) -> list[int]:
    """List the written bars, each as often as the signs play it.

    After a D.C. or D.S. no section is repeated again; of its endings the last is played. An ending
    that another one follows leads back, with or without the dots of a repeat sign.

    Raises:
        ScoreError: If the signs contradict each other, or ask for so many repeats that no choir
            would sing them.

    Example:
        >>> played_order([BarSigns(), BarSigns(fine=True), BarSigns(jump="capo")])
        [0, 1, 2, 0, 1]
    """
    passes = _passes(signs)
    order: list[int] = []
    number = start = 0
    turn = 1  # how often the section from ``start`` on has been begun
    has_jumped = in_coda = False
    while number < len(signs):
        bar, plays_last_turn = signs[number], has_jumped and not in_coda
        if bar.starts and number != start or number and not bar.ending and signs[number - 1].ending:
            start, turn = number, 1
        if bar.ending and (passes[number] if plays_last_turn else turn) not in bar.ending:
            number += 1
            continue
        order.append(number)
        if len(order) > MAX_REPEAT_GROWTH * len(signs):
            raise ScoreError(f"they play more than {MAX_REPEAT_GROWTH:g} times the written bars")
        if plays_last_turn and bar.fine:
            break
        if plays_last_turn and bar.to_coda:
            number = start = _find("coda", signs)
            turn, in_coda = 1, True
        elif not plays_last_turn and turn < passes[number] and _ends_section(signs, number):
            number, turn = start, turn + 1
        elif bar.jump and not has_jumped:
            number = start = 0 if bar.jump == "capo" else _find(bar.jump, signs)
            turn, has_jumped = 1, True
        else:
            number += 1
            if bar.plays > 1 and not bar.ending:
                start, turn = number, 1
    return order


def _passes(signs: list[BarSigns]) -> list[int]:
    """Count for each bar how often the section that it may end is played."""
    passes = [bar.plays for bar in signs]
    number = 0
    for has_ending, group in groupby(signs, key=lambda bar: bool(bar.ending)):
        bars = list(group)
        if has_ending:
            endings = {bar.ending for bar in bars}
            # After a lone first ending the music itself goes on in another way.
            last = max(max(ending) for ending in endings) + (len(endings) == 1)
            passes[number : number + len(bars)] = [last] * len(bars)
        number += len(bars)
    if max(passes, default=1) > MAX_REPEAT_TIMES:
        raise ScoreError(f"one asks for {max(passes)} times, at most {MAX_REPEAT_TIMES} are played")
    return passes


def _ends_section(signs: list[BarSigns], number: int) -> bool:
    """Tell whether a repeat sign ends the section here, or an ending before another ending."""
    bar, after = signs[number], signs[number + 1] if number + 1 < len(signs) else BarSigns()
    return bar.plays > 1 or bool(bar.ending and after.ending and after.ending != bar.ending)


def _find(sign: str, signs: list[BarSigns]) -> int:
    """Say which bar carries a segno or the coda."""
    found = [number for number, bar in enumerate(signs) if getattr(bar, sign)]
    if not found:
        raise ScoreError(f"there is no {sign} to go to")
    return found[0]


def played_frames(bars: list[Bar], order: list[int]) -> Int[np.ndarray, " frame"]:
    """Turn an order of bars into an order of frames."""
    frames = [np.arange(bars[number].first, bars[number].last) for number in order]
    return np.concatenate(frames) if frames else np.zeros(0, dtype=np.int64)

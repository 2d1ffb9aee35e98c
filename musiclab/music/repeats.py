"""Repeat signs: in which order they play the bars."""

from typing import Any

import numpy as np
from jaxtyping import Int

from musiclab.music.guards.limits import MAX_REPEAT_GROWTH, MAX_REPEAT_TIMES
from musiclab.music.metre import Bar


def played_order(part: Any) -> list[int]:
    """List the written bars, each as often as the repeat signs of a part play it.

    The signs are copied to an empty skeleton of the part, so that music21 need not copy the notes.

    Raises:
        music21.repeat.ExpanderException: If the signs contradict each other, or ask for so many
            repeats that no choir would sing them.
    """
    from music21 import bar, note, repeat, spanner, stream

    skeleton = stream.Part()
    copies = {}
    measures = list(part.getElementsByClass("Measure"))
    for number, measure in enumerate(measures):
        copy = stream.Measure(number=number)
        copy.append(note.Rest(quarterLength=1))
        for side in ("leftBarline", "rightBarline"):
            line = getattr(measure, side)
            if isinstance(line, bar.Repeat):
                if (line.times or 0) > MAX_REPEAT_TIMES:
                    raise repeat.ExpanderException(f"a repeat sign asks for {line.times} times")
                setattr(copy, side, bar.Repeat(direction=line.direction, times=line.times))
        for sign in measure.getElementsByClass(repeat.RepeatExpression):
            copy.insert(0, type(sign)())
        skeleton.append(copy)
        copies[id(measure)] = copy
    _drop_starts_without_end(list(copies.values()))
    for ending in part.recurse().getElementsByClass(spanner.RepeatBracket):
        spanned = [copies[id(one)] for one in ending if id(one) in copies]
        if spanned:
            skeleton.insert(0, spanner.RepeatBracket(spanned, number=ending.number))
    played = repeat.Expander(skeleton).process().getElementsByClass(stream.Measure)
    order = [int(measure.number) for measure in played]
    if len(order) > MAX_REPEAT_GROWTH * len(measures):
        raise repeat.ExpanderException(f"the repeats play {len(order)} bars")
    return order


def _drop_starts_without_end(measures: list[Any]) -> None:
    """Take away the starts of repeats that never end; music21 would refuse the whole piece."""
    from music21 import bar

    end_follows = False
    for measure in reversed(measures):
        for side in ("rightBarline", "leftBarline"):
            line = getattr(measure, side)
            if not isinstance(line, bar.Repeat):
                continue
            if line.direction == "start" and not end_follows:
                setattr(measure, side, None)
            end_follows = line.direction == "end"


def played_frames(bars: list[Bar], order: list[int]) -> Int[np.ndarray, " frame"]:
    """Turn an order of bars into an order of frames."""
    frames = [np.arange(bars[number].first, bars[number].last) for number in order]
    return np.concatenate(frames) if frames else np.zeros(0, dtype=np.int64)

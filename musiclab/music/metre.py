"""Bars: where each begins, which are short, and in which order repeat signs play them."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from musiclab.music.chorale import FRAMES_PER_QUARTER

MOST_TIMES = 16  # a repeat sign that asks for more is not believed
MOST_GROWTH = 4  # times the written length


class Bar(NamedTuple):
    """One written bar, in frames: it fills ``first`` up to, not including, ``last``."""

    first: int
    last: int
    full: int  # how long the time signature says it should be
    place: int | None = None  # how far after the barline it begins, where the score says so


def nearest_frame(quarters: Any) -> int:
    """Round a time in quarters to the nearest frame, halves upwards."""
    return int(np.floor(float(quarters) * FRAMES_PER_QUARTER + 0.5))


def read_bars(part: Any) -> list[Bar]:
    """List the bars of a music21 part, in written order."""
    from music21 import meter

    bars, full = [], 4 * FRAMES_PER_QUARTER
    measures = list(part.getElementsByClass("Measure"))
    starts = [measure.offset for measure in measures]
    for number, measure in enumerate(measures):
        signature = measure.getElementsByClass(meter.TimeSignature).first()
        if signature is not None:
            full = max(1, nearest_frame(signature.barDuration.quarterLength))
        if number + 1 < len(measures):
            end = starts[number + 1]
        else:
            end = measure.offset + measure.duration.quarterLength
        place = nearest_frame(measure.paddingLeft)
        if place == 0 and not measure.paddingRight:
            place = None  # nothing is said of what the bar lacks
        bars.append(Bar(nearest_frame(starts[number]), nearest_frame(end), full, place))
    return bars


def places_in_bar(bars: list[Bar], n_frames: int) -> Int[np.ndarray, " frame"]:
    """Count every frame's place in its bar, in frames from the barline.

    A pickup counts as the end of a bar: a quarter before the first barline of a piece in 4/4 has
    places 12 to 15. Where a line ends with a short bar and the next one begins with a pickup, the
    two together are one bar.

    Args:
        bars: In written order.
        n_frames: How many frames to fill; what no bar covers goes on counting.

    Returns:
        One place a frame.

    Example:
        >>> places_in_bar([Bar(0, 1, 3), Bar(1, 4, 3), Bar(4, 6, 3), Bar(6, 7, 3)], 7)
        array([2, 0, 1, 2, 0, 1, 2])
    """
    places = np.zeros(n_frames, dtype=np.int64)
    end, full, place = 0, 4 * FRAMES_PER_QUARTER, 0
    for number, bar in enumerate(bars):
        length, full = bar.last - bar.first, bar.full
        if length == 0:
            continue
        if bar.place is not None:
            place = bar.place
        elif length >= full:
            place = 0
        elif not 0 < place <= full - length:  # not the rest of the short bar before it
            place = full - length if _is_pickup(bars, number) else 0
        places[bar.first : bar.last] = (place + np.arange(length))[: n_frames - bar.first] % full
        place = (place + length) % full
        end = bar.last
    places[end:] = (place + np.arange(max(0, n_frames - end))) % full
    return places


def _is_pickup(bars: list[Bar], number: int) -> bool:
    """Tell whether a short bar leads to the barline after it, rather than ending early."""
    length, full = bars[number].last - bars[number].first, bars[number].full
    if number == len(bars) - 1:
        return False
    if number == 0:
        return True
    following = bars[number + 1].last - bars[number + 1].first
    # Two short bars that add up are one bar that a line's end divides; else up to half a bar leads.
    return length + following != full and length <= full // 2


def played_order(part: Any) -> list[int]:
    """Say in which order the repeat signs of a part play its bars.

    The signs are copied to an empty skeleton of the part, so that music21 need not copy the notes.

    Returns:
        Indices of written bars, each as often as it is played.

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
                if (line.times or 0) > MOST_TIMES:
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
    if len(order) > MOST_GROWTH * len(measures):
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

"""Bars: where each begins, which are short, and which notes fill them."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from musiclab.music.chorale import FRAMES_PER_QUARTER, Chorale, frames_per_bar

_SINGLE_NOTES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)  # frames of plain and dotted notes


Metres = tuple[tuple[float | int, str], ...]  # (onset in quarters, time signature)


class Bar(NamedTuple):
    """One written bar, in frames: it fills ``first`` up to, not including, ``last``."""

    first: int
    last: int
    full: int  # how long the time signature says it should be
    place: int | None = None  # how far after the barline it begins, where the score says so


def nearest_frame(quarters: Any) -> int:
    """Round a time in quarters to the nearest frame, halves upwards."""
    return int(np.floor(float(quarters) * FRAMES_PER_QUARTER + 0.5))


def only_changes(values: dict[float, Any]) -> tuple[tuple[float, Any], ...]:
    """Sort values by onset, and keep the first and those that differ from the one before."""
    rows = sorted(values.items())
    pairs = zip(rows[:1] + rows, rows, strict=False)
    return tuple(row for before, row in pairs if row is before or row[1] != before[1])


def bar_quarters(metre: str) -> float:
    """Say how many quarters fill a bar, such as 3.0 for "6/8"."""
    count, unit = metre.split("/")
    return int(count) * 4 / int(unit)


def pickup_as_bar(metres: Metres, pickup: float | int) -> Metres:
    """Write a pickup as a first bar of a short metre of its own, as notation programs do in MIDI.

    Example:
        >>> pickup_as_bar(((0.0, "4/4"),), 1.5)
        ((0.0, '3/8'), (1.5, '4/4'))
    """
    if not pickup:
        return metres
    return ((0.0, metre_of_length(pickup)), (pickup, metres[0][1]), *metres[1:])


def bar_as_pickup(metres: Metres) -> tuple[Metres, float]:
    """Undo ``pickup_as_bar``: return the metres, and the quarters before the first barline."""
    (_, short), *later = metres
    if later and later[0][0] <= bar_quarters(short) < bar_quarters(later[0][1]):
        return ((0.0, later[0][1]), *later[1:]), float(later[0][0])
    return metres, 0.0


def metre_of_length(quarters: float | int) -> str:
    """Name a metre whose bar has a length, to the nearest 64th.

    Example:
        >>> metre_of_length(2), metre_of_length(0.75)
        ('2/4', '3/16')
    """
    units = (4, 8, 16, 32, 64)
    unit = next((one for one in units if (quarters * one / 4) % 1 == 0), 64)
    return f"{max(1, round(quarters * unit / 4))}/{unit}"


def on_frames(changes: Iterable[tuple[float, Any]], n_frames: int) -> tuple[tuple[int, Any], ...]:
    """Move changes given in quarters to the nearest frames; the last of each frame counts."""
    found = {nearest_frame(onset): value for onset, value in changes}
    return tuple((frame, value) for frame, value in found.items() if 0 < frame < n_frames)


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
        if len(measures) == 1 and measure.number:
            place = 0  # music21 takes any short first bar for a pickup; an only one is bar 0 then
        bars.append(Bar(nearest_frame(starts[number]), nearest_frame(end), full, place))
    return bars


def places_in_bar(bars: list[Bar], n_frames: int) -> Int[np.ndarray, " frame"]:
    """Count every frame's place in its bar, in frames from the barline.

    A pickup counts as the end of a bar: a quarter before the first barline of a piece in 4/4 has
    places 12 to 15. Where a line ends with a short bar and the next one begins with a pickup, the
    two together are one bar. What no bar covers goes on counting.

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


def places_in_metres(
    frames: int, pickup: int, metre: str, changes: tuple[tuple[int, str], ...]
) -> Int[np.ndarray, " frame"]:
    """Count each frame's place in its bar; where the metre changes, a bar begins.

    Example:
        >>> places_in_metres(7, 1, "3/16", ((4, "2/16"),))
        array([2, 0, 1, 2, 0, 1, 0])
    """
    places = (np.arange(frames) - pickup) % frames_per_bar(metre)
    for first, changed in changes:
        places[first:] = np.arange(len(places[first:])) % frames_per_bar(changed)
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


def bar_edges(chorale: Chorale) -> list[int]:
    """List the frames at which a bar begins, and the end of the piece.

    Example:
        >>> bar_edges(Chorale(pitches=np.full((20, 4), 60), beats=(np.arange(20) + 12) % 16))
        [0, 4, 20]
    """
    if len(chorale) == 0:
        return [0]
    # The count also breaks off in mid-bar, as between two sections.
    breaks = np.flatnonzero(np.diff(chorale.beats) != 1) + 1
    return [0, *breaks.tolist(), len(chorale)]


def bar_metres(chorale: Chorale, edges: list[int]) -> list[str]:
    """Say which metre holds in each bar.

    That is what the time signature says, or the last change of metre, except where bars are longer,
    or several in a row have one other length: there the metre has changed unsaid.
    """
    lengths = [last - first for first, last in pairwise(edges)]
    wholes = [0 if chorale.beats[edge] else n for edge, n in zip(edges, lengths, strict=False)]
    changes = [(0, chorale.time_signature), *chorale.metre_changes]
    metres = []
    for number, length in enumerate(lengths):
        said = [metre for frame, metre in changes if frame <= edges[number]][-1]
        needed = int(chorale.beats[edges[number]]) + length
        neighbours = wholes[max(0, number - 1) : number] + wholes[number + 1 : number + 2]
        usual = bar_quarters(said) * FRAMES_PER_QUARTER
        is_unsaid = needed > usual or (needed == length != usual and length in neighbours)
        metres.append(metre_of_length(needed / FRAMES_PER_QUARTER) if is_unsaid else said)
    return metres


def barred_metres(chorale: Chorale) -> Metres:
    """List metres that put a barline wherever the chorale has one, as (onset in quarters, metre).

    A bar that is shorter than the metre says has a metre of its own, unless nothing comes after.
    """
    edges = bar_edges(chorale)
    found = {0.0: chorale.time_signature}
    for (first, last), metre in zip(pairwise(edges), bar_metres(chorale, edges), strict=True):
        quarters = (last - first) / FRAMES_PER_QUARTER
        is_short = quarters < bar_quarters(metre) and (last < len(chorale) or chorale.beats[first])
        found[first / FRAMES_PER_QUARTER] = metre_of_length(quarters) if is_short else metre
        if is_short and last == len(chorale):  # a pickup to nothing is known by the metre after it
            found[last / FRAMES_PER_QUARTER] = metre
    return only_changes(found)


def note_lengths(place: int, length: int) -> list[int]:
    """Split a length that no single note can show, at the beats.

    Args:
        place: Where it begins, in frames from the barline.
        length: In frames.

    Example:
        >>> note_lengths(0, 6), note_lengths(0, 10), note_lengths(2, 7)
        ([6], [8, 2], [2, 4, 1])
    """
    if length in _SINGLE_NOTES:
        return [length]
    to_beat = -place % FRAMES_PER_QUARTER
    if 0 < to_beat < length:
        return [to_beat, *note_lengths(place + to_beat, length - to_beat)]
    longest = max(one for one in _SINGLE_NOTES if one <= length)
    return [longest, *note_lengths(place + longest, length - longest)]

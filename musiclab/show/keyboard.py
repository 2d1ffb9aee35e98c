"""The next note over a piano: every probability stands as a bar on its key."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from musiclab.errors import SettingError
from musiclab.music.chorale import REST
from musiclab.show.colours import OKABE_ITO
from musiclab.show.figure import Figure, empty_panels, label
from musiclab.show.html import plain
from musiclab.show.plots import Row
from musiclab.show.roll_drawing import pitch_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WHITE = (0, 2, 4, 5, 7, 9, 11)  # pitch classes
_MARGIN = 2  # semitones shown on either side of the notes
_FEWEST = 19  # semitones shown: an octave and a half, so that it looks like a piano
_WIDTH = {True: 0.52, False: 0.42}  # of a bar, by whether its key is white; a white key is 1 wide
_REST_AT = 1.6  # white keys to the left of the piano
_DEPTH = 0.32  # of the keys, as a share of the tallest bar
_NAMED = 0.05  # bars from this probability on say their name
_STRUCK = {"facecolor": OKABE_ITO["blue"], "edgecolor": "white", "label": "struck"}
_HELD = {"facecolor": OKABE_ITO["orange"], "edgecolor": "white", "hatch": "///", "label": "held on"}
_OUTLINE = {"facecolor": "#e6e6e6", "edgecolor": "#999", "wider": 0.06}


def plot_keyboard(
    pitches: Sequence[int] | np.ndarray,
    probabilities: Row | Mapping[str, Row],
    *,
    held: Sequence[bool] | np.ndarray | None = None,
    before: Row | None = None,
    title: str = "Which note comes next?",
    smallest: float | int = 0.001,
) -> Figure:
    """Plot the probabilities of the next note over a piano keyboard.

    Args:
        pitches: MIDI number of each token, -1 for a rest. Where a pitch has two tokens, struck and
            held, their bars are stacked.
        probabilities: One a token; or several such rows by name, such as one a temperature, drawn
            below each other with the same axes.
        held: True for each token that holds a pitch rather than strikes it; their bars are hatched.
        before: One probability a token, drawn in every row as an outline: what was there before a
            filter, say.
        title: Above the plot.
        smallest: What is below this probability is not drawn.

    Raises:
        SettingError: If the lengths differ, a value is no probability or a pitch no MIDI number.

    Example:
        >>> plot_keyboard([60, 62, -1], [0.7, 0.25, 0.05])
        Figure('Which note comes next? Likeliest: C4 with 0.70')
    """
    from matplotlib.patches import Patch

    rows = probabilities if isinstance(probabilities, Mapping) else {"": probabilities}
    numbers = np.asarray(pitches, dtype=np.int64)
    if numbers.size and not (REST <= numbers.min() and numbers.max() <= 127):
        raise SettingError("pitches must be MIDI numbers from 0 to 127, or -1 for a rest")
    table = {plain(name): _checked(name, row, numbers, smallest) for name, row in rows.items()}
    outline = None if before is None else _checked("before", before, numbers, smallest)
    holds = np.zeros(numbers.shape, bool) if held is None else np.asarray(held, dtype=bool)
    if holds.shape != numbers.shape:
        raise SettingError(f"held has {holds.size} values for {numbers.size} pitches")
    drawn = [*table.values(), *([] if outline is None else [outline])]
    shown = numbers[np.max(drawn, axis=0, initial=0) > 0].tolist()
    keys = piano_range([pitch for pitch in shown if pitch != REST])
    tallest = max(0.05, *(_by_pitch(numbers, row).max(initial=0) for row in drawn))
    height = 0.5 + max(1.7, 3.2 - 0.5 * len(table)) * len(table)  # inches
    canvas, panels = empty_panels(title, len(table), (8.0, height))
    described = []
    for axes, (name, row) in zip(panels, table.items(), strict=True):
        _draw_keys(axes, keys, -_DEPTH * tallest, rest=REST in shown)
        if outline is not None:
            _draw_bars(axes, _by_pitch(numbers, outline), **_OUTLINE)
        struck, held_on = (_by_pitch(numbers, row * kind) for kind in (~holds, holds))
        _draw_bars(axes, struck, **_STRUCK)
        _draw_bars(axes, held_on, below=struck, **_HELD)
        heights = struck + held_on
        _name_bars(axes, heights, tallest)
        axes.set_title(label(name), loc="left", fontsize=10)
        axes.set_ylabel("probability")
        likeliest = int(heights.argmax()) + REST
        note = "rest" if likeliest == REST else pitch_name(likeliest)
        described.append(f"{name}: " * bool(name) + f"{note} with {heights.max():.2f}")
    panels[0].set_ylim(-(_DEPTH + 0.02) * tallest, 1.3 * tallest)
    panels[0].set_yticks([tick for tick in panels[0].get_yticks() if 0 <= tick <= tallest])
    panels[0].set_xticks([])
    if holds.any():
        handles = [Patch(**style) for style in (_STRUCK, _HELD)]
        panels[0].legend(handles=handles, frameon=False, loc="upper right", fontsize=9)
    return Figure(canvas, f"{plain(title)} Likeliest: {', '.join(described)}")


def key_place(pitch: int) -> tuple[float, bool]:
    """Find the middle of a piano key, in white keys from the left of MIDI number 0.

    Returns:
        The place, and whether the key is white; a black one lies where two white ones meet.

    Example:
        >>> key_place(60), key_place(61), key_place(62)
        ((35.5, True), (36.0, False), (36.5, True))
    """
    octave, step = divmod(pitch, 12)
    if step in _WHITE:
        return 7 * octave + _WHITE.index(step) + 0.5, True
    return 7.0 * octave + _WHITE.index(step - 1) + 1, False


def piano_range(pitches: Sequence[int]) -> range:
    """Choose the keys to draw: a little more than ``pitches`` need, from white key to white key.

    Example:
        >>> piano_range([61, 66]), piano_range([])
        (range(53, 75), range(57, 77))
    """
    low, high = (min(pitches), max(pitches)) if pitches else (66, 66)
    missing = max(2 * _MARGIN, _FEWEST - (high - low))
    low, high = max(0, low - missing // 2), min(127, high + (missing + 1) // 2)
    low, high = max(0, min(low, high - _FEWEST)), min(127, max(high, low + _FEWEST))
    low -= not key_place(low)[1]
    high += not key_place(high)[1]
    return range(low, high + 1)


def _checked(name: str, row: Row, pitches: np.ndarray, smallest: float | int) -> np.ndarray:
    """Return a row without what is too small to draw."""
    values, name = np.asarray(row, dtype=float), plain(name) or "probabilities"
    if values.shape != pitches.shape:
        raise SettingError(f"{name} has {values.size} values for {pitches.size} pitches")
    if not ((values >= 0) & (values <= 1 + 1e-6)).all():
        raise SettingError(
            f"{name} must lie between 0 and 1; scores become probabilities by softmax"
        )
    return np.where(values < smallest, 0, values)


def _by_pitch(pitches: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Add up the tokens of each pitch; the first entry is the rest's."""
    return np.bincount(pitches - REST, weights=row, minlength=1)


def _draw_keys(axes: "Axes", keys: range, bottom: float, *, rest: bool) -> None:
    """Draw the piano under the line of zero, white keys first; name each C."""
    for pitch in sorted(keys, key=lambda pitch: not key_place(pitch)[1]):
        place, white = key_place(pitch)
        shape = {"height": bottom, "width": 1} if white else {"height": 0.6 * bottom, "width": 0.6}
        colour = "white" if white else "#333"
        axes.bar(place, **shape, color=colour, edgecolor="#888", linewidth=0.8)
        if pitch % 12 == 0:
            axes.text(place, 0.97 * bottom, pitch_name(pitch), ha="center", fontsize=8)
    left, right = key_place(keys[0])[0] - 0.5, key_place(keys[-1])[0] + 0.5
    if rest:
        left -= 1 + _REST_AT
        axes.text(left + 1, 0.4 * bottom, "rest", ha="center", va="center", fontsize=8)
    axes.set_xlim(left - 0.1, right + 0.1)
    axes.spines["bottom"].set_visible(False)


def _bar_place(axes: "Axes", pitch: int) -> tuple[float, float]:
    """Find where a pitch's bar stands and how wide it is."""
    if pitch == REST:
        return axes.get_xlim()[0] + 1.1, _WIDTH[True]
    place, white = key_place(pitch)
    return place, _WIDTH[white]


def _draw_bars(
    axes: "Axes",
    heights: np.ndarray,
    below: np.ndarray | float = 0.0,
    wider: float = 0.0,
    **style: Any,
) -> None:
    """Stand one bar on each key, or on top of the bars that are ``below``."""
    bottoms = np.broadcast_to(below, heights.shape)
    for pitch, (height, bottom) in enumerate(zip(heights, bottoms, strict=True), start=REST):
        if height > 0:
            place, width = _bar_place(axes, pitch)
            axes.bar(place, height, width=width + wider, bottom=bottom, **style)


def _name_bars(axes: "Axes", heights: np.ndarray, tallest: float) -> None:
    """Name the tall bars, the tallest first, and leave out names that would cover another."""
    from matplotlib.patheffects import withStroke

    halo = withStroke(linewidth=2.5, foreground="white")  # readable over a taller neighbour
    named: list[tuple[float, float]] = []
    for pitch in np.argsort(-heights, kind="stable") + REST:
        height = heights[pitch - REST]
        place, _ = _bar_place(axes, int(pitch))
        covered = (abs(place - x) < 0.8 and abs(height - y) < 0.25 * tallest for x, y in named)
        if height < _NAMED or any(covered):
            continue
        named.append((place, height))
        words = "" if pitch == REST else f"{pitch_name(int(pitch))}\n"
        style = {"ha": "center", "va": "bottom", "fontsize": 8, "path_effects": [halo]}
        axes.text(place, height + 0.02 * tallest, f"{words}{height:.0%}", **style)

"""Draw a chorale as a piano roll: time from left to right, pitch from bottom to top."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import numpy as np
from jaxtyping import Bool, Float

from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, VOICES, Chorale
from musiclab.music.metre import bar_edges
from musiclab.show.colours import VOICE_COLOURS

# All in pixels.
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 44, 22
_USUAL_WIDTH = 820
_ROW = 8  # height of a semitone
_BAR_LABEL = 28  # the least distance between the numbers of two bars
_NARROWEST, _WIDEST = 3.0, 14.0  # a frame
_LEGEND = 640.0  # all of it, the left margin included

_STARTLING = 6.0  # nats: a note that surprises as much has its voice's full colour
_NAMED, _BLACK_KEYS = (0, 4, 7, 9), (1, 3, 6, 8, 10)  # pitch classes; the axis names the former


@dataclass(frozen=True, kw_only=True)
class RollGeometry:
    """Where things are in the drawing, in pixels from its top left corner."""

    n_frames: int
    lowest: int  # MIDI number of the bottom row
    highest: int
    frame: float  # width of a frame
    left: int = _LEFT
    top: int = _TOP
    row: int = _ROW

    @property
    def width(self) -> float:
        """Of the whole drawing, legend included."""
        return max(_LEGEND, round(self.left + self.n_frames * self.frame + _RIGHT, 1))

    @property
    def bottom(self) -> int:
        """The lower edge of the bottom row."""
        return self.y(self.lowest) + self.row

    def x(self, frame: float | int) -> float:
        """Where a frame begins."""
        return round(self.left + frame * self.frame, 1)

    def y(self, pitch: int) -> int:
        """The upper edge of a pitch's row."""
        return self.top + (self.highest - pitch) * self.row


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What a drawing says of its notes besides pitch and time.

    Args:
        outlined: True for cells whose notes have a black outline.
        nats: How surprising each cell is; a note is pale where all its cells were expected.
    """

    outlined: Bool[np.ndarray, "frame voice"] | None = None
    nats: Float[np.ndarray, "frame voice"] | None = None

    def style(self, first: int, length: int, voice: int) -> str:
        """Return the attributes of one note's rectangle."""
        place, style = (slice(first, first + length), voice), ""
        if self.nats is not None:
            share = min(1.0, float(self.nats[place].sum()) / _STARTLING)
            edge = f'stroke="{VOICE_COLOURS[VOICES[voice]]}" stroke-width="1"'
            style = f' fill-opacity="{0.08 + 0.92 * share:.2f}" {edge}'
        if self.outlined is not None and self.outlined[place].any():
            style = f'{style.partition(" stroke=")[0]} stroke="black" stroke-width="2"'
        return style


def roll_geometry(chorale: Chorale, span: tuple[int, int] | None = None) -> RollGeometry:
    """Lay a piece out to fill the usual width; a long one becomes wider, and scrolls.

    Args:
        chorale: The piece.
        span: Pitches for which there shall be room, the lowest and the highest.
    """
    sounding = chorale.pitches[chorale.pitches != REST].tolist() + list(span or ())
    lowest, highest = (min(sounding), max(sounding)) if sounding else (60, 72)
    frame = (_USUAL_WIDTH - _LEFT - _RIGHT) / max(1, len(chorale))
    return RollGeometry(
        n_frames=len(chorale),
        lowest=max(0, int(lowest) - 2),
        highest=min(127, int(highest) + 2),
        frame=round(min(_WIDEST, max(_NARROWEST, frame)), 3),
    )


def roll_svg(chorale: Chorale, geometry: RollGeometry, marks: Marks | None = None) -> str:
    """Draw the piano roll as SVG: every note is a ``<rect class="note ...">``."""
    lines = [*_keyboard(geometry), *_metre(chorale, geometry)]
    lines += _notes(chorale, geometry, marks or Marks())
    lines += [*_fermatas(chorale, geometry), *_legend(geometry)]
    size = f'width="{geometry.width:g}" height="{geometry.bottom + _BOTTOM}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" '
        f'font-size="12">{"".join(lines)}</svg>'
    )


def frames_per_beat(chorale: Chorale) -> int:
    """Return the length of the time signature's unit in frames; at least 1."""
    unit = int(chorale.time_signature.partition("/")[2])
    return max(1, 4 * FRAMES_PER_QUARTER // unit)


def numbered_bars(chorale: Chorale) -> list[tuple[int, int]]:
    """Pair the number of each bar with its first frame; a pickup has no number."""
    starts = bar_edges(chorale)[:-1]
    has_pickup = len(chorale) > 0 and chorale.beats[0] > 0
    return list(enumerate(starts[1:] if has_pickup else starts, start=1))


def pitch_name(pitch: int) -> str:
    """Name a pitch as on a piano; middle C (60) is C4.

    Example:
        >>> pitch_name(60), pitch_name(70)
        ('C4', 'A#4')
    """
    letters = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    return f"{letters[pitch % 12]}{pitch // 12 - 1}"


def _keyboard(g: RollGeometry) -> Iterator[str]:
    """Shade the rows of the black keys, and name some of the others."""
    width = round(g.n_frames * g.frame, 1)
    yield '<rect width="100%" height="100%" fill="white"/><g text-anchor="end" fill="#333">'
    for pitch in range(g.lowest, g.highest + 1):
        if pitch % 12 in _BLACK_KEYS:
            place = f'x="{g.left}" y="{g.y(pitch)}"'
            yield f'<rect {place} width="{width:g}" height="{g.row}" fill="#f1f1f1"/>'
        if pitch % 12 in _NAMED:
            place = f'x="{g.left - 6}" y="{g.y(pitch) + g.row - 0.5}"'
            yield f"<text {place}>{pitch_name(pitch)}</text>"
    yield "</g>"


def _metre(chorale: Chorale, g: RollGeometry) -> Iterator[str]:
    """Draw beats thin and bar lines strong, and number the bars; a pickup has no number."""
    beat = frames_per_beat(chorale)
    beats = [frame for frame, place in enumerate(chorale.beats) if place % beat == 0]
    for frames, colour in ((beats, "#ddd"), (bar_edges(chorale), "#888")):
        path = "".join(f"M{g.x(frame):g} {g.top}V{g.bottom}" for frame in frames)
        yield f'<path d="{path}" stroke="{colour}"/>'
    last_label = -_BAR_LABEL
    yield '<g fill="#333">'
    for number, frame in numbered_bars(chorale):
        if g.x(frame) >= last_label + _BAR_LABEL:
            last_label = g.x(frame)
            yield f'<text x="{last_label:g}" y="{g.bottom + 14}">{number}</text>'
    yield f'<text x="{g.left - 6}" y="{g.bottom + 14}" text-anchor="end">bar</text></g>'


def _notes(chorale: Chorale, g: RollGeometry, marks: Marks) -> Iterator[str]:
    for voice, name in enumerate(VOICES):
        yield f'<g fill="{VOICE_COLOURS[name]}">'
        for first, length, pitch in chorale.notes(voice):
            # A gap of a pixel parts notes that repeat a pitch.
            width = max(1.0, length * g.frame - 1)
            # Voices that meet on a pitch share its row, so that none hides another.
            above = chorale.pitches[first : first + length, :voice] == pitch
            n_above = int(above.any(axis=0).sum())
            height = (g.row - 1) / (n_above + 1)
            style = marks.style(first, length, voice)
            yield (
                f'<rect class="note {name}" x="{g.x(first):g}" '
                f'y="{g.y(pitch) + 0.5 + n_above * height:.5g}" '
                f'width="{width:.4g}" height="{height:.2g}" rx="2"{style}/>'
            )
        yield "</g>"


def _fermatas(chorale: Chorale, g: RollGeometry) -> Iterator[str]:
    """Draw the sign, an arch over a dot, above the middle of each held chord."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chorale.fermatas, [0]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        x, y = g.x((first + last) / 2), g.top - 5
        yield (
            f'<g class="fermata"><path d="M{x - 7:g} {y}c0 -9.3 14 -9.3 14 0" fill="none" '
            f'stroke="black" stroke-width="1.5"/><circle cx="{x:g}" cy="{y - 1}" r="1.6"/></g>'
        )


def _legend(g: RollGeometry) -> Iterator[str]:
    x = g.left
    for name in VOICES:
        yield f'<rect x="{x}" y="8" width="14" height="10" rx="2" fill="{VOICE_COLOURS[name]}"/>'
        yield f'<text x="{x + 19}" y="17" fill="#333">{escape(name)}</text>'
        x += 84
    yield f'<text x="{x}" y="17" fill="#333">(arch with dot: fermata, the end of a line)</text>'

"""Turn our own drawings from SVG into PNG, for hosts that show a notebook's PNG and nothing else.

It knows the parts of SVG that verovio and the piano roll use, and no others.
"""

import io
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element, fromstring

import numpy as np

if TYPE_CHECKING:
    from matplotlib.path import Path
    from PIL.Image import Image

Style = Mapping[str, str]  # attributes of SVG

_COMMAND = re.compile(r"([a-zA-Z])([^a-zA-Z]*)")
_NUMBER = re.compile(r"-?\d*\.?\d+")
_MOVE, _LINE, _CURVE, _CLOSE = 1, 2, 4, 79  # matplotlib's codes
_INHERITED = ("fill", "stroke", "text-anchor", "font-size", "width")
_COLOURS = 32  # kept; more are not seen


class Canvas(NamedTuple):
    """Where to draw, and the elements that ``<use>`` may call by name."""

    renderer: Any
    named: Mapping[str | None, Element]


def png_from_svg(svg: str, width: float | int | None = None) -> bytes:
    """Draw an SVG on white.

    Args:
        svg: As ``roll_svg`` or ``Score.svg`` gives it.
        width: Of the picture in pixels; by default the drawing's own.

    Returns:
        A PNG file of few colours, so that it stays small.
    """
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.transforms import Affine2D
    from PIL import Image

    root = fromstring(svg)
    size = [float(root.attrib[side].removesuffix("px")) for side in ("width", "height")]
    zoom = 1.0 if width is None else width / size[0]
    wide, high = (max(1, round(zoom * side)) for side in size)
    canvas = Canvas(RendererAgg(wide, high, 72), {one.get("id"): one for one in root.iter()})
    # matplotlib counts from the bottom, SVG from the top.
    upright = Affine2D().scale(zoom).scale(1, -1).translate(0, high)
    _draw(root, canvas, upright, {"fill": "black", "font-size": "11"})
    drawn = Image.fromarray(np.asarray(canvas.renderer.buffer_rgba()))
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    return small_png(paper, _COLOURS)


def small_png(picture: "Image", colours: int) -> bytes:
    """Save a picture with few colours: a third of the size, and no eye can tell."""
    from PIL import Image

    file = io.BytesIO()
    few = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    few.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _draw(element: Element, canvas: Canvas, place: Any, style: Style) -> None:
    """Draw an element and what it holds; ``place`` leads from its units to pixels."""
    from matplotlib.transforms import Affine2D

    kind, style = element.tag.rpartition("}")[2], {**style, **element.attrib}
    if kind in ("defs", "style", "desc") or "placeholder" in style.pop("class", ""):
        return
    moves = re.findall(r"(translate|scale)\(([^)]*)\)", element.get("transform", ""))
    for name, numbers in moves:
        place = getattr(Affine2D(), name)(*map(float, _NUMBER.findall(numbers))) + place
    if "viewBox" in element.attrib:
        units = float(style["viewBox"].split()[2])
        place = Affine2D().scale(float(style["width"].removesuffix("px")) / units) + place
    if kind == "text":
        _write(element, canvas, place, style)
        return
    if kind in _SHAPES:
        _paint(_SHAPES[kind](element.attrib), canvas, place, style)
    inherited = {name: style[name] for name in _INHERITED if name in style}
    used = [canvas.named[style["href"].removeprefix("#")]] if kind == "use" else []
    for child in [*used, *element]:
        _draw(child, canvas, place, inherited)


def _paint(shape: "Path", canvas: Canvas, place: Any, style: Style) -> None:
    from matplotlib.colors import to_rgba

    graphics = canvas.renderer.new_gc()
    # verovio's style sheet strokes every shape.
    stroke = style.get("stroke", "black" if "stroke-width" in style else "none")
    if stroke == "none":
        graphics.set_linewidth(0)
    else:
        zoom = abs(place.get_matrix()[0, 0])
        graphics.set_linewidth(zoom * float(style.get("stroke-width", 1)))
        graphics.set_foreground(stroke)
    opacity = float(style.get("fill-opacity", 1))
    fill = None if style["fill"] == "none" else to_rgba(style["fill"], opacity)
    canvas.renderer.draw_path(graphics, shape, place, fill)


def _write(element: Element, canvas: Canvas, place: Any, style: Style) -> None:
    from matplotlib.font_manager import FontProperties

    text = "".join(element.itertext()).strip().replace("$", r"\$")
    # verovio gives the size to an element inside.
    sizes = [one.get("font-size") for one in element.iter() if "font-size" in one.attrib]
    size = float((sizes or [style["font-size"]])[-1].removesuffix("px"))
    font = FontProperties(size=size * abs(place.get_matrix()[0, 0]))
    x, y = place.transform([float(style.get(axis, 0)) for axis in "xy"])
    wide, _, _ = canvas.renderer.get_text_width_height_descent(text, font, False)
    x -= {"end": wide, "middle": wide / 2}.get(style.get("text-anchor", ""), 0)
    graphics = canvas.renderer.new_gc()
    graphics.set_foreground(style["fill"])
    canvas.renderer.draw_text(graphics, x, canvas.renderer.height - y, text, font, 0)


def _path(attributes: Style) -> "Path":
    """Read a path of lines and Bézier curves."""
    from matplotlib.path import Path

    points, codes, start = [np.zeros(2)], [_MOVE], np.zeros(2)
    for command, text in _COMMAND.findall(attributes["d"]):
        kind, numbers = command.upper(), [float(number) for number in _NUMBER.findall(text)]
        here = points[-1]
        if kind == "Z":
            points.append(start)
            codes.append(_CLOSE)
        for group in np.reshape(numbers, (-1, {"H": 1, "V": 1, "C": 6, "S": 4}.get(kind, 2))):
            origin = here if command.islower() else np.zeros(2)
            if kind in "HV":
                axis = "HV".index(kind)
                found = here[None].copy()
                found[0, axis] = origin[axis] + group[0]
            else:
                found = origin + group.reshape(-1, 2)
            if kind == "S":  # its first control point mirrors the last one of the curve before
                bend = points[-2] if codes[-1] == _CURVE else here
                found = np.vstack([2 * here - bend, found])
            points.extend(found)
            codes.extend(len(found) * [{"C": _CURVE, "S": _CURVE, "M": _MOVE}.get(kind, _LINE)])
            here = points[-1]
            if kind == "M":
                start, kind = here, "L"  # further pairs of numbers are lines
    return Path(np.array(points), codes)


def _polygon(attributes: Style) -> "Path":
    return _path({"d": f"M{attributes['points']}Z"})


def _rectangle(attributes: Style) -> "Path":
    x, y = (attributes.get(name, "0") for name in "xy")
    wide, high = (attributes[name].replace("100%", "100000") for name in ("width", "height"))
    return _path({"d": f"M{x} {y}h{wide}v{high}h-{wide}z"})


def _ellipse(attributes: Style, across: str = "rx", down: str = "ry") -> "Path":
    from matplotlib.path import Path

    middle = np.array([float(attributes[name]) for name in ("cx", "cy")])
    radii = np.array([float(attributes[name]) for name in (across, down)])
    circle = Path.unit_circle()
    return Path(middle + radii * circle.vertices, circle.codes)


_SHAPES = {
    "path": _path,
    "polygon": _polygon,
    "rect": _rectangle,
    "ellipse": _ellipse,
    "circle": partial(_ellipse, across="r", down="r"),
}

"""Pixels where the drawing says, and none elsewhere; a score against what a browser draws."""

import io

import numpy as np
import pytest
from PIL import Image

from musiclab.show.piano_roll import PianoRoll
from musiclab.show.rasterise import png_from_svg
from musiclab.show.score import Score


def drawn(inside, size='width="40" height="20"', **settings):
    """Return where an SVG leaves ink: True for every pixel that is not white."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{inside}</svg>'
    picture = Image.open(io.BytesIO(png_from_svg(svg, **settings)))
    return np.asarray(picture.convert("L")) < 128


def box(left, top, right, bottom, size=(20, 40)):
    ink = np.zeros(size, dtype=bool)
    ink[top:bottom, left:right] = True
    return ink


SAME_BOX = {
    "rectangle": '<rect x="4" y="6" width="10" height="8"/>',
    "polygon": '<polygon points="4,6 14,6 14,14 4,14"/>',
    "path": '<path d="M4 6H14V14H4Z"/>',
    "relative path": '<path d="M4,6h10v8h-10z"/>',
    "lines after a move": '<path d="m4 6 10 0 0 8-10 0z"/>',
    "straight curves": '<path d="M4 6C7 6 10 6 14 6c0 3 0 6 0 8L4 14z"/>',
    "smooth curve": '<path d="M4 6C6 6 7 6 9 6S12 6 14 6V14H4z"/>',
    "two paths in one": '<path d="M4 6h5v8h-5zM9 6h5v8h-5z"/>',
    "stroke": '<path d="M4 10H14" stroke="#000" stroke-width="8"/>',
    "moved, then scaled": '<g transform="translate(4, 6) scale(2)"><path d="M0 0h5v4h-5z"/></g>',
    "upside down": '<path transform="translate(4,14) scale(1,-1)" d="M0 0h10v8h-10z"/>',
    "called by name": '<defs><g id="a"><rect x="0" y="0" width="5" height="4"/></g></defs>'
    '<use href="#a" transform="translate(4, 6) scale(2, 2)"/>',
    "own units": '<svg viewBox="0 0 400 200"><rect x="40" y="60" width="100" height="80"/></svg>',
    "hidden beside it": '<rect x="4" y="6" width="10" height="8"/>'
    '<g class="section placeholder"><rect x="20" y="2" width="9" height="9"/></g>',
    "no fill beside it": '<rect x="4" y="6" width="10" height="8"/>'
    '<g fill="none"><rect x="20" y="2" width="9" height="9"/></g>',
}


@pytest.mark.parametrize("name", SAME_BOX)
def test_every_way_to_draw_a_box(name):
    assert np.array_equal(drawn(SAME_BOX[name]), box(4, 6, 14, 14))


def test_an_ellipse_fills_as_much_as_its_formula_says():
    ink = drawn('<ellipse cx="20" cy="10" rx="15" ry="6"/>')
    assert ink.sum() == pytest.approx(np.pi * 15 * 6, rel=0.03)
    assert ink[10, 6] and not ink[10, 3] and not ink[2, 20]


@pytest.mark.parametrize(("anchor", "left"), [("start", 20), ("end", 0), ("middle", 10)])
def test_text_stands_on_its_side_of_the_anchor(anchor, left):
    text = f'<text x="20" y="15" text-anchor="{anchor}"><tspan font-size="12px">HH</tspan></text>'
    columns = np.flatnonzero(drawn(text).any(axis=0))
    assert columns.size and left <= columns.min() and columns.max() < left + 20
    assert drawn(text)[:15].any() and not drawn(text)[16:].any()  # above its base line


def test_another_width_keeps_the_shape():
    ink = drawn(SAME_BOX["rectangle"], width=20)
    assert np.array_equal(ink, box(2, 3, 7, 7, size=(10, 20)))


def test_roll_and_score_are_small_pictures_with_ink(chorale):
    for shown in (PianoRoll(chorale, sound=False), Score(chorale)):
        png = png_from_svg(shown.svg)
        grey = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
        assert len(png) < 15_000 and 0.005 < (grey < 200).mean() < 0.3
        assert (grey[0] == 255).all()  # nothing strays into the margin


def test_colours_of_the_voices_survive(chorale):
    picture = Image.open(io.BytesIO(png_from_svg(PianoRoll(chorale, sound=False).svg)))
    assert {(213, 94, 0), (0, 114, 178)} <= {
        colour for _, colour in picture.convert("RGB").getcolors()
    }


def test_a_smooth_curve_mirrors_the_bend_before():
    smooth = drawn('<path d="M4 10C4 2 12 2 12 10S20 18 20 10z"/>')
    spelled = drawn('<path d="M4 10C4 2 12 2 12 10C12 18 20 18 20 10z"/>')
    assert np.array_equal(smooth, spelled) and smooth[:9].any() and smooth[12:].any()

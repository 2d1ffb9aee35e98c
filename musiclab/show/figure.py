"""A plot that is shown once, with words for who cannot see it."""

import io
from functools import cached_property
from typing import TYPE_CHECKING

from musiclab.show.html import image, plain
from musiclab.show.rasterise import small_png
from musiclab.show.saving import Savable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_DOTS_PER_INCH = 110


class Figure(Savable):
    """A finished matplotlib figure and its description.

    Args:
        canvas: matplotlib's figure, for changes of your own; they count until it is first shown.
        alt: What the plot shows, in a sentence with its figures.
    """

    suffixes = (".png",)

    def __init__(self, canvas: "Canvas", alt: str) -> None:
        self.canvas, self.alt = canvas, plain(alt, longest=600)

    @cached_property
    def png(self) -> bytes:
        """The plot as a PNG file; the same plot, the same bytes."""
        from PIL import Image

        file = io.BytesIO()
        self.canvas.savefig(file, format="png", dpi=_DOTS_PER_INCH)
        return small_png(Image.open(file), colours=256)

    def encoded(self, suffix: str) -> bytes:
        """Return ``png``."""
        return self.png

    def _repr_html_(self) -> str:
        return image("image/png", self.png, self.alt)

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"Figure({self.alt!r})"


def empty_plot(
    title: str, x: str, y: str, size: tuple[float, float] = (8.0, 3.6)
) -> "tuple[Canvas, Axes]":
    """Start a plot in the style of the course.

    It is no pyplot figure: it is kept nowhere else, and appears only where it is shown.

    Args:
        title: Above the plot.
        x: What the horizontal axis measures, with its unit.
        y: What the vertical axis measures, with its unit.
        size: In inches.
    """
    canvas, (axes,) = empty_panels("", 1, size)
    axes.set_title(label(title), loc="left")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_axisbelow(True)
    return canvas, axes


def empty_panels(title: str, count: int, size: tuple[float, float]) -> "tuple[Canvas, list[Axes]]":
    """Start a plot of several panels below each other with the same axes; ``size`` in inches."""
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=size, layout="constrained", facecolor="white")
    panels = canvas.subplots(count, 1, sharex=True, sharey=True, squeeze=False)[:, 0].tolist()
    if title:
        canvas.suptitle(label(title), x=0.01, ha="left")
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
    return canvas, panels


def label(text: object, longest: int = 200) -> str:
    r"""Make a text safe for matplotlib, where a dollar sign would start a formula."""
    return plain(text, longest).replace("$", r"\$")

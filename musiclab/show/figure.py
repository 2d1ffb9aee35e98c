"""A plot that is shown once, with words for who cannot see it."""

import io
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musiclab.errors import ScoreError, SettingError
from musiclab.files import write_atomically
from musiclab.show.html import image, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_DOTS_PER_INCH = 110


class Figure:
    """A finished matplotlib figure and its description.

    Args:
        canvas: matplotlib's figure, for changes of your own; they count until it is first shown.
        alt: What the plot shows, in a sentence with its figures.
    """

    def __init__(self, canvas: "Canvas", alt: str) -> None:
        self.canvas, self.alt = canvas, plain(alt, longest=600)

    @cached_property
    def png(self) -> bytes:
        """The plot as a PNG file; the same plot, the same bytes."""
        file = io.BytesIO()
        self.canvas.savefig(file, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
        return file.getvalue()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the plot to a .png file, whole or not at all.

        Raises:
            SettingError: If the path does not end in .png.
            ScoreError: If the file cannot be written; an older one is then untouched.
        """
        path = Path(path)
        if path.suffix.lower() != ".png":
            raise SettingError(f"{path.name[:80]!r} does not end in .png; plots are saved as PNG")
        try:
            return write_atomically(path, self.png)
        except OSError as error:
            raise ScoreError(
                f"{path} cannot be written ({error.strerror}); choose a folder that exists, is "
                "yours and has space"
            ) from None

    def _repr_html_(self) -> str:
        return image("image/png", self.png, self.alt)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        """Say what the plot shows."""
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
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=size, layout="constrained", facecolor="white")
    axes = canvas.subplots()
    # A dollar sign would start a formula.
    axes.set_title(plain(title).replace("$", r"\$"), loc="left")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    return canvas, axes

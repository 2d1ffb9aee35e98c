"""Turn our drawings from SVG into PNG, for hosts that show a notebook's PNG and nothing else."""

import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_COLOURS = 32  # kept; more are not seen


def png_from_svg(svg: str, width: float | int | None = None) -> bytes:
    """Draw an SVG on white.

    Args:
        svg: As ``roll_svg`` or ``Score.svg`` gives it.
        width: Of the picture in pixels; by default the drawing's own.

    Returns:
        A PNG file of few colours, so that it stays small.
    """
    import resvg_py
    from PIL import Image

    # With the fonts of matplotlib, so that the same drawing gives the same bytes everywhere.
    fonts = {"font_files": _fonts(), "skip_system_fonts": True, "font_family": "DejaVu Sans"}
    fonts |= {"serif_family": "DejaVu Serif", "sans_serif_family": "DejaVu Sans"}
    fonts |= {"style_sheet": ".placeholder { display: none }"}  # verovio's, empty and invisible
    size = {} if width is None else {"width": max(1, round(width))}
    png = resvg_py.svg_to_bytes(svg_string=svg, background="white", **fonts, **size)
    return small_png(Image.open(io.BytesIO(png)), _COLOURS)


def small_png(picture: "Image", colours: int) -> bytes:
    """Save a picture with few colours: a third of the size, and no eye can tell."""
    from PIL import Image

    file = io.BytesIO()
    few = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    few.save(file, format="PNG", optimize=True)
    return file.getvalue()


@cache
def _fonts() -> list[str]:
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [str(folder / f"{name}.ttf") for name in ("DejaVuSans", "DejaVuSerif")]

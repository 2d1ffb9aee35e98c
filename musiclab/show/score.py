"""See a chorale as a score, engraved without any program but Python."""

from functools import cached_property
from pathlib import Path
from typing import Any

from musiclab.checks import check_choice
from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.from_notes import chorale_from_notes
from musiclab.music.keys import spoken_key
from musiclab.music.metre import bar_edges
from musiclab.music.notes import NoteSequence
from musiclab.show.html import captioned, plain, remarks, wide_image
from musiclab.show.kern import kern_from_chorale
from musiclab.show.rasterise import png_from_svg
from musiclab.show.saving import Savable

_WIDTH = 900  # of the image, in pixels
_ZOOM = 40  # percent of verovio's size at which staves look like a hymn book on a screen


class Score(Savable):
    """A chorale in notes: as the last line of a cell it shows the page.

    It is engraved when it is first seen, and only once.

    Args:
        chorale: What to draw; a sequence of notes if at most four sound at once.
        staves: 2, as in a hymn book (soprano with alto, tenor with bass), or 4, one a voice.
        title: Shown above; by default the chorale's own.
        bars: The first and the last bar to draw; a pickup is bar 0, the first full bar is 1. By
            default all.

    Raises:
        SettingError: If a setting is out of range, or there is nothing to draw.

    Example:
        >>> import numpy as np
        >>> Score(Chorale(pitches=np.full((32, 4), 60), title="Hum"), bars=(1, 1))
        Score('Hum', 2 staves, 1 bar)
    """

    suffixes = (".svg",)

    def __init__(
        self,
        chorale: Chorale | NoteSequence,
        *,
        staves: int = 2,
        title: str | None = None,
        bars: tuple[int, int] | None = None,
    ) -> None:
        check_choice("staves", staves, (2, 4))
        if isinstance(chorale, NoteSequence):
            chorale = chorale_from_notes(chorale)
        if len(chorale) == 0:
            raise SettingError("the chorale has no frames, so there is nothing to draw")
        self.chorale = chorale if bars is None else _cut(chorale, bars)
        self.staves = staves
        self.title = plain(chorale.title if title is None else title)

    @cached_property
    def svg(self) -> str:
        """The drawing as SVG: black on a transparent ground."""
        toolkit = load_kern(kern_from_chorale(self.chorale, self.staves))
        if toolkit.getPageCount() > 1:
            raise SettingError(
                "the score is too long for one image; draw a part of it, such as bars=(1, 16)"
            )
        return toolkit.renderToSVG(1)

    @property
    def alt(self) -> str:
        """The score in words, for who cannot see it."""
        chorale = self.chorale
        key, metre = spoken_key(chorale.key), chorale.time_signature
        facts = (self.title, key, metre, self._length())
        return f"Score on {self.staves} staves: " + ", ".join(filter(None, facts))

    def encoded(self, suffix: str) -> bytes:
        """Return ``svg`` as a file."""
        return self.svg.encode()

    def _length(self) -> str:
        count = len(bar_edges(self.chorale)) - 1
        return f"{count} bar{'s' * (count != 1)}"

    def _repr_html_(self) -> str:
        title = self.title + remarks(self.chorale.left_out)
        return captioned(title, wide_image("image/svg+xml", self.svg.encode(), self.alt))

    def _repr_png_(self) -> bytes:
        return png_from_svg(self.svg)

    def __repr__(self) -> str:
        return f"Score({self.title!r}, {self.staves} staves, {self._length()})"


def _cut(chorale: Chorale, bars: tuple[int, int]) -> Chorale:
    """Cut out the bars from the first to the last, both included."""
    edges = bar_edges(chorale)
    lowest = 0 if chorale.beats[0] > 0 else 1
    (first, last), highest = bars, lowest + len(edges) - 2
    if not lowest <= first <= last <= highest:
        raise SettingError(f"bars must lie within {lowest} and {highest}, got {bars}")
    return chorale.excerpt(edges[first - lowest], edges[last - lowest + 1])


def load_kern(kern: str) -> Any:
    """Let verovio read and lay out a score; return its toolkit."""
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit(False)
    # By itself verovio finds its fonts in the main thread only, but JupyterLab may press a
    # button's callback in another one.
    toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
    size = {"scale": _ZOOM, "pageWidth": _WIDTH * 100 // _ZOOM, "pageHeight": 60_000}
    page = {"adjustPageHeight": True, "header": "none", "footer": "none", "breaks": "auto"}
    # Without ids, or every drawing would differ.
    svg = {"svgFormatRaw": True, "svgRemoveXlink": True, "removeIds": True, "xmlIdChecksum": True}
    toolkit.setOptions({"inputFrom": "humdrum", **size, **page, **svg})
    if not toolkit.loadData(kern):
        raise SettingError("the score cannot be engraved; write it as MIDI instead")
    return toolkit

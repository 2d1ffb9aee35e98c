"""See a chorale as a score, engraved without any program but Python."""

import os
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from musiclab.errors import ScoreError, SettingError
from musiclab.files import write_atomically
from musiclab.music.chorale import Chorale, spoken_key
from musiclab.music.musicxml_bytes import musicxml_bytes
from musiclab.music.score_bars import bar_edges
from musiclab.music.to_score import score_from_chorale
from musiclab.show.engraving import engrave
from musiclab.show.html import image, plain
from musiclab.show.two_staves import two_staves


class Score:
    """A chorale in notes: as the last line of a cell it shows the page.

    It is engraved when it is first seen, and only once.

    Args:
        chorale: What to draw.
        staves: 2, as in a hymn book (soprano with alto, tenor with bass), or 4, one a voice.
        title: Shown above; by default the chorale's own.
        bars: The first and the last bar to draw; a pickup is bar 0, the first full bar is 1. By
            default all.
        width: Of the picture, in pixels.
        scale: Size of the notes; 1 suits a notebook.

    Raises:
        SettingError: If a setting is out of range, or there is nothing to draw.

    Example:
        >>> import numpy as np
        >>> Score(Chorale(pitches=np.full((32, 4), 60), title="Hum"), bars=(1, 1))
        Score('Hum', 2 staves, 1 bar)
    """

    def __init__(
        self,
        chorale: Chorale,
        *,
        staves: int = 2,
        title: str | None = None,
        bars: tuple[int, int] | None = None,
        width: int = 900,
        scale: float | int = 1.0,
    ) -> None:
        if staves not in (2, 4):
            raise SettingError(f"staves must be 2 or 4, got {staves!r}")
        if not 300 <= width <= 4000:
            raise SettingError(f"width must lie between 300 and 4000 pixels, got {width}")
        if not 0.25 <= scale <= 4:
            raise SettingError(f"scale must lie between 0.25 and 4, got {scale}")
        if len(chorale) == 0:
            raise SettingError("the chorale has no frames, so there is nothing to draw")
        self.chorale = chorale if bars is None else _cut(chorale, bars)
        self.staves, self.width, self.scale = staves, width, scale
        self.title = plain(chorale.title if title is None else title)

    @cached_property
    def svg(self) -> str:
        """The drawing as SVG: black on a transparent ground."""
        document = _for_image(musicxml_bytes(score_from_chorale(self.chorale)))
        document = two_staves(document) if self.staves == 2 else document
        return engrave(document, width=self.width, scale=self.scale)

    @property
    def alt(self) -> str:
        """The score in words, for who cannot see it."""
        chorale = self.chorale
        key, metre = spoken_key(chorale.key), chorale.time_signature
        facts = (self.title, key, metre, self._length())
        return f"Score on {self.staves} staves: " + ", ".join(filter(None, facts))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to an .svg file, whole or not at all.

        Returns:
            The path.

        Raises:
            SettingError: If the path does not end in .svg.
            ScoreError: If the file cannot be written; an older one is then untouched.
        """
        path = Path(path)
        if path.suffix.lower() != ".svg":
            raise SettingError(
                f"{path.name[:80]!r} does not end in .svg; for notes that other programs can edit, "
                "use musiclab.write"
            )
        try:
            return write_atomically(path, self.svg.encode())
        except OSError as error:
            raise ScoreError(
                f"{path} cannot be written ({error.strerror}); choose a folder that exists, is "
                "yours and has space"
            ) from None

    def _length(self) -> str:
        count = len(bar_edges(self.chorale)) - 1
        return f"{count} bar{'s' * (count != 1)}"

    def _repr_html_(self) -> str:
        title = f"<figcaption>{escape(self.title)}</figcaption>" if self.title else ""
        page = image("image/svg+xml", self.svg.encode(), self.alt)
        return f'<figure style="margin: 0.3em 0">{title}{page}</figure>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        """Name the title and the size."""
        return f"Score({self.title!r}, {self.staves} staves, {self._length()})"


def _cut(chorale: Chorale, bars: tuple[int, int]) -> Chorale:
    """Cut out the bars from the first to the last, both included."""
    edges = bar_edges(chorale)
    lowest = 0 if chorale.beats[0] > 0 else 1
    highest = lowest + len(edges) - 2
    first, last = bars
    if not lowest <= first <= last <= highest:
        raise SettingError(f"bars must lie within {lowest} and {highest}, got {bars}")
    return chorale.excerpt(edges[first - lowest], edges[last - lowest + 1])


def _for_image(musicxml: bytes) -> bytes:
    """Put fermatas above, and drop the tempo: its note would need a font that images lack."""
    root = ElementTree.fromstring(musicxml)
    for fermata in root.iter("fermata"):
        fermata.set("type", "upright")
    for measure in root.iter("measure"):
        for direction in measure.findall("direction"):
            if direction.find("direction-type/metronome") is not None:
                measure.remove(direction)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)

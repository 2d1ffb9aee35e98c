"""The studio: three tabs over one desk."""

import os
from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as ui

from musiclab.checkpoint.load import open_checkpoint
from musiclab.music.chorale import Chorale
from musiclab.sampling.composing import compose
from musiclab.sampling.replaying import replay
from musiclab.show.html import plain
from musiclab.show.studio.compose_tab import ComposeTab
from musiclab.show.studio.desk import Desk
from musiclab.show.studio.harmonise_tab import HarmoniseTab
from musiclab.show.studio.rewrite_tab import RewriteTab
from musiclab.show.widgets import WithPicture


class Studio(WithPicture, ui.VBox):
    """Compose, harmonise and rewrite with a shipped model; hear and see the result.

    Args:
        checkpoint: The model; one that writes forwards.
        prompts: Chorales by the name that the menus show: a piece may begin with their first two
            bars, and their sopranos can be harmonised.
        seed: Where the first piece starts, 0 to 999.
        bars: Length of the first piece: 4, 8, 12 or 16.

    Raises:
        SettingError: If ``seed`` or ``bars`` is none of these.

    Attributes:
        composing: The first tab, with its controls by name.
        harmonising: The second.
        rewriting: The third.
        desk: What is under the tabs: roll, takes, mixer, files.

    Example:
        >>> studio = Studio(bars=4)
        >>> studio.composing.temperature.value = 0.8
        >>> studio.composing.compose()
        >>> len(studio.chorale)
        64
    """

    def __init__(
        self,
        *,
        checkpoint: Any = "bach-studio",
        prompts: Mapping[str, Chorale] | None = None,
        seed: int = 1,
        bars: int = 8,
    ) -> None:
        prompts, opened = dict(prompts or {}), open_checkpoint(checkpoint)
        self.composing = ComposeTab(prompts, seed, bars)
        self.harmonising, self.rewriting = HarmoniseTab(prompts), RewriteTab()
        first = compose(checkpoint=opened, **self.composing.settings())
        name = os.fspath(checkpoint) if isinstance(checkpoint, str | os.PathLike) else ""
        self.desk = Desk(opened, name, first, self.composing.how())
        self.desk.replay.on_click(lambda _: self.desk.work(self.replay))
        tabs = (self.composing, self.harmonising, self.rewriting)
        self.tabs = ui.Tab(tabs)
        for number, name in enumerate(("Compose", "Harmonise", "Rewrite")):
            tabs[number].desk = self.desk
            self.tabs.set_title(number, name)
        self.tabs.observe(self._on_tab, "selected_index")
        super().__init__([self.tabs, self.desk])

    @property
    def chorale(self) -> Chorale:
        """The piece that is shown."""
        return self.desk.take.chorale

    def replay(self) -> None:
        """Compose again what the recipe in its field says.

        Raises:
            SettingError: If it is no recipe.
        """
        self.desk.say("Composing ...")
        go_on = self.desk.worker.go_on
        line = self.desk.recipe.value
        self.desk.keep(replay(line, on_frame=go_on), {"made by": "a recipe"})

    def static_html(self) -> str:
        """Return the piece as picture, player and score, with the settings that made it."""
        words = escape(plain(f"Studio. {self.desk.take.words}", longest=600))
        return f"<p>{words}</p>{self.desk.roll.static_html()}{self.desk.score.value}"

    def static_png(self) -> bytes:
        """Return the piano roll."""
        return self.desk.roll.static_png()

    def _on_tab(self, change: Any) -> None:
        self.desk.roll.picking = change["new"] == 2

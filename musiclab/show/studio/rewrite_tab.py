"""The tab in which marked notes of a piece are written anew, while the others stay."""

from typing import Any

import ipywidgets as ui
import numpy as np

from musiclab.errors import SettingError
from musiclab.music.chorale import VOICES
from musiclab.music.metre import bar_edges
from musiclab.sampling.rewriting import rewrite
from musiclab.show.studio.compose_tab import LAST_SEED, temperature_slider
from musiclab.show.studio.desk import Desk
from musiclab.show.studio.look import button, menu, note, number, row, tick
from musiclab.show.studio.takes import Take, changed_cells

_ABOUT = (
    "Mark notes: click on them in the picture (or, with the keyboard on it, press S, A, T "
    "or B for the note of that voice at the line), or mark whole bars of some voices here. Then "
    "let the model write them anew, given all the others."
)


class RewriteTab(ui.VBox):
    """Marks, and the controls of ``rewrite``.

    Attributes:
        found: The alternatives, the piece as it was first.
    """

    def __init__(self) -> None:
        self.first, self.last = (number(name, 1, 1, 999) for name in ("From bar", "to bar"))
        self.voices = [tick(name.capitalize(), value=True) for name in VOICES]
        self.mark = button("Mark these bars", self.mark_bars)
        self.clear = button("Clear the marks", self.clear_marks)
        self.count = menu("Alternatives", (1, 2, 3, 4, 5), value=3)
        self.temperature, self.seed = temperature_slider(), number("Seed", 1, 0, LAST_SEED)
        style = {"button_style": "primary"}
        self.button = button(
            "Rewrite what is marked", lambda: self.desk.work(self.rewrite), **style
        )
        self.others = button(
            "Rewrite all but the marked",
            lambda: self.desk.work(lambda: self.rewrite(marked_stay=True)),
        )
        self.choice = ui.ToggleButtons(options=[("as it was", 0)], description="Hear")
        self.choice.observe(lambda _: self._show_choice(), "value")
        self.keep = button("Keep this one", self.keep_choice)
        self.found: list[Take] = []
        voices, bars = row(*self.voices), row(self.first, self.last)
        settings = row(self.count, self.temperature, self.seed)
        choice, start = row(self.choice, self.keep), row(self.button, self.others)
        marking = row(self.mark, self.clear)
        super().__init__([note(_ABOUT), bars, voices, marking, settings, start, choice])
        self.desk: Desk

    def mark_bars(self) -> None:
        """Mark the chosen bars of the chosen voices; a pickup belongs to bar 1."""
        edges = bar_edges(self.desk.take.chorale)
        if self.desk.take.chorale.beats[0] > 0:
            edges = [edges[0], *edges[2:]]
        first, last = sorted((self.first.value, self.last.value))
        frames = slice(edges[min(first, len(edges) - 1) - 1], edges[min(last, len(edges) - 1)])
        self.desk.marked[frames, [one.value for one in self.voices]] = True
        self.desk.repaint()

    def clear_marks(self) -> None:
        """Mark nothing."""
        self.desk.marked[:] = False
        self.desk.repaint()

    def rewrite(self, *, marked_stay: bool = False) -> None:
        """Write the marked cells anew, or all others, and show the first alternative.

        Raises:
            SettingError: If nothing is marked, or the piece does not suit the model.
        """
        desk, take = self.desk, self.desk.take
        if not desk.marked.any():
            raise SettingError("nothing is marked yet; click on notes, or mark some bars")
        cells = ~desk.marked if marked_stay else desk.marked.copy()

        def on_frame(done: int, total: int) -> None:
            desk.worker.go_on()
            if done % 8 == 0:
                desk.say(f"Rewriting: {done} of {total} steps")

        pieces = rewrite(
            take.chorale,
            cells,
            count=self.count.value,
            seed=self.seed.value,
            temperature=self.temperature.value,
            checkpoint=desk.checkpoint,
            on_frame=on_frame,
        )
        if not pieces:
            raise SettingError(
                "the notes that stay leave no other choice; mark more, or raise the temperature"
            )
        how = {"rewritten": f"{int(cells.sum())} cells of {take.name}"}
        how |= {"seed": self.seed.value, "temperature": self.temperature.value}
        self.found = [take]
        self.found += [Take(one, {**how, "alternative": n}) for n, one in enumerate(pieces, 1)]
        self.choice.options = [("as it was", 0), *((str(n + 1), n + 1) for n in range(len(pieces)))]
        self.choice.value = 1

    def keep_choice(self) -> None:
        """Keep the alternative that is shown as a take."""
        chosen: Any = self.choice.value or 0
        if chosen and self.found:
            take = self.found[chosen]
            self.desk.marked[:] = False
            self.desk.keep(take.chorale, take.how, change="sound")
            self.found, self.choice.options = [], [("as it was", 0)]

    def _show_choice(self) -> None:
        chosen = self.choice.value or 0
        if chosen < len(self.found):
            take = self.found[chosen]
            changed = changed_cells(self.found[0].chorale, take.chorale)
            outlined = changed if chosen else np.zeros_like(changed)
            self.desk.show(take, outlined=outlined)

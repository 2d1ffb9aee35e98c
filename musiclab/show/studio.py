"""The studio: a few controls, a model that composes, and the music at once to hear and see."""

import time
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets as ui

from musiclab.checks import check_choice, check_whole
from musiclab.errors import MusicLabError
from musiclab.music.chorale import Chorale
from musiclab.music.export import musicxml_bytes
from musiclab.music.keys import spoken_key
from musiclab.music.to_midi import midi_bytes, midi_from_chorale
from musiclab.music.to_score import score_from_chorale
from musiclab.sampling.composing import compose
from musiclab.sampling.session import TEMPERATURE
from musiclab.show.html import plain, status
from musiclab.show.piano_roll import PianoRoll
from musiclab.show.score import Score
from musiclab.show.widgets import DownloadButton, WithPicture

LENGTHS = (4, 8, 12, 16)  # bars
LAST_SEED = 999
# 0 where nothing is asked for: a Dropdown takes None for "nothing is chosen".
TOP_K = {"all tokens": 0} | {str(count): count for count in (1, 2, 3, 5, 10, 20)}
TOP_P = {"all tokens": 0.0} | {str(share): share for share in (0.5, 0.7, 0.8, 0.9, 0.95)}
MIN_P = {"all tokens": 0.0} | {str(share): share for share in (0.01, 0.02, 0.05, 0.1, 0.2)}
LINE_ENDS = {"let the model choose": 0, "every 2 bars": 2, "every 4 bars": 4}
# Where most of Bach's chorales stand, from flats to sharps.
KEYS = (
    *("E- major", "B- major", "F major", "C major", "G major", "D major", "A major"),
    *("C minor", "G minor", "D minor", "A minor", "E minor", "B minor", "F# minor"),
)
NOTHING = "nothing"
PROMPT_BARS = 2
_LEAST_PAUSE = 0.2  # seconds; nobody presses a button so soon after a piece appeared
_WIDE = {"style": {"description_width": "initial"}, "layout": ui.Layout(width="300px")}
_WRAP = ui.Layout(flex_flow="row wrap", max_width="640px")
_MUSICXML = "application/vnd.recordare.musicxml+xml"


class Studio(WithPicture, ui.VBox):
    """Compose with a shipped model: move a control, press the button, hear and see the result.

    Args:
        checkpoint: The model that composes.
        prompts: Chorales, the first two bars of which a piece may begin with, by the name that the
            menu shows.
        seed: Where the first piece starts, 0 to 999.
        bars: Length of the first piece: 4, 8, 12 or 16.

    Raises:
        SettingError: If ``seed`` or ``bars`` is none of these.

    Attributes:
        chorale: The piece that is shown.

    Example:
        >>> studio = Studio(bars=4)
        >>> studio.temperature.value = 0.8
        >>> studio.compose()
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
        check_choice("bars", bars, LENGTHS)
        check_whole("seed", seed, lowest=0, highest=LAST_SEED, remedy="the slider ends there")
        self._checkpoint = checkpoint
        self._prompts = dict(prompts or {})
        self._composed_at = -1.0  # seconds
        late = {"continuous_update": False, **_WIDE}  # not at every pixel of a drag
        steps = {"min": 0.4, "max": 1.6, "step": 0.05}
        self.temperature = ui.FloatSlider(TEMPERATURE, **steps, description="Temperature", **late)
        self.seed = ui.IntSlider(seed, min=0, max=LAST_SEED, description="Seed", **late)
        self.top_k, self.top_p = _menu("Top-k", TOP_K), _menu("Top-p", TOP_P)
        self.min_p, self.bars = _menu("Min-p", MIN_P), _menu("Bars", LENGTHS, value=bars)
        self.key = _menu("Key", {"drawn by the seed": "", **{spoken_key(key): key for key in KEYS}})
        self.line_ends = _menu("Line ends", LINE_ENDS)
        self.prompt = _menu("Begin with", [NOTHING, *self._prompts])
        # Unticked at first, so that what is heard first is the model's own.
        self.no_parallels = ui.Checkbox(
            False, description="No parallel fifths or octaves", indent=False, layout=_WIDE["layout"]
        )
        self.controls = (
            *(self.temperature, self.seed, self.top_k, self.top_p, self.min_p, self.bars),
            *(self.key, self.line_ends, self.prompt, self.no_parallels),
        )
        self.button = ui.Button(description="Compose", button_style="primary", icon="music")
        self.another = ui.Button(description="Another seed", icon="refresh")
        self.progress = ui.IntProgress(0, min=0, max=1, description="Progress")
        self.status = ui.HTML()
        self.midi = DownloadButton("Save MIDI", filename="chorale.mid", mime="audio/midi")
        self.musicxml = DownloadButton("Save MusicXML", filename="chorale.musicxml", mime=_MUSICXML)
        self.score = ui.HTML()
        self.chorale = self._write()
        self.roll = PianoRoll(self.chorale)
        self._show(self.chorale)
        self.button.on_click(lambda _: self._press(self.compose))
        self.another.on_click(lambda _: self._press(self.compose_another))
        buttons = [self.button, self.another, self.midi, self.musicxml, self.progress]
        rows = [ui.HBox(self.controls, layout=_WRAP), ui.HBox(buttons, layout=_WRAP)]
        super().__init__([*rows, self.status, self.roll, self.score])

    def settings(self) -> dict[str, Any]:
        """Read the controls, as arguments of ``compose``."""
        prompt = self._prompts.get(self.prompt.value)
        return {
            "bars": self.bars.value,
            "seed": self.seed.value,
            "temperature": self.temperature.value,
            "top_k": self.top_k.value or None,
            "top_p": self.top_p.value or None,
            "min_p": self.min_p.value or None,
            "key": self.key.value or None,
            "fermatas": self.line_ends.value or None,
            "rules": ["parallels"] if self.no_parallels.value else [],
            "prompt": prompt,
            "prompt_bars": None if prompt is None else PROMPT_BARS,
        }

    def compose(self) -> None:
        """Write a piece with the controls as they stand, and show it; say so if that fails."""
        self._say("Composing ...")
        try:
            chorale = self._write()
            self.roll.update(chorale)
            self._show(chorale)
            self.chorale = chorale
        except MusicLabError as error:
            self._say(escape(plain(error)))

    def compose_another(self) -> None:
        """Go on to the next seed, and compose."""
        self.seed.value = (self.seed.value + 1) % (self.seed.max + 1)
        self.compose()

    def static_html(self) -> str:
        """Return the piece as picture, player and score, with the settings that made it."""
        said = ", ".join(f"{one.description}: {_shown(one)}" for one in self.controls)
        words = escape(plain(f"Studio. {said}", longest=600))
        return f"<p>{words}</p>{self.roll.static_html()}{self.score.value}"

    def _press(self, act: Callable[[], None]) -> None:
        """Ignore the second press of a double click, which waits until the first is done."""
        if time.monotonic() - self._composed_at >= _LEAST_PAUSE:
            act()
            self._composed_at = time.monotonic()

    def _write(self) -> Chorale:
        return compose(checkpoint=self._checkpoint, on_frame=self._on_frame, **self.settings())

    def _on_frame(self, done: int, total: int) -> None:
        self.progress.max, self.progress.value = total, done

    def _show(self, chorale: Chorale) -> None:
        self.score.value = Score(chorale)._repr_html_()
        self.midi.content = midi_bytes(midi_from_chorale(chorale))
        self.musicxml.content = musicxml_bytes(score_from_chorale(chorale))
        self._say(f"Recipe: <code>{escape(plain(chorale.source, longest=600))}</code>")

    def _say(self, html: str) -> None:
        self.status.value = status(html)


def _menu(description: str, options: Any, **settings: Any) -> ui.Dropdown:
    return ui.Dropdown(options=options, description=description, **settings, **_WIDE)


def _shown(control: Any) -> str:
    """Return a control's value as the learner sees it."""
    if isinstance(control, ui.Checkbox):
        return "yes" if control.value else "no"
    return str(control.label if isinstance(control, ui.Dropdown) else control.value)

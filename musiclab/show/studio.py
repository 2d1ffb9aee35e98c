"""The studio: a few controls, a model that composes, and the music at once to hear and see."""

from collections.abc import Mapping
from html import escape
from typing import Any

from ipywidgets import (
    HTML,
    Button,
    Checkbox,
    Dropdown,
    FloatSlider,
    HBox,
    IntProgress,
    IntSlider,
    Layout,
)

from musiclab.errors import MusicLabError, SettingError
from musiclab.music.chorale import Chorale, spoken_key
from musiclab.music.midi import midi_bytes, midi_from_chorale
from musiclab.music.musicxml_bytes import musicxml_bytes
from musiclab.music.to_score import score_from_chorale
from musiclab.sampling.compose import TEMPERATURE, compose
from musiclab.sampling.settings import check_whole
from musiclab.show.download import DownloadButton
from musiclab.show.html import plain
from musiclab.show.piano_roll import PianoRoll
from musiclab.show.score import Score
from musiclab.show.with_picture import BoxWithPicture

LENGTHS = (4, 8, 12, 16)  # bars
LAST_SEED = 999
# Bars between fermatas. (Not None for the first: a Dropdown takes None for "nothing is chosen".)
LINE_ENDS = {"let the model choose": 0, "every 2 bars": 2, "every 4 bars": 4}
# Where most of Bach's chorales stand, from flats to sharps.
KEYS = (
    *("E- major", "B- major", "F major", "C major", "G major", "D major", "A major"),
    *("C minor", "G minor", "D minor", "A minor", "E minor", "B minor", "F# minor"),
)
NOTHING = "nothing"
PROMPT_BARS = 2
_WIDE = {"style": {"description_width": "initial"}, "layout": Layout(width="300px")}


class Studio(BoxWithPicture):
    """Compose with a shipped model: move a control, press the button, hear and see the result.

    Args:
        checkpoint: The model that composes.
        prompts: Chorales to begin with, by the name that the menu shows; the first two bars of
            the chosen one are given to the model.
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
        if bars not in LENGTHS:
            raise SettingError(f"bars must be one of {LENGTHS}, got {bars!r:.60}")
        check_whole("seed", seed, lowest=0, highest=LAST_SEED, remedy="the slider ends there")
        self._checkpoint = checkpoint
        self._prompts = dict(prompts or {})
        self.temperature = FloatSlider(
            TEMPERATURE, min=0.4, max=1.6, step=0.05, description="Temperature",
            continuous_update=False, **_WIDE,
        )  # fmt: skip
        self.seed = IntSlider(
            seed, min=0, max=LAST_SEED, description="Seed", continuous_update=False, **_WIDE
        )
        self.bars = Dropdown(options=LENGTHS, value=bars, description="Bars", **_WIDE)
        keys = {"drawn by the seed": "", **{spoken_key(key): key for key in KEYS}}
        self.key = Dropdown(options=keys, description="Key", **_WIDE)
        self.line_ends = Dropdown(options=LINE_ENDS, description="Line ends", **_WIDE)
        self.prompt = Dropdown(options=[NOTHING, *self._prompts], description="Begin with", **_WIDE)
        # Unticked at first, so that what is heard first is the model's own.
        self.no_parallels = Checkbox(
            False, description="No parallel fifths or octaves", indent=False, layout=_WIDE["layout"]
        )
        self.button = Button(description="Compose", button_style="primary", icon="music")
        self.another = Button(description="Another seed", icon="refresh")
        self.progress = IntProgress(0, min=0, max=1, layout=Layout(width="160px"))
        self.status = HTML()
        self.midi = DownloadButton("Save MIDI", filename="chorale.mid", mime="audio/midi")
        self.musicxml = DownloadButton(
            "Save MusicXML",
            filename="chorale.musicxml",
            mime="application/vnd.recordare.musicxml+xml",
        )
        self.score = HTML()
        self.chorale = self._write()
        self.roll = PianoRoll(self.chorale)
        self._show(self.chorale)
        self.button.on_click(lambda _: self.compose())
        self.another.on_click(lambda _: self.compose_another())
        super().__init__(
            [
                HBox([self.temperature, self.seed], layout=Layout(flex_flow="row wrap")),
                HBox([self.bars, self.key], layout=Layout(flex_flow="row wrap")),
                HBox([self.line_ends, self.prompt], layout=Layout(flex_flow="row wrap")),
                self.no_parallels,
                HBox(
                    [self.button, self.another, self.midi, self.musicxml, self.progress],
                    layout=Layout(flex_flow="row wrap"),
                ),
                self.status,
                self.roll,
                self.score,
            ]
        )

    def settings(self) -> dict[str, Any]:
        """Read the controls, as arguments of ``compose``."""
        prompt = self._prompts.get(self.prompt.value)
        return {
            "bars": self.bars.value,
            "seed": self.seed.value,
            "temperature": self.temperature.value,
            "key": self.key.value or None,
            "fermatas": self.line_ends.value or None,
            "rules": ["parallels"] if self.no_parallels.value else [],
            "prompt": prompt,
            "prompt_bars": None if prompt is None else PROMPT_BARS,
        }

    def compose(self) -> None:
        """Write a piece with the controls as they stand, and show it; say so if that fails."""
        self.button.disabled = self.another.disabled = True
        self._say("Composing ...")
        try:
            chorale = self._write()
            self.roll.update(chorale)
            self._show(chorale)
            self.chorale = chorale
        except MusicLabError as error:
            self._say(escape(plain(error)))
        finally:
            self.button.disabled = self.another.disabled = False

    def compose_another(self) -> None:
        """Go on to the next seed, and compose."""
        self.seed.value = (self.seed.value + 1) % (self.seed.max + 1)
        self.compose()

    def static_html(self) -> str:
        """Return the piece as picture, player and score, with the settings that made it."""
        knobs = (self.temperature, self.seed, self.bars, self.key, self.line_ends, self.prompt)
        knobs += (self.no_parallels,)
        said = ", ".join(f"{knob.description}: {_shown(knob)}" for knob in knobs)
        return f"<p>Studio. {escape(plain(said))}</p>{self.roll.static_html()}{self.score.value}"

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
        """Tell the learner something, and a screen reader too."""
        self.status.value = f'<div role="status">{html}</div>'


def _shown(knob: Any) -> str:
    """Return a control's value as the learner sees it."""
    if isinstance(knob, Checkbox):
        return "yes" if knob.value else "no"
    return str(knob.label if isinstance(knob, Dropdown) else knob.value)

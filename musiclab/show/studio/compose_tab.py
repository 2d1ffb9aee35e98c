"""The tab in which a piece is composed from nothing, or from a beginning."""

from collections.abc import Mapping
from typing import Any

import ipywidgets as ui

from musiclab.checks import check_choice, check_whole
from musiclab.music.chorale import Chorale
from musiclab.music.keys import spoken_key
from musiclab.sampling.session import TEMPERATURE, Session
from musiclab.show.studio.desk import Desk
from musiclab.show.studio.look import button, menu, note, number, row, shown, tick
from musiclab.show.widgets import Slider

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
_ABOUT = (
    f"With a beginning, its first {PROMPT_BARS} bars are given, and the piece goes on in "
    "the key that you choose. BWV numbers count Bach's works: BWV 172.6 is the sixth movement of "
    "number 172."
)


def temperature_slider() -> Slider:
    """Make the slider of the temperature."""
    limits = {"min": 0.4, "max": 1.6, "step": 0.05, "digits": 2}
    return Slider(value=TEMPERATURE, description="Temperature", **limits)


class ComposeTab(ui.VBox):
    """The controls of ``compose``.

    Args:
        prompts: As for the studio, and so are ``seed`` and ``bars``.
        seed: See above.
        bars: See above.
    """

    def __init__(self, prompts: Mapping[str, Chorale], seed: int, bars: int) -> None:
        check_choice("bars", bars, LENGTHS)
        check_whole("seed", seed, lowest=0, highest=LAST_SEED, remedy="the box ends there")
        self._prompts = prompts
        self.temperature = temperature_slider()
        self.seed = number("Seed", seed, 0, LAST_SEED)
        self.top_k, self.top_p = menu("Top-k", TOP_K), menu("Top-p", TOP_P)
        self.min_p, self.bars = menu("Min-p", MIN_P), menu("Bars", LENGTHS, value=bars)
        self.key = menu("Key", {"drawn by the seed": "", **{spoken_key(key): key for key in KEYS}})
        self.line_ends = menu("Line ends", LINE_ENDS)
        self.prompt = menu("Begin with", [NOTHING, *prompts])
        # Unticked at first, so that what is heard first is the model's own.
        self.no_parallels = tick("No parallel fifths or octaves")
        self.at_once = tick("Play while it is written", value=True)
        self.controls = (
            *(self.temperature, self.seed, self.top_k, self.top_p, self.min_p, self.bars),
            *(self.key, self.line_ends, self.prompt, self.no_parallels),
        )
        style = {"button_style": "primary"}
        self.button = button("Compose", lambda: self._press(self.compose), **style)
        self.another = button("Another seed", lambda: self._press(self.compose_another))
        buttons = row(self.button, self.another, self.at_once)
        super().__init__([row(*self.controls), note(_ABOUT), buttons])
        self.desk: Desk

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

    def how(self) -> dict[str, Any]:
        """Read the controls that are not as usual, in words."""
        usual = ("all tokens", NOTHING, "drawn by the seed", "let the model choose", "no")
        words = {one.description.lower(): shown(one) for one in self.controls}
        return {name: value for name, value in words.items() if value not in usual}

    def compose(self, *, listen: bool = False) -> None:
        """Write a piece with the controls as they stand, and show it.

        Args:
            listen: Whether the page shall play it while it is written.

        Raises:
            SettingError: If the beginning does not suit the length or the model.
        """
        session = Session(checkpoint=self.desk.checkpoint, **self.settings())
        self.desk.write(session, self.how(), listen=listen)

    def compose_another(self, *, listen: bool = False) -> None:
        """Go on to the next seed, and compose."""
        self.seed.value = (self.seed.value + 1) % (LAST_SEED + 1)
        self.compose(listen=listen)

    def _press(self, act: Any) -> None:
        self.desk.work(lambda: act(listen=self.at_once.value))

"""The mixer: tempo, and for each voice its instrument, solo and mute."""

from collections.abc import Callable
from typing import Any

import ipywidgets as ui

from musiclab.music.chorale import VOICES
from musiclab.show.instruments import INSTRUMENTS
from musiclab.show.studio.look import menu, row, tick
from musiclab.show.widgets import Slider


class Mixer(ui.VBox):
    """Controls of how a piece sounds; ``on_change`` is called after each change.

    Attributes:
        settings: Tempo, instruments and levels, as ``Sound`` takes them.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        limits = {"min": 40.0, "max": 160.0, "step": 2.0}
        self.tempo = Slider(value=80.0, description="Tempo (quarters a minute)", **limits)
        self.instruments = [menu(name.capitalize(), list(INSTRUMENTS)) for name in VOICES]
        self.solo = [tick(f"Solo {name}") for name in VOICES]
        self.mute = [tick(f"Mute {name}") for name in VOICES]
        for one in (self.tempo, *self.instruments, *self.solo, *self.mute):
            one.observe(lambda _: on_change(), "value")
        voices = zip(self.instruments, self.solo, self.mute, strict=True)
        super().__init__([self.tempo, *(row(*one) for one in voices)])

    @property
    def settings(self) -> dict[str, Any]:
        """What the controls ask for; a muted voice is silent even if it has a solo."""
        solo, mute = ([one.value for one in boxes] for boxes in (self.solo, self.mute))
        heard = [(only or not any(solo)) and not off for only, off in zip(solo, mute, strict=True)]
        return {
            "tempo": self.tempo.value,
            "instruments": [one.value for one in self.instruments],
            "levels": [float(one) for one in heard],
        }

"""The moving piano roll: see what you hear, in the notebook, with no request to the network."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from musiclab.music.chorale import FRAMES_PER_QUARTER, VOICES, Chorale
from musiclab.music.keys import spoken_key
from musiclab.show.html import audio, captioned, image, plain
from musiclab.show.rasterise import png_from_svg
from musiclab.show.roll_drawing import frames_per_beat, roll_geometry, roll_svg
from musiclab.show.sound import Sound
from musiclab.show.widgets import WithPicture

_PIXELS = ("left", "top", "bottom", "width", "row", "frame")  # measures of the drawing


class PianoRoll(WithPicture, anywidget.AnyWidget):
    """A chorale as coloured bars, with a play button and a line that moves with the sound.

    Click on the drawing, or use the arrow keys, to go to another place. In a notebook that is
    exported or not trusted it becomes a picture with a plain player.

    Args:
        chorale: What to show.
        sound: False for a picture without a player.
        title: Shown above; by default the chorale's own.
        tempo: Quarter notes a minute; by default the chorale's own.
        instruments: As for ``Sound``.
        levels: As for ``Sound``.

    Raises:
        SettingError: If a setting does not fit the chorale.

    Example:
        >>> import numpy as np
        >>> PianoRoll(Chorale(pitches=np.full((16, 4), 60), title="Hum"))
        PianoRoll('Hum', 16 frames)
    """

    _esm = Path(__file__).parent / "piano_roll.js"

    piece = traitlets.Dict(help="What the browser needs to know; see update").tag(sync=True)
    mp3 = traitlets.Bytes(help="The sound, empty until somebody wants to hear it").tag(sync=True)

    def __init__(
        self,
        chorale: Chorale,
        *,
        sound: bool = True,
        title: str | None = None,
        tempo: float | int | None = None,
        instruments: Any = None,
        levels: Any = None,
    ) -> None:
        self._settings = {"tempo": tempo, "instruments": instruments, "levels": levels}
        self._has_sound = sound
        super().__init__()
        self.on_msg(self._on_message)
        self.update(chorale, title=title)

    def update(self, chorale: Chorale, *, title: str | None = None) -> None:
        """Show other music in the same place, on the screen at once; its sound waits for play.

        Arguments and errors are those of the class.
        """
        title = plain(chorale.title if title is None else title)
        sound = Sound(chorale, title=title, **self._settings) if self._has_sound else None
        geometry = roll_geometry(chorale)
        self.chorale, self.title, self.sound = chorale, title, sound
        self.svg = roll_svg(chorale, geometry)
        notes = [
            [first, length, geometry.y(pitch)]
            for voice in range(len(VOICES))
            for first, length, pitch in chorale.notes(voice)
        ]
        tempo = self._settings["tempo"] or chorale.tempo
        # One message for both, so that the browser never pairs old sound with new music.
        with self.hold_sync():
            self.mp3 = b""
            self.piece = {
                "svg": self.svg,
                "title": title,
                "alt": self.alt,
                "has_sound": self._has_sound,
                "notes": notes,
                "n_frames": len(chorale),
                "beat": frames_per_beat(chorale),
                "seconds_per_frame": 60 / (tempo * FRAMES_PER_QUARTER),
                **{name: getattr(geometry, name) for name in _PIXELS},
            }

    def prepare_sound(self) -> None:
        """Render the sound and send it to the browser; the play button asks for this too."""
        if self.sound is not None and not self.mp3:
            self.mp3 = self.sound.mp3

    @property
    def alt(self) -> str:
        """The drawing in words, for who cannot see it."""
        counts = (f"{len(self.chorale.notes(v))} {name}" for v, name in enumerate(VOICES))
        facts = (self.title, spoken_key(self.chorale.key), self.chorale.time_signature)
        return f"Piano roll: {', '.join(filter(None, facts))}; notes: {', '.join(counts)}"

    def static_html(self) -> str:
        """Return a picture and a plain player, for where the widget cannot run."""
        picture = image("image/svg+xml", self.svg.encode(), self.alt)
        if self.sound is None:
            return captioned(self.title, picture)
        return audio(self.sound.mp3, self.title) + picture

    def static_png(self) -> bytes:
        """Return the picture alone."""
        return png_from_svg(self.svg)

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and content.get("want") == "sound":
            self.prepare_sound()

    def _live(self) -> Any:
        self.prepare_sound()
        return super()._live()

    def __repr__(self) -> str:
        return f"PianoRoll({self.title!r}, {len(self.chorale)} frames)"

"""The moving piano roll: see what you hear, in the notebook, with no request to the network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from musiclab.music.chorale import FRAMES_PER_QUARTER, VOICES, Chorale
from musiclab.music.from_notes import chorale_from_notes
from musiclab.music.keys import spoken_key
from musiclab.music.notes import NoteSequence
from musiclab.show.html import audio, captioned, plain, remarks, wide_image
from musiclab.show.rasterise import png_from_svg
from musiclab.show.roll_drawing import Marks, frames_per_beat, roll_geometry, roll_svg
from musiclab.show.sound import Sound
from musiclab.show.widgets import WithPicture

_PIXELS = ("left", "top", "bottom", "width", "row", "frame")  # measures of the drawing


class PianoRoll(WithPicture, anywidget.AnyWidget):
    """A chorale as coloured bars, with a play button and a line that moves with the sound.

    Click on the drawing, or use the arrow keys, to go to another place. In a notebook that is
    exported or not trusted it becomes a picture with a plain player.

    Args:
        chorale: What to show; a sequence of notes if at most four sound at once.
        sound: False for a picture without a player.
        title: Shown above; by default the chorale's own.
        tempo: Quarter notes a minute; by default the chorale's own.
        instruments: As for ``Sound``.
        levels: As for ``Sound``.
        span: The lowest and the highest pitch for which there shall be room.

    Attributes:
        settings: Tempo, instruments and levels, by these names; ``update`` hears a change.
        on_note: Called with (first frame, voice) when a note is clicked on, or its voice's letter
            pressed.

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
    picking = traitlets.Bool(help="Whether a click on a note chooses it, and nothing else")
    picking.tag(sync=True)

    def __init__(
        self,
        chorale: Chorale | NoteSequence,
        *,
        sound: bool = True,
        title: str | None = None,
        tempo: float | int | None = None,
        instruments: Any = None,
        levels: Any = None,
        span: tuple[int, int] | None = None,
    ) -> None:
        self.settings = {"tempo": tempo, "instruments": instruments, "levels": levels}
        self._has_sound, self._span = sound, span
        self.on_note: Callable[[int, int], None] | None = None
        super().__init__()
        self.on_msg(self._on_message)
        self.update(chorale, title=title)

    def update(
        self,
        chorale: Chorale | NoteSequence,
        *,
        title: str | None = None,
        marks: Marks | None = None,
        change: str = "music",
        growing: bool = False,
    ) -> None:
        """Show other music in the same place, on the screen at once; its sound waits for play.

        Args:
            chorale: What to show.
            title: As for the class.
            marks: What to say of single notes.
            change: "music" starts from the beginning; "sound" keeps the place, and goes on playing
                as it shall sound now; "picture" leaves the sound alone.
            growing: Whether the piece is being written; ``hear`` then brings its sound.

        Raises:
            SettingError: As for the class.
        """
        title = plain(chorale.title if title is None else title)
        sound = Sound(chorale, title=title, **self.settings) if self._has_sound else None
        if isinstance(chorale, NoteSequence):
            chorale = chorale_from_notes(chorale)
        geometry = roll_geometry(chorale, self._span)
        self.chorale, self.title, self.sound = chorale, title, sound
        self.svg = roll_svg(chorale, geometry, marks)
        notes = [
            [first, length, geometry.y(pitch), voice]
            for voice in range(len(VOICES))
            for first, length, pitch in chorale.notes(voice)
        ]
        tempo, quarters = self.settings["tempo"], len(chorale) / FRAMES_PER_QUARTER
        seconds = quarters * 60 / tempo if tempo else chorale.seconds
        # One message for both, so that the browser never pairs old sound with new music.
        with self.hold_sync():
            if change != "picture" or growing:
                self.mp3 = b""
            self.piece = {
                "svg": self.svg,
                "title": title + remarks(chorale.left_out),
                "alt": self.alt,
                "has_sound": self._has_sound,
                "change": change,
                "growing": growing,
                "notes": notes,
                "n_frames": len(chorale),
                "beat": frames_per_beat(chorale),
                "seconds_per_frame": seconds / max(1, len(chorale)),  # where it changes, the mean
                **{name: getattr(geometry, name) for name in _PIXELS},
            }

    def hear(self, mp3: bytes, start: float) -> None:
        """Add a stretch of sound to a growing piece, ``start`` seconds after its beginning."""
        self.send({"do": "part", "start": start}, [mp3])

    def pause(self) -> None:
        """Stop playing."""
        self.send({"do": "pause"})

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
        picture = wide_image("image/svg+xml", self.svg.encode(), self.alt)
        title = self.title + remarks(self.chorale.left_out)
        if self.sound is None:
            return captioned(title, picture)
        return audio(self.sound.mp3, title) + picture

    def static_png(self) -> bytes:
        """Return the picture alone."""
        return png_from_svg(self.svg)

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict):
            return
        if content.get("want") == "sound":
            self.prepare_sound()
        elif "note" in content and self.on_note is not None:
            self.on_note(*content["note"])

    def _live(self) -> Any:
        self.prepare_sound()
        return super()._live()

    def __repr__(self) -> str:
        return f"PianoRoll({self.title!r}, {len(self.chorale)} frames)"

"""The tab in which a tune gets three voices under it: written, uploaded, played or Bach's."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import ipywidgets as ui

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.notes import NoteSequence
from musiclab.music.read import read_notes
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.melody import as_melody
from musiclab.show.roll_drawing import pitch_name
from musiclab.show.studio.compose_tab import LAST_SEED, NOTHING, temperature_slider
from musiclab.show.studio.desk import Desk
from musiclab.show.studio.look import button, menu, note, number, row, text, wide
from musiclab.show.widgets import Piano

# Quarters. The piano writes them down with each note.
LENGTHS = {"16th": 0.25, "8th": 0.5, "quarter": 1, "dotted quarter": 1.5, "half": 2, "whole": 4}
_KINDS = ".abc,.mid,.midi,.musicxml,.mxl,.xml,.krn"
_ABOUT = (
    "A tune as note names with lengths in quarters (C4 is middle C), such as <code>G4:1 "
    "A4:0.5 B4 | C5:2</code>, or as ABC, such as <code>K:G G2 A B c2</code>. Play on the piano to "
    "add notes."
)


class HarmoniseTab(ui.VBox):
    """A tune, and the controls of ``harmonise``.

    Args:
        prompts: Chorales whose sopranos can be taken, by the name that the menu shows.

    Attributes:
        notes: What was uploaded, if anything was.
    """

    def __init__(self, prompts: Mapping[str, Chorale]) -> None:
        self._prompts, self.notes = prompts, None
        self.tune = ui.Textarea(
            "K:C major E4:1 E4 F4 G4 | G4 F4 E4 D4 | C4 C4 D4 E4 | E4:1.5 D4:0.5 D4:2",
            description="Tune",
            continuous_update=False,
            **wide("100%"),
        )
        self.length = menu("Length", LENGTHS, value=1)
        self.piano = Piano(self.add_note)
        self.rest = button("Add a rest", lambda: self._add("rest"))
        self.bar = button("Add a barline", lambda: self._write(f"{self.tune.value} |"))
        self.back = button("Take back", lambda: self._write(self.tune.value.rpartition(" ")[0]))
        self.clear = button("Clear", lambda: self._write(""))
        self.upload = ui.FileUpload(accept=_KINDS, multiple=False, description="Upload a tune")
        self.upload.observe(lambda _: self._receive(), "value")
        self.soprano = menu("Or a chorale's soprano", [NOTHING, *prompts])
        self.key = text("Key", "such as D minor; empty: as the tune says")
        self.temperature = temperature_slider()
        self.seed = number("Seed", 1, 0, LAST_SEED)
        style = {"button_style": "primary"}
        self.button = button("Harmonise", lambda: self.desk.work(self.harmonise), **style)
        self.another = button("Another seed", self._another)
        edit = row(self.length, self.rest, self.bar, self.back, self.clear)
        settings = row(self.key, self.temperature, self.seed)
        self.alone = button("Hear the tune", lambda: self.desk.work(self.hear))
        buttons = row(self.button, self.another, self.alone)
        source = row(self.upload, self.soprano)
        about = note(_ABOUT)
        super().__init__([about, self.tune, self.piano, edit, source, settings, buttons])
        self.desk: Desk

    @property
    def melody(self) -> Chorale | NoteSequence | str:
        """What will be harmonised: the chorale if one is chosen, else the upload, else the text.

        Raises:
            SettingError: If there is none of them.
        """
        chosen = self._prompts.get(self.soprano.value) or self.notes
        if chosen is None and not self.tune.value.strip():
            raise SettingError("there is no tune yet; write or play one, or upload a file")
        return chosen or self.tune.value

    def harmonise(self) -> None:
        """Write three voices under the tune, and show them.

        Raises:
            MusicLabError: If the tune cannot be read or sung.
        """
        desk, melody = self.desk, self.melody
        desk.say("Harmonising ...")

        def on_frame(done: int, total: int) -> None:
            desk.worker.go_on()
            if done % 16 == 0:
                desk.say(f"Harmonising: {done} of {total} sixteenths")

        piece = harmonise(
            melody,
            checkpoint=desk.checkpoint,
            seed=self.seed.value,
            temperature=self.temperature.value,
            key=self.key.value.strip() or None,
            transpose="fit",
            on_frame=on_frame,
        )
        desk.mixer.tempo.value = piece.tempo
        key = {"key": self.key.value} if self.key.value.strip() else {}
        how = {"seed": self.seed.value, "temperature": self.temperature.value, **key}
        desk.keep(piece, {"harmonised": self._name(melody), **how})

    def _name(self, melody: Chorale | NoteSequence | str) -> str:
        return "a tune" if isinstance(melody, str) else melody.title or "a tune"

    def hear(self) -> None:
        """Show the tune alone.

        Raises:
            MusicLabError: If it cannot be read.
        """
        tune, name = as_melody(self.melody), self._name(self.melody)
        self.desk.mixer.tempo.value = tune.tempo
        self.desk.keep(replace(tune, source=""), {"alone": name})

    def add_note(self, pitch: int) -> None:
        """Write a note at the end of the tune, as long as the menu says."""
        self._add(pitch_name(pitch))

    def receive(self, name: str, content: bytes) -> None:
        """Read an uploaded tune, as carefully as any file.

        Raises:
            ScoreError: If it cannot be used.
        """
        with tempfile.TemporaryDirectory(prefix="musiclab-") as folder:
            path = Path(folder, "tune" + Path(name).suffix[:10])
            path.write_bytes(content)
            self.notes = read_notes(path)
        left_out = " ".join(self.notes.left_out)
        count = len(self.notes.notes)
        self.desk.say_plainly(f"{name}: {count} notes read. {left_out}")

    def _receive(self) -> None:
        value = self.upload.value  # ipywidgets 7 has a dict by name, 8 a tuple
        files = value.values() if isinstance(value, dict) else value
        if files:
            (one,) = files
            name = one.get("name") or one["metadata"]["name"]
            self.desk.work(lambda: self.receive(name, bytes(one["content"])))

    def _another(self) -> None:
        self.seed.value = (self.seed.value + 1) % (LAST_SEED + 1)
        self.desk.work(self.harmonise)

    def _add(self, name: str) -> None:
        self._write(f"{self.tune.value} {name}:{self.length.value:g}".strip())

    def _write(self, tune: str) -> None:
        """Change the text; what was uploaded or chosen gives way to it."""
        self.tune.value, self.notes, self.soprano.value = tune, None, NOTHING

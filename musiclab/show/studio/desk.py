"""The desk under the tabs: the piece to hear and see, the last takes, the mixer, the files."""

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

import ipywidgets as ui
import numpy as np

from musiclab.checkpoint.load import Checkpoint
from musiclab.errors import MusicLabError
from musiclab.music.chorale import VOICES, Chorale
from musiclab.music.export import musicxml_bytes
from musiclab.music.to_midi import midi_bytes, midi_from_chorale
from musiclab.music.to_score import score_from_chorale
from musiclab.sampling.expectation import Expectation, expect
from musiclab.sampling.recipe import Recipe
from musiclab.sampling.session import Session
from musiclab.show.html import plain, status
from musiclab.show.keyboard import plot_keyboard
from musiclab.show.piano_roll import PianoRoll
from musiclab.show.roll_drawing import Marks, pitch_name
from musiclab.show.score import Score
from musiclab.show.studio.look import button, menu, row, tick, wide
from musiclab.show.studio.mixer import Mixer
from musiclab.show.studio.streaming import Stretches, drafts
from musiclab.show.studio.takes import Take, Takes, difference
from musiclab.show.studio.worker import Stopped, Worker
from musiclab.show.widgets import DownloadButton

_SPAN = (43, 76)  # pitches that the roll always has room for, so that takes can be compared
_XML = "application/vnd.recordare.musicxml+xml"


class Desk(ui.VBox):
    """What all tabs share.

    Args:
        checkpoint: The model, loaded.
        name: Where it can be found again; "" if it was given loaded.
        first: The piece that it opens with.
        how: How that was made.

    Attributes:
        take: The one that is shown.
        marked: True for cells that are marked for rewriting.
    """

    def __init__(
        self, checkpoint: Checkpoint, name: str, first: Chorale, how: Mapping[str, Any]
    ) -> None:
        self._name = name
        self.checkpoint, self.worker, self.takes = checkpoint, Worker(), Takes()
        self.status, self.score, self.why, self.compared = (ui.HTML() for _ in range(4))
        self.roll = PianoRoll(first, span=_SPAN)
        self.roll.on_note = self._on_note
        self.mixer = Mixer(self._remix)
        self.take: Any = None
        self.marked = np.zeros(first.pitches.shape, dtype=bool)
        self._expected: Expectation | None = None
        self.menu = menu("Take", [("", 0)])
        self.menu.observe(self._on_menu, "value")
        self.tint = tick("Show how surprised the model is")
        self.tint.observe(lambda _: self._guarded(self._repaint), "value")
        self.stop = button("Stop", self.halt)
        self.recipe = ui.Text(description="Recipe", continuous_update=False, **wide("100%"))
        files = (
            DownloadButton("Save MIDI", mime="audio/midi", make=self.midi_file),
            DownloadButton("Save MusicXML", mime=_XML, make=self.musicxml_file),
            DownloadButton("Save MP3", mime="audio/mpeg", make=self.mp3_file),
            DownloadButton("Copy recipe", make=lambda: self.take.chorale.source),
        )
        self.replay = button("Compose this recipe", lambda: None)
        folded = ui.Accordion([self.mixer, ui.VBox([self.recipe, row(files[3], self.replay)])])
        for number, name in enumerate(("Mixer", "Recipe, to keep or to send")):
            folded.set_title(number, name)
        folded.selected_index = None
        self.ab = button("Compare with the take before (A/B)", self.swap)
        takes = row(self.stop, self.menu, self.ab)
        below = [self.tint, self.why, row(*files[:3]), folded, self.score]
        super().__init__([self.status, takes, self.compared, self.roll, *below])
        self.keep(first, how)

    # What a tab may do

    def work(self, job: Any) -> None:
        """Let the worker do a job; what goes wrong is said, and the piece stays."""
        self.worker.start(lambda: self._guarded(job))

    def write(self, session: Session, how: Mapping[str, Any], *, listen: bool = False) -> None:
        """Compose, show the piece while it is written, and keep it as a take.

        Args:
            session: What to write.
            how: What was asked for, in the page's words.
            listen: Whether the page shall play it meanwhile.
        """
        bar, heard, settings = session.plan.frames_per_bar, 0, self.mixer.settings
        stretches, writing = Stretches(**settings), drafts(session)
        self.roll.settings = settings
        try:
            while True:
                done, draft = next(writing)
                self.worker.go_on()
                change = "music" if done == 1 else "picture"
                self.roll.update(draft, change=change, growing=True)
                self.say(f"Composing: bar {(done - 1) // bar + 1} of {session.plan.bars}")
                while listen and heard + bar + bar // 2 <= done:  # then nearly all notes are whole
                    self._hear(stretches, draft, heard, heard + bar)
                    heard += bar
        except StopIteration as finished:
            piece = finished.value
        for first in range(heard, len(piece) if listen else 0, bar):
            self._hear(stretches, piece, first, min(first + bar, len(piece)))
        self.keep(piece, how, change="picture" if listen else "music")

    def keep(self, piece: Chorale, how: Mapping[str, Any], *, change: str = "music") -> None:
        """Keep a piece as the newest take, and show it."""
        if piece.source.startswith("musiclab "):  # its model was given loaded
            recipe = replace(Recipe.parse(piece.source), checkpoint=self._name)
            piece = replace(piece, source=str(recipe))
        self.show(self.takes.add(piece, how), change=change)

    def show(self, take: Take, *, change: str = "sound", outlined: Any = None) -> None:
        """Show a take; ``change`` as for ``PianoRoll.update``."""
        if take is not self.take:
            self._before = self.take or take
        self.take, self._expected = take, None
        self.why.value = ""
        if self.marked.shape != take.chorale.pitches.shape:
            self.marked = np.zeros(take.chorale.pitches.shape, dtype=bool)
        self.repaint(change, outlined)
        self.recipe.value = take.chorale.source
        self.score.value = Score(take.chorale)._repr_html_()
        is_first = self._before is take
        self.compared.value = "" if is_first else escape(plain(difference(self._before, take), 400))
        facts = (f"{take.chorale.title}: {take.words}.", *take.chorale.left_out)
        self.say_plainly(" ".join(facts))
        options = [(one.label, one.number) for one in self.takes.kept]
        if take not in self.takes.kept:  # an alternative that is not kept yet
            options.append((take.label, take.number))
        self.menu.unobserve(self._on_menu, "value")
        self.menu.options = options
        self.menu.value = take.number
        self.menu.observe(self._on_menu, "value")

    def repaint(self, change: str = "picture", outlined: Any = None) -> None:
        """Draw the roll anew, with what is marked."""
        if self.tint.value and self._expected is None:
            self._expected = expect(self.take.chorale, self.checkpoint)
        nats = self._expected.nats if self.tint.value and self._expected else None
        marks = Marks(outlined=self.marked if outlined is None else outlined, nats=nats)
        self.roll.settings = self.mixer.settings
        self.roll.update(self.take.chorale, marks=marks, change=change)

    def say(self, html: str) -> None:
        """Tell something, aloud to who uses a screen reader; ``html`` must be escaped already."""
        self.status.value = status(html)

    def say_plainly(self, text: object) -> None:
        """Tell something that may hold words from a file or an error."""
        self.say(escape(plain(text, 400)))

    def halt(self) -> None:
        """Stop writing, and playing."""
        self.worker.stop()
        self.roll.pause()

    def swap(self) -> None:
        """Go back to the take that was shown before, at the same place in the music."""
        self.show(self._before)

    # Files

    def midi_file(self) -> tuple[str, bytes]:
        """Make the piece's MIDI file at the mixer's tempo; return its name and content."""
        tempo = self.mixer.tempo.value
        return self.take.file_name(".mid"), midi_bytes(
            midi_from_chorale(self.take.chorale, tempo=tempo)
        )

    def musicxml_file(self) -> tuple[str, bytes]:
        """Make the piece's score; return its name and content."""
        piece = replace(self.take.chorale, tempo=self.mixer.tempo.value)
        return self.take.file_name(".musicxml"), musicxml_bytes(score_from_chorale(piece))

    def mp3_file(self) -> tuple[str, bytes]:
        """Make what the mixer plays; return its name and content."""
        return self.take.file_name(".mp3"), self.roll.sound.mp3

    # What the page asks for

    def _guarded(self, job: Any) -> None:
        try:
            job()
        except (Stopped, MusicLabError) as error:
            self.repaint("music" if self.roll.piece["growing"] else "picture")
            self.say_plainly("Stopped." if isinstance(error, Stopped) else error)

    def _hear(self, stretches: Stretches, piece: Chorale, first: int, last: int) -> None:
        seconds = first * 60 / (self.mixer.tempo.value * 4)
        self.roll.hear(stretches.mp3(piece, first, last), seconds)

    def _remix(self) -> None:
        if not self.worker.busy:
            self.repaint("sound")

    def _repaint(self) -> None:
        self.repaint()
        nats = self._expected.nats.sum() / max(1, len(self.take.chorale)) if self.tint.value else 0
        words = (
            f"Full colour: a surprise of 6 nats or more; pale: expected. {nats:.2f} nats per frame."
        )
        self.why.value = words + " Click on a note to see what else came into question."

    def _on_menu(self, change: Any) -> None:
        for take in self.takes.kept:
            if take.number == change["new"] and take is not self.take:
                self.show(take)

    def _on_note(self, frame: int, voice: int) -> None:
        """Mark a note, or say what the model expected in its place."""
        if self.roll.picking:
            piece = self.take.chorale
            for first, length, _ in piece.notes(voice):
                if first == frame:
                    cells = np.s_[first : first + length, voice]
                    self.marked[cells] = not self.marked[cells].all()
            self.repaint()
        elif self.tint.value:
            self._guarded(lambda: self._explain(frame, voice))

    def _explain(self, frame: int, voice: int) -> None:
        if self._expected is None:
            self._expected = expect(self.take.chorale, self.checkpoint)
        tokenizer, piece = self.checkpoint.tokenizer, self.take.chorale
        name = pitch_name(int(piece.pitches[frame, voice]))
        nats = self._expected.nats[frame, voice]
        title = f"{VOICES[voice].capitalize()}, frame {frame}: {name} came, {nats:.2f} nats."
        self.why.value = plot_keyboard(
            tokenizer.pitches(),
            self._expected.probabilities[frame, voice],
            held=tokenizer.held() if tokenizer.holds else None,
            title=title,
        )._repr_html_()

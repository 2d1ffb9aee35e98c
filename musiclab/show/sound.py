"""Hear music in the notebook, or save it as MP3, WAV or FLAC."""

import copy
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from musiclab.checks import check_number, check_whole
from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.notes import NoteSequence
from musiclab.music.to_midi import midi_from_chorale, midi_from_notes
from musiclab.show.html import audio, plain, remarks
from musiclab.show.instruments import one_each, program_number
from musiclab.show.saving import Savable
from musiclab.show.synthesis import SAMPLE_RATE, check_length, render

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI


class Sound(Savable):
    """Music that can be played: as the last line of a cell it shows a player.

    It is rendered when it is first heard, and only once.

    Args:
        music: A chorale, a sequence of notes, pretty_midi's object, or samples in [-1, 1].
        tempo: Quarter notes a minute, for chorales and notes; by default their own, with its
            changes.
        instruments: Names from ``musiclab.show.INSTRUMENTS`` or General MIDI numbers: one for all
            voices, one a voice, or a mapping such as ``{"bass": "cello"}``. The default is what
            the music says, which for a chorale is a piano.
        levels: Loudness from 0 (silent) to 1: one a voice, or a mapping such as ``{"alto": 0}``.
        title: Shown above the player; by default the music's own.
        sample_rate: Samples a second.
        gain: As for ``musiclab.show.synthesis.render``.

    Raises:
        SettingError: If a setting does not fit the music, or it lasts longer than 10 minutes.

    Example:
        >>> import numpy as np
        >>> hum = Chorale(pitches=np.full((16, 4), 60))
        >>> Sound(hum, instruments="choir", levels={"bass": 0}).seconds
        5.0
    """

    suffixes = (".mp3", ".wav", ".flac")

    def __init__(
        self,
        music: Any,
        *,
        tempo: float | int | None = None,
        instruments: str | int | Sequence[str | int] | Mapping[str, str | int] | None = None,
        levels: float | int | Sequence[float | int] | Mapping[str, float | int] | None = None,
        title: str | None = None,
        sample_rate: int = SAMPLE_RATE,
        gain: float | None = None,
    ) -> None:
        self._left_out = getattr(music, "left_out", ())
        self.title = plain(getattr(music, "title", "") if title is None else title)
        self.sample_rate, self._gain = sample_rate, gain
        if isinstance(music, np.ndarray):
            if not tempo is instruments is levels is None:
                raise SettingError("tempo, instruments and levels are for notes, not for samples")
            self.samples = _checked_samples(music, sample_rate)
            return
        self._midi = _as_midi(music, tempo)
        check_length(self._midi.get_end_time())
        tracks = self._midi.instruments
        names = [track.name or str(number) for number, track in enumerate(tracks)]
        levels = one_each("levels", levels, names, default=1.0)
        self._levels = [check_number("level", level, lowest=0, highest=1) for level in levels]
        instruments = one_each("instruments", instruments, names)
        for track, instrument in zip(tracks, instruments, strict=True):
            if instrument is not None:
                track.program = program_number(instrument)

    @cached_property
    def samples(self) -> Float[np.ndarray, " sample"]:
        """The sound wave: one channel of float32 in [-1, 1], 2 s longer than the music."""
        wave = render(self._midi, self.sample_rate, levels=self._levels, gain=self._gain)
        wave.flags.writeable = False
        return wave

    @property
    def seconds(self) -> float:
        """How long it lasts, in seconds, with the last notes dying away."""
        return len(self.samples) / self.sample_rate

    @cached_property
    def mp3(self) -> bytes:
        """The sound as an MP3 file, about 4 kB a second."""
        return self.encoded(".mp3")

    @classmethod
    def difference(cls, first: "Sound", second: "Sound", title: str = "difference") -> "Sound":
        """Hear what two sounds do not have in common; equal music gives silence."""
        if first.sample_rate != second.sample_rate:
            rates = f"{first.sample_rate} and {second.sample_rate}"
            raise SettingError(f"the sample rates differ, {rates}; render both at one rate")
        wave = np.zeros(max(len(first.samples), len(second.samples)), dtype=np.float32)
        wave[: len(first.samples)] = first.samples
        wave[: len(second.samples)] -= second.samples
        return cls(wave, title=title, sample_rate=first.sample_rate)

    def encoded(self, suffix: str) -> bytes:
        """Return the sound as a file of that kind; FLAC is large, and WAV larger still."""
        import soundfile

        file = io.BytesIO()
        # 0 is the best quality, 1 the smallest file; other formats have no such choice.
        squeeze = {"compression_level": 0.8} if suffix == ".mp3" else {}
        form = suffix.removeprefix(".").upper()
        soundfile.write(file, self.samples, self.sample_rate, format=form, **squeeze)
        return file.getvalue()

    def _repr_html_(self) -> str:
        return audio(self.mp3, self.title + remarks(self._left_out))

    def __repr__(self) -> str:
        return f"Sound({self.title!r}, {self.seconds:.1f} s)"


def _as_midi(music: Any, tempo: float | int | None) -> "PrettyMIDI":
    """Turn music into a PrettyMIDI of our own, which may be changed."""
    if tempo is not None:
        check_number("tempo", tempo, above=0, remedy="it counts quarter notes a minute")
    if isinstance(music, Chorale):
        return midi_from_chorale(music, tempo=None if tempo is None else float(tempo))
    if isinstance(music, NoteSequence):
        return midi_from_notes(
            music if tempo is None else replace(music, tempo=float(tempo), tempo_changes=())
        )
    if not hasattr(music, "instruments"):
        raise SettingError(
            "Sound plays a Chorale, a NoteSequence, a PrettyMIDI or an array of samples, got "
            f"{type(music).__name__}"
        )
    if tempo is not None:
        raise SettingError("a PrettyMIDI has its own tempo; change it there")
    midi = copy.copy(music)
    midi.instruments = [copy.copy(track) for track in music.instruments]
    return midi


def _checked_samples(wave: np.ndarray, sample_rate: int) -> Float[np.ndarray, " sample"]:
    """Copy samples, softer where they would be cut off at full scale."""
    if wave.ndim != 1 or not np.issubdtype(wave.dtype, np.floating):
        raise SettingError(
            f"samples must be floats in one channel, got shape {wave.shape} of {wave.dtype}; take "
            "the mean over channels first"
        )
    if not np.isfinite(wave).all():
        raise SettingError("samples must be finite numbers; some are not")
    check_whole("sample_rate", sample_rate, lowest=1)
    check_length(len(wave) / sample_rate)
    wave = wave.astype(np.float32)
    wave /= max(1.0, np.abs(wave).max(initial=0))
    wave.flags.writeable = False
    return wave

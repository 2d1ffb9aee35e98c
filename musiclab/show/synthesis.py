"""From notes to sound waves, by the best synthesiser that is installed."""

import copy
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from musiclab.errors import SettingError

if TYPE_CHECKING:
    from pretty_midi import Instrument, PrettyMIDI

SAMPLE_RATE = 24_000  # samples a second; enough for every tone below 12 kHz
TAIL = 2.0  # seconds after the last note, in which strings and pipes die away
LONGEST_SOUND = 600.0  # seconds
PEAK = 0.9  # of full scale; MP3 may overshoot a little
_MIDIRENDERER_RATE = 48_000  # samples a second; it knows no other
_MOST_TRACKS = 15  # of one rendering: MIDI has 16 channels, one of them for drums

Wave = Float[np.ndarray, " sample"]


def which_synthesiser() -> str:
    """Name what ``render`` plays with.

    It is "midirenderer" (instruments from a SoundFont), else "fluidsynth" (the same, by a system
    library), else "sine" (plain tones, which need nothing).
    """
    if soundfont().is_file():
        for module in ("midirenderer", "fluidsynth"):
            try:
                __import__(module)
            except (ImportError, OSError, AttributeError):  # as a missing system library shows
                continue
            return module
    return "sine"


def soundfont() -> Path:
    """Find the recorded instruments that pretty_midi brings; they may be missing."""
    import pretty_midi

    return Path(pretty_midi.__file__).parent / "TimGM6mb.sf2"


def render(
    midi: "PrettyMIDI",
    sample_rate: int = SAMPLE_RATE,
    *,
    levels: Sequence[float | int] | None = None,
    gain: float | None = None,
) -> Wave:
    """Play a piece into an array, always the same array for the same piece.

    Args:
        midi: What to play, 10 minutes at most.
        sample_rate: Samples a second; 48000 or a whole fraction of it.
        levels: How loud each track shall be, from 0 (silent) to 1; by default all at 1.
        gain: How much louder than the synthesiser plays; by default as much as brings the loudest
            sample to 0.9.

    Returns:
        One channel of float32 in [-1, 1], all 0 where nothing sounds. It lasts 2 seconds longer
        than the piece, so that the last notes die away.

    Raises:
        SettingError: If the piece is too long, or ``sample_rate`` is no fraction of 48000.

    Example:
        >>> from pretty_midi import PrettyMIDI
        >>> render(PrettyMIDI(), sample_rate=8000).shape
        (16000,)
    """
    check_length(midi.get_end_time())
    if sample_rate < 1 or _MIDIRENDERER_RATE % sample_rate:
        raise SettingError(
            f"sample_rate must divide {_MIDIRENDERER_RATE}, got {sample_rate}; choose 24000"
        )
    synthesiser = which_synthesiser()
    by_track = "fluidsynth" if synthesiser == "fluidsynth" else "synthesize"
    wave = np.zeros(round((midi.get_end_time() + TAIL) * sample_rate), dtype=np.float32)
    for level, tracks in _groups(midi.instruments, levels):
        # Synthesis is linear: a voice rendered alone and scaled is that voice played softer.
        if synthesiser == "midirenderer":
            parts = [_by_midirenderer(midi, tracks, sample_rate)]
        else:
            parts = [getattr(track, by_track)(fs=sample_rate) for track in tracks]
        for part in parts:
            wave[: len(part)] += level * part[: len(wave)]
    peak = np.abs(wave).max(initial=0)
    if gain is None:
        gain = PEAK / peak if peak > 0 else 1.0
    return (wave * np.float32(gain)).clip(-1, 1)


def check_length(seconds: float | int) -> None:
    """Refuse what would fill the memory: more than 10 minutes."""
    if seconds > LONGEST_SOUND:
        raise SettingError(
            f"the music lasts {seconds / 60:.1f} minutes, a sound at most "
            f"{LONGEST_SOUND / 60:.0f}; cut it with excerpt, or play it faster"
        )


def _groups(
    tracks: "list[Instrument]", levels: Sequence[float | int] | None
) -> "list[tuple[float | int, list[Instrument]]]":
    """Put tracks together that can be rendered together."""
    if levels is not None and any(level != 1 for level in levels):
        pairs = zip(levels, tracks, strict=True)
        return [(level, [track]) for level, track in pairs if level > 0 and track.notes]
    sounding = [track for track in tracks if track.notes]
    starts = range(0, len(sounding), _MOST_TRACKS)
    return [(1.0, sounding[start : start + _MOST_TRACKS]) for start in starts]


def _by_midirenderer(midi: "PrettyMIDI", tracks: "list[Instrument]", sample_rate: int) -> Wave:
    import soundfile
    from midirenderer import render_wave_from
    from pretty_midi import Text

    only = copy.copy(midi)
    only.instruments = [copy.copy(track) for track in tracks]
    for track in only.instruments:
        track.name = ""  # a MIDI file may be unable to spell it
    only.lyrics = []
    # It stops with the file, so the file has to end after the last note has died away.
    only.text_events = [Text("", midi.get_end_time() + TAIL)]
    file = io.BytesIO()
    only.write(file)
    wav = render_wave_from(soundfont().read_bytes(), file.getvalue())
    wave, _ = soundfile.read(io.BytesIO(wav), dtype="float32")
    return _downsample(wave.mean(axis=1), _MIDIRENDERER_RATE // sample_rate)


def _downsample(wave: Wave, factor: int) -> Float[np.ndarray, " fewer"]:
    """Keep one sample in ``factor``, after taking away the tones that fewer samples cannot carry.

    Left in, they would come back as wrong tones, mirrored at half the sample rate.
    """
    if factor == 1:
        return wave
    reach = 24 * factor  # samples that the filter looks to either side
    taps = np.sinc(np.arange(-reach, reach + 1) * (0.92 / factor)) * np.hanning(2 * reach + 1)
    smooth = np.convolve(wave, (taps / taps.sum()).astype(np.float32), mode="same")
    return smooth[::factor]

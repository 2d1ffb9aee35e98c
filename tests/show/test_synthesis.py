import sys

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.show import synthesis
from musiclab.show.synthesis import PEAK, TAIL, render, which_synthesiser


@pytest.fixture(params=["midirenderer", "sine"])
def synthesiser(request, monkeypatch):
    if request.param == "midirenderer" and which_synthesiser() != "midirenderer":
        pytest.skip("midirenderer has no wheel for this machine")
    monkeypatch.setattr(synthesis, "which_synthesiser", lambda: request.param)
    return request.param


@pytest.mark.parametrize("rate", [12_000, 24_000, 48_000])
def test_a4_is_in_tune(synthesiser, one_note, loudest_pitch, strength, rate):
    wave = render(one_note(69, program=79), rate)  # an ocarina, nearly a pure tone
    heard = loudest_pitch(wave[rate // 5 : 9 * rate // 5], rate, 400, 480)
    assert abs(1200 * np.log2(heard / 440)) < 5  # cents
    # and is no overtone of the A below, as at half the speed
    assert strength(wave, rate, 57) < 0.05 * strength(wave, rate, 69)


def test_length_is_the_music_and_its_tail(synthesiser, one_note):
    wave = render(one_note(60, seconds=1.3), 24_000)
    assert len(wave) == round((1.3 + TAIL) * 24_000)
    assert wave.dtype == np.float32


def test_peak_is_normalised_and_silence_stays_silent(synthesiser, one_note):
    assert np.abs(render(one_note(60, 64))).max() == pytest.approx(PEAK)
    silent = render(one_note())
    assert len(silent) and not silent.any()


def test_sound_starts_with_the_note_and_dies_away_by_the_end(synthesiser, one_note):
    rate = 24_000
    wave = np.abs(render(one_note(60, start=1.0, seconds=1.0), rate))
    assert wave[: rate - 300].max() < 0.002
    assert wave[rate : rate + rate // 10].max() > 0.2  # within a tenth of a second
    assert wave[-rate // 5 :].max() < 0.01


def test_release_is_not_cut_off(one_note):
    if which_synthesiser() == "sine":
        pytest.skip("plain tones have no release")
    rate = 24_000
    wave = np.abs(render(one_note(60, program=48, seconds=1.0), rate))
    assert wave[round(1.02 * rate) : round(1.2 * rate)].max() > 0.05


def test_the_same_notes_give_the_same_samples(synthesiser, one_note):
    np.testing.assert_array_equal(render(one_note(60, 67)), render(one_note(60, 67)))


def test_levels_scale_each_track(synthesiser, one_note, strength):
    pitches, rate = (57, 64, 71), 24_000
    alone = [strength(render(one_note(*pitches), rate), rate, pitch) for pitch in pitches]
    mixed = render(one_note(*pitches), rate, levels=[1.0, 0.25, 0.0])
    heard = [strength(mixed, rate, pitch) for pitch in pitches]
    assert heard[1] / heard[0] == pytest.approx(0.25 * alone[1] / alone[0], rel=0.02)
    assert heard[2] < 0.02 * heard[0]  # partials of the others leak a little


def test_all_levels_at_one_change_nothing(synthesiser, one_note):
    plain, levelled = render(one_note(60, 64)), render(one_note(60, 64), levels=[1.0, 1.0])
    np.testing.assert_array_equal(plain, levelled)


def test_more_tracks_than_midi_channels_keep_their_instruments(one_note):
    midi = one_note(*range(50, 67), start=0.5)  # after every track has chosen its instrument
    for number, track in enumerate(midi.instruments):  # the 16th would share the first's channel
        track.program = 19 if number < 15 else 12
    each_alone = render(midi, levels=[1.0] * 16 + [0.9999])
    np.testing.assert_allclose(render(midi), each_alone, atol=0.01)


def test_high_tones_do_not_come_back_mirrored(one_note, loudest_pitch, strength):
    if which_synthesiser() != "midirenderer":
        pytest.skip("only midirenderer's sound is thinned out")
    tones = np.arange(48_000) / 48_000
    high = np.sin(2 * np.pi * 13_500 * tones).astype(np.float32)  # above half of 24000
    low = np.sin(2 * np.pi * 3_000 * tones).astype(np.float32)
    thin = synthesis._downsample(high + low, 2)
    assert np.abs(thin[1000:-1000] - low[::2][1000:-1000]).max() < 0.01


@pytest.mark.parametrize("rate", [0, -24_000, 44_100, 96_000])
def test_odd_sample_rates_are_refused(one_note, rate):
    with pytest.raises(SettingError, match="choose 24000"):
        render(one_note(60), rate)


def test_more_than_ten_minutes_are_refused(one_note):
    with pytest.raises(SettingError, match="10.2 minutes.*excerpt"):
        render(one_note(60, seconds=612.0))


def test_rendering_leaves_the_midi_alone(one_note):
    midi = one_note(60)
    render(midi)
    assert [track.name for track in midi.instruments] == ["voice 60"]
    assert midi.get_end_time() == 2.0 and not midi.text_events


def test_names_that_midi_cannot_spell_do_not_matter(one_note):
    midi = one_note(60)
    midi.instruments[0].name = "\u4f60 \U0001d110"
    assert render(midi).any()


def test_fall_backs_in_order(monkeypatch):
    monkeypatch.setitem(sys.modules, "midirenderer", None)  # as if it were not installed
    monkeypatch.setitem(sys.modules, "fluidsynth", type(sys)("fluidsynth"))
    assert which_synthesiser() == "fluidsynth"
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    assert which_synthesiser() == "sine"


def test_midirenderer_comes_first(monkeypatch):
    monkeypatch.setitem(sys.modules, "midirenderer", type(sys)("midirenderer"))
    monkeypatch.setitem(sys.modules, "fluidsynth", type(sys)("fluidsynth"))
    assert which_synthesiser() == "midirenderer"


def test_without_the_soundfont_only_sines_remain(monkeypatch, tmp_path):
    monkeypatch.setattr(synthesis, "soundfont", lambda: tmp_path / "missing.sf2")
    assert which_synthesiser() == "sine"


def test_fluidsynth_plays_every_track(monkeypatch, one_note, strength):
    from pretty_midi import Instrument

    monkeypatch.setattr(synthesis, "which_synthesiser", lambda: "fluidsynth")
    # The system library may be missing: sines stand in for its instruments.
    monkeypatch.setattr(Instrument, "fluidsynth", lambda self, fs: self.synthesize(fs=fs))
    wave = render(one_note(57, 64), 24_000)
    assert min(strength(wave, 24_000, pitch) for pitch in (57, 64)) > 0.05


def test_a_gain_is_obeyed_and_never_clips_over(one_note):
    quiet, loud = (render(one_note(60), gain=gain) for gain in (0.25, 0.5))
    assert np.allclose(2 * quiet, loud, atol=1e-6) and 0 < np.abs(loud).max() < 1
    assert np.abs(render(one_note(60), gain=1000.0)).max() == 1

import base64
import io
import re

import numpy as np
import pytest
import soundfile
from IPython.core.formatters import DisplayFormatter

from musiclab.errors import ScoreError, SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.notes import Note, NoteSequence
from musiclab.show.html import ALONE
from musiclab.show.sound import Sound
from musiclab.show.synthesis import TAIL

RATE = 24_000
CHORD = (76, 69, 57, 45)  # fundamentals that are no partial of a lower one's neighbours


@pytest.fixture(scope="module")
def chord():
    return Chorale(pitches=np.tile(CHORD, (13, 1)), title='A "<chord>"')


@pytest.fixture(scope="module")
def sound(chorale):
    return Sound(chorale)


def test_length_is_the_chorale_and_its_tail(sound, chorale):
    assert sound.seconds == pytest.approx(chorale.seconds + TAIL, abs=0.01)
    assert np.abs(sound.samples).max() > 0.5


def test_tempo_changes_the_length(chorale):
    assert Sound(chorale, tempo=194).seconds == pytest.approx(chorale.seconds / 2 + TAIL, abs=0.01)


@pytest.mark.parametrize("muted", range(4))
def test_muting_a_voice_is_playing_the_others(chord, strength, muted):
    names = ("soprano", "alto", "tenor", "bass")
    scattered = Chorale(pitches=np.tile((77, 70, 63, 56), (13, 1)))
    levels = {names[muted]: 0}
    full = Sound(scattered, instruments="flute").samples
    rest = Sound(scattered, instruments="flute", levels=levels).samples
    for voice, pitch in enumerate((77, 70, 63, 56)):
        share = strength(rest, RATE, pitch) / strength(full, RATE, pitch)
        assert share < 0.02 if voice == muted else share > 0.6, names[voice]


def test_instruments_by_voice(chord):
    piano = Sound(chord)
    cello = Sound(chord, instruments={"bass": "cello"})
    assert [track.program for track in cello._midi.instruments] == [0, 0, 0, 42]
    assert not np.allclose(piano.samples[:20000], cello.samples[:20000], atol=0.01)


def test_mp3_decodes_to_the_same_samples_in_the_same_place(sound):
    decoded, rate = soundfile.read(io.BytesIO(sound.mp3), dtype="float32")
    assert rate == RATE
    assert abs(len(decoded) - len(sound.samples)) <= 1152  # a frame of MP3
    n = min(len(decoded), len(sound.samples))
    matches = {
        lag: np.dot(sound.samples[100 : n - 100], decoded[100 + lag : n - 100 + lag])
        for lag in range(-50, 51)
    }
    assert max(matches, key=matches.get) == 0
    error = decoded[:n] - sound.samples[:n]
    assert np.sqrt(np.mean(error**2)) < 0.1 * np.sqrt(np.mean(sound.samples**2))


def test_mp3_is_small_and_deterministic(sound, chorale):
    assert len(sound.mp3) / sound.seconds < 5000  # bytes a second
    assert Sound(chorale).mp3 == sound.mp3


def test_html_is_one_plain_player_that_carries_its_sound(chord):
    page = Sound(chord)._repr_html_()
    assert not re.search(
        r"<(script|svg|source|object|iframe)|\son\w+=|https?:", page.replace(ALONE, "")
    )
    (address,) = re.findall(r'<audio controls [^>]*src="data:audio/mpeg;base64,([^"]+)"', page)
    assert base64.b64decode(address) == Sound(chord).mp3
    assert "<chord>" not in page and "<figcaption>A &quot;&lt;chord&gt;&quot;</figcaption>" in page
    assert 'aria-label="A &quot;&lt;chord&gt;&quot;"' in page


def test_a_notebook_shows_the_player_and_a_line_of_text(sound):
    bundle, _ = DisplayFormatter().format(sound)
    assert bundle["text/html"] == sound._repr_html_()
    assert bundle["text/plain"] == repr(sound)


@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".flac", ".WAV"])
def test_saved_files_hold_the_sound(sound, tmp_path, suffix):
    path = sound.save(tmp_path / f"a{suffix}")
    wave, rate = soundfile.read(path, dtype="float32")
    assert (len(wave), rate) == (len(sound.samples), RATE)
    assert np.abs(wave - sound.samples).mean() < 0.02
    assert [one.name for one in tmp_path.iterdir()] == [f"a{suffix}"]


def test_saving_refuses_other_suffixes_and_missing_folders(sound, tmp_path):
    with pytest.raises(SettingError, match=r"\.mp3, \.wav, \.flac"):
        sound.save(tmp_path / "a.ogg")
    with pytest.raises(ScoreError, match="folder"):
        sound.save(tmp_path / "missing" / "a.wav")


def test_difference_of_equal_sounds_is_silence(chorale, sound):
    assert not Sound.difference(sound, Sound(chorale)).samples.any()
    other = Sound(chorale.transpose(1))
    np.testing.assert_array_equal(
        np.sign(Sound.difference(sound, other).samples),
        np.sign(sound.samples - other.samples),
    )


def test_notes_and_midi_and_samples_sound_alike(one_note):
    notes = NoteSequence(notes=(Note(onset=0.0, duration=4.0, pitch=69, program=19),), tempo=120.0)
    by_notes, by_midi = Sound(notes, title="n"), Sound(one_note(69))
    np.testing.assert_array_equal(by_notes.samples, by_midi.samples)
    by_samples = Sound(np.array(by_notes.samples), title="n")
    assert by_samples._repr_html_() == by_notes._repr_html_()


def test_a_midi_object_is_not_changed(one_note):
    midi = one_note(60, program=19)
    Sound(midi, instruments="choir", levels=[0.5])
    assert midi.instruments[0].program == 19


def test_loud_samples_are_made_softer_not_cut():
    wave = np.array([0.0, -2.0, 1.0])
    np.testing.assert_allclose(Sound(wave).samples, [0, -1, 0.5])
    np.testing.assert_allclose(Sound(wave / 4).samples, [0, -0.5, 0.25])  # left as they are


@pytest.mark.parametrize(
    "music", [np.zeros((7, 2)), np.zeros(7, dtype=int), np.array([np.nan]), "a.mid", None]
)
def test_other_things_are_refused(music):
    with pytest.raises(SettingError):
        Sound(music)


@pytest.mark.parametrize(
    "settings",
    [{"tempo": 0}, {"tempo": float("nan")}, {"levels": [1.0]}, {"levels": {"alto": 2}},
     {"levels": -0.1}, {"levels": float("nan")}, {"levels": [1, 1, 1, True]},
     {"instruments": "kazoo"}, {"instruments": {"violin": 1}}, {"tempo": 1e-3}],
)  # fmt: skip
def test_impossible_settings_are_refused_at_once(chorale, settings):
    with pytest.raises((SettingError, ScoreError)):
        Sound(chorale, **settings)


def test_more_than_ten_minutes_are_refused_before_rendering(chorale):
    long = Chorale(pitches=np.full((4 * 601, 4), 60), tempo=60.0)
    with pytest.raises(SettingError, match="minutes"):
        Sound(long)
    with pytest.raises(SettingError, match="minutes"):
        Sound(np.zeros(601 * 8), sample_rate=8)


def test_a_chorale_without_notes_is_silent_but_lasts():
    silent = Sound(Chorale(pitches=np.full((16, 4), -1), tempo=60.0))
    assert not silent.samples.any()
    assert silent.seconds == pytest.approx(4 + TAIL)
    assert soundfile.read(io.BytesIO(silent.mp3))[0].shape == silent.samples.shape


def test_sound_is_rendered_once_and_only_when_heard(chorale, monkeypatch):
    from musiclab.show import sound as module

    calls, real = [], module.render
    monkeypatch.setattr(module, "render", lambda *a, **k: calls.append(1) or real(*a, **k))
    one = Sound(chorale)
    assert not calls
    one._repr_html_(), one._repr_html_(), one.seconds
    assert len(calls) == 1

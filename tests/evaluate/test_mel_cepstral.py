import math

import numpy as np
import pytest
import torch

from musiclab.errors import SettingError
from musiclab.evaluate import mel_cepstral
from musiclab.evaluate.mel_cepstral import (
    BANDS,
    HOP,
    QUIETEST,
    WINDOW,
    mel_cepstral_distance,
    mel_cepstrum,
    mel_filterbank,
)

RATE = 24_000


def tone(hertz, seconds=0.5, overtones=(1.0, 0.5, 0.25)):
    times = np.arange(int(seconds * RATE)) / RATE
    return sum(
        level * np.sin(2 * np.pi * hertz * times * number)
        for number, level in enumerate(overtones, start=1)
    )


@pytest.fixture
def sounds():
    rng = np.random.default_rng(6)
    noise = rng.normal(size=RATE // 2)
    return tone(220), np.convolve(noise, np.hanning(7), mode="same")


def logs_of(wave):
    """Log power in mel bands, through torch."""
    shape = torch.hann_window(WINDOW, periodic=False, dtype=torch.float64)
    waves = torch.stft(
        torch.from_numpy(wave), WINDOW, HOP, window=shape, center=False, return_complex=True
    )
    power = mel_filterbank(RATE) @ waves.abs().numpy() ** 2
    return np.log(np.maximum(power / power.max(), QUIETEST)).T


def test_with_all_coefficients_it_is_the_difference_of_the_spectra_in_decibels(sounds, monkeypatch):
    """A cosine transform is a rotation: nothing but the mean level, coefficient 0, is lost."""
    decibels = [10 / math.log(10) * logs_of(wave) for wave in sounds]
    shapes = [one - one.mean(axis=1, keepdims=True) for one in decibels]
    expected = np.sqrt(((shapes[0] - shapes[1]) ** 2).mean(axis=1)).mean()
    monkeypatch.setattr(mel_cepstral, "COEFFICIENTS", BANDS - 1)
    cepstra = [mel_cepstrum(wave, RATE, coefficients=BANDS - 1) for wave in sounds]
    all_waves = 10 / math.log(10) * math.sqrt(2)
    found = all_waves * np.linalg.norm(cepstra[0] - cepstra[1], axis=1).mean()
    assert found == pytest.approx(expected, rel=1e-9)


def test_its_13_coefficients_are_the_first_of_all(sounds):
    for wave in sounds:
        every = mel_cepstrum(wave, RATE, coefficients=BANDS - 1)
        np.testing.assert_allclose(mel_cepstrum(wave, RATE), every[:, :13])
    parts = [mel_cepstrum(wave, RATE) for wave in sounds]
    by_hand = 10 / math.log(10) * np.sqrt(2 * ((parts[0] - parts[1]) ** 2).sum(axis=1)).mean()
    assert mel_cepstral_distance(*sounds) == pytest.approx(by_hand)


@pytest.mark.parametrize("align", [False, True])
def test_it_is_a_distance(sounds, align):
    first, second = sounds
    third = tone(330, overtones=(1.0, 0.1))

    def apart(a, b):
        return mel_cepstral_distance(a, b, align=align)

    assert apart(first, first) == pytest.approx(0, abs=1e-6)
    assert apart(first, second) > 0
    assert apart(first, second) == pytest.approx(apart(second, first))
    if not align:  # stretching in time breaks the triangle
        assert apart(first, third) <= apart(first, second) + apart(second, third)


@pytest.mark.parametrize("loudness", [1e-3, 0.5, 100.0])
def test_loudness_does_not_count(sounds, loudness):
    assert mel_cepstral_distance(sounds[0], loudness * sounds[0]) == pytest.approx(0, abs=1e-9)
    expected = mel_cepstral_distance(*sounds)
    assert mel_cepstral_distance(loudness * sounds[0], sounds[1]) == pytest.approx(expected)


def test_timbre_counts_more_than_pitch():
    """The very weakness that the course shows."""
    original, dull = tone(220), tone(220, overtones=(1.0, 0.01, 0.001))
    higher = tone(220 * 2 ** (1 / 12))
    assert mel_cepstral_distance(original, dull) > 2 * mel_cepstral_distance(original, higher)


def test_filters_are_triangles_evenly_spaced_in_mel():
    bank = mel_filterbank(RATE)
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    wide = bank[12:]  # the lowest are narrower than the spectrum's bins
    peaks = hertz[wide.argmax(axis=1)]
    mel = 2595 * np.log10(1 + peaks / 700)
    assert np.ptp(np.diff(mel)) < 40
    assert ((0 <= bank) & (bank <= 1)).all()
    between = (hertz > peaks[0]) & (hertz < peaks[-1])
    # Where one triangle falls the next one rises, so they always add up to 1.
    np.testing.assert_allclose(bank.sum(axis=0)[between], 1)


def slowly(first, second):
    """The best walk by trying every cell in turn."""
    costs = {}
    best = {(-1, -1): (0.0, 0)}
    for i in range(len(first)):
        for j in range(len(second)):
            costs[i, j] = math.dist(first[i], second[j])
            ways = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
            came = min((best[way] for way in ways if way in best), key=lambda pair: pair[0])
            best[i, j] = came[0] + costs[i, j], came[1] + 1
    total, steps = best[len(first) - 1, len(second) - 1]
    return total / steps


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 7), (5, 3), (11, 13)])
def test_alignment_takes_the_cheapest_walk(rows, columns):
    rng = np.random.default_rng(7)
    first, second = rng.normal(size=(rows, 3)), rng.normal(size=(columns, 3))
    found = mel_cepstral._mean_along_best_path(first, second)
    assert found == pytest.approx(slowly(first, second))


def test_alignment_forgives_a_slower_tempo_and_no_alignment_refuses_it():
    song = np.concatenate([tone(hertz, 0.3) for hertz in (220, 330, 262)])
    slow = np.concatenate([tone(hertz, 0.5) for hertz in (220, 330, 262)])
    assert mel_cepstral_distance(song, slow, align=True) < 0.3
    with pytest.raises(SettingError, match="align=True"):
        mel_cepstral_distance(song, slow)


def test_silence_is_like_silence():
    silent = np.zeros(RATE)
    assert mel_cepstral_distance(silent, silent) == 0
    assert mel_cepstral_distance(silent[: RATE // 2], tone(220)) > 1


@pytest.mark.parametrize("samples", [0, 1, WINDOW - 1])
def test_too_short_a_sound_is_refused(samples):
    with pytest.raises(SettingError, match=f"at least {WINDOW} samples"):
        mel_cepstral_distance(np.zeros(samples), np.zeros(samples))


def test_too_long_sounds_are_not_aligned(monkeypatch):
    monkeypatch.setattr(mel_cepstral, "LONGEST_ALIGNED", 3)
    with pytest.raises(SettingError, match="memory"):
        mel_cepstral_distance(np.ones(5000), np.ones(5000), align=True)

"""Mel-cepstral distance: how differently two sounds are coloured, moment by moment."""

import math

import numpy as np
from jaxtyping import Float

from musiclab.errors import SettingError

WINDOW, HOP = 1024, 512  # samples; at 24 kHz, 43 and 21 thousandths of a second
BANDS, COEFFICIENTS = 40, 13
QUIETEST = 1e-6  # of the loudest band, 60 dB below it; what is softer counts as silence
LONGEST_ALIGNED = 8_000  # windows of either sound

Wave = Float[np.ndarray, "_"]  # two sounds may differ in length
Cepstrum = Float[np.ndarray, "_ coefficient"]


def mel_cepstral_distance(
    first: Wave, second: Wave, sample_rate: int = 24_000, *, align: bool = False
) -> float:
    """Measure how far apart two sounds are, in decibels.

    Args:
        first: Samples of one channel.
        second: The same.
        sample_rate: Samples a second, of both.
        align: Stretch both in time until they fit best. It forgives another tempo, and much else.

    Returns:
        Mean distance over all windows: 0 for a sound and itself, at whatever loudness.

    Raises:
        SettingError: If the sounds differ in length and are not aligned, or one is shorter than a
            window, or too long to be aligned.

    Source:
        Kubichek (1993), "Mel-cepstral distance measure for objective speech quality assessment".

    Example:
        >>> hum = np.sin(np.arange(24_000) / 9)
        >>> mel_cepstral_distance(hum, 0.5 * hum)
        0.0
    """
    cepstra = mel_cepstrum(first, sample_rate), mel_cepstrum(second, sample_rate)
    lengths = tuple(len(one) for one in cepstra)
    if not align and lengths[0] != lengths[1]:
        raise SettingError(
            f"the sounds have {lengths[0]} and {lengths[1]} windows; cut one of them, or write "
            "align=True to stretch them in time"
        )
    if align and max(lengths) > LONGEST_ALIGNED:
        raise SettingError(
            f"sounds of {lengths[0]} and {lengths[1]} windows would fill the memory; compare at "
            f"most {LONGEST_ALIGNED * HOP / sample_rate:.0f} s"
        )
    # From natural logarithms of power to decibels; the 2 since a cosine's mean square is a half.
    decibels = 10 / math.log(10) * math.sqrt(2)
    if not align:
        return float(decibels * np.linalg.norm(cepstra[0] - cepstra[1], axis=1).mean())
    return float(decibels * _mean_along_best_path(*cepstra))


def mel_cepstrum(
    wave: Wave,
    sample_rate: int = 24_000,
    *,
    bands: int = BANDS,
    coefficients: int = COEFFICIENTS,
) -> Cepstrum:
    """Describe the colour of a sound: the rough shape of its spectrum, window by window.

    Args:
        wave: Samples of one channel.
        sample_rate: Samples a second.
        bands: Of the mel filterbank.
        coefficients: How many slow waves describe the spectrum; the constant one, which is the
            loudness, is dropped.

    Raises:
        SettingError: If the wave is shorter than a window or the sizes do not fit.
    """
    if len(wave) < WINDOW or not 1 <= coefficients < bands:
        raise SettingError(
            f"a sound needs at least {WINDOW} samples and fewer coefficients than bands, got "
            f"{len(wave)} samples, {coefficients} coefficients of {bands} bands"
        )
    starts = np.arange(0, len(wave) - WINDOW + 1, HOP)[:, None]
    windows = wave[starts + np.arange(WINDOW)] * np.hanning(WINDOW)
    power = abs(np.fft.rfft(windows)) ** 2 @ mel_filterbank(sample_rate, bands).T
    loudest = power.max()
    logs = np.log(np.maximum(power / loudest, QUIETEST)) if loudest > 0 else np.zeros_like(power)
    # The discrete cosine transform (DCT-II); wave 0, the mean, is left out.
    angles = np.outer(np.arange(bands) + 0.5, np.arange(1, coefficients + 1)) * math.pi / bands
    return logs @ np.cos(angles) / bands


def mel_filterbank(sample_rate: int = 24_000, bands: int = BANDS) -> Float[np.ndarray, "band bin"]:
    """Lay triangles over the spectrum, evenly spaced to the ear: narrow below, wide above.

    Source:
        Stevens, Volkmann and Newman (1937): the mel; the formula is O'Shaughnessy's (1987).
    """
    highest = 2595 * math.log10(1 + sample_rate / 2 / 700)  # mel
    corners = 700 * (10 ** (np.linspace(0, highest, bands + 2) / 2595) - 1)  # hertz
    hertz = np.fft.rfftfreq(WINDOW, 1 / sample_rate)
    left, peak, right = (corners[start : start + bands, None] for start in range(3))
    rising, falling = (hertz - left) / (peak - left), (right - hertz) / (right - peak)
    return np.maximum(0, np.minimum(rising, falling))


def _mean_along_best_path(first: Cepstrum, second: Cepstrum) -> float:
    """Dynamic time warping: the cheapest walk from both beginnings to both ends.

    Each step goes on by one window in the first sound, in the second, or in both.

    Source:
        Sakoe and Chiba (1978), on dynamic programming for spoken words, IEEE Transactions on
        Acoustics, Speech, and Signal Processing 26.
    """
    rows, columns = len(first), len(second)
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2 * first @ second.T
    costs = np.sqrt(np.maximum(squares, 0))
    # Cell (i, j) needs (i-1, j), (i, j-1), (i-1, j-1): diagonals can be computed at once.
    best = np.full((rows + 1, columns + 1), np.inf)
    steps = np.zeros((rows + 1, columns + 1))
    best[0, 0] = 0
    for diagonal in range(rows + columns - 1):
        i = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        j = diagonal - i
        ways = np.stack([best[i, j], best[i, j + 1], best[i + 1, j]])
        counts = np.stack([steps[i, j], steps[i, j + 1], steps[i + 1, j]])
        chosen = ways.argmin(axis=0)
        best[i + 1, j + 1] = costs[i, j] + ways.min(axis=0)
        steps[i + 1, j + 1] = 1 + counts[chosen, np.arange(len(i))]
    return best[rows, columns] / steps[rows, columns]

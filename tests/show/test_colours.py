import pytest

from musiclab.music.chorale import VOICES
from musiclab.show.colours import OKABE_ITO, VOICE_COLOURS


def luminance(colour):
    """Weigh red, green and blue as the eye does, after undoing the screen's gamma."""
    levels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in levels]
    return sum(share * x for share, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(colour, background):
    """The ratio of two luminances, as in the Web Content Accessibility Guidelines 2.2."""
    darker, lighter = sorted((luminance(colour), luminance(background)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("page", ["#FFFFFF", "#111111"])
def test_every_voice_stands_out_on_white_and_on_dark(voice, page):
    assert contrast(VOICE_COLOURS[voice], page) >= 3


def test_four_voices_four_colours_of_the_palette():
    assert tuple(VOICE_COLOURS) == VOICES
    assert len(set(VOICE_COLOURS.values())) == 4
    assert set(VOICE_COLOURS.values()) <= set(OKABE_ITO.values())


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # a known border case
    assert contrast("#123456", "#123456") == 1

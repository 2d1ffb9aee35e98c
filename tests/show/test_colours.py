import pytest

from musiclab.music.chorale import VOICES
from musiclab.show.colours import OKABE_ITO, VOICE_COLOURS, contrast


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

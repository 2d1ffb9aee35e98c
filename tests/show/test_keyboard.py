"""The keyboard plot: every bar stands on its key, as tall as its probability."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musiclab.errors import SettingError
from musiclab.show.keyboard import key_place, piano_range, plot_keyboard
from musiclab.show.roll_drawing import pitch_name

PITCHES = [-1, 57, 60, 61, 66]  # a rest, white, white, black, black
ROW = [0.05, 0.0, 0.5, 0.3, 0.15]


def bars(axes):
    """Every bar above the keys as (middle, bottom, height)."""
    return {
        (round(bar.get_x() + bar.get_width() / 2, 6), bar.get_y(), round(bar.get_height(), 6))
        for bar in axes.patches
        if bar.get_height() > 0
    }


def rest_place(axes):
    (label,) = [text for text in axes.texts if text.get_text() == "rest"]
    return round(label.get_position()[0], 6)


def test_every_bar_stands_on_its_key():
    axes = plot_keyboard(PITCHES, ROW).canvas.axes[0]
    on_keys = {(key_place(p)[0], 0, h) for p, h in zip(PITCHES[2:], ROW[2:], strict=True)}
    assert bars(axes) == {*on_keys, (rest_place(axes), 0, 0.05)}


def test_tall_bars_say_their_name_and_share():
    axes = plot_keyboard(PITCHES, [0.04, 0, 0.5, 0.3, 0.16]).canvas.axes[0]
    told = {text.get_text() for text in axes.texts if "%" in text.get_text()}
    assert told == {"C4\n50%", "C#4\n30%", "F#4\n16%"}


def test_a_name_that_would_cover_a_taller_one_is_left_out():
    axes = plot_keyboard([60, 61, 62], [0.42, 0.4, 0.1]).canvas.axes[0]
    told = {text.get_text() for text in axes.texts if "%" in text.get_text()}
    assert told == {"C4\n42%", "D4\n10%"}


def test_what_is_too_small_is_not_drawn_and_does_not_widen_the_piano():
    row = [0.6, 0.399, 0.001]
    shown = [plot_keyboard([60, 62, 100], row, smallest=s).canvas.axes[0] for s in (0.001, 0.002)]
    assert [len(bars(axes)) for axes in shown] == [3, 2]
    assert shown[0].get_xlim()[1] > key_place(100)[0] > shown[1].get_xlim()[1]


def test_no_rest_is_drawn_where_none_is_likely():
    axes = plot_keyboard(PITCHES, [0, 0.2, 0.5, 0.15, 0.15]).canvas.axes[0]
    assert [text for text in axes.texts if text.get_text() == "rest"] == []
    assert axes.get_xlim()[0] > key_place(40)[0]


def test_held_stands_on_struck_with_a_hatch_and_a_legend():
    figure = plot_keyboard([60, 60, 64], [0.3, 0.2, 0.4], held=[True, False, False])
    axes = figure.canvas.axes[0]
    assert bars(axes) == {(35.5, 0, 0.2), (35.5, 0.2, 0.3), (37.5, 0, 0.4)}
    hatched = [bar for bar in axes.patches if bar.get_hatch()]
    assert [bar.get_y() for bar in hatched] == [0.2]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["struck", "held on"]
    assert figure.alt.endswith("Likeliest: C4 with 0.50")  # both tokens together


def test_rows_are_small_multiples_with_the_same_axes():
    rows = {"cold": [0, 0, 1, 0, 0], "warm": ROW, "$x_": [0.2] * 5}
    figure = plot_keyboard(PITCHES, rows, title="Temperature")
    panels = figure.canvas.axes
    assert [axes.get_title(loc="left") for axes in panels] == ["cold", "warm", r"\$x_"]
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in panels}) == 1
    assert [len(bars(axes)) for axes in panels] == [1, 4, 5]
    assert "Temperature Likeliest: cold: C4 with 1.00, warm: C4 with 0.50" in figure.alt
    assert figure.png.startswith(b"\x89PNG")


def test_what_a_filter_took_away_stays_as_an_outline():
    axes = plot_keyboard(PITCHES, {"kept": [0, 0, 1, 0, 0]}, before=ROW).canvas.axes[0]
    drawn = {(place, height) for place, _, height in bars(axes)}
    assert drawn == {(35.5, 1.0), (35.5, 0.5), (36.0, 0.3), (39.0, 0.15), (rest_place(axes), 0.05)}


@given(st.lists(st.integers(0, 127), max_size=7))
def test_the_piano_holds_every_note_and_ends_in_white_keys(pitches):
    keys = piano_range(pitches)
    assert set(pitches) <= set(keys) and len(keys) >= 19
    assert 0 <= keys[0] and keys[-1] <= 127
    assert key_place(keys[0])[1] and key_place(keys[-1])[1]


@pytest.mark.parametrize("octave", [0, 4, 9])
def test_keys_lie_as_on_a_piano(octave):
    places = [key_place(12 * octave + step) for step in range(12)]
    assert [white for _, white in places] == ["#" not in pitch_name(p) for p in range(12)]
    middles = np.array([place for place, _ in places]) - 7 * octave
    assert middles.tolist() == [0.5, 1, 1.5, 2, 2.5, 3.5, 4, 4.5, 5, 5.5, 6, 6.5]


@pytest.mark.parametrize(
    ("pitches", "row", "more", "words"),
    [
        ([60, 62], {"hot": [0.5]}, {}, "hot has 1 values for 2 pitches"),
        ([60, 62], [0.5, -0.1], {}, "softmax"),
        ([60, 62], [0.5, np.nan], {}, "softmax"),
        ([60, 128], [0.5, 0.5], {}, "MIDI"),
        ([60, 62], [0.5, 0.5], {"held": [True]}, "held has 1"),
        ([60, 62], [0.5, 0.5], {"before": [1.0]}, "before has 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(pitches, row, more, words):
    with pytest.raises(SettingError, match=words):
        plot_keyboard(pitches, row, **more)


def test_nothing_likely_is_an_empty_piano():
    assert plot_keyboard([60], [0.0]).png == plot_keyboard([60], [0.0]).png

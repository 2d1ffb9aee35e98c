"""The studio's buttons and sliders, pressed as plain functions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.music.chorale import REST
from musiclab.music.read import read_chorale
from musiclab.sampling.composing import compose
from musiclab.sampling.recipe import Recipe
from musiclab.show.studio import NOTHING, PROMPT_BARS, Studio


@pytest.fixture
def studio(model):
    return Studio(checkpoint=model, bars=4, seed=5)


def messages(studio):
    return studio.status.value


def test_it_opens_with_music(studio, model):
    assert studio.chorale == compose(checkpoint=model, bars=4, seed=5)
    assert studio.roll.chorale is studio.chorale
    assert "<img" in studio.score.value
    assert studio.chorale.source in messages(studio)


def test_compose_obeys_every_control(studio, model):
    studio.bars.value, studio.seed.value, studio.temperature.value = 8, 7, 0.7
    studio.line_ends.value, studio.key.label = 4, "B-flat major"
    studio.compose()
    asked = {"temperature": 0.7, "fermatas": 4, "key": "B- major"}
    expected = compose(checkpoint=model, bars=8, seed=7, **asked)
    without = compose(checkpoint=model, bars=8, seed=7, temperature=0.7, fermatas=4)
    assert not np.array_equal(expected.pitches, without.pitches)
    assert studio.chorale == expected
    assert studio.roll.chorale is studio.chorale
    assert Recipe.parse(studio.chorale.source).settings.temperature == 0.7
    assert "key=B-%20major" in messages(studio) and "Key: B-flat major" in studio.static_html()


def test_the_box_forbids_parallels_and_the_recipe_says_so(studio, model):
    assert not studio.no_parallels.value and "rules" not in studio.chorale.source
    studio.no_parallels.value = True
    studio.compose()
    assert studio.chorale == compose(checkpoint=model, bars=4, seed=5, rules=["parallels"])
    assert "rules=parallels" in messages(studio)
    assert "No parallel fifths or octaves: yes" in studio.static_html()


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(seconds=0.0)  # as on a machine just switched on
    monkeypatch.setattr("musiclab.show.studio.time.monotonic", lambda: now.seconds)
    return now


def test_pressing_the_buttons_calls_the_functions(studio, clock):
    first, seed = studio.chorale, studio.seed.value
    studio.another.click()
    assert studio.seed.value == seed + 1 and studio.chorale != first
    studio.seed.value = seed
    clock.seconds += 1
    studio.button.click()
    assert studio.chorale == first


def test_a_double_click_composes_once(studio, clock):
    """The second click waits in the queue, and arrives as soon as the first is done."""
    seed = studio.seed.value
    for _ in range(3):
        studio.another.click()
        clock.seconds += 0.01
    assert studio.seed.value == seed + 1
    clock.seconds += 1
    studio.another.click()
    assert studio.seed.value == seed + 2


@pytest.mark.parametrize(
    ("control", "label", "asked"),
    [
        ("top_k", "3", {"top_k": 3}),
        ("top_p", "0.8", {"top_p": 0.8}),
        ("min_p", "0.1", {"min_p": 0.1}),
    ],
)
def test_each_cut_of_the_unlikely_tokens_is_obeyed(studio, model, control, label, asked):
    assert control not in studio.chorale.source
    getattr(studio, control).label = label
    studio.compose()
    assert studio.chorale == compose(checkpoint=model, bars=4, seed=5, **asked)
    assert f"{control}={label}" in messages(studio)
    getattr(studio, control).label = "all tokens"
    studio.compose()
    assert studio.chorale == compose(checkpoint=model, bars=4, seed=5)


@pytest.mark.parametrize("wrong", [{"bars": 6}, {"seed": 1000}, {"seed": -1}])
def test_what_no_control_could_show_is_refused(model, wrong):
    with pytest.raises(SettingError, match=f"{min(wrong)} must"):
        Studio(checkpoint=model, **wrong)


def test_the_last_seed_is_followed_by_the_first(studio):
    studio.seed.value = studio.seed.max
    studio.compose_another()
    assert studio.seed.value == 0


def test_a_prompt_begins_the_piece(studio):
    piece = studio.chorale
    studio._prompts["Own"] = piece
    studio.prompt.options = [*studio.prompt.options, "Own"]
    studio.prompt.value, studio.seed.value = "Own", 6
    studio.compose()
    given = PROMPT_BARS * piece.frames_per_bar
    assert studio.chorale.excerpt(0, given).pitches.tolist() == piece.pitches[:given].tolist()
    assert studio.chorale.pitches[given:].tolist() != piece.pitches[given:].tolist()


def test_progress_reaches_its_end(studio):
    studio.compose()
    assert studio.progress.value == studio.progress.max == len(studio.chorale)


def test_what_cannot_be_composed_is_said_and_nothing_is_lost(studio):
    before = studio.chorale
    studio._prompts["empty"] = before.excerpt(0, 16)  # shorter than the two bars that are given
    studio.prompt.options = [*studio.prompt.options, "empty"]
    studio.prompt.value = "empty"
    studio.compose()
    assert "prompt" in messages(studio) and 'role="status"' in messages(studio)
    assert studio.chorale is before
    studio.prompt.value = NOTHING
    studio.compose()
    assert studio.chorale == before


def test_the_files_hold_the_piece(studio, tmp_path):
    for button, name in ((studio.midi, "a.mid"), (studio.musicxml, "a.musicxml")):
        (tmp_path / name).write_bytes(button.content)
        read = read_chorale(tmp_path / name)
        frames = len(read)
        assert np.array_equal(read.pitches, studio.chorale.pitches[:frames])
        assert (studio.chorale.pitches[frames:] == REST).all()


def test_the_still_version_needs_no_widget(studio):
    html = studio.static_html()
    assert html.count("<img") == 2 and "<audio" in html and "<script" not in html
    assert "Temperature: 1.0" in html and "let the model choose" in html
    assert html in studio._repr_mimebundle_()[0]["text/html"]


def test_names_from_a_file_are_escaped(studio):
    name = "<script>x</script>"
    studio._prompts[name] = studio.chorale.excerpt(0, 16)  # too short to be given
    studio.prompt.options = [*studio.prompt.options, name]
    studio.prompt.value = name
    studio.compose()
    assert "<script>" not in studio.static_html() + messages(studio)
    studio._say = lambda html: messages_seen.append(html)
    messages_seen = []
    studio._show(replace(studio.chorale, source=name))
    assert messages_seen and "<script>" not in messages_seen[0]

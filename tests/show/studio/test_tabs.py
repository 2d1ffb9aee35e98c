"""The three tabs, their controls pressed as plain functions."""

from html import unescape

import numpy as np
import pytest

from musiclab.errors import ScoreError, SettingError
from musiclab.music.export import write
from musiclab.sampling.composing import compose
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.recipe import Recipe
from musiclab.sampling.replaying import replay
from musiclab.show.studio import Studio
from musiclab.show.studio.compose_tab import LAST_SEED, NOTHING, PROMPT_BARS


def test_it_opens_with_music(studio, model, said):
    assert studio.chorale == compose(checkpoint=model, bars=4, seed=5)
    assert studio.desk.roll.chorale is studio.chorale
    assert "<img" in studio.desk.score.value
    assert studio.desk.recipe.value == studio.chorale.source
    assert "seed 5" in said() and "musiclab" not in said()  # words first, the recipe is folded


def test_compose_obeys_every_control(studio, model, said):
    tab = studio.composing
    tab.bars.value, tab.seed.value, tab.temperature.value = 8, 7, 0.7
    tab.line_ends.value, tab.key.label = 4, "B-flat major"
    tab.compose()
    asked = {"temperature": 0.7, "fermatas": 4, "key": "B- major"}
    assert studio.chorale == compose(checkpoint=model, bars=8, seed=7, **asked)
    assert Recipe.parse(studio.chorale.source).settings.temperature == 0.7
    assert "key B-flat major" in said() and "%20" not in said()
    assert "key B-flat major" in studio.static_html()


@pytest.mark.parametrize(
    ("control", "label", "asked"),
    [
        ("top_k", "3", {"top_k": 3}),
        ("top_p", "0.8", {"top_p": 0.8}),
        ("min_p", "0.1", {"min_p": 0.1}),
        ("line_ends", "every 2 bars", {"fermatas": 2}),
    ],
)
def test_each_menu_is_obeyed_and_undone(studio, model, control, label, asked):
    menu = getattr(studio.composing, control)
    usual = menu.label
    menu.label = label
    studio.composing.compose()
    assert studio.chorale == compose(checkpoint=model, bars=4, seed=5, **asked)
    menu.label = usual
    studio.composing.compose()
    assert studio.chorale == compose(checkpoint=model, bars=4, seed=5)


def test_the_box_forbids_parallels_and_the_recipe_says_so(studio, model):
    tab = studio.composing
    assert not tab.no_parallels.value and "rules" not in studio.chorale.source
    tab.no_parallels.value = True
    tab.compose()
    assert studio.chorale == compose(checkpoint=model, bars=4, seed=5, rules=["parallels"])
    assert "rules=parallels" in studio.desk.recipe.value


def test_a_key_counts_also_with_a_beginning(studio, model, bach):
    tab = studio.composing
    tab.prompt.value, tab.key.label = "Bach", "C minor"
    tab.compose()
    asked = {"prompt": bach, "prompt_bars": PROMPT_BARS, "key": "C minor"}
    expected = compose(checkpoint=model, bars=4, seed=5, **asked)
    assert studio.chorale == expected
    other = compose(checkpoint=model, bars=4, seed=5, **{**asked, "key": None})
    assert not np.array_equal(expected.pitches, other.pitches)


@pytest.mark.parametrize("wrong", [{"bars": 6}, {"seed": 1000}, {"seed": -1}])
def test_what_no_control_could_show_is_refused(model, wrong):
    with pytest.raises(SettingError, match=f"{min(wrong)} must"):
        Studio(checkpoint=model, **wrong)


def test_the_last_seed_is_followed_by_the_first(studio):
    studio.composing.seed.value = LAST_SEED
    studio.composing.compose_another()
    assert studio.composing.seed.value == 0


def test_a_click_composes_once_and_a_double_click_too(studio):
    button, desk = studio.composing.another, studio.desk
    for _ in range(3):
        button.click()
    desk.worker.wait()
    assert studio.composing.seed.value == 6 and desk.takes.count == 2


def test_what_cannot_be_composed_is_said_and_nothing_is_lost(studio, bach, said):
    before = studio.chorale
    studio.composing._prompts["Bach"] = bach.excerpt(0, 16)  # shorter than the bars given
    studio.composing.prompt.value = "Bach"
    studio.composing.button.click()
    studio.desk.worker.wait()
    assert "prompt" in said() and 'role="status"' in said()
    assert studio.chorale is before


def test_the_recipe_names_its_model(bach):
    studio = Studio(bars=4, prompts={"Bach": bach})
    assert studio.desk.recipe.value.startswith("musiclab bach-studio@")
    studio.harmonising.tune.value = "K:C major C4:1 D4 E4 C4"
    studio.harmonising.harmonise()
    assert studio.desk.recipe.value.startswith("musiclab bach-studio@")
    again = replay(studio.desk.recipe.value)
    assert np.array_equal(again.pitches, studio.chorale.pitches)


def test_a_recipe_is_composed_again(studio, model, monkeypatch, said):
    monkeypatch.setattr("musiclab.sampling.replaying._find_checkpoint", lambda *_: model)
    first = studio.chorale
    studio.composing.compose_another()
    studio.desk.recipe.value = f"  {first.source} "
    studio.replay()
    assert np.array_equal(studio.chorale.pitches, first.pitches)
    studio.desk.recipe.value = "a cake"
    studio.desk.replay.click()
    studio.desk.worker.wait()
    assert "recipe begins like" in said()


# Harmonise


def test_a_tune_in_words_is_harmonised(studio, model, said):
    tab = studio.harmonising
    tab.tune.value = "K:G major G4:1 A4 B4 G4"
    tab.harmonise()
    expected = harmonise("K:G major G4:1 A4 B4 G4", checkpoint=model, seed=1, transpose="fit")
    assert studio.chorale == expected
    assert studio.chorale.notes(0) == [(0, 4, 67), (4, 4, 69), (8, 4, 71), (12, 4, 67)]
    assert "a tune" in said() and studio.desk.mixer.tempo.value == expected.tempo


def test_the_tune_can_be_heard_alone(studio):
    studio.harmonising.tune.value = "M:3/4 Q:100 K:D minor D4:1 | F4:2 A4:1"
    studio.harmonising.hear()
    assert studio.chorale.notes(0) == [(0, 4, 62), (4, 8, 65), (12, 4, 69)]
    assert not any(studio.chorale.notes(voice) for voice in (1, 2, 3))
    assert studio.desk.mixer.tempo.value == 100 and studio.desk.recipe.value == ""


def test_what_the_harmoniser_took_on_itself_is_said(studio, said):
    studio.harmonising.tune.value = "G4:1 A4 B4 C5 D5 F#4 G4 G4"  # no key
    studio.harmonising.harmonise()
    assert studio.chorale.left_out and studio.chorale.left_out[0][:40] in unescape(said())


def test_a_chorales_soprano_goes_before_the_text(studio, bach):
    studio.harmonising.soprano.value = "Bach"
    assert studio.harmonising.melody is bach
    studio.harmonising.add_note(60)
    assert studio.harmonising.soprano.value == NOTHING
    assert isinstance(studio.harmonising.melody, str)


def test_the_piano_writes_the_tune(studio):
    tab = studio.harmonising
    tab.clear.click()
    tab.piano._handle_custom_msg({"key": 67}, [])
    tab.length.label = "dotted quarter"
    tab.piano._handle_custom_msg({"key": 70}, [])
    tab.rest.click()
    tab.bar.click()
    assert tab.tune.value == "G4:1 A#4:1.5 rest:1.5 |"
    tab.back.click()
    tab.back.click()
    assert tab.tune.value == "G4:1 A#4:1.5"


@pytest.mark.parametrize("release", [7, 8])
def test_a_file_is_uploaded_by_either_ipywidgets(studio, bach, tmp_path, said, release):
    content = write(bach, tmp_path / "bach.mid").read_bytes()
    value = ({"name": "bach.mid", "content": memoryview(content)},)
    if release == 7:
        value = {"bach.mid": {"metadata": {"name": "bach.mid"}, "content": content}}
    tab = studio.harmonising
    tab.upload = type("Upload", (), {"value": value})
    tab._receive()
    studio.desk.worker.wait()
    assert "bach.mid: 163 notes read" in said() and tab.melody is tab.notes


def test_a_file_that_is_none_is_refused(studio):
    with pytest.raises(ScoreError):
        studio.harmonising.receive("../../tune.mid", b"no music")
    assert studio.harmonising.notes is None


def test_without_a_tune_nothing_is_harmonised(studio):
    studio.harmonising.clear.click()
    with pytest.raises(SettingError, match="no tune"):
        studio.harmonising.harmonise()


# Rewrite


def test_bars_and_single_notes_can_be_marked(studio):
    tab, desk = studio.rewriting, studio.desk
    tab.first.value, tab.last.value = 3, 2
    for voice, box in enumerate(tab.voices):
        box.value = voice in (1, 3)
    tab.mark.click()
    expected = np.zeros((64, 4), dtype=bool)
    expected[16:48, [1, 3]] = True
    assert np.array_equal(desk.marked, expected)
    studio.tabs.selected_index = 2
    first, length, _ = studio.chorale.notes(0)[-1]
    expected[first : first + length, 0] = True
    desk.roll._handle_custom_msg({"note": [first, 0]}, [])
    assert np.array_equal(desk.marked, expected) and 'stroke="black"' in desk.roll.svg
    desk.roll._handle_custom_msg({"note": [first, 0]}, [])
    assert not desk.marked[first, 0]
    tab.clear.click()
    assert not desk.marked.any()


def test_bars_that_are_not_there_mark_the_last(studio):
    studio.rewriting.first.value = studio.rewriting.last.value = 999
    studio.rewriting.mark_bars()
    assert np.flatnonzero(studio.desk.marked.all(axis=1)).tolist() == list(range(48, 64))


def test_a_pickup_belongs_to_the_first_bar(studio, bach):
    studio.desk.keep(bach, {})  # a quarter before the first barline
    studio.rewriting.mark_bars()
    assert np.flatnonzero(studio.desk.marked.all(axis=1)).tolist() == list(range(20))


@pytest.mark.parametrize("stay", [False, True])
def test_alternatives_are_heard_compared_and_kept(studio, stay):
    tab, desk, before = studio.rewriting, studio.desk, studio.chorale
    desk.marked[16:32, 1:3] = True
    cells = ~desk.marked if stay else desk.marked.copy()
    tab.count.value = 2
    tab.rewrite(marked_stay=stay)
    one, two = (take.chorale for take in tab.found[1:])
    assert studio.chorale is one and one != two
    for piece in (one, two):
        assert np.array_equal(piece.pitches[~cells], before.pitches[~cells])
    tab.choice.value = 2
    assert studio.chorale is two and desk.roll.chorale is two
    assert desk.takes.count == 1  # none is kept yet
    tab.choice.value = 0
    assert studio.chorale is before
    tab.choice.value = 2
    tab.keep.click()
    assert studio.chorale is two and desk.takes.count == 2 and not desk.marked.any()
    assert "recipe" not in desk.recipe.value


def test_what_changed_is_outlined_and_nothing_else(studio):
    tab, desk = studio.rewriting, studio.desk
    desk.marked[16:32, 1] = True
    tab.rewrite()
    before, now = tab.found[0].chorale, studio.chorale
    changed = (before.pitches != now.pitches) | (before.attacks != now.attacks)
    notes = [
        note for v in range(4) for note in now.notes(v) if changed[note[0] :][: note[1], v].any()
    ]
    assert desk.roll.svg.count('stroke="black" stroke-width="2"') == len(notes) > 0


def test_nothing_marked_is_said(studio):
    with pytest.raises(SettingError, match="nothing is marked"):
        studio.rewriting.rewrite()


# Everywhere


def test_the_still_version_needs_no_widget(studio):
    html = studio.static_html()
    assert html.count("<img") == 2 and "<audio" in html and "<script" not in html
    assert "temperature 1.0" in html
    data, _ = studio._repr_mimebundle_()
    assert html in data["text/html"] and data["image/png"]


def controls_of(widget):
    for child in getattr(widget, "children", ()):
        yield child
        yield from controls_of(child)


def test_every_control_has_a_name(studio):
    """What is no container and no text must say what it is."""
    for one in controls_of(studio):
        kind = type(one).__name__
        if kind in ("VBox", "HBox", "Tab", "Accordion", "HTML", "PianoRoll", "Piano", "Mixer"):
            continue
        if hasattr(one, "children"):
            continue
        name = getattr(one, "description", "") or getattr(one, "label", "")
        assert name, kind


def test_names_from_a_file_are_escaped(studio, bach):
    name = "<script>x</script>"
    studio.composing._prompts[name] = bach.excerpt(0, 16)
    studio.composing.prompt.options = [*studio.composing.prompt.options, name]
    studio.composing.prompt.value = name
    studio.desk.keep(bach, studio.composing.how())
    assert "<script>" not in studio.static_html() + studio.desk.status.value
    assert "<script>" not in studio.desk.compared.value

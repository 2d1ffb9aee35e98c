import dataclasses
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musiclab.errors import CheckpointError, SettingError
from musiclab.sampling.compose import compose, compose_many
from musiclab.sampling.recipe import Recipe
from musiclab.sampling.settings import RULES, Settings

LINE = "musiclab bach-studio@0123456789ab seed=1 bars=8 temperature=0.9"

settings = st.builds(
    Settings,
    temperature=st.floats(1e-300, 1e300),
    top_k=st.none() | st.integers(1, 200),
    top_p=st.none() | st.floats(0, 1, exclude_min=True),
    min_p=st.none() | st.just(0) | st.floats(0, 1, exclude_max=True),
    rules=st.lists(st.sampled_from(RULES)),
)
recipes = st.builds(
    Recipe,
    checkpoint=st.text(st.sampled_from(string.ascii_letters + " =@/%.é\n"), max_size=9),
    fingerprint=st.text("0123456789abcdef", min_size=12, max_size=12),
    seed=st.integers(0, 2**63 - 1),
    bars=st.integers(1, 1000),
    settings=settings,
    prompt=st.none() | st.text(st.sampled_from("ab =/%.#é\n"), max_size=9),
    prompt_bars=st.none() | st.integers(1, 99),
    metre=st.sampled_from([None, "3/4", "12/8"]),
    pickup=st.none() | st.integers(0, 15),
    key=st.sampled_from([None, "C major", "F# minor", "B- major"]),
    mode=st.sampled_from([None, "major", "minor"]),
    fermatas=st.sampled_from([None, 2, (), ((3, 3),), ((0, 4), (9, 12))]),
    ending=st.booleans(),
    candidates=st.integers(1, 64),
    rank=st.integers(0, 63),
)


@given(recipes)
def test_a_line_is_read_back_as_it_was_written(recipe):
    line = str(recipe)
    assert Recipe.parse(line) == recipe and "\n" not in line
    assert str(Recipe.parse(f"  {line}\n")) == line


@given(recipes, st.data())
def test_damaged_lines_are_refused_or_mean_what_they_say(recipe, data):
    line = str(recipe)
    place = data.draw(st.integers(0, len(line) - 1))
    damaged = line[:place] + data.draw(st.sampled_from(" =@x0-,")) + line[place + 1 :]
    try:
        assert str(Recipe.parse(damaged)) == damaged.strip()
    except SettingError:
        pass


@given(st.text(max_size=99))
def test_nonsense_is_refused(text):
    for line in (text, f"musiclab {text}", f"{LINE} {text}"):
        try:
            assert str(Recipe.parse(line)) == line.strip()
        except SettingError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "a recipe begins like"),
        (None, "one short line"),
        (LINE * 99, "one short line"),
        (LINE.replace("@", "#"), "a recipe begins like"),
        (LINE.replace("0123456789ab", "0123456789aB"), "a recipe begins like"),
        (LINE.replace("seed=1 ", ""), "lacks seed="),
        (LINE + " loud=yes", "a recipe has no 'loud=yes'"),
        (LINE + " top_k=two", "'top_k=two' cannot be read"),
        (LINE + " ending=yes", "'ending=yes' cannot be read"),
        (LINE + " fermatas=9-3", "'fermatas=9-3' cannot be read"),
        (LINE + " top_p=1.5", "top_p must be"),
        (LINE + " seed=1", "damaged"),
        (LINE.replace("seed=1", "seed=01"), "damaged"),
        (LINE.replace("seed=1 bars=8", "bars=8 seed=1"), "damaged"),
        (LINE + " rank=0", "damaged"),
        (LINE + " rules=", "rules must be some of"),
        (LINE + " rules=fifths", "rules must be some of"),
        (LINE + " rules=crossing,parallels", "damaged, .* rules=parallels,crossing"),
    ],
)
def test_parsing_is_strict(line, message):
    with pytest.raises(SettingError, match=message):
        Recipe.parse(line)


@pytest.mark.parametrize(
    "asked",
    [
        {"bars": 2, "seed": 11, "temperature": 1.25, "top_k": 9, "top_p": 0.9, "min_p": 0.01},
        {"bars": 2, "time_signature": "3/4", "pickup": 4, "mode": "minor", "ending": False},
        {"bars": 3, "fermatas": 2},
        {"bars": 1, "fermatas": [False] * 5 + [True] * 3 + [False] * 7 + [True]},
        {"bars": 1, "fermatas": np.zeros(16, dtype=bool)},
        {"bars": 1, "candidates": 3},
        {"bars": 1, "temperature": 1},
        {"bars": 1, "min_p": 0, "top_p": 1},
        {"bars": 1, "key": "F# minor"},
        {"bars": 1, "rules": ["ranges", "parallels"], "min_p": 0.01, "candidates": 2},
    ],
)
def test_a_recipe_writes_the_same_music_again(studio, asked):
    for one in compose_many(checkpoint=studio, **{"candidates": 1, **asked}):
        recipe = Recipe.parse(one.chorale.source)
        assert recipe.compose(checkpoint=studio) == one.chorale


def test_lines_from_before_there_were_rules_mean_what_they_meant():
    assert Recipe.parse(LINE).settings.rules == ()
    assert str(Recipe.parse(f"{LINE} rules=parallels")) == f"{LINE} rules=parallels"


def test_a_recipe_reads_its_prompt_again(grid):
    from musiclab.music.read import read_chorale

    prompt = read_chorale("bwv66.6")
    piece = compose(checkpoint=grid, bars=3, prompt=prompt, prompt_bars=2, seed=2)
    recipe = Recipe.parse(piece.source)
    assert recipe.prompt == "bach/bwv66.6.mxl" and recipe.prompt_bars == 2
    assert recipe.compose(checkpoint=grid) == piece


def test_a_prompt_from_the_corpus_is_found_although_its_file_has_other_repeats(grid):
    from musiclab.music.corpus import corpus
    from musiclab.music.read import read_chorale

    prompt = next(one for one in corpus("test", progress=False) if "bwv110.7" in one.source)
    assert prompt.pitches.shape != read_chorale(prompt.source).pitches.shape
    piece = compose(checkpoint=grid, bars=len(prompt) // prompt.frames_per_bar + 2, prompt=prompt)
    assert Recipe.parse(piece.source).compose(checkpoint=grid) == piece


def test_another_prompt_is_refused(grid, hymn):
    piece = compose(checkpoint=grid, bars=3, prompt=hymn, prompt_bars=2)
    recipe = Recipe.parse(piece.source)
    assert recipe.compose(checkpoint=grid, prompt=hymn) == piece
    with pytest.raises(SettingError, match="not read from anywhere"):
        recipe.compose(checkpoint=grid)
    with pytest.raises(SettingError, match="are not those"):
        recipe.compose(checkpoint=grid, prompt=hymn.transpose(1))
    lost = dataclasses.replace(recipe, prompt="nowhere.mid")
    with pytest.raises(SettingError, match="cannot be read"):
        lost.compose(checkpoint=grid)


def test_a_piece_that_goes_on_from_our_own_music_has_a_short_recipe(grid):
    first = compose(checkpoint=grid, bars=1)
    longer = compose(checkpoint=grid, bars=2, prompt=first)
    recipe = Recipe.parse(longer.source)
    assert recipe.prompt == "" and len(longer.source) < 120
    assert recipe.compose(checkpoint=grid, prompt=first) == longer


def test_another_model_is_refused(grid, studio):
    recipe = Recipe.parse(compose(checkpoint=grid, bars=1).source)
    with pytest.raises(CheckpointError, match=f"{grid.fingerprint}, but .* {studio.fingerprint}"):
        recipe.compose(checkpoint=studio)
    with pytest.raises(CheckpointError, match="does not say where its model"):
        recipe.compose()

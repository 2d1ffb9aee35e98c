import string
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musiclab.errors import SettingError
from musiclab.sampling.recipe import Recipe, music_hash
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
    melody=st.none() | st.text(st.sampled_from("ab =/%.#é\n"), max_size=9),
    melody_hash=st.none() | st.just("0123abcd"),
    transpose=st.integers(-120, 120),
    tempo=st.none() | st.floats(1, 1e6),
    particles=st.none() | st.integers(1, 4096),
    time_signature=st.sampled_from([None, "3/4", "12/8"]),
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
        (LINE * 999, "one short line"),
        (LINE.replace("@", "#"), "a recipe begins like"),
        (LINE.replace("0123456789ab", "0123456789aB"), "a recipe begins like"),
        (LINE.replace("seed=1 ", ""), "lacks seed="),
        (LINE.replace("bars=8 ", ""), "lacks bars="),
        (LINE.replace("seed=1 bars=8", "") + " melody=a", "lacks seed="),
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


def test_the_hash_changes_with_anything_that_matters(hymn):
    same = replace(hymn, tempo=99.0, title="other", source="elsewhere")
    assert music_hash(same) == music_hash(hymn)
    changes = {
        "pitches": np.where(np.arange(48)[:, None] == 23, 60, hymn.pitches),
        "attacks": np.ones_like(hymn.attacks),
        "fermatas": ~hymn.fermatas,
        "beats": np.arange(48) % 12,
        "key": "A minor",
        "time_signature": "6/8",
    }
    hashes = {music_hash(replace(hymn, **{name: value})) for name, value in changes.items()}
    assert len(hashes | {music_hash(hymn)}) == 1 + len(changes)


def test_lines_from_before_there_were_rules_mean_what_they_meant():
    assert Recipe.parse(LINE).settings.rules == ()
    assert str(Recipe.parse(f"{LINE} rules=parallels")) == f"{LINE} rules=parallels"

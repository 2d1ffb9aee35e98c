"""A line makes the same music again, or says what is missing."""

import dataclasses

import numpy as np
import pytest

from musiclab.errors import CheckpointError, SettingError
from musiclab.music.notes import Note, NoteSequence
from musiclab.sampling.composing import compose, compose_many
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.recipe import Recipe
from musiclab.sampling.replaying import replay


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
        assert replay(one.chorale.source, checkpoint=studio) == one.chorale


def test_a_recipe_reads_its_prompt_again(grid):
    from musiclab.music.read import read_chorale

    prompt = read_chorale("bwv66.6")
    piece = compose(checkpoint=grid, bars=3, prompt=prompt, prompt_bars=2, seed=2)
    recipe = Recipe.parse(piece.source)
    assert recipe.prompt == "bach/bwv66.6.mxl" and recipe.prompt_bars == 2
    assert replay(recipe, checkpoint=grid) == piece


def test_a_prompt_from_the_corpus_is_found_although_its_file_has_other_repeats(grid):
    from musiclab.music.corpus import corpus
    from musiclab.music.read import read_chorale

    prompt = next(one for one in corpus("test", progress=False) if "bwv110.7" in one.source)
    assert prompt.pitches.shape != read_chorale(prompt.source).pitches.shape
    piece = compose(checkpoint=grid, bars=len(prompt) // prompt.frames_per_bar + 2, prompt=prompt)
    assert replay(piece.source, checkpoint=grid) == piece


def test_another_prompt_is_refused(grid, hymn):
    piece = compose(checkpoint=grid, bars=3, prompt=hymn, prompt_bars=2)
    recipe = Recipe.parse(piece.source)
    assert replay(recipe, checkpoint=grid, given=hymn) == piece
    with pytest.raises(SettingError, match="not read from anywhere"):
        replay(recipe, checkpoint=grid)
    with pytest.raises(SettingError, match="is not the one"):
        replay(recipe, checkpoint=grid, given=hymn.transpose(1))
    lost = dataclasses.replace(recipe, prompt="nowhere.mid")
    with pytest.raises(SettingError, match="cannot be read"):
        replay(lost, checkpoint=grid)


def test_a_piece_that_goes_on_from_our_own_music_has_a_short_recipe(grid):
    first = compose(checkpoint=grid, bars=1)
    longer = compose(checkpoint=grid, bars=2, prompt=first)
    recipe = Recipe.parse(longer.source)
    assert recipe.prompt == "" and len(longer.source) < 120
    assert replay(recipe, checkpoint=grid, given=first) == longer


def test_another_model_is_refused(grid, studio):
    recipe = Recipe.parse(compose(checkpoint=grid, bars=1).source)
    with pytest.raises(CheckpointError, match=f"{grid.fingerprint}, but .* {studio.fingerprint}"):
        replay(recipe, checkpoint=studio)
    with pytest.raises(CheckpointError, match="does not say where its model"):
        replay(recipe)


@pytest.fixture(params=["harmoniser", "studio"])
def harmonist(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    "asked",
    [
        {"seed": 3, "temperature": 1.25, "top_p": 0.9},
        {"mode": "major", "ending": False, "rules": ["crossing"]},
        {"key": "B-flat major", "fermatas": np.arange(48) % 12 < 2},
        {"transpose": "fit", "tempo": 77.5, "time_signature": "2/4", "pickup": 3},
    ],
)
def test_a_harmonisation_is_written_again(harmonist, hymn, asked):
    piece = harmonise(hymn, checkpoint=harmonist, particles=3, **asked)
    assert replay(piece.source, checkpoint=harmonist) == piece
    assert replay(piece.source, checkpoint=harmonist, given=hymn) == piece
    with pytest.raises(SettingError, match="the melody from .* is not the one"):
        replay(piece.source, checkpoint=harmonist, given=hymn.transpose(1))


@pytest.mark.parametrize("form", ["names", "abc", "file", "notes", "row"])
def test_a_tune_of_ones_own_is_written_again(studio, tmp_path, form):
    abc = "X:1\nM:3/4\nL:1/4\nK:Em\nB | G2 F | E2 B | B B/A/ G | E2 |]\n"
    file = tmp_path / "tune.abc"
    file.write_text(abc)
    row = [71, 71, 67, 67, 66, 66, 64, 64]
    notes = [Note(onset=n, duration=1, pitch=pitch) for n, pitch in enumerate(row)]
    melody = {
        "names": "M:3/4 B4:1 | G4:2 F#4:1 | E4:3 | B4:1 B4:0.5 A4 G4:1",
        "abc": abc,
        "file": file,
        "notes": NoteSequence(notes=tuple(notes), pickup=1.0, tempo=61.5, source=str(file)),
        "row": [*row, -1],
    }[form]
    piece = harmonise(melody, checkpoint=studio, particles=2, key="E minor")
    file.unlink()  # the recipe holds the tune itself
    assert replay(piece.source, checkpoint=studio) == piece


def test_a_melody_is_read_again(harmoniser):
    from musiclab.music.read import read_chorale

    piece = harmonise(read_chorale("bwv66.6"), checkpoint=harmoniser, seed=2)
    assert Recipe.parse(piece.source).melody == "bach/bwv66.6.mxl"
    assert replay(piece.source, checkpoint=harmoniser) == piece

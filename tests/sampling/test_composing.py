import dataclasses

import numpy as np
import pytest
import torch

from musiclab.errors import SettingError
from musiclab.music.keys import find_key, spoken_key
from musiclab.sampling.composing import compose, compose_many, compose_stream
from musiclab.sampling.decoding import generate
from musiclab.sampling.recipe import Recipe


def test_the_same_arguments_give_the_same_piece(checkpoint):
    first, again, other = (compose(checkpoint=checkpoint, bars=1, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert not np.array_equal(first.pitches, other.pitches)
    assert len(first) == 16 and first.source.endswith("seed=3 bars=1 temperature=1.0")


def test_the_piece_says_what_was_planned(studio):
    fermatas = np.arange(36) >= 32
    piece = compose(
        checkpoint=studio, bars=3, time_signature="3/4", pickup=4, mode="minor", fermatas=fermatas
    )
    assert piece.time_signature == "3/4" and piece.key == find_key(piece.pitches)
    assert piece.beats.tolist() == ((np.arange(36) - 4) % 12).tolist()
    assert np.array_equal(piece.fermatas, fermatas)
    assert piece.title == f"Chorale in {spoken_key(piece.key)}"


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.5},
        {"top_k": 2},
        {"top_p": 0.3},
        {"min_p": 0.5},
        {"mode": "major"},
        {"key": "F minor"},
        {"fermatas": 1},
        {"ending": False},
        {"pickup": 4},
        {"time_signature": "3/4"},
        {"rules": ["crossing"]},
    ],
)
def test_every_setting_is_obeyed(studio, change):
    plain = compose(checkpoint=studio, bars=2)
    changed = compose(checkpoint=studio, bars=2, **change)
    assert not np.array_equal(plain.pitches[:24], changed.pitches[:24])


def test_the_prompt_stands_note_for_note_at_the_beginning(checkpoint, hymn):
    piece = compose(checkpoint=checkpoint, bars=4, prompt=hymn, prompt_bars=2)
    assert (piece.key, piece.time_signature, piece.tempo) == ("G minor", "3/4", 71.0)
    names = ("pitches", "attacks", "fermatas", "beats")
    given, expected = piece.excerpt(0, 24), hymn.excerpt(0, 24)
    assert all(np.array_equal(getattr(given, one), getattr(expected, one)) for one in names)
    assert np.array_equal(piece.beats, hymn.beats)
    whole = compose(checkpoint=checkpoint, bars=5, prompt=hymn)
    assert np.array_equal(whole.pitches[:48], hymn.pitches)


def test_a_prompt_in_another_key_than_asked_names_the_key_that_is_heard(studio, hymn):
    piece = compose(checkpoint=studio, bars=5, prompt=hymn, key="C major")
    assert piece.key == find_key(piece.pitches)


def test_a_metre_that_a_checkpoint_cannot_hear_is_refused(grid):
    with pytest.raises(SettingError, match="trained without the metre of a piece"):
        compose(checkpoint=grid, bars=1, time_signature="3/4")


def test_a_harmoniser_says_what_it_is_for(harmoniser):
    with pytest.raises(SettingError, match=r"use harmonise\(melody"):
        compose(checkpoint=harmoniser, bars=1)


def test_candidates_come_with_their_likelihood_the_likeliest_first(checkpoint, hymn):
    asked = {"bars": 3, "prompt": hymn, "prompt_bars": 2, "temperature": 1.5}
    pieces = compose_many(checkpoint=checkpoint, candidates=5, seed=7, **asked)
    likely = [piece.log_likelihood for piece in pieces]
    assert likely == sorted(likely, reverse=True) and len(set(likely)) == 5
    chosen = compose(checkpoint=checkpoint, candidates=5, seed=7, **asked)
    assert np.array_equal(chosen.pitches, pieces[0].chorale.pitches)
    # The mean over the 12 frames and 4 voices that were not given.
    plan = torch.from_numpy(checkpoint.conditions.plan(36, time_signature="3/4", pickup=4))
    if checkpoint.conditions.names in ((), ("phase",)):
        ids = checkpoint.tokenizer.encode(hymn.excerpt(0, 24))[1:-1]
        frames = generate(
            checkpoint.model,
            checkpoint.tokenizer,
            frames=36,
            conditions=plan,
            given=torch.from_numpy(ids.reshape(-1, 4)),
            batch=5,
            settings=Recipe.parse(pieces[0].chorale.source).settings,
            generator=torch.Generator().manual_seed(7),
        )
        total = sum(frame.log_probabilities.double().sum(dim=1) for frame in frames)
        assert likely == pytest.approx(sorted((total / 48).tolist(), reverse=True))


def test_streaming_gives_the_same_piece_frame_by_frame(checkpoint, hymn):
    asked = {"checkpoint": checkpoint, "bars": 3, "prompt": hymn, "prompt_bars": 2, "seed": 9}
    asked["rules"] = ["crossing"]
    expected, frames = compose(**asked), []
    stream = compose_stream(**asked)
    while True:
        try:
            frames.append(next(stream))
        except StopIteration as end:
            assert end.value == expected
            break
    assert frames == expected.pitches.tolist()


def test_progress_is_told_after_each_frame(grid):
    told = []
    compose(checkpoint=grid, bars=1, on_frame=lambda done, total: told.append((done, total)))
    assert told == [(frame, 16) for frame in range(1, 17)]


def test_an_interrupt_comes_through_and_leaves_the_model_usable(grid):
    def stop(done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compose(checkpoint=grid, bars=2, on_frame=stop)
    assert torch.is_grad_enabled()
    assert compose(checkpoint=grid, bars=1) == compose(checkpoint=grid, bars=1)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"bars": 0}, "^bars must be"),
        ({"bars": 21}, "pieces of 1 to 331 frames"),
        ({"temperature": 0}, "^temperature must be"),
        ({"top_p": 1.2}, "^top_p must be"),
        ({"seed": -1}, "^seed must be"),
        ({"candidates": 0}, "^candidates must be"),
        ({"candidates": 65}, "^candidates must be"),
    ],
)
def test_what_cannot_be_is_refused(studio, asked, message):
    with pytest.raises(SettingError, match=message):
        compose(checkpoint=studio, **asked)


@pytest.mark.parametrize("checkpoint", [None, 7, object()], indirect=False)
def test_only_checkpoints_over_the_grid_compose(checkpoint):
    with pytest.raises(SettingError, match="^checkpoint must be"):
        compose(checkpoint=checkpoint)


def test_a_prompt_outside_the_vocabulary_is_refused_with_the_remedy(studio, hymn):
    high = dataclasses.replace(hymn, pitches=np.where(hymn.pitches < 0, -1, hymn.pitches + 12))
    shift = 83 - int(high.pitches[:24].max())
    with pytest.raises(SettingError, match=f"^the prompt goes .* transpose it by {shift} semi"):
        compose(checkpoint=studio, bars=4, prompt=high, prompt_bars=2)

"""Profiles of pitch classes: a weighted count, the same in every key."""

import math

import pytest
import torch
from torch.testing import assert_close

from musiclab.model.profiles import (
    OCTAVE,
    key_profiles,
    pitch_class_profiles,
    seen_from_every_class,
)

BATCH, SEQ, VOICES, MEMORIES = 2, 13, 3, (2, 5, 11)


def random_pitches():
    pitches = torch.randint(40, 80, (BATCH, SEQ, VOICES))
    pitches[torch.rand(pitches.shape) < 0.2] = -1
    pitches[0, 0] = -1  # nothing has sounded yet
    return pitches


def by_loop(pitches, memory, now):
    counts = [0.0] * OCTAVE
    for then in range(now + 1):
        for pitch in pitches[then].tolist():
            if pitch >= 0:
                counts[pitch % OCTAVE] += math.exp(-(now - then) / memory)
    total = sum(counts)
    return [OCTAVE * count / total - 1 if total else -1.0 for count in counts]


@pytest.mark.parametrize("first", [0, 1, 7, SEQ - 1])
def test_profiles_are_weighted_counts(first):
    pitches = random_pitches()
    profiles = pitch_class_profiles(pitches, MEMORIES, first)
    assert profiles.shape == (BATCH, SEQ - first, len(MEMORIES), OCTAVE)
    for row in range(BATCH):
        for now in range(first, SEQ):
            for number, memory in enumerate(MEMORIES):
                expected = torch.tensor(by_loop(pitches[row], memory, now))
                assert_close(profiles[row, now - first, number], expected, atol=1e-5, rtol=1e-5)


def test_another_key_turns_the_profile():
    pitches = random_pitches()
    moved = torch.where(pitches < 0, -1, pitches + 5)
    turned = pitch_class_profiles(moved, MEMORIES)
    assert_close(turned, pitch_class_profiles(pitches, MEMORIES).roll(5, dims=-1))


def test_seen_from_a_moved_note_it_is_the_same():
    pitches = random_pitches()
    here = seen_from_every_class(pitch_class_profiles(pitches, MEMORIES))
    moved = torch.where(pitches < 0, -1, pitches + 5)
    there = seen_from_every_class(pitch_class_profiles(moved, MEMORIES))
    assert_close(there.roll(-5, dims=2), here)


def test_a_key_is_shown_as_its_tonic_alone():
    keys = torch.arange(25)[None]
    shown = key_profiles(keys)[0]
    assert not shown[0].any()
    for key in range(1, 25):
        mode, tonic = divmod(key - 1, OCTAVE)
        heard = pitch_class_profiles(torch.tensor([[[60 + tonic]]]), (8,))[0, 0, 0]
        assert_close(shown[key, mode], heard)
        assert not shown[key, 1 - mode].any()


def test_near_the_end_the_key_is_shown_once_more():
    remaining = torch.arange(12)[None]  # 0: not told
    shown = key_profiles(torch.full((1, 12), 13 + 2), remaining)[0]  # D minor
    assert shown.shape == (12, 5, OCTAVE)
    assert (shown[:, 1, 2] == 11).all() and not shown[:, 0].any()
    where = [(shown[:, place] != 0).any(-1).nonzero().flatten().tolist() for place in (2, 3, 4)]
    assert where == [[1, 2], [3, 4], [5, 6, 7, 8]]
    assert all(torch.equal(shown[first, place], shown[0, 1]) for first, place in ((1, 2), (8, 4)))


def test_half_precision_around_it_changes_nothing():
    pitches = random_pitches()
    with torch.autocast("cpu", torch.bfloat16):
        inside = pitch_class_profiles(pitches, MEMORIES)
    assert inside.dtype == torch.float32
    assert_close(inside, pitch_class_profiles(pitches, MEMORIES))

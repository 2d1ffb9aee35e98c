"""What is remembered: what plain loops find, and nothing but the past."""

from itertools import product

import pytest
import torch
from small_singer import (
    BATCH,
    EVERYTHING,
    HELD,
    PITCHES,
    SEQ,
    VOCAB,
    VOICES,
    random_piece,
    random_singer,
)
from torch.testing import assert_close

from musiclab.singer.memories import (
    HIDDEN,
    LONGEST_REPEAT,
    longest_repeat,
    notes_before,
    pitch_class_profile,
    relation_table,
    seen_from_every_class,
    what_followed,
)


def repetitive(n_tokens, seq=83):
    """Draw frames with much repetition, a few notes of them hidden."""
    tokens = torch.randint(1, n_tokens, (BATCH, seq, VOICES))
    tokens[:, 40:75] = tokens[:, 2:37]  # a passage longer than what is looked at
    tokens[torch.rand(tokens.shape) < 0.05] = HIDDEN
    return tokens


def agree(one, other):
    return all(a == b or HIDDEN in (a, b) for a, b in zip(one, other, strict=True))


def repeat_by_loop(piece, now):
    """Return the length and the lag of the longest agreement, the latest of equal ones."""
    best = (0, -1)
    for lag in range(1, now + 1):
        length = 0
        while length < LONGEST_REPEAT and now - lag - length >= 0:
            if not agree(piece[now - length], piece[now - lag - length]):
                break
            length += 1
        best = max(best, (length, -lag))
    return best[0], -best[1]


@pytest.mark.parametrize("n_tokens", [2, 3, 5])
@pytest.mark.parametrize("first", [0, 1, 50, 82])
def test_longest_repeat_is_what_a_loop_finds(n_tokens, first):
    tokens = repetitive(n_tokens)
    lag, length = longest_repeat(tokens, first)
    for row, now in product(range(BATCH), range(first, 83)):
        expected_length, expected_lag = repeat_by_loop(tokens[row].tolist(), now)
        assert length[row, now - first] == expected_length
        if expected_length:
            assert lag[row, now - first] == expected_lag


def test_a_passage_that_comes_back_is_foretold():
    passage = torch.randint(1, 50, (1, 48, VOICES))
    followed, weight = what_followed(torch.cat([passage, passage], dim=1), 0, slice(None))
    assert torch.equal(followed[:, 48:-1], passage[:, 1:])  # after one frame it knows where it is
    assert (weight[0, :48] == 0).all() and (weight[0, 49:79].diff(dim=0) > 0).all()
    assert_close(weight[0, 95], torch.ones(VOICES))


def test_the_newest_frame_itself_is_not_what_followed():
    tokens = torch.tensor([5, 6, 7, 8]).view(1, 4, 1)
    assert longest_repeat(tokens)[1].tolist() == [[0, 0, 0, 0]]


def test_only_the_highest_voice_need_agree():
    tokens = repetitive(3)
    lag, length = longest_repeat(tokens[..., :1])
    followed, weight = what_followed(tokens, 0, slice(1))
    for row, now in product(range(BATCH), range(2, 83)):
        if length[row, now]:
            assert followed[row, now].tolist() == tokens[row, now + 1 - lag[row, now]].tolist()
        assert (weight[row, now] > 0).all() == bool(length[row, now])


def test_notes_before_are_what_a_loop_finds():
    tokens = torch.randint(4, VOCAB, (BATCH, SEQ, VOICES)).clamp(max=19)
    tokens[0, 3:9, 0] = 9
    found = notes_before(tokens, PITCHES[tokens], 2)
    for row, now, voice in product(range(BATCH), range(SEQ), range(VOICES)):
        line = tokens[row, : now + 1, voice].tolist()
        for number in range(2):
            while len(line) > 1 and PITCHES[line[-1]] == PITCHES[line[-2]]:
                line.pop()
            line = line[:-1] or line
            assert found[row, now, voice, number] == line[-1]


@pytest.mark.parametrize("first", [0, 11])
def test_profile_is_what_a_loop_counts(first):
    pitches = torch.randint(40, 80, (BATCH, SEQ, VOICES))
    pitches[torch.rand(pitches.shape) < 0.2] = -1
    profile = pitch_class_profile(pitches, 5, first)
    for row, now in product(range(BATCH), range(first, SEQ)):
        heard = torch.zeros(12)
        for then, voice in product(range(now + 1), range(VOICES)):
            pitch = int(pitches[row, then, voice])
            if pitch >= 0:
                heard[pitch % 12] += torch.exp(torch.tensor((then - now) / 5))
        expected = 12 * heard / heard.sum().clamp(min=1e-6) - 1
        assert_close(profile[row, now - first], expected, rtol=1e-4, atol=1e-4)


def test_a_profile_is_counted_down_from_every_class():
    profile = torch.randn(BATCH, SEQ, 12)
    seen = seen_from_every_class(profile)
    for candidate, step in product(range(12), range(12)):
        assert torch.equal(seen[..., candidate, step], profile[..., (candidate - step) % 12])


def test_relations_are_what_a_loop_names():
    table = relation_table(PITCHES, HELD)
    for note, candidate in product(range(VOCAB), range(VOCAB)):
        low, high = int(PITCHES[note]), int(PITCHES[candidate])
        if low < 0 or high < 0:
            expected = 0
        elif not HELD[candidate]:
            expected = 25 + high - low
        else:
            expected = 62 if note == candidate else 50 + (high - low) % 12
        assert table[note, candidate] == expected
    for tonic, candidate in product(range(12), range(4, VOCAB)):
        assert table[VOCAB + tonic, candidate] == 25 + (int(PITCHES[candidate]) - tonic) % 12
    assert table[VOCAB:, :4].sum() == 0 and len(table) == VOCAB + 12


def test_intervals_wider_than_two_octaves_count_as_two():
    table = relation_table(torch.tensor([30, 60, 90]), torch.tensor([False] * 3))
    assert table[0].tolist() == [25, 49, 49] and table[2].tolist() == [1, 1, 25]


def test_memories_stand_in_the_order_that_is_told():
    model, (previous, told, _) = random_singer(**EVERYTHING), random_piece()
    memories = model.memories(previous, told)
    before = notes_before(previous, PITCHES[previous], 2)
    all_agree, top_agrees = (what_followed(previous, 0, one) for one in (slice(None), slice(1)))
    for row, now, voice in product(range(BATCH), range(SEQ), range(VOICES)):
        newest = [int(previous[row, now, (voice + turn) % VOICES]) for turn in range(VOICES)]
        followed = [int(one[0][row, now, voice]) for one in (all_agree, top_agrees)]
        notes = memories.notes[row, now, voice].tolist()
        assert notes[:7] == [*newest, *before[row, now, voice].tolist(), *followed]
        weights = memories.weights[row, now, voice].tolist()
        assert weights[:5] == [1.0] * 5
        assert weights[5:7] == [float(one[1][row, now, voice]) for one in (all_agree, top_agrees)]
        key, left = int(told[row, now, 1]), int(told[row, now, 2])
        assert notes[7:] == [VOCAB + (key - 1) % 12] * 5
        major, minor = 1 <= key <= 12, key > 12
        near = [key > 0 and low <= left <= high for low, high in ((1, 2), (3, 4), (5, 8))]
        assert weights[7:] == [float(one) for one in (major, minor, *near)]
    assert memories.notes.shape[-1] == model.config.n_notes


def test_what_is_remembered_is_the_past():
    model, (previous, told, _) = random_singer(**EVERYTHING), random_piece()
    before = model.memories(previous, told)
    previous[:, 12:], told[:, 12:] = 5, 1
    after = model.memories(previous, told)
    for one, other in zip(before[:3], after[:3], strict=True):
        assert torch.equal(one[:, :12], other[:, :12])


@pytest.mark.parametrize("first", [1, 9, SEQ - 1])
def test_later_frames_alone_are_the_end_of_all(first):
    model, (previous, told, _) = random_singer(**EVERYTHING), random_piece()
    whole, late = model.memories(previous, told), model.memories(previous, told, first)
    for one, other in zip(whole[:3], late[:3], strict=True):
        assert_close(one[:, first:], other)

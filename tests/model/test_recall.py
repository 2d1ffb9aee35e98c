"""What followed an agreement: as a plain loop over all earlier frames finds it."""

import math
from itertools import product

import pytest
import torch

from musiclab.model.recall import LONGEST, N_GRADES, agreement, followed

BATCH, SEQ, VOICES, HIDDEN = 2, 83, 3, 0


def random_tokens(n_tokens=3, seq=SEQ):
    """Draw frames with much repetition, a few notes of them hidden."""
    torch.manual_seed(n_tokens)
    tokens = torch.randint(1, n_tokens, (BATCH, seq, VOICES))
    tokens[:, 40:75] = tokens[:, 2:37]  # a passage longer than what is looked at
    tokens[torch.rand(tokens.shape) < 0.05] = HIDDEN
    return tokens


def agrees(piece, one, other, heard):
    return all(
        a == b or HIDDEN in (a, b)
        for a, b in zip(piece[one][heard], piece[other][heard], strict=True)
    )


def grade_by_loop(piece, now, then, heard=slice(None)):
    length = 0
    while length < LONGEST and then >= length and now >= length:
        if not agrees(piece, now - length, then - length, heard):
            break
        length += 1
    return 0 if length == 0 else 1 + int(math.log2(length))


@pytest.mark.parametrize("n_tokens", [2, 3, 5])
@pytest.mark.parametrize("first", [0, 1, 50, SEQ - 1])
def test_agreement_is_what_a_loop_finds(n_tokens, first):
    tokens = random_tokens(n_tokens)
    grades = agreement(tokens, HIDDEN, first)
    assert grades.shape == (BATCH, SEQ - first, SEQ)
    for row, (piece, now) in product(range(BATCH), enumerate(range(first, SEQ))):
        frames = tokens[row].tolist()
        found = grades[row, piece, :now].tolist()
        assert found == [grade_by_loop(frames, now, then) for then in range(now)]
    assert grades.max() < N_GRADES


@pytest.mark.parametrize("heard", [slice(None), slice(1)])
@pytest.mark.parametrize("first", [0, 37, SEQ - 1])
def test_followed_is_what_a_loop_finds(heard, first):
    tokens = random_tokens()
    frames, grades = followed(tokens, HIDDEN, first, heard)
    for row, now in product(range(BATCH), range(first, SEQ)):
        piece = tokens[row].tolist()
        found = [(grade_by_loop(piece, now, then, heard), then) for then in range(now - 1)]
        grade, then = max(found, default=(0, -1))
        assert grades[row, now - first].item() == grade
        expected = piece[then + 1] if grade else [HIDDEN] * VOICES
        assert frames[row, now - first].tolist() == expected


def test_a_passage_that_comes_back_is_foretold():
    torch.manual_seed(1)
    passage = torch.randint(1, 50, (1, 48, VOICES))
    piece = torch.cat([passage, passage], dim=1)
    frames, grades = followed(piece, HIDDEN)
    assert torch.equal(frames[:, 48:-1], passage[:, 1:])  # after one frame it knows where it is
    assert grades[0, 48:52, 0].tolist() == [1, 2, 2, 3]


def test_the_newest_frame_alone_is_nothing_to_look_up():
    held = torch.full((1, 2, VOICES), 7)
    frames, grades = followed(held, HIDDEN)
    assert grades.max() == 0
    assert (frames == HIDDEN).all()

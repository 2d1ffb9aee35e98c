"""The harmoniser: it hears the whole melody, and nothing else of the future."""

from itertools import product

import pytest
import torch
from small_singer import BATCH, COLUMNS, EVERYTHING, SEQ, TOLD, VOCAB, VOICES, random_singer
from small_singer import random_piece as random_frames
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.singer.harmoniser import Harmoniser, HarmoniserConfig, Melody

REMEMBERED = pytest.mark.parametrize("remembered", [{}, EVERYTHING], ids=["plain", "everything"])


def harmoniser(**changes):
    return random_singer(Harmoniser, **changes)


def random_piece(seq=SEQ):
    """Draw the melody with its columns, conditions, the past and the frames; 0 is padding."""
    previous, told, frames = random_frames(seq)
    columns = [torch.randint(n, (BATCH, seq)) for n in COLUMNS]
    return torch.stack([frames[..., 0], *columns], dim=-1), told, previous, frames


def changed(tensor, frame, voice=slice(None), sizes=VOCAB):
    """Change one frame of a tensor, avoiding the padding."""
    other = tensor.clone()
    other[:, frame, voice] = other[:, frame, voice] % (sizes - 1) + 1
    return other


@REMEMBERED
def test_a_later_note_of_the_other_voices_changes_nothing_earlier(remembered):
    model, (source, told, previous, frames) = harmoniser(**remembered), random_piece()
    before = model(source, told, previous, frames)
    lower = slice(1, VOICES)
    after = model(source, told, changed(previous, 5, lower), changed(frames, 4, lower))
    assert_close(after[:, :4], before[:, :4])
    assert not torch.allclose(after[:, 5:], before[:, 5:])


@pytest.mark.parametrize("part", ["token", "first column", "last column", "condition"])
def test_a_later_note_of_the_melody_changes_what_comes_before(part):
    model, (source, told, previous, frames) = harmoniser(), random_piece()
    before = model(source, told, previous, frames)
    if part == "condition":
        told = changed(told, 5, 0, TOLD[0])
    else:
        column = {"token": 0, "first column": 1, "last column": 2}[part]
        source = changed(source, 5, column, (VOCAB, *COLUMNS)[column])
    after = model(source, told, previous, frames)
    assert ((after - before).abs().amax(dim=(2, 3)) > 1e-5)[:, :5].all()


def test_the_encoder_hears_what_is_coming():
    """Not only the decoder's cross-attention, which would hide it from the test above."""
    model, (source, told, _, _) = harmoniser(), random_piece()
    before = model.encode(source, told).states
    after = model.encode(changed(source, 5, 0), told).states
    assert ((after - before).abs().amax(dim=2) > 1e-5).all()


def test_a_voice_hears_those_above_it_and_no_other():
    model, (source, told, previous, frames) = harmoniser(), random_piece()
    before = model(source, told, previous, frames)
    assert before.shape == (BATCH, SEQ, VOICES - 1, VOCAB)
    after = model(source, told, previous, changed(frames, slice(None), 1))
    assert_close(after[:, :, 0], before[:, :, 0])  # voice 1 itself
    assert not torch.allclose(after[:, :, 1], before[:, :, 1])


def test_padding_changes_nothing():
    model, piece = harmoniser(**EVERYTHING), random_piece()
    alone = model(*piece)
    # A shorter piece beside a longer one: what lies beyond its end must not be heard.
    padded = [torch.cat([one, torch.zeros_like(one[:, :3])], dim=1) for one in piece]
    longer = random_piece(SEQ + 3)
    both = [torch.cat(pair) for pair in zip(padded, longer, strict=True)]
    assert_close(model(*both)[:BATCH, :SEQ], alone, rtol=1e-3, atol=1e-4)
    assert_close(model(*both)[BATCH:], model(*longer), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("positions", ["rotary", "sinusoidal", "learned", "relative", "none"])
@REMEMBERED
def test_cached_equals_uncached(positions, remembered):
    model = harmoniser(positions=positions, **remembered)
    source, told, previous, _ = random_piece()
    with torch.no_grad():
        melody = model.encode(source, told)
        whole, cache, parts = model.trunk(melody, previous, told), model.new_cache(BATCH), []
        for end in (3, 4, SEQ):  # several frames at once, then one, then the rest
            parts.append(model.trunk(melody, previous[:, :end], told, cache))
    assert_close(torch.cat(parts, dim=1), whole, rtol=1e-4, atol=1e-4)


def test_next_voice_is_what_forward_scores():
    model, (source, told, previous, frames) = harmoniser(**EVERYTHING), random_piece()
    expected = model(source, told, previous, frames)
    melody = model.encode(source, told)
    for frame, voice in product((0, 4, SEQ - 1), range(1, VOICES)):
        past = previous[:, : frame + 1]
        hidden = model.trunk(melody, past, told)[:, -1]
        memories = model.memories(past, told[:, : frame + 1])
        scores = model.next_voice(hidden, memories, frames[:, frame, :voice])
        assert_close(scores, expected[:, frame, voice - 1], rtol=1e-3, atol=1e-3)


def test_the_melody_is_heard_both_aligned_and_by_cross_attention():
    model, (source, told, previous, _) = harmoniser(), random_piece()
    melody = model.encode(source, told)
    x = model.read(previous, told, model.memories(previous, told))
    expected = model.stack(x + melody.states, memory=melody.states)
    assert_close(model.trunk(melody, previous, told), expected)
    silent = Melody(torch.zeros_like(melody.states), None)
    assert not torch.allclose(expected, model.stack(x, memory=melody.states))
    assert not torch.allclose(expected, model.stack(x + melody.states, memory=silent.states))


@pytest.mark.parametrize(
    ("name", "value"), [("source_sizes", [4]), ("source_sizes", (0,)), ("n_voices", 1)]
)
def test_config_refuses(name, value):
    with pytest.raises(SettingError, match=name):
        HarmoniserConfig(vocab_size=VOCAB, **{name: value})

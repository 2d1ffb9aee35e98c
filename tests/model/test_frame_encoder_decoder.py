"""The harmoniser's model: it hears the whole melody, and nothing else of the future."""

from itertools import product

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.frame_encoder_decoder import (
    FrameEncoderDecoder,
    FrameEncoderDecoderConfig,
    Memory,
)

BATCH, SEQ, VOICES, VOCAB, RELATIONS = 2, 7, 3, 11, 5
COLUMNS, TOLD = (4, 6), (3, 2)
SIZES = {"d_model": 12, "n_heads": 3, "n_layers": 2, "max_seq": 13, "dropout": 0.3}
SHOWN = {"n_earlier": 2, "neighbours": True, "recall": True, "memories": (3, 7)}


def random_model(**changes):
    """Build a small model in which every weight matters."""
    settings = SIZES | {"n_voices": VOICES, "n_relations": RELATIONS, "source_sizes": COLUMNS}
    config = FrameEncoderDecoderConfig(vocab_size=VOCAB, condition_sizes=TOLD, **settings | changes)
    pitches = torch.cat([torch.full((3,), -1), torch.arange(60, 60 + VOCAB - 3)])
    model = FrameEncoderDecoder(config, torch.randint(RELATIONS, (VOCAB, VOCAB)), pitches)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model.eval()


def random_piece(seq=SEQ, batch=BATCH):
    """Draw the melody with its columns, conditions, the past and the frames; 0 is padding."""
    frames = torch.randint(1, VOCAB, (batch, seq, VOICES))
    previous = torch.cat([torch.ones_like(frames[:, :1]), frames[:, :-1]], dim=1)
    columns = [torch.randint(n, (batch, seq)) for n in COLUMNS]
    source = torch.stack([frames[..., 0], *columns], dim=-1)
    conditions = torch.stack([torch.randint(n, (batch, seq)) for n in TOLD], dim=-1)
    return source, conditions, previous, frames


def changed(tensor, frame, voice=slice(None), sizes=VOCAB):
    """Change one frame of a tensor, avoiding the padding."""
    other = tensor.clone()
    other[:, frame, voice] = other[:, frame, voice] % (sizes - 1) + 1
    return other


@pytest.mark.parametrize("shown", [{}, SHOWN], ids=["plain", "shown"])
def test_a_later_note_of_the_other_voices_changes_nothing_earlier(shown):
    model, (source, conditions, previous, frames) = random_model(**shown), random_piece()
    before = model(source, conditions, previous, frames)
    lower = slice(1, VOICES)
    after = model(source, conditions, changed(previous, 5, lower), changed(frames, 4, lower))
    assert_close(after[:, :4], before[:, :4])
    assert not torch.allclose(after[:, 5:], before[:, 5:])


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("part", ["token", "first column", "last column", "condition"])
def test_a_later_note_of_the_melody_changes_what_comes_before(part, aligned):
    model, (source, conditions, previous, frames) = random_model(aligned=aligned), random_piece()
    before = model(source, conditions, previous, frames)
    if part == "condition":
        conditions = changed(conditions, 5, 0, TOLD[0])
    else:
        column = {"token": 0, "first column": 1, "last column": 2}[part]
        source = changed(source, 5, column, (VOCAB, *COLUMNS)[column])
    after = model(source, conditions, previous, frames)
    assert ((after - before).abs().amax(dim=(2, 3)) > 1e-4)[:, :5].all()


def test_the_encoder_hears_what_is_coming():
    """Not only the decoder's cross-attention, which would hide it from the test above."""
    model, (source, conditions, _, _) = random_model(), random_piece()
    before = model.encode(source, conditions).states
    after = model.encode(changed(source, 5, 0), conditions).states
    assert ((after - before).abs().amax(dim=2) > 1e-4).all()


def test_a_voice_hears_those_above_it_and_no_other():
    model, (source, conditions, previous, frames) = random_model(), random_piece()
    before = model(source, conditions, previous, frames)
    assert before.shape == (BATCH, SEQ, VOICES - 1, VOCAB)
    after = model(source, conditions, previous, changed(frames, slice(None), 1))
    assert_close(after[:, :, 0], before[:, :, 0])  # voice 1 itself
    assert not torch.allclose(after[:, :, 1], before[:, :, 1])


@pytest.mark.parametrize("aligned", [True, False])
def test_padding_changes_nothing(aligned):
    model, piece = random_model(aligned=aligned, **SHOWN), random_piece()
    alone = model(*piece)
    # A shorter piece beside a longer one: what lies beyond its end must not be heard.
    padded = [torch.cat([one, torch.zeros_like(one[:, :3])], dim=1) for one in piece]
    longer = random_piece(SEQ + 3)
    both = [torch.cat(pair) for pair in zip(padded, longer, strict=True)]
    assert_close(model(*both)[:BATCH, :SEQ], alone, rtol=1e-4, atol=1e-5)
    assert_close(model(*both)[BATCH:], model(*longer), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("positions", ["rotary", "sinusoidal", "learned", "relative", "none"])
@pytest.mark.parametrize("shown", [{}, SHOWN], ids=["plain", "shown"])
def test_cached_equals_uncached(positions, shown):
    model = random_model(positions=positions, **shown)
    source, conditions, previous, _ = random_piece()
    with torch.no_grad():
        memory = model.encode(source, conditions)
        whole, cache, parts = model.trunk(memory, previous, conditions), model.new_cache(BATCH), []
        for end in (3, 4, SEQ):  # several frames at once, then one, then the rest
            parts.append(model.trunk(memory, previous[:, :end], conditions, cache))
    assert_close(torch.cat(parts, dim=1), whole, rtol=1e-4, atol=1e-5)


def test_next_voice_is_what_forward_scores():
    model, (source, conditions, previous, frames) = random_model(**SHOWN), random_piece()
    expected = model(source, conditions, previous, frames)
    memory = model.encode(source, conditions)
    for frame, voice in product(range(SEQ), range(1, VOICES)):
        past = previous[:, : frame + 1]
        hidden = model.trunk(memory, past, conditions)[:, -1]
        scores = model.next_voice(hidden, model.look_back(past), frames[:, frame, :voice])
        assert_close(scores, expected[:, frame, voice - 1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("memories", [(), (3, 7)])
def test_the_trunk_is_what_its_formula_says(aligned, memories):
    model = random_model(aligned=aligned, memories=memories)
    source, conditions, previous, _ = random_piece()
    memory, past = model.encode(source, conditions), model.look_back(previous)
    x = model.embed(torch.cat([past.columns, conditions], dim=-1))
    if memories:
        x = x + past.seen_by_voices.flatten(2) @ model.embed_profiles.weight.T
    if aligned:
        x = x + memory.states
    expected = model.decoder(x, memory=memory.states)
    assert_close(model.trunk(memory, previous, conditions), expected)
    # Not by alignment alone: cross-attention hears the memory, too.
    deaf = Memory(torch.zeros_like(memory.states), None)
    without = model.decoder(x, memory=deaf.states)
    assert not torch.allclose(expected, without)


def test_probabilities_of_all_chords_sum_to_one():
    model, (source, conditions, previous, frames) = random_model(**SHOWN), random_piece(batch=1)
    lower = torch.tensor(list(product(range(VOCAB), repeat=VOICES - 1)))
    chords = torch.cat([frames[0, -1, :1].expand(len(lower), 1), lower], dim=1)
    pieces = frames.repeat(len(lower), 1, 1)
    pieces[:, -1] = chords
    told = [one.expand(len(lower), -1, -1) for one in (source, conditions, previous)]
    with torch.no_grad():
        scores = model(*told, pieces)[:, -1].log_softmax(dim=-1)
    total = scores.gather(-1, lower[..., None]).sum(dim=(1, 2)).exp().sum()
    assert_close(total, torch.tensor(1.0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"source_sizes": [4]},
        {"source_sizes": (0,)},
        {"source_sizes": (2.5,)},
        {"source_sizes": (4,) * 65},
        {"aligned": 1},
        {"n_voices": 1},
        {"n_earlier": 1, "n_relations": 0},
    ],
)
def test_config_refuses(wrong):
    with pytest.raises(SettingError):
        FrameEncoderDecoderConfig(vocab_size=VOCAB, **wrong)


def test_config_survives_json():
    config = FrameEncoderDecoderConfig(vocab_size=VOCAB, source_sizes=(3, 4), aligned=False)
    values = config.to_dict() | {"source_sizes": [3, 4]}  # JSON has no tuples
    assert FrameEncoderDecoderConfig.from_dict(values) == config

"""The infiller sees both sides, and nothing of what is hidden; keys and lengths are all alike."""

import pytest
import torch
from small_singer import SIZES
from torch.testing import assert_close

from musiclab.singer import Infiller, SingerConfig
from musiclab.singer.infiller import nearest_shown, notes_around, pitch_classes_shown
from musiclab.tokens import GridTokenizer

TOKENIZER = GridTokenizer(holds=True)
HIDDEN = TOKENIZER.pad_id


def infiller(**changes):
    torch.manual_seed(5)
    sizes = SIZES | {"vocab_size": TOKENIZER.vocab_size, "n_relations": 62, **changes}
    tables = (TOKENIZER.pitches(), TOKENIZER.held())
    model = Infiller(SingerConfig(**sizes), *map(torch.from_numpy, tables)).eval()
    for layer in (model.to_interval_scores, model.to_step_scores):
        torch.nn.init.normal_(layer.weight, std=0.1)  # a new model would not listen
    return model


@pytest.fixture
def shown():
    torch.manual_seed(11)
    tokens = torch.randint(20, 40, (2, 9, 4))
    return torch.where(torch.rand(tokens.shape) < 0.4, HIDDEN, tokens)


def told(shown):
    return shown[..., :0]


def test_the_nearest_notes_are_those_that_a_plain_search_finds(shown):
    before, after = nearest_shown(shown), nearest_shown(shown, backwards=True)
    for batch, frame, voice in torch.cartesian_prod(*map(torch.arange, shown.shape)).tolist():
        line = shown[batch, :, voice].tolist()
        earlier = [one for one in line[:frame] if one != HIDDEN]
        later = [one for one in line[frame + 1 :] if one != HIDDEN]
        assert before[batch, frame, voice] == (earlier[-1] if earlier else HIDDEN)
        assert after[batch, frame, voice] == (later[0] if later else HIDDEN)


def test_every_voice_is_judged_by_its_neighbours_in_time_and_in_height(shown):
    notes = notes_around(shown)
    for batch, frame, voice in torch.cartesian_prod(*map(torch.arange, shown.shape)).tolist():
        beside = [
            shown[batch, near, (voice + turn) % 4].item() if 0 <= near < 9 else HIDDEN
            for turn in range(4)
            for near in (frame - 1, frame, frame + 1)
        ]
        assert notes[batch, frame, voice, 2:].tolist() == beside


def test_pitch_classes_are_counted_over_the_whole_piece():
    pitches = torch.tensor([[[60, 64], [-1, 72]]])  # C E, then a rest and C
    seen = pitch_classes_shown(pitches)[0, 0]  # class 12
    assert_close(seen[0, 0], torch.tensor(12 * 2 / 3 - 1))  # C, as a C: 0 semitones below
    assert_close(seen[2, 2], torch.tensor(12 * 2 / 3 - 1))  # C lies two semitones below D
    assert_close(seen[2, 10], torch.tensor(12 * 1 / 3 - 1))  # and E ten below


@pytest.mark.parametrize("frame", [0, 8])
def test_a_cell_hears_the_past_and_the_future(shown, frame):
    model, other = infiller(), shown.clone()
    other[:, frame, 0] = 45
    with torch.no_grad():
        change = (model(other, told(other)) - model(shown, told(shown))).abs().amax(dim=(2, 3))
    assert (change > 1e-6).all()


def test_what_follows_a_piece_does_not_count(shown):
    model, tail = infiller(), torch.full_like(shown[:, :3], TOKENIZER.end_id)
    longer = torch.cat([shown, tail], dim=1)
    sounds = torch.arange(12) < 9
    with torch.no_grad():
        scores = model(longer, told(longer), sounds.expand(2, -1))
        assert_close(scores[:, :9], model(shown, told(shown)))
        assert not torch.allclose(model(longer, told(longer))[:, :9], scores[:, :9])


def test_scores_by_interval_move_with_the_music(shown):
    model = infiller()
    for layer in (model.to_logits, model.embed):  # what knows absolute pitch is switched off
        torch.nn.init.zeros_(layer.weight)
    moved = torch.where(shown == HIDDEN, HIDDEN, shown + 3)
    with torch.no_grad():
        here, there = model(shown, told(shown)), model(moved, told(moved))
    assert_close(there[..., 13:33], here[..., 10:30])

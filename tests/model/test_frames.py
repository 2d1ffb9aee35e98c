"""The frame model: a chain of honest conditional probabilities, cached or not."""

import math
from itertools import combinations, product

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.config import FrameConfig
from musiclab.model.frame_embedding import OLDEST, ColumnEmbedding, frames_held, relation_columns
from musiclab.model.frames import FrameTransformer

BATCH, SEQ, VOICES, VOCAB, RELATIONS = 2, 7, 3, 11, 5
SIZES = {"d_model": 12, "n_heads": 3, "n_layers": 2, "max_seq": 13, "dropout": 0.3}


def random_model(**changes):
    """Build a small model in which every weight matters."""
    settings = SIZES | {"n_voices": VOICES, "condition_sizes": (4, 3), "n_relations": RELATIONS}
    config = FrameConfig(vocab_size=VOCAB, **settings | changes)
    model = FrameTransformer(config, torch.randint(max(1, config.n_relations), (VOCAB, VOCAB)))
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model.eval()


def random_piece(seq=SEQ, batch=BATCH):
    """Draw frames, the same frames one step late, and conditions."""
    frames = torch.randint(VOCAB, (batch, seq, VOICES))
    previous = torch.cat([torch.ones_like(frames[:, :1]), frames[:, :-1]], dim=1)
    conditions = torch.stack([torch.randint(n, (batch, seq)) for n in (4, 3)], dim=-1)
    return previous, conditions, frames


def test_column_embedding_is_a_table_for_each_column():
    sizes, ids = (3, 5, 2), torch.tensor([[[2, 4, 1], [0, 3, 0]]])
    embed = ColumnEmbedding(sizes, 7)
    tables = embed.table.weight.split(sizes)
    expected = sum(table[ids[..., column]] for column, table in enumerate(tables))
    assert_close(embed(ids), expected)
    assert_close(embed(ids[..., :1]), tables[0][ids[..., 0]])


def test_frames_held_counts_like_a_loop():
    tokens = torch.randint(2, (3, 67, VOICES))
    tokens[0, :, 0] = 1  # one voice never moves, so that the count reaches its end
    held = frames_held(tokens)
    for piece, voice in product(range(3), range(VOICES)):
        count = -1
        for frame, token in enumerate(tokens[piece, :, voice]):
            kept = frame > 0 and token == tokens[piece, frame - 1, voice]
            count = count + 1 if kept else 0
            assert held[piece, frame, voice] == min(count, OLDEST)


def test_relation_columns_name_steps_and_gaps_like_a_loop():
    tokens, table = random_piece()[2], torch.randint(99, (VOCAB, VOCAB))
    columns = relation_columns(tokens, table)
    for piece, frame in product(range(BATCH), range(SEQ)):
        now, before = tokens[piece, frame], tokens[piece, max(0, frame - 1)]
        steps = [table[before[voice], now[voice]] for voice in range(VOICES)]
        gaps = [table[now[upper], now[lower]] for upper, lower in combinations(range(VOICES), 2)]
        assert columns[piece, frame].tolist() == [int(one) for one in steps + gaps]


def test_probabilities_of_all_frames_sum_to_one():
    model, (previous, conditions, _) = random_model(), random_piece(batch=1)
    every_frame = torch.tensor(list(product(range(VOCAB), repeat=VOICES)))
    with torch.no_grad():
        hidden = model.trunk(previous, conditions)[:, -1].expand(len(every_frame), -1)
        rows = torch.zeros(len(every_frame), dtype=torch.int64)
        past = model.look_back(previous).last().select(rows)
        total = torch.zeros(len(every_frame))
        for voice in range(VOICES):
            scores = model.next_voice(hidden, past, every_frame[:, :voice]).log_softmax(-1)
            total += scores.gather(1, every_frame[:, voice : voice + 1])[:, 0]
    assert_close(total.exp().sum(), torch.tensor(1.0))


def test_head_is_what_its_formula_says():
    model, (previous, conditions, frames) = random_model(), random_piece()
    head, hidden = model.head, model.trunk(previous, conditions)
    scores = model(previous, conditions, frames)
    tables = head.chosen.table.weight.split(VOCAB)
    for piece, frame, voice in product(range(BATCH), range(SEQ), range(VOICES)):
        heard = frames[piece, frame, :voice]
        x = head.starts[voice](hidden[piece, frame])
        x = x + sum(tables[upper][token] for upper, token in enumerate(heard))
        x = x + head.feed_forward(head.around_feed_forward.norm(x))
        x = head.norm(x)
        relation_scores = head.to_relations[voice](x).view(1 + voice, RELATIONS)
        expected = head.to_logits(x).clone()
        for number, anchor in enumerate([previous[piece, frame, voice], *heard]):
            for candidate in range(VOCAB):
                relation = model.relations[anchor, candidate]
                expected[candidate] += relation_scores[number, relation]
        assert_close(scores[piece, frame, voice], expected, rtol=1e-4, atol=1e-4)


def test_a_voice_hears_those_above_it_and_no_other():
    model, (previous, conditions, frames) = random_model(), random_piece()
    before = model(previous, conditions, frames)
    changed = frames.clone()
    changed[..., 1] = (changed[..., 1] + 1) % VOCAB
    after = model(previous, conditions, changed)
    assert_close(after[:, :, :2], before[:, :, :2])
    assert not torch.allclose(after[:, :, 2], before[:, :, 2])


def test_future_never_changes_past():
    model, (previous, conditions, frames) = random_model(), random_piece()
    before = model(previous, conditions, frames)
    previous[:, 5:], conditions[:, 5:], frames[:, 5:] = 3, 1, 7
    after = model(previous, conditions, frames)
    assert_close(after[:, :5], before[:, :5])
    assert not torch.allclose(after[:, 5:], before[:, 5:])


@pytest.mark.parametrize("positions", ["rotary", "sinusoidal", "learned", "relative", "none"])
@pytest.mark.parametrize("n_relations", [0, RELATIONS])
def test_cached_equals_uncached(positions, n_relations):
    model = random_model(positions=positions, n_relations=n_relations)
    previous, conditions, _ = random_piece()
    whole, cache, parts = model.trunk(previous, conditions), model.new_cache(BATCH), []
    for end in (3, 4, SEQ):  # several frames at once, then one, then the rest
        parts.append(model.trunk(previous[:, :end], conditions[:, :end], cache))
    assert_close(torch.cat(parts, dim=1), whole, rtol=1e-4, atol=1e-5)


def test_conditions_and_every_voice_matter():
    model, piece = random_model(), random_piece()
    before = model.trunk(*piece[:2])
    for part, column in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]:
        changed = [one.clone() for one in piece[:2]]
        changed[part][..., column] = (changed[part][..., column] + 1) % 3
        assert not torch.allclose(model.trunk(*changed), before)


def test_a_new_model_has_no_liking():
    model = FrameTransformer(FrameConfig(vocab_size=53, n_relations=7, **SIZES))
    previous = torch.randint(53, (2, 5, 4))
    scores = model(previous, torch.zeros(2, 5, 0, dtype=torch.int64), previous).log_softmax(-1)
    even = torch.full_like(scores, -math.log(53))
    assert_close(scores, even, atol=0.5, rtol=0)


def test_relations_travel_with_the_weights():
    model, other = random_model(), random_model()
    other.load_state_dict(model.state_dict())
    piece = random_piece()
    assert_close(other(*piece), model(*piece))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_voices", 0),
        ("n_voices", True),
        ("n_relations", -1),
        ("n_relations", 10**6),
        ("condition_sizes", [4]),
        ("condition_sizes", (0,)),
        ("condition_sizes", (1.5,)),
        ("condition_sizes", (4,) * 65),
    ],
)
def test_config_refuses(name, value):
    with pytest.raises(SettingError):
        FrameConfig(vocab_size=VOCAB, **{name: value})


def test_config_survives_json():
    config = FrameConfig(vocab_size=VOCAB, condition_sizes=(16, 3), n_relations=2)
    values = config.to_dict() | {"condition_sizes": [16, 3]}  # JSON has no tuples
    assert FrameConfig.from_dict(values) == config

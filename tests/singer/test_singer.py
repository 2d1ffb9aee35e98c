"""The singer: a chain of honest conditional probabilities, cached or not, the same in every key."""

import math
from itertools import product

import pytest
import torch
from small_singer import (
    BATCH,
    EVERYTHING,
    HELD,
    PITCHES,
    SEQ,
    SIZES,
    TOLD,
    VOCAB,
    VOICES,
    random_piece,
    random_singer,
)
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.singer.config import SingerConfig
from musiclab.singer.head import interval_scores, parallel_notes
from musiclab.singer.memories import N_RELATIONS, Memories
from musiclab.singer.singer import OLDEST, Singer, frames_held

RELATIVE = {"n_relations": N_RELATIONS}
PARTS = [
    RELATIVE,
    RELATIVE | {"earlier": 2},
    RELATIVE | {"repeats": True},
    RELATIVE | {"parallels": True},
    RELATIVE | {"key_condition": 1},
    RELATIVE | {"key_condition": 1, "end_condition": 2},
    {"decays": (2, 7)},
]
ALL = [{}, EVERYTHING, *PARTS]


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


def test_probabilities_of_all_frames_sum_to_one():
    config = SingerConfig(vocab_size=9, n_voices=2, condition_sizes=TOLD, **SIZES | EVERYTHING)
    model = Singer(config, torch.tensor([-1, -1, -1, -1, 60, 61, 62, 60, 61])).eval()
    previous, told = torch.randint(9, (1, 5, 2)), torch.ones(1, 5, 3, dtype=torch.int64)
    every_frame = torch.tensor(list(product(range(9), repeat=2)))
    with torch.no_grad():
        hidden = model.trunk(previous, told)[:, -1].expand(len(every_frame), -1)
        rows = torch.zeros(len(every_frame), dtype=torch.int64)
        memories = Memories(*(one[rows] for one in model.memories(previous, told).last()[:3]))
        total = torch.zeros(len(every_frame))
        for voice in range(2):
            scores = model.next_voice(hidden, memories, every_frame[:, :voice]).log_softmax(-1)
            total += scores.gather(1, every_frame[:, voice : voice + 1])[:, 0]
    assert_close(total.exp().sum(), torch.tensor(1.0))


def test_head_is_what_its_formula_says():
    model, (previous, told, frames) = random_singer(**EVERYTHING), random_piece()
    head, hidden, tables = model.head, model.trunk(previous, told), model.tables
    memories, scores = model.memories(previous, told), model(previous, told, frames)
    vectors = head.chosen.weight.split(VOCAB)
    for frame, voice in product(range(0, SEQ, 4), range(VOICES)):
        heard = frames[:1, frame, :voice]
        x = head.starts[voice](hidden[0, frame])
        x = x + sum(vectors[upper][token] for upper, token in enumerate(heard[0]))
        x = head.norm(x + head.feed_forward(head.feed_forward_norm(x)))
        runs = parallel_notes(
            previous[:1, frame, None, : voice + 1], heard[:, None], PITCHES, tables.token_of_pitch
        )
        notes = [*memories.notes[0, frame, voice], *heard[0], *runs[0, 0]]
        weights = [*memories.weights[0, frame, voice], *[1.0] * (3 * voice)]
        worth = head.to_interval_scores[voice](x).view(len(notes), N_RELATIONS)
        steps = head.to_step_scores[voice](x)
        expected = head.to_logits(x).clone()
        for candidate in range(VOCAB):
            for number, (note, weight) in enumerate(zip(notes, weights, strict=True)):
                relation = tables.relation[note, candidate]
                if relation:
                    expected[candidate] += weight * worth[number, relation - 1]
            if PITCHES[candidate] >= 0:
                seen = memories.histograms[0, frame, PITCHES[candidate] % 12]
                expected[candidate] += (steps * seen).sum()
        assert_close(scores[0, frame, voice], expected, rtol=1e-3, atol=1e-3)


def test_what_is_heard_by_intervals_is_the_same_in_every_key():
    """With all that looks at pitches as such made silent, scores move along with the music."""
    model, (previous, told, frames) = random_singer(**EVERYTHING), random_piece()
    for table in (model.embed, model.head.chosen, model.embed_conditions[1]):
        torch.nn.init.zeros_(table.weight)
    torch.nn.init.zeros_(model.head.to_logits.weight)
    previous, frames = (one.clamp(4, 14) for one in (previous, frames))  # struck notes only
    up = 3
    before = model(previous, told, frames)
    told_up = told.clone()
    told_up[..., 1] = torch.where(
        told[..., 1] > 0, 1 + (told[..., 1] - 1) // 12 * 12 + (told[..., 1] - 1 + up) % 12, 0
    )
    after = model(previous + up, told_up, frames + up)
    assert_close(after[..., 4 + up : 18], before[..., 4 : 18 - up], rtol=1e-3, atol=1e-3)
    assert not torch.allclose(after, before)


def test_a_rest_is_not_scored_by_intervals():
    worth, relation = torch.randn(2, 7), torch.tensor([[0, 3, 7], [0, 0, 1]])
    scores = interval_scores(worth, torch.tensor([1.0, 0.5]), relation)
    assert_close(scores, torch.stack([worth[0, 0] * 0, worth[0, 2], worth[0, 6] + worth[1, 0] / 2]))


def test_a_voice_hears_those_above_it_and_no_other():
    model, (previous, told, frames) = random_singer(**EVERYTHING), random_piece()
    before = model(previous, told, frames)
    changed = frames.clone()
    changed[..., 1] = (changed[..., 1] + 1) % VOCAB
    after = model(previous, told, changed)
    assert_close(after[:, :, :2], before[:, :, :2])
    assert not torch.allclose(after[:, :, 2], before[:, :, 2])


@pytest.mark.parametrize("remembered", ALL)
def test_future_never_changes_past(remembered):
    model, (previous, told, frames) = random_singer(**remembered), random_piece()
    before = model(previous, told, frames)
    previous[:, 12:], told[:, 12:], frames[:, 12:] = 5, 1, 7
    after = model(previous, told, frames)
    assert_close(after[:, :12], before[:, :12])
    assert not torch.allclose(after[:, 12:], before[:, 12:])


@pytest.mark.parametrize("remembered", ALL)
def test_frame_by_frame_is_the_same_as_at_once(remembered):
    model, (previous, told, frames) = random_singer(**remembered), random_piece()
    whole, cache = model(previous, told, frames), model.new_cache(BATCH)
    for end in (3, 4, 5, SEQ):  # several frames at once, then one, then the rest
        memories = model.memories(previous[:, :end], told[:, :end], cache.length)
        hidden = model.trunk(previous[:, :end], told[:, :end], cache, memories)
        for voice in range(VOICES):
            scores = model.next_voice(hidden[:, -1], memories, frames[:, end - 1, :voice])
            assert_close(scores, whole[:, end - 1, voice], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("positions", ["rotary", "sinusoidal", "learned", "relative", "none"])
def test_cached_equals_uncached(positions):
    model, (previous, told, _) = random_singer(positions=positions), random_piece()
    whole, cache, parts = model.trunk(previous, told), model.new_cache(BATCH), []
    for end in (3, 4, SEQ):
        parts.append(model.trunk(previous[:, :end], told[:, :end], cache))
    assert_close(torch.cat(parts, dim=1), whole, rtol=1e-4, atol=1e-4)


def test_conditions_and_every_voice_matter():
    model, piece = random_singer(), random_piece()
    before = model.trunk(*piece[:2])
    for part, column in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]:
        changed = [one.clone() for one in piece[:2]]
        changed[part][..., column] = (changed[part][..., column] + 1) % 4
        assert not torch.allclose(model.trunk(*changed), before)


@pytest.mark.parametrize("remembered", PARTS)
def test_each_memory_changes_what_the_model_says(remembered):
    model, piece = random_singer(**remembered), random_piece()
    before = model(*piece)
    remember = model.memories

    def forget(*told):
        memories = remember(*told)
        nothing = memories._replace(weights=memories.weights * 0)
        return nothing._replace(histograms=memories.histograms * 0)

    model.memories = forget
    assert not torch.allclose(model(*piece), before)


def test_each_remembered_note_has_vectors_of_its_own():
    model, (previous, told, _) = random_singer(**EVERYTHING), random_piece()
    memories = model.memories(previous, told)
    before = model.read(previous, told, memories)
    turned = memories._replace(notes=memories.notes.flip(-1), weights=memories.weights.flip(-1))
    assert not torch.allclose(model.read(previous, told, turned), before)


def test_a_new_model_has_no_liking():
    model = Singer(SingerConfig(vocab_size=VOCAB, **SIZES, **RELATIVE), PITCHES, HELD).eval()
    previous = torch.randint(VOCAB, (2, 5, 4))
    scores = model(previous, torch.zeros(2, 5, 0, dtype=torch.int64), previous).log_softmax(-1)
    assert_close(scores, torch.full_like(scores, -math.log(VOCAB)), atol=0.5, rtol=0)


def test_tables_travel_with_the_weights():
    model, other = random_singer(**EVERYTHING), Singer(random_singer(**EVERYTHING).config).eval()
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
        ("earlier", -1),
        ("earlier", True),
        ("repeats", "yes"),
        ("parallels", 1),
        ("decays", [8]),
        ("decays", (0,)),
        ("decays", (8.5,)),
        ("decays", (9999,)),
        ("key_condition", -1),
        ("key_condition", True),
        ("key_condition", "key"),
        ("end_condition", 2),
        ("end_condition", True),
    ],
)
def test_config_refuses(name, value):
    told = {"condition_sizes": (25, 10), "key_condition": 0, "n_relations": 5}
    with pytest.raises(SettingError, match=name):
        SingerConfig(vocab_size=VOCAB, **told | {name: value})


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"condition_sizes": (4, 10), "key_condition": 0, "n_relations": 5}, "25 ids of a key"),
        ({"condition_sizes": (25, 10), "end_condition": 1, "n_relations": 5}, "key_condition"),
        ({"earlier": 2}, "n_relations"),
        ({"repeats": True}, "n_relations"),
        ({"parallels": True}, "n_relations"),
    ],
)
def test_config_says_what_a_setting_needs(settings, match):
    with pytest.raises(SettingError, match=match):
        SingerConfig(vocab_size=VOCAB, **settings)


def test_config_survives_json():
    config = SingerConfig(vocab_size=VOCAB, condition_sizes=(16, 3), n_relations=2, decays=(8,))
    values = config.to_dict() | {"condition_sizes": [16, 3], "decays": [8]}  # JSON has no tuples
    assert SingerConfig.from_dict(values) == config

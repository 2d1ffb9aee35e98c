"""What is shown of the past: nothing but the past, part by part, at once or frame by frame."""

from itertools import product

import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.config import FrameConfig
from musiclab.model.frame_embedding import earlier_tokens, frames_held, relation_columns
from musiclab.model.frame_model import column_sizes
from musiclab.model.frames import FrameTransformer
from musiclab.model.recall import followed

BATCH, SEQ, VOICES, VOCAB, RELATIONS = 2, 17, 3, 11, 5
EVERYTHING = {"n_earlier": 2, "neighbours": True, "recall": True, "memories": (2, 7)}
EVERYTHING["parallels"] = True
EVERYTHING |= {"key_condition": 1, "end_condition": 2}
PARTS = [{n: v} for n, v in EVERYTHING.items() if n != "end_condition"]
PARTS.append({"key_condition": 1, "end_condition": 2})  # which goes with a key alone
SIZES = {"d_model": 12, "n_heads": 3, "n_layers": 2, "max_seq": 19, "condition_sizes": (4, 25, 10)}


def random_model(**shown):
    """Build a model in which every weight matters, with tables in which every entry differs."""
    config = FrameConfig(
        vocab_size=VOCAB, n_voices=VOICES, **SIZES, **{"n_relations": RELATIONS} | shown
    )
    relations = torch.randint(config.n_relations, (VOCAB, VOCAB))
    pitches = torch.tensor([-1, -1, -1, -1, 60, 61, 62, 63, 60, 61, 62])  # the last three: held
    model = FrameTransformer(config, relations, pitches)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model.eval()


def random_piece():
    frames = torch.randint(3, VOCAB, (BATCH, SEQ, VOICES))
    frames[:, 9:15] = frames[:, 1:7]
    previous = torch.cat([torch.ones_like(frames[:, :1]), frames[:, :-1]], dim=1)
    told = [torch.randint(size, (BATCH, SEQ)) for size in SIZES["condition_sizes"]]
    return previous, torch.stack(told, dim=-1), frames


def test_earlier_tokens_are_what_a_loop_finds():
    tokens = torch.randint(4, 9, (BATCH, SEQ, VOICES))
    pitches = torch.tensor([-1, -1, -1, -1, 60, 61, 62, 63, 60])  # 4 and 8 are one pitch
    found = earlier_tokens(tokens, pitches, 2)
    for row, now, voice in product(range(BATCH), range(SEQ), range(VOICES)):
        line = tokens[row, : now + 1, voice].tolist()
        for number in range(2):
            while len(line) > 1 and pitches[line[-1]] == pitches[line[-2]]:
                line.pop()
            line = line[:-1] or line
            assert found[row, now, voice, number] == line[-1]


def test_columns_stand_where_the_table_expects_them():
    model, (previous, told, _) = random_model(**EVERYTHING), random_piece()
    past, table = model.look_back(previous, conditions=told), model.relations
    earlier = earlier_tokens(previous, model.pitches, 2)
    parts = [previous, frames_held(previous), relation_columns(previous, table)]
    parts += [earlier[..., 0], table[earlier[..., 0], previous]]
    parts += [earlier[..., 1], table[earlier[..., 1], earlier[..., 0]]]
    heard_all, heard_top = (followed(previous, 0, heard=one) for one in (slice(None), slice(1)))
    parts += [*heard_all, *heard_top]
    assert torch.equal(past.columns, torch.cat(parts, dim=-1))
    sizes = column_sizes(model.config)[: past.columns.shape[-1]]
    assert (past.columns < torch.tensor(sizes)).all()
    for voice in range(VOICES):
        others = [previous[..., other] for other in range(VOICES) if other != voice]
        anchors = [previous[..., voice], *earlier[:, :, voice].unbind(-1), *others]
        anchors += [heard_all[0][..., voice], heard_top[0][..., voice]]
        assert torch.equal(past.anchors[:, :, voice], torch.stack(anchors, dim=-1))
    assert past.anchors.shape[-1] == model.config.n_anchors


def test_each_voice_sees_the_profile_from_its_own_note():
    shown = {"memories": (2, 7), "key_condition": 1, "end_condition": 2}
    model, (previous, told, _) = random_model(**shown), random_piece()
    past = model.look_back(previous, conditions=told)
    assert past.profiles.shape == (BATCH, SEQ, 12, 2 + 2 + 3, 12)
    assert past.seen_by_voices.shape == (BATCH, SEQ, VOICES, 2 + 2, 12)
    known = told[..., 1] > 0
    assert torch.equal((past.profiles[:, :, :, 2:] != 0).any(dim=(-3, -2, -1)), known)
    for row, now, voice in product(range(BATCH), range(SEQ), range(VOICES)):
        pitch = int(model.pitches[previous[row, now, voice]])
        seen = past.profiles[row, now, max(pitch, 0) % 12]
        assert torch.equal(past.seen_by_voices[row, now, voice], seen[:4])


@pytest.mark.parametrize("shown", [one for one in PARTS if "parallels" not in one])
def test_each_part_changes_what_the_model_says(shown):
    torch.manual_seed(0)
    model, piece = random_model(**shown), random_piece()
    before = model(*piece)
    past = model.look_back(piece[0], conditions=piece[1])
    blind = type(past)(past.columns.clone(), past.anchors.clone(), *past[2:])
    if blind.profiles is not None:
        blind = blind._replace(profiles=blind.profiles * 0)
    else:
        blind.anchors[..., 1:] = 3
    after = model.head(
        model.trunk(*piece[:2], past=past), blind, piece[2], model.relations, model.pitches
    )
    assert not torch.allclose(after, before)


@pytest.mark.parametrize("shown", [{}, EVERYTHING, *PARTS])
def test_future_never_changes_past(shown):
    model, (previous, conditions, frames) = random_model(**shown), random_piece()
    before = model(previous, conditions, frames)
    previous[:, 12:], conditions[:, 12:], frames[:, 12:] = 5, 1, 7
    after = model(previous, conditions, frames)
    assert torch.equal(after[:, :12], before[:, :12])
    assert not torch.allclose(after[:, 12:], before[:, 12:])


@pytest.mark.parametrize("shown", [EVERYTHING, *PARTS])
def test_frame_by_frame_is_the_same_as_at_once(shown):
    model, (previous, conditions, frames) = random_model(**shown), random_piece()
    whole, cache, parts = model(previous, conditions, frames), model.new_cache(BATCH), []
    for end in (3, 4, 5, SEQ):
        past = model.look_back(previous[:, :end], cache.length, conditions[:, :end])
        hidden = model.trunk(previous[:, :end], conditions[:, :end], cache, past)
        for voice in range(VOICES):
            chosen = frames[:, end - 1, :voice]
            parts.append((end - 1, voice, model.next_voice(hidden[:, -1], past, chosen)))
    for frame, voice, scores in parts:
        assert_close(scores, whole[:, frame, voice], rtol=1e-4, atol=1e-4)


def test_tables_travel_with_the_weights():
    model, other = random_model(**EVERYTHING), random_model(**EVERYTHING)
    other.load_state_dict(model.state_dict())
    piece = random_piece()
    assert_close(other(*piece), model(*piece))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_earlier", -1),
        ("n_earlier", True),
        ("neighbours", 1),
        ("recall", "yes"),
        ("memories", [8]),
        ("memories", (0,)),
        ("memories", (8.5,)),
        ("memories", (9999,)),
        ("memories", (8,) * 17),
        ("key_condition", 0),
        ("key_condition", 2),
        ("key_condition", -1),
        ("key_condition", True),
        ("key_condition", "key"),
        ("end_condition", 1),
        ("end_condition", True),
    ],
)
def test_config_refuses(name, value):
    with pytest.raises(SettingError, match="memory|memories" if name == "memories" else name):
        FrameConfig(
            vocab_size=VOCAB, n_relations=RELATIONS, **{"condition_sizes": (4, 25), name: value}
        )


@pytest.mark.parametrize(
    "sizes", [{"vocab_size": 2**17}, {"vocab_size": 53, "n_voices": 64, "n_relations": 4096}]
)
def test_what_no_classroom_machine_could_hold_is_refused(sizes):
    with pytest.raises(SettingError, match="choose fewer"):
        FrameConfig(**{"n_relations": 2} | sizes)


def test_an_end_needs_a_key():
    with pytest.raises(SettingError, match="needs key_condition"):
        FrameConfig(vocab_size=VOCAB, condition_sizes=(25, 10), end_condition=1)


@pytest.mark.parametrize("name", ["n_earlier", "neighbours", "recall"])
def test_config_says_what_a_part_needs(name):
    with pytest.raises(SettingError, match="n_relations"):
        FrameConfig(vocab_size=VOCAB, **{name: EVERYTHING[name]})

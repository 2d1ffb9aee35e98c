"""The short cut says what the model says, takes the same draws, and is left alone where it must."""

import dataclasses

import pytest
import torch
from torch.testing import assert_close

from musiclab.model.config import FrameConfig, TransformerConfig
from musiclab.model.frames import FrameTransformer
from musiclab.model.past import HIDDEN
from musiclab.model.transformer import Transformer
from musiclab.sampling.fast import MOST_ROWS, WIDEST_ALONE, short_cut
from musiclab.sampling.fast_frames import FastFrames
from musiclab.sampling.fast_notes import FastNotes
from musiclab.sampling.generate import FREE, generate
from musiclab.sampling.settings import Settings
from musiclab.sampling.steps import FrameSteps, longest_piece, steps_for
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.checkpoint import load_checkpoint
from musiclab.training.presets import PRESETS

FRAMES = 11
TOKENIZER = GridTokenizer(holds=True, lowest=60, highest=66)
SIZES = {"vocab_size": TOKENIZER.vocab_size, "d_model": 12, "n_heads": 3, "n_layers": 2}
RELATED = {"n_relations": TOKENIZER.n_relations}
SHOWN = {
    "nothing": {},
    "relations": RELATED,
    "conditions": {"condition_sizes": (3, 5)},
    "earlier notes": {**RELATED, "n_earlier": 2},
    "neighbours": {**RELATED, "neighbours": True},
    "recall": {**RELATED, "recall": True},
    "memories": {"memories": (2, 7)},
    "parallels": {"parallels": True},
    "key": {"condition_sizes": (3, 25), "key_condition": 1},
    "end": {"condition_sizes": (25, 5), "key_condition": 0, "end_condition": 1},
    "all": {
        **{**RELATED, "condition_sizes": (25, 3), "n_earlier": 3, "neighbours": True},
        **{"recall": True, "memories": (5,), "parallels": True, "key_condition": 0},
    },
}


def lively(model):
    """Give every weight a say, LayerNorm's gains and biases included."""
    generator = torch.Generator().manual_seed(0)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, float(weights.ndim == 1), 0.35, generator=generator)
    return model.eval()


def frame_model(**config):
    tables = TOKENIZER.relations(), TOKENIZER.pitches()
    config = FrameConfig(**{**SIZES, "max_seq": FRAMES, **config})
    return lively(FrameTransformer(config, *map(torch.from_numpy, tables)))


def note_model(**config):
    return lively(Transformer(TransformerConfig(**{**SIZES, "max_seq": 4 * FRAMES, **config})))


def both_ways(model, batch, frames=FRAMES):
    """Return steps with and without the short cut, standing at the first frame."""
    by_frames = isinstance(model, FrameTransformer)
    tokenizer, told = dataclasses.replace(TOKENIZER, layout="notes"), None
    if by_frames:
        tokenizer, sizes = TOKENIZER, model.config.condition_sizes
        told = torch.stack([torch.arange(frames) % size for size in sizes], 1) if sizes else None
    options = {"frames": frames, "conditions": told, "batch": batch}
    fast, plain = (steps_for(model, tokenizer, **options, fast=fast) for fast in (True, False))
    assert isinstance(fast.writer, FastFrames if by_frames else FastNotes)
    assert plain.writer is model
    return fast, plain


def pieces(batch):
    """Draw frames that repeat and return, so that every kind of past is met."""
    generator = torch.Generator().manual_seed(1)
    drawn = torch.randint(3, TOKENIZER.vocab_size, (batch, FRAMES, 4), generator=generator)
    drawn[:, 1] = drawn[:, 0]
    drawn[:, 2, :3] = drawn[:, 1, :3]
    drawn[:, 6:9] = drawn[:, 1:4]
    return drawn


@torch.no_grad()
def assert_same_scores(fast, plain, frames, given=()):
    """Compare the scores of every voice of every frame but those that are ``given`` whole."""
    for number, frame in enumerate(frames.unbind(dim=1)):
        for voice in range(0 if number in given else 4):
            scores = [steps.score(frame[:, :voice]) for steps in (fast, plain)]
            assert_close(*scores, atol=1e-4, rtol=0)
        for steps in (fast, plain):
            steps.write(frame)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("shown", SHOWN)
def test_scores_by_frames_are_the_models(shown, batch):
    assert_same_scores(*both_ways(frame_model(**SHOWN[shown]), batch), pieces(batch))


def test_long_agreements_and_long_notes_are_seen_as_the_model_sees_them():
    model = frame_model(**SHOWN["all"], max_seq=90)
    generator = torch.Generator().manual_seed(2)
    half = torch.randint(3, TOKENIZER.vocab_size, (2, 45, 4), generator=generator)
    half[:, 5:, 3] = half[:, 5:6, 3]  # held for longer than OLDEST
    repeated = torch.cat([half, half], dim=1)  # agrees for longer than LONGEST
    assert_same_scores(*both_ways(model, 2, frames=90), repeated)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("positions", ["rotary", "none"])
def test_scores_by_notes_are_the_models(positions, batch):
    assert_same_scores(*both_ways(note_model(positions=positions, d_ff=23), batch), pieces(batch))


@pytest.mark.parametrize("model", [frame_model(**SHOWN["all"]), note_model()])
def test_frames_that_are_given_are_read_too(model):
    for given in [(0, 1, 2), (4,), (0, 7, 8)]:
        assert_same_scores(*both_ways(model, 2), pieces(2), given)


@pytest.mark.parametrize("model", [frame_model(**SHOWN["all"]), note_model()])
def test_pieces_may_be_dropped_and_copied_on_the_way(model):
    fast, plain = both_ways(model, 5)
    frames, rows = pieces(5), torch.tensor([3, 3, 0, 4])
    assert_same_scores(fast, plain, frames[:, :4])
    with torch.no_grad():  # also between the voices of a frame, as particles are
        assert_close(*(steps.score(frames[:, 4, :0]) for steps in (fast, plain)), atol=1e-4, rtol=0)
    for steps in (fast, plain):
        steps.select(rows)
    later = frames[rows, 4:]
    if not isinstance(plain, FrameSteps):  # whose first voice has just been scored
        with torch.no_grad():
            assert_close(
                *(steps.score(later[:, 0, :1]) for steps in (fast, plain)), atol=1e-4, rtol=0
            )
        for steps in (fast, plain):
            steps.write(later[:, 0])
        later = later[:, 1:]
    assert_same_scores(fast, plain, later)


def written(checkpoint, **options):
    frames = options.setdefault("frames", FRAMES)
    told = torch.from_numpy(checkpoint.conditions.plan(frames, time_signature="3/4"))
    parts = checkpoint.model, checkpoint.tokenizer
    chance = torch.Generator().manual_seed(options.pop("seed", 0))
    out = list(generate(*parts, conditions=told, generator=chance, **options))
    return [torch.stack(part, dim=1) for part in zip(*out, strict=True)]


def assert_same_music(checkpoint, **options):
    (fast, likely), (plain, likely_too) = (
        written(checkpoint, **options, fast=fast) for fast in (True, False)
    )
    assert torch.equal(fast, plain)
    assert_close(likely, likely_too, atol=1e-4, rtol=0)


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_the_same_seed_gives_the_same_music(checkpoint, batch):
    settings = Settings(temperature=1.2, top_p=0.98, rules=["parallels"])
    assert_same_music(checkpoint, seed=1, batch=batch)
    assert_same_music(checkpoint, seed=2, batch=batch, settings=settings, may_end_after=5)


def test_a_prompt_and_a_given_voice_change_nothing_about_that(checkpoint):
    given = torch.full((7, 4), FREE)
    given[:5], given[:, 2] = torch.tensor([40, 35, 30, 20]), 30
    assert_same_music(checkpoint, given=given)


@pytest.mark.parametrize("model", [frame_model(**RELATED), note_model()])
def test_the_last_frame_that_the_model_can_look_back_from_is_written_like_any(model):
    layout = "frames" if isinstance(model, FrameTransformer) else "notes"
    tokenizer = dataclasses.replace(TOKENIZER, layout=layout)
    assert longest_piece(model, tokenizer) == FRAMES
    ways = {"fast": {}, "plain": {"fast": False}, "uncached": {"cached": False}}
    music = {}
    for name, way in ways.items():
        chance = torch.Generator().manual_seed(0)
        frames = generate(model, tokenizer, frames=FRAMES, generator=chance, batch=2, **way)
        music[name] = torch.stack([frame.tokens for frame in frames])
    assert torch.equal(music["fast"], music["plain"])
    assert torch.equal(music["fast"], music["uncached"])


@pytest.mark.parametrize("name", ["bach-grid", "bach-studio"])
def test_shipped_models_take_the_short_cut_to_the_same_music(name):
    checkpoint = load_checkpoint(name)
    assert short_cut(checkpoint.model, positions=5, batch=1) is not None
    assert_same_music(checkpoint, seed=1, frames=17)
    assert_same_music(checkpoint, seed=2, frames=5, batch=3)


@pytest.mark.parametrize("name", ["bach-grid", "bach-studio"])
def test_models_yet_to_be_trained_will_take_it(name):
    assert short_cut(PRESETS[name].build_model(), positions=5, batch=1) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"positions": "learned"},
        {"positions": "relative"},
        {"positions": "sinusoidal"},
        {"norm": "post"},
        {"d_model": WIDEST_ALONE + 2},
    ],
)
def test_other_models_go_the_ordinary_way(change):
    assert short_cut(note_model(**change), positions=5, batch=1) is None
    assert short_cut(frame_model(**change), positions=5, batch=1) is None


def give_it_a_hook(model):
    model.stack.blocks[1].register_forward_hook(lambda *_: None)


def replace_a_method(model):
    model.stack.forward = lambda *args, **options: None


def replace_a_part(model):
    model.stack.blocks[0].feed_forward[1] = torch.nn.ReLU()


def change_the_precision(model):
    model.bfloat16()


def leave_out_the_positions(model):
    model.stack.blocks[1].attention.rotary = None


def add_a_bias(model):
    model.stack.blocks[0].attention.to_out = torch.nn.Linear(12, 12)


def move_the_norm(model):
    model.stack.blocks[0].around_attention.pre = False


def change_the_gelu(model):
    model.stack.blocks[0].feed_forward[1] = torch.nn.GELU("tanh")


def leave_out_the_gains(model):
    model.stack.blocks[0].around_attention.norm = torch.nn.LayerNorm(12, elementwise_affine=False)


def drop_out_all_the_same(model):
    class Wild(torch.nn.Dropout):
        def forward(self, x):
            return torch.nn.functional.dropout(x, 0.5, training=True)

    model.stack.blocks[0].around_attention.dropout = Wild()


@pytest.mark.parametrize(
    "change",
    [
        *(give_it_a_hook, replace_a_method, replace_a_part, change_the_precision),
        *(leave_out_the_positions, add_a_bias, move_the_norm, change_the_gelu),
        *(leave_out_the_gains, drop_out_all_the_same),
    ],
)
def test_a_model_that_was_changed_goes_the_ordinary_way(change):
    model = note_model()
    assert short_cut(model, positions=5, batch=1) is not None
    change(model)
    assert short_cut(model, positions=5, batch=1) is None


def test_it_can_be_declined():
    model = frame_model()
    ways = [{"fast": False}, {"cached": False}, {"batch": MOST_ROWS + 1}]
    assert all(steps_for(model, TOKENIZER, frames=5, **way).writer is model for way in ways)


def test_weights_are_copied_anew_each_time(grid):
    model = FrameTransformer(grid.model.config, grid.model.relations)
    model.load_state_dict(grid.model.state_dict())
    mine = dataclasses.replace(grid, model=model.eval())
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    tokens, _ = written(mine)
    assert all(torch.equal(before[name], now) for name, now in model.state_dict().items())
    torch.nn.init.zeros_(model.head.to_logits.weight)
    assert not torch.equal(tokens, written(mine)[0])
    assert_same_music(mine)


def test_no_token_is_ever_hidden_while_writing():
    """``FastPast`` counts on it."""
    assert not TOKENIZER.allowed_next(TOKENIZER.start_id)[HIDDEN]
    assert all(not TOKENIZER.allowed_next(id)[HIDDEN] for id in range(TOKENIZER.vocab_size))

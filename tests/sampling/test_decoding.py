import copy
import dataclasses
from types import SimpleNamespace

import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.transformer import Transformer
from musiclab.sampling.decoding import FREE, generate, one_core
from musiclab.sampling.encoding import tokens_of
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.settings import Settings
from musiclab.tokens.grid import GridTokenizer

FRAMES, BATCH = 13, 3


def told(checkpoint, frames=FRAMES):
    return torch.from_numpy(checkpoint.conditions.plan(frames, mode="minor"))


def frames_of(checkpoint):
    chance, known = torch.Generator().manual_seed(0), told(checkpoint)
    options = {"frames": FRAMES, "generator": chance, "conditions": known}
    return generate(checkpoint.model, checkpoint.tokenizer, **options)


def write(checkpoint, seed=0, frames=FRAMES, **options):
    """Generate, and stack the frames: tokens and log-probabilities, (batch, frame, voice)."""
    written = list(
        generate(
            checkpoint.model,
            checkpoint.tokenizer,
            frames=frames,
            conditions=told(checkpoint, frames),
            generator=torch.Generator().manual_seed(seed),
            **{"batch": BATCH, **options},
        )
    )
    tokens, likely = zip(*written, strict=True)
    return torch.stack(tokens, dim=1), torch.stack(likely, dim=1)


def teacher_forced(checkpoint, tokens):
    """Score whole pieces in one call of the model: (batch, frame, voice, vocab)."""
    batch, frames, voices = tokens.shape
    start = torch.full((batch, 1, voices), checkpoint.tokenizer.start_id)
    if not isinstance(checkpoint.model, Transformer):
        previous = torch.cat([start, tokens[:, :-1]], dim=1)
        return checkpoint.model(previous, told(checkpoint).expand(batch, -1, -1), tokens)
    ids = torch.cat([start[:, :, 0], tokens.flatten(1)], dim=1)
    return checkpoint.model(ids[:, :-1]).unflatten(1, (frames, voices))


def masked(checkpoint, tokens, logits):
    """Apply the tokenizer's rule, cell by cell, without the Grammar class."""
    tokenizer, logits = checkpoint.tokenizer, logits.clone()
    for row, frame, voice in torch.cartesian_prod(*map(torch.arange, tokens.shape)).tolist():
        before = tokens[row, frame - 1, voice] if frame else tokenizer.start_id
        allowed = torch.from_numpy(tokenizer.allowed_next(int(before)))
        allowed[tokenizer.end_id] = False
        logits[row, frame, voice, ~allowed] = -torch.inf
    return logits


@pytest.mark.parametrize("settings", [Settings(), Settings(temperature=1.3, top_p=0.9)])
def test_cached_writes_the_same_tokens_as_uncached(checkpoint, settings):
    cached, likely = write(checkpoint, settings=settings)
    uncached, likely_too = write(checkpoint, settings=settings, cached=False)
    assert torch.equal(cached, uncached)
    assert_close(likely, likely_too, atol=1e-4, rtol=1e-4)


def test_what_it_calls_likely_is_what_the_model_says_in_one_call(checkpoint):
    tokens, likely = write(checkpoint, settings=Settings(temperature=1.7, top_k=9))
    with torch.no_grad():
        logits = masked(checkpoint, tokens, teacher_forced(checkpoint, tokens))
    expected = logits.log_softmax(dim=-1).gather(-1, tokens[..., None])[..., 0]
    assert_close(likely, expected, atol=1e-4, rtol=1e-4)


def test_top_k_1_takes_the_likeliest_each_time(checkpoint):
    tokens, _ = write(checkpoint, settings=Settings(top_k=1), batch=1)
    with torch.no_grad():
        logits = masked(checkpoint, tokens, teacher_forced(checkpoint, tokens))
    assert torch.equal(tokens, logits.argmax(dim=-1))


def test_the_pieces_of_a_batch_differ_and_seeds_matter(checkpoint):
    tokens, _ = write(checkpoint)
    assert len({tuple(piece.flatten().tolist()) for piece in tokens}) == BATCH
    assert torch.equal(tokens, write(checkpoint)[0])
    assert not torch.equal(tokens, write(checkpoint, seed=1)[0])


def test_what_is_written_can_be_played_as_it_stands(checkpoint):
    tokenizer = checkpoint.tokenizer
    for piece in write(checkpoint, settings=Settings(temperature=3.0))[0]:
        ids = piece.flatten() if tokenizer.layout == "notes" else piece
        again = tokenizer.encode(tokenizer.decode(ids.numpy()))[1:-1]
        assert torch.equal(torch.from_numpy(again), ids)


def test_a_prompt_is_kept_and_makes_a_difference(checkpoint, hymn):
    prompt = torch.from_numpy(tokens_of(hymn.excerpt(0, 5), checkpoint.tokenizer, "it"))
    tokens, likely = write(checkpoint, given=prompt)
    assert (tokens[:, :5] == prompt).all()
    assert (likely[:, :5] == 0).all() and (likely[:, 5:] < 0).all()
    assert not torch.equal(tokens[:, 5:], write(checkpoint)[0][:, 5:])
    assert torch.equal(tokens, write(checkpoint, given=prompt, cached=False)[0])


def test_a_given_voice_is_kept_and_heard_by_the_others(checkpoint, hymn):
    given = torch.full((FRAMES, 4), FREE)
    soprano = tokens_of(hymn.excerpt(0, FRAMES), checkpoint.tokenizer, "it")[:, 0]
    given[:, 0] = torch.from_numpy(soprano)
    tokens, likely = write(checkpoint, given=given)
    assert (tokens[:, :, 0] == given[:, 0]).all() and (likely[:, :, 0] == 0).all()
    with torch.no_grad():
        logits = masked(checkpoint, tokens, teacher_forced(checkpoint, tokens))
    expected = logits.log_softmax(dim=-1).gather(-1, tokens[..., None])[..., 0]
    assert_close(likely[:, :, 1:], expected[:, :, 1:], atol=1e-4, rtol=1e-4)


def test_conditions_are_heard(studio):
    options = {"frames": 7, "generator": torch.Generator(), "batch": 2}
    pieces = []
    for key in ("C major", "F# minor"):
        ids = torch.from_numpy(studio.conditions.plan(7, key=key))
        options["generator"].manual_seed(0)
        frames = generate(studio.model, studio.tokenizer, conditions=ids, **options)
        pieces.append(torch.stack([frame.tokens for frame in frames]))
    assert not torch.equal(*pieces)


def eager_to_end(checkpoint):
    """Copy a checkpoint whose model finds the end by far the likeliest."""
    model = copy.deepcopy(checkpoint.model)
    inner = model.head.next_voice

    def next_voice(*args):
        scores = inner(*args)
        scores[..., checkpoint.tokenizer.end_id] += 50.0
        return scores

    model.head.next_voice = next_voice
    return dataclasses.replace(checkpoint, model=model.eval())


def test_no_piece_ends_before_it_may(grid):
    eager, end = eager_to_end(grid), grid.tokenizer.end_id
    assert not (write(eager)[0] == end).any()
    tokens, _ = write(eager, may_end_after=5)
    assert tokens.shape[1] == 6  # five frames, and the end
    assert not (tokens[:, :5] == end).any() and (tokens[:, 5] == end).all()


def test_all_voices_end_together_and_stay_ended(grid):
    tokens, likely = write(grid, may_end_after=1, frames=97, settings=Settings(temperature=2.0))
    ended = tokens == grid.tokenizer.end_id
    assert ended.any()
    assert (ended.any(dim=2) == ended.all(dim=2)).all()
    assert (ended[:, 1:] | ~ended[:, :-1]).all()
    after = ended[:, :-1] & ended[:, 1:]
    assert (likely[:, 1:][after] == 0).all()  # what is certain costs nothing


def test_the_model_is_left_as_it_was_and_nobody_else_is_touched(checkpoint):
    expected, _ = write(checkpoint)
    checkpoint.model.train()
    try:
        frames = generate(
            checkpoint.model,
            checkpoint.tokenizer,
            frames=FRAMES,
            conditions=told(checkpoint),
            generator=torch.Generator().manual_seed(0),
            batch=BATCH,
        )
        tokens = []
        for frame in frames:
            assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
            assert checkpoint.model.training
            tokens.append(frame.tokens)
    finally:
        checkpoint.model.eval()
    assert torch.equal(torch.stack(tokens, dim=1), expected)  # without dropout


def test_a_frame_is_handed_out_before_the_next_is_begun(checkpoint):
    chance = torch.Generator().manual_seed(0)
    options = {"frames": FRAMES, "conditions": told(checkpoint), "generator": chance}
    frames = generate(checkpoint.model, checkpoint.tokenizer, **options)
    states = [(next(frames), chance.get_state())[1] for _ in range(3)]
    assert not torch.equal(states[0], states[1]) and not torch.equal(states[1], states[2])


def test_what_does_not_fit_is_refused_at_once(studio, flat):
    chance = {"generator": torch.Generator()}

    def ask(model=studio.model, tokenizer=studio.tokenizer, frames=7, **options):
        return generate(model, tokenizer, frames=frames, **chance, **options)

    with pytest.raises(SettingError, match="pieces of 1 to 331 frames .* got 332"):
        ask(frames=332, conditions=told(studio, 332))
    with pytest.raises(SettingError, match="pieces of 1 to 82 frames .* got 83"):
        ask(flat.model, flat.tokenizer, frames=83)
    with pytest.raises(SettingError, match="got 0"):
        ask(frames=0)
    with pytest.raises(SettingError, match="frames must be a whole number, got True"):
        ask(frames=True)
    with pytest.raises(SettingError, match="got 1000000000; ask for fewer bars"):
        ask(frames=10**9)
    with pytest.raises(SettingError, match="^batch must be"):
        ask(batch=10**9)
    with pytest.raises(SettingError, match="5 conditions of each of 7 frames"):
        ask()
    with pytest.raises(SettingError, match='cannot use a tokeniser of layout "notes"'):
        ask(tokenizer=flat.tokenizer)
    with pytest.raises(SettingError, match="tokens and the tokeniser"):
        ask(tokenizer=dataclasses.replace(studio.tokenizer, lowest=42))


def test_what_is_given_must_be_music(studio):
    conditions = told(studio, 7)

    def give(given):
        chance = torch.Generator()
        parts = {"frames": 7, "generator": chance, "conditions": conditions}
        return generate(studio.model, studio.tokenizer, given=given, **parts)

    with pytest.raises(SettingError, match="8 frames are given, but only 7"):
        give(torch.full((8, 4), FREE))
    for token in (studio.tokenizer.end_id, studio.tokenizer.vocab_size, -2):
        with pytest.raises(SettingError, match=f"token {token} in frame 1"):
            give(torch.tensor([[3] * 4, [3, token, 3, 3]]))
    for wrong in ([[3] * 4], torch.zeros(1, 4), torch.full((1, 3), FREE), torch.full((4,), FREE)):
        with pytest.raises(SettingError, match="given must be a tensor of whole numbers, 4 tokens"):
            give(wrong)


def test_the_grammar_is_used(studio):
    tokens, _ = write(studio, settings=Settings(temperature=5.0))
    table = Grammar(studio.tokenizer).without_end
    assert table[tokens[:, :-1], tokens[:, 1:]].all()


def test_a_small_model_writes_on_one_core(checkpoint):
    """And the caller's number of threads is there whenever a frame is handed out."""
    seen, before = [], torch.get_num_threads()
    torch.set_num_threads(3)
    hook = checkpoint.model.stack.register_forward_pre_hook(
        lambda *_: seen.append(torch.get_num_threads())
    )
    try:
        handed_out = [torch.get_num_threads() for _ in frames_of(checkpoint)]
    finally:
        hook.remove()
        torch.set_num_threads(before)
    assert set(seen) == {1}
    assert set(handed_out) == {3}


def test_a_wide_model_keeps_its_cores():
    before, model = torch.get_num_threads(), torch.nn.Identity()
    model.config = SimpleNamespace(d_model=257)
    with one_core(model):
        assert torch.get_num_threads() == before


class OwnFrames(torch.nn.Module):
    """As little as a class over frames needs to write: it likes what sounds, and what is above."""

    def __init__(self, vocab_size):
        super().__init__()
        self.config = SimpleNamespace(
            vocab_size=vocab_size, max_seq=FRAMES, condition_sizes=(), d_model=1
        )
        self.liking = torch.nn.Parameter(torch.full((1,), 9.0))

    def memories(self, previous, conditions, first=0):
        return previous[:, -1]

    def trunk(self, previous, conditions, cache=None, memories=None):
        return self.liking.expand(len(previous), previous.shape[1], 1)

    def next_voice(self, hidden, memories, chosen):
        notes = [*memories.T, *chosen.T]
        return sum(hidden * torch.eye(self.config.vocab_size)[note] for note in notes)


class OwnNotes(torch.nn.Module):
    """As little as a class over notes needs to write."""

    def __init__(self, vocab_size):
        super().__init__()
        self.config = SimpleNamespace(vocab_size=vocab_size, max_seq=4 * FRAMES, d_model=1)
        self.table = torch.nn.Embedding(vocab_size, vocab_size)

    def forward(self, ids):
        return self.table(ids)


@pytest.mark.parametrize(("kind", "layout"), [(OwnFrames, "frames"), (OwnNotes, "notes")])
def test_a_class_of_ones_own_can_write(kind, layout):
    tokenizer = GridTokenizer(layout=layout)
    options = {"frames": FRAMES, "generator": torch.Generator().manual_seed(0), "batch": BATCH}
    written = list(generate(kind(tokenizer.vocab_size), tokenizer, **options))
    assert len(written) == FRAMES and written[0].tokens.shape == (BATCH, 4)
    other = GridTokenizer(layout="notes" if layout == "frames" else "frames")
    with pytest.raises(SettingError, match="use the one that the model was trained with"):
        generate(kind(tokenizer.vocab_size), other, **options)

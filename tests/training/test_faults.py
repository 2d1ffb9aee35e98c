"""Faults: marked where the examiner finds them, and made rare by unlikelihood."""

import copy

import numpy as np
import pytest
import torch
from small_training import CONDITIONS, TOKENIZER, build_batches, build_model, build_pieces
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.music.chorale import COMFORTABLE
from musiclab.singer.harmoniser import Harmoniser, HarmoniserConfig
from musiclab.tokens.melody import MELODY_SIZES
from musiclab.training.batches import Batch
from musiclab.training.config import TrainingConfig
from musiclab.training.faults import mark_faults
from musiclab.training.harmony_batches import HarmonyBatches
from musiclab.training.loss import summed_nll, summed_unlikelihood
from musiclab.training.optimiser import build_optimiser
from musiclab.training.step import add_gradients, take_step

PITCHES = torch.from_numpy(TOKENIZER.pitches())
MIDDLE = np.array([70, 64, 58, 50])


def marked_notes(pieces):
    """Mark what stands in the pieces."""
    frames = torch.from_numpy(pieces)
    return mark_faults(frames, PITCHES).gather(-1, frames[..., None])[..., 0]


def random_frames(length=200):
    """Voices that move about their ranges, often together."""
    random = np.random.default_rng(length)
    together = random.integers(-3, 4, (2, length, 1))
    alone = random.integers(-12, 13, (2, length, 4)) * (random.random((2, length, 4)) < 0.3)
    pitches = np.clip(MIDDLE + together + alone, TOKENIZER.lowest, TOKENIZER.highest)
    tokens = np.flatnonzero(TOKENIZER.pitches() == TOKENIZER.lowest)[0] + pitches
    return tokens - TOKENIZER.lowest, pitches


def test_marks_are_what_the_examiner_finds():
    tokens, pitches = random_frames()
    counts = voice_leading_counts(list(pitches))
    lowest, highest = np.array(COMFORTABLE).T
    strained = (pitches < lowest) | (pitches > highest)
    marked = marked_notes(tokens).numpy()
    assert marked[strained].all()
    assert strained.sum() > 20
    # A voice that runs parallel with two others is one note, but two faults.
    runs = marked & ~strained
    parallel = counts.parallel_fifths + counts.parallel_octaves
    assert 50 < runs[..., :3].sum() < runs.sum() <= parallel + counts.hidden
    assert not marked[:, 0][~strained[:, 0]].any()  # nothing before, nothing parallel


@pytest.mark.parametrize("interval", [7, 12, 19])
def test_every_parallel_between_two_voices_is_marked(interval):
    upper = np.array([60, 62, 62, 64, 60, 60, 67])
    pair = np.stack([upper, upper - interval], axis=-1)[None]
    tokens = mark_faults(torch.from_numpy(pair), torch.arange(128))
    own = tokens.gather(-1, torch.from_numpy(pair)[..., None])[0, :, 1, 0]
    in_range = pair[0, :, 1] >= COMFORTABLE[1][0]
    moves = np.diff(upper, prepend=upper[0]) != 0
    assert own.tolist() == (moves | ~in_range).tolist()


def test_hidden_fifths_and_octaves_are_marked_in_the_lowest_voice():
    tokens, pitches = random_frames()
    marked = marked_notes(tokens).numpy()
    lowest, highest = COMFORTABLE[3]
    found = others = 0
    for piece, frame in np.ndindex(2, 199):
        two = pitches[piece, frame : frame + 2]
        counts = voice_leading_counts([two])
        bass = int(two[1, 3])
        parallel = any((counts.parallel_fifths, counts.parallel_octaves))
        if counts.hidden:
            assert marked[piece, frame + 1, 3]
            found += 1
        elif lowest <= bass <= highest and not parallel:
            assert not marked[piece, frame + 1, 3]
            others += 1
    assert found > 5 and others > 100


def test_unlikelihood_equals_a_loop():
    logits, targets = torch.randn(2, 5, 4, 11), torch.randint(0, 11, (2, 5, 4))
    faults = torch.rand(2, 5, 4, 11) < 0.3
    expected, excused = 0.0, 0
    for b, s, v in np.ndindex(2, 5, 4):
        target = targets[b, s, v]
        if target == 0 or faults[b, s, v, target]:
            excused += 1
            continue
        p = logits[b, s, v].softmax(-1)
        expected -= torch.log(1 - p[faults[b, s, v]].sum())
    assert 5 < excused < 30
    assert_close(summed_unlikelihood(logits, targets, faults, pad_id=0), expected)


def test_a_certain_fault_still_has_a_finite_gradient():
    logits = torch.tensor([[0.0, 200.0]], requires_grad=True)
    faults = torch.tensor([[False, True]])
    summed_unlikelihood(logits, torch.tensor([0]), faults, pad_id=-1).backward()
    assert_close(logits.grad, torch.tensor([[-1.0, 1.0]]))


def test_the_share_of_faults_is_divided_by_one_plus_the_weight():
    """Of a thousand targets 50 are faults; the best constant guess says so, or a fifth of it."""
    targets = torch.tensor([1] * 50 + [0] * 950)
    faults = torch.tensor([False, True]).expand(1000, 2)
    for weight in (0.0, 4.0):
        score = torch.zeros(2, requires_grad=True)
        optimiser = torch.optim.LBFGS([score], max_iter=100)

        def cost(score=score, weight=weight, optimiser=optimiser):
            optimiser.zero_grad()
            logits = score.expand(1000, 2)
            loss = summed_nll(logits, targets, -1)
            loss = loss + weight * summed_unlikelihood(logits, targets, faults, -1)
            loss.backward()
            return loss

        optimiser.step(cost)
        share = score.softmax(0)[1].item()
        assert share == pytest.approx(50 / (50 + (1 + weight) * 950), rel=0.01)


def settings(**values):
    return TrainingConfig(**{"steps": 60, "peak": 0.01, "warmup": 0} | values)


def fault_share(model, batch: Batch) -> float:
    model.eval()
    with torch.inference_mode():
        chances = model(*batch.inputs).softmax(-1)
        return (chances * mark_faults(batch.inputs[-1], PITCHES)).sum().item()


def test_training_with_unlikelihood_shuns_faults_and_reports_the_same_loss():
    plain = build_model(dropout=0.0)
    shunning, batch = copy.deepcopy(plain), build_batches(batch_size=7).batch(0)
    assert add_gradients(plain, batch, 0, settings()) == pytest.approx(
        add_gradients(shunning, batch, 0, settings(unlikelihood=5.0)), rel=1e-5
    )
    for model, weight in ((plain, 0.0), (shunning, 5.0)):
        config = settings(unlikelihood=weight)
        optimiser = build_optimiser(model, config)
        for step in range(60):
            take_step(model, optimiser, batch, 0, step, config)
    assert fault_share(shunning, batch) < 0.75 * fault_share(plain, batch)


def test_parts_add_up_with_unlikelihood_too():
    model, batch = build_model(dropout=0.0), build_batches(batch_size=7).batch(0)
    grads = []
    for accumulate in (1, 3):
        model.zero_grad()
        add_gradients(model, batch, 0, settings(unlikelihood=2.0, accumulate=accumulate))
        grads.append([p.grad.clone() for p in model.parameters()])
    assert_close(*grads)


def test_a_harmoniser_is_charged_for_the_voices_that_it_writes():
    config = HarmoniserConfig(
        vocab_size=TOKENIZER.vocab_size,
        source_sizes=MELODY_SIZES,
        condition_sizes=CONDITIONS.sizes,
        d_model=8,
        n_heads=2,
        n_layers=1,
        dropout=0.0,
    )
    model = Harmoniser(config, PITCHES)
    batch = HarmonyBatches(build_pieces(7), TOKENIZER, CONDITIONS, batch_size=7).batch(0)
    add_gradients(model, batch, 0, settings(unlikelihood=2.0))
    reached = [p for p in model.parameters() if p.grad is not None]  # not the soprano's
    grads = [p.grad.clone() for p in reached]
    model.zero_grad()
    logits, frames = model(*batch.inputs), batch.inputs[-1]
    marked = mark_faults(frames, PITCHES)[:, :, 1:]
    cost = summed_nll(logits, batch.targets, 0)
    cost = cost + 2 * summed_unlikelihood(logits, batch.targets, marked, 0)
    (cost / (batch.targets != 0).sum()).backward()
    assert_close(grads, [p.grad for p in reached])


def test_a_model_without_voices_cannot_shun():
    with pytest.raises(SettingError, match="needs a model over frames.*Linear.*unlikelihood=0"):
        batch = Batch((torch.zeros(1, 2),), torch.ones(1, dtype=torch.int64))
        add_gradients(torch.nn.Linear(2, 3), batch, 0, settings(unlikelihood=1.0))

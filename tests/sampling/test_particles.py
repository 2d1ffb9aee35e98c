import itertools
from typing import NamedTuple

import pytest
import torch
from torch.testing import assert_close

from musiclab.sampling.decoding import FREE, write_frames
from musiclab.sampling.particles import Particles, effective_size, resample
from musiclab.sampling.settings import Settings
from musiclab.sampling.steps import steps_for
from musiclab.singer.config import SingerConfig
from musiclab.singer.singer import Singer
from musiclab.tokens.grid import GridTokenizer

TINY = GridTokenizer(lowest=60, highest=61)  # rest, 60, 61: 27 chords under each soprano
TOKENS = (3, 4, 5)
MELODY = (5, 4)


@pytest.fixture(scope="module")
def tiny():
    """A model of strong opinions, for which the melody tells much about the chord before it."""
    model = Singer(
        SingerConfig(vocab_size=TINY.vocab_size, d_model=14, n_heads=1, n_layers=1, max_seq=11)
    )
    generator = torch.Generator().manual_seed(5)
    for weights in model.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=1.3, generator=generator)
    return model.eval()


@pytest.fixture(scope="module")
def exact(tiny):
    """p(A1 T1 B1 A2 T2 B2 | soprano), by listing all 27 x 27 harmonisations; and p(soprano)."""
    lower = list(itertools.product(TOKENS, repeat=3))
    pieces = [
        [[MELODY[0], *first], [MELODY[1], *second]]
        for first, second in itertools.product(lower, lower)
    ]
    tokens = torch.tensor(pieces)
    start = torch.full_like(tokens[:, :1], TINY.start_id)
    told = torch.empty(len(tokens), 2, 0, dtype=torch.int64)
    with torch.no_grad():
        logits = tiny(torch.cat([start, tokens[:, :1]], dim=1), told, tokens)
    logits[..., : TOKENS[0]] = -torch.inf  # no pad, start or end
    scores = logits.log_softmax(dim=-1).gather(-1, tokens[..., None])[..., 0]
    joint = scores.double().sum(dim=(1, 2)).exp()
    return tokens, joint / joint.sum(), joint.sum().log()


class Cloud(NamedTuple):
    """All particles after one more frame."""

    tokens: torch.Tensor  # particle frame voice
    log_weights: torch.Tensor
    log_evidence: float


def follow(steps, melody, seed):
    """Write under a melody, and weigh after each frame."""
    generator = torch.Generator().manual_seed(seed)
    particles, given = Particles(steps, generator), [[note, FREE, FREE, FREE] for note in melody]
    options = {"generator": generator, "settings": Settings(), "score_given": True}
    for frame in write_frames(steps, TINY, given=given, **options):
        particles.weigh(frame.log_probabilities[:, 0])
        yield Cloud(steps.written.clone(), particles.log_weights, particles.log_evidence)


def run(model, particles, seed, melody=MELODY):
    steps = steps_for(model, TINY, frames=len(melody), batch=particles)
    return list(follow(steps, melody, seed))


def test_the_cloud_converges_to_the_exact_posterior(tiny, exact):
    tokens, posterior, evidence = exact
    *_, cloud = run(tiny, 6007, seed=1)
    for frame, voice in itertools.product(range(2), range(1, 4)):
        for token in TOKENS:
            expected = posterior[tokens[:, frame, voice] == token].sum()
            weights = cloud.log_weights.exp()
            found = weights[cloud.tokens[:, frame, voice] == token].sum()
            assert_close(found, expected, atol=0.04, rtol=0)
    assert cloud.log_evidence == pytest.approx(float(evidence), abs=0.08)


def test_the_second_note_changes_what_the_first_chord_was(tiny, exact):
    tokens, posterior, _ = exact
    first = run(tiny, 6007, seed=1)[0]
    changes = [
        float(posterior[tokens[:, 0, voice] == token].sum())
        - float(first.log_weights.exp()[first.tokens[:, 0, voice] == token].sum())
        for voice in range(1, 4)
        for token in TOKENS
    ]
    # Or the test above would prove nothing: the cloud must move, and be resampled on the way.
    assert max(map(abs, changes)) > 0.1
    assert all(float(cloud.log_weights.std()) < 1e-9 for cloud in run(tiny, 6007, seed=1))


def test_the_evidence_is_right_on_average_even_with_few_particles(tiny, exact):
    estimates = torch.tensor([run(tiny, 29, seed)[-1].log_evidence for seed in range(150)])
    assert_close(estimates.exp().mean().log(), exact[2].float(), atol=0.08, rtol=0)


def test_weights_are_normalised_and_the_melody_is_kept(tiny):
    for number, cloud in enumerate(run(tiny, 17, seed=2, melody=(4, 5, 5, 3, 4)), start=1):
        assert float(cloud.log_weights.logsumexp(dim=0)) == pytest.approx(0, abs=1e-9)
        assert cloud.tokens.shape == (17, number, 4)
        assert (cloud.tokens[:, :, 0] == torch.tensor((4, 5, 5, 3, 4)[:number])).all()


def test_resampled_particles_keep_their_own_past(tiny):
    """What a particle is said to have written must be what its cache has read."""
    melody = (4, 5, 5, 3, 4, 4, 5)
    steps = steps_for(tiny, TINY, frames=len(melody), batch=13)
    selected = []
    select = steps.select
    steps.select = lambda rows: (selected.append(rows.tolist()), select(rows))
    *_, cloud = follow(steps, melody, seed=4)
    assert any(rows != sorted(set(rows)) for rows in selected)  # some were copied
    assert torch.equal(steps.rows[:, 1:], cloud.tokens)
    fresh = steps_for(tiny, TINY, frames=len(melody), batch=13, cached=False)
    for frame in cloud.tokens[:, :-1].unbind(dim=1):
        fresh.write(frame)
    steps.frame, steps.scorer = len(melody) - 1, None
    for layer in steps.cache.layers:
        layer.length = len(melody) - 1
    nobody = cloud.tokens[:, 0, :0]
    with torch.inference_mode():
        assert_close(steps.score(nobody), fresh.score(nobody), atol=1e-5, rtol=1e-4)


def test_resampling_takes_each_particle_as_often_as_its_weight_says():
    weights = torch.tensor([0.35, 0.05, 0.0, 0.6])
    generator = torch.Generator().manual_seed(0)
    counts = torch.zeros(4)
    for _ in range(500):
        taken = resample(weights.log(), generator).bincount(minlength=4)
        assert (taken >= (4 * weights).floor()).all() and (taken <= (4 * weights).ceil()).all()
        counts += taken
    assert_close(counts / 2000, weights, atol=0.02, rtol=0)


def test_the_effective_size_lies_between_one_and_all():
    assert effective_size(torch.full((7,), 1 / 7).log()) == pytest.approx(7)
    assert effective_size(torch.tensor([1.0, 0.0, 0.0]).log()) == pytest.approx(1)


def test_of_those_wanted_one_is_drawn_as_often_as_its_weight_says(tiny):
    steps = steps_for(tiny, TINY, frames=2, batch=4)
    particles = Particles(steps, torch.Generator().manual_seed(0))
    particles.log_weights = torch.tensor([0.4, 0.3, 0.1, 0.2], dtype=torch.float64).log()
    wanted = torch.tensor([False, True, True, False])
    drawn = [particles.draw(wanted) for _ in range(400)]
    assert set(drawn) == {1, 2} and 260 < drawn.count(1) < 340
    nobody = [particles.draw(torch.zeros(4, dtype=torch.bool)) for _ in range(99)]
    assert set(nobody) == {0, 1, 2, 3}

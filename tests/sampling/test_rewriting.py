"""Some notes are written anew: the others stay, and the new ones are the model's, given them."""

import itertools

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from musiclab.checkpoint.load import Checkpoint, load_checkpoint
from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.sampling.composing import compose
from musiclab.sampling.expectation import expect
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.particles import Particles
from musiclab.sampling.rewriting import check_cells, follow, rewrite
from musiclab.sampling.settings import Settings
from musiclab.sampling.steps import steps_for
from musiclab.singer.config import SingerConfig
from musiclab.singer.singer import Singer
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer

TINY = GridTokenizer(lowest=60, highest=61)  # rest, 60, 61
TOKENS = (3, 4, 5)
PIECE = torch.tensor([[5, 4, 3, 5], [4, 4, 5, 3], [3, 5, 4, 4], [5, 3, 4, 5]])
# Two voices of one frame, and a third that its locked neighbours above and below surround.
CHOSEN = {(1, 1), (1, 3), (2, 2)}


@pytest.fixture(scope="module")
def tiny():
    """A model with opinions, for which what comes later tells much about what was before."""
    config = SingerConfig(vocab_size=TINY.vocab_size, d_model=14, n_heads=1, n_layers=1, max_seq=11)
    model, generator = Singer(config), torch.Generator().manual_seed(5)
    for weights in model.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=0.5, generator=generator)
    return Checkpoint(model.eval(), TINY, Conditions(()), {}, "0" * 12)


def scores_of(model, tokens):
    """Score whole pieces in one pass, as the model was trained: nats of every cell."""
    start = torch.full_like(tokens[:, :1], TINY.start_id)
    told = torch.empty(*tokens.shape[:2], 0, dtype=torch.int64)
    with torch.no_grad():
        logits = model(torch.cat([start, tokens[:, :-1]], dim=1), told, tokens)
    logits[..., : TOKENS[0]] = -torch.inf  # no pad, start or end
    return logits.log_softmax(dim=-1).gather(-1, tokens[..., None])[..., 0].double()


def exact(model):
    """The probability of each filling of the chosen cells, given all others, by listing all 27."""
    pieces = []
    for filling in itertools.product(TOKENS, repeat=len(CHOSEN)):
        piece = PIECE.clone()
        for cell, token in zip(sorted(CHOSEN), filling, strict=True):
            piece[cell] = token
        pieces.append(piece)
    pieces = torch.stack(pieces)
    joint = scores_of(model, pieces).sum(dim=(1, 2)).exp()
    return pieces, joint / joint.sum()


def cloud_of(checkpoint, particles, seed=1, settings=Settings()):  # noqa: B008, it is frozen
    steps = steps_for(checkpoint.model, TINY, frames=len(PIECE), batch=particles)
    cloud = Particles(steps, torch.Generator().manual_seed(seed))
    chosen = torch.from_numpy(check_cells(CHOSEN, len(PIECE)))
    for _ in follow(cloud, checkpoint, PIECE, chosen, settings):
        pass
    return steps.written, cloud.log_weights.exp()


def test_the_new_notes_follow_the_exact_posterior(tiny):
    pieces, posterior = exact(tiny.model)
    written, weights = cloud_of(tiny, 12_007)
    found = torch.stack([weights[(written == piece).all(dim=(1, 2))].sum() for piece in pieces])
    assert float(found.sum()) == pytest.approx(1)
    assert_close(found, posterior, atol=0.05, rtol=0)


def test_what_comes_later_matters_or_the_test_above_would_prove_nothing(tiny):
    pieces, posterior = exact(tiny.model)
    scores = scores_of(tiny.model, pieces)
    forwards = scores[:, [1, 1, 2], [1, 3, 2]].sum(dim=1).exp()
    assert float((forwards / forwards.sum() - posterior).abs().max()) > 0.2


def test_every_other_cell_is_kept_in_every_particle(tiny):
    written, _ = cloud_of(tiny, 31)
    locked = torch.from_numpy(~check_cells(CHOSEN, len(PIECE)))
    assert (written[:, locked] == PIECE[locked]).all()


@pytest.fixture(scope="module")
def studio():
    return load_checkpoint("bach-studio")


@pytest.fixture(scope="module")
def piece(studio):
    return compose(checkpoint=studio, bars=4, seed=3)


SELECTIONS = {
    "a bar": (slice(16, 32), slice(None)),
    "a voice": (slice(None), 2),
    "all but the melody": (slice(None), slice(1, None)),
    "one sixteenth": (21, 1),
    "the last chord": (slice(60, None), slice(None)),
}


@pytest.mark.parametrize("name", SELECTIONS)
def test_locked_cells_come_back_note_for_note(piece, studio, name):
    cells = np.zeros(piece.pitches.shape, dtype=bool)
    cells[SELECTIONS[name]] = True
    found = rewrite(piece, cells, count=1, seed=4, checkpoint=studio, particles=5)
    for one in found:
        assert np.array_equal(one.pitches[~cells], piece.pitches[~cells])
        struck_anew = np.zeros_like(cells)
        struck_anew[1:] = cells[:-1] & ~cells[1:]
        same = ~cells & ~struck_anew
        assert np.array_equal(one.attacks[same], piece.attacks[same])
        assert not np.array_equal(one.pitches, piece.pitches) or not np.array_equal(
            one.attacks, piece.attacks
        )
        assert (one.key, one.title, one.tempo) == (piece.key, piece.title, piece.tempo)
        assert one.source == ""


def test_the_same_seed_gives_the_same_and_another_gives_others(piece, studio):
    cells = [(frame, voice) for frame in range(16, 24) for voice in (1, 2)]
    first, again, other = (
        rewrite(piece, cells, seed=seed, checkpoint=studio, particles=5) for seed in (1, 1, 2)
    )
    assert len(first) == 3 and first == again and first != other
    assert all(a != b for a, b in itertools.combinations(first, 2))


def test_the_shipped_model_prefers_its_fillings_to_random_ones(piece, studio):
    """Many particles find notes that make the rest likelier than few do."""
    cells = np.zeros(piece.pitches.shape, dtype=bool)
    cells[16:32, 1:3] = True

    def surprise(particles):
        found = rewrite(piece, cells, count=3, checkpoint=studio, particles=particles)
        return np.mean([expect(one, studio).nats[16:48].sum() for one in found])

    assert surprise(48) < surprise(1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cells": []},
        {"cells": [(64, 0)]},
        {"cells": [(0, 4)]},
        {"cells": [(0, -1)]},
        {"cells": "ab"},
        {"cells": 7},
        {"cells": np.ones((3, 4), dtype=bool)},
        {"count": 0},
        {"count": 17},
        {"particles": 0},
        {"temperature": -1},
        {"seed": -1},
    ],
)
def test_what_cannot_be_rewritten_is_refused(piece, studio, wrong):
    with pytest.raises(SettingError):
        rewrite(piece, **{"cells": [(0, 1)], "checkpoint": studio, **wrong})


def test_a_harmoniser_is_refused(piece):
    for function in (lambda *args: rewrite(args[0], [(0, 1)], checkpoint=args[1]), expect):
        with pytest.raises(SettingError, match="bach-studio"):
            function(piece, "bach-harmoniser")


def test_expectation_scores_as_the_loop_that_writes(tiny):
    """One pass over a piece, beside listing its cells' scores by hand."""
    found = expect(TINY.decode(PIECE.numpy()), tiny)
    assert_close(found.probabilities.sum(axis=-1), np.ones((4, 4)))
    logits = torch.from_numpy(np.log(found.probabilities))
    logits[..., : TOKENS[0]] = -torch.inf
    nats = logits.log_softmax(dim=-1).gather(-1, PIECE[..., None])[..., 0]
    assert_close(nats, scores_of(tiny.model, PIECE[None])[0], atol=1e-5, rtol=0)
    came = np.take_along_axis(found.probabilities, PIECE.numpy()[..., None], axis=-1)[..., 0]
    assert_close(found.nats, -np.log(came))


def test_every_shipped_model_that_writes_forwards_expects(piece):
    for name in ("bach-plain", "bach-grid"):
        nats = expect(piece, name).nats
        assert nats.shape == piece.pitches.shape and 0 < nats.mean() < 2


def test_a_piece_that_is_too_long_is_refused(studio):
    with pytest.raises(SettingError, match="excerpt"):
        expect(Chorale(pitches=np.full((5000, 4), 60)), studio)


def test_a_model_that_fills_gaps_keeps_the_rest_and_gives_alternatives():
    piece = corpus("valid")[3].excerpt(0, 32)
    cells = np.zeros(piece.pitches.shape, dtype=bool)
    cells[8:24, 1:3] = True
    told = []
    tell = lambda *done: told.append(done)  # noqa: E731
    found = rewrite(piece, cells, checkpoint="bach-infill", count=2, on_frame=tell)
    assert len(found) == 2 and not np.array_equal(found[0].pitches, found[1].pitches)
    for one in found:
        assert np.array_equal(one.pitches[~cells], piece.pitches[~cells])
        assert (one.pitches[cells] != piece.pitches[cells]).any()
    assert told[-1][0] == told[-1][1] and told == sorted(told)
    again = rewrite(piece, cells, checkpoint="bach-infill", count=1)
    assert np.array_equal(again[0].pitches, found[0].pitches)


@pytest.mark.parametrize("write", [compose, harmonise])
def test_it_does_not_write_forwards(write):
    piece = [] if write is compose else [corpus("valid")[3].excerpt(0, 32)]
    with pytest.raises(SettingError, match="rewrite"):
        write(*piece, checkpoint="bach-infill")

"""Nats of the lower voices: the same by three ways, and deaf to what the model may not know."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from musiclab.checkpoint.load import Checkpoint, load_checkpoint
from musiclab.checkpoint.save import save_checkpoint
from musiclab.errors import MusicLabError
from musiclab.evaluate.harmony import LOWER_VOICES, nats_given_soprano, nats_of_harmony
from musiclab.model.frame_encoder_decoder import FrameEncoderDecoder, FrameEncoderDecoderConfig
from musiclab.music.chorale import Chorale
from musiclab.sampling.harmony_steps import HarmonySteps, melody_source
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.tokens.melody import MELODY_SIZES
from musiclab.training.harmony_batches import HarmonyBatches
from musiclab.training.loss import mean_nll

TOKENIZER, CONDITIONS = GridTokenizer(holds=True), Conditions(("phase", "fermata", "key"))


@pytest.fixture(scope="module")
def harmoniser():
    config = FrameEncoderDecoderConfig(
        vocab_size=TOKENIZER.vocab_size,
        condition_sizes=CONDITIONS.sizes,
        n_relations=TOKENIZER.n_relations,
        source_sizes=MELODY_SIZES,
        d_model=12,
        n_heads=2,
        n_layers=2,
        max_seq=101,
    )
    tables = (TOKENIZER.relations(), TOKENIZER.pitches())
    model = FrameEncoderDecoder(config, *map(torch.from_numpy, tables))
    generator = torch.Generator().manual_seed(1)
    for weights in model.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=0.3, generator=generator)
    return Checkpoint(model.eval(), TOKENIZER, CONDITIONS, {}, "0" * 12)


@pytest.fixture(scope="module")
def pieces():
    made = []
    for frames in (29, 3, 17):
        random = np.random.default_rng(frames)
        pitches = np.repeat(random.integers(40, 80, (frames, 4)), 2, axis=0)
        pitches[-3:, 3] = 55  # ends on the tonic, so that batches tell the key
        fermatas = random.random(2 * frames) < 0.2
        made.append(Chorale(pitches=pitches, fermatas=fermatas, key="G minor"))
    return made


def test_nats_are_those_of_writing_note_by_note(harmoniser, pieces):
    for piece in pieces:
        rows = torch.from_numpy(TOKENIZER.encode(piece)[1:-1])
        source = melody_source(piece, TOKENIZER)
        told = torch.from_numpy(CONDITIONS.encode(piece))
        steps = HarmonySteps(harmoniser.model, TOKENIZER, source, told)
        expected = []
        for row in rows:
            with torch.inference_mode():
                for voice in (1, 2, 3):
                    scores = steps.score(row[None, :voice]).log_softmax(dim=-1)
                    expected.append(-float(scores[0, row[voice]]))
                steps.write(row[None])
        nats = nats_of_harmony(piece, harmoniser, tell_key=True)
        assert_allclose(nats.ravel(), expected, rtol=1e-3, atol=1e-4)


def test_nats_are_those_of_the_training(harmoniser, pieces):
    options = {"training": False, "batch_size": 2}
    batches = HarmonyBatches(pieces, TOKENIZER, CONDITIONS, **options)
    expected = mean_nll(harmoniser.model, batches, TOKENIZER.pad_id)
    measured = nats_given_soprano(pieces, harmoniser, tell_key=True)
    assert measured["lower voices"] == pytest.approx(expected, rel=1e-5)


def test_the_mean_is_over_all_notes(harmoniser, pieces):
    each = [nats_of_harmony(piece, harmoniser) for piece in pieces]
    measured = nats_given_soprano(pieces, harmoniser)
    for voice, name in enumerate(LOWER_VOICES):
        mean = sum(one[:, voice].sum() for one in each) / sum(len(one) for one in each)
        assert measured[name] == pytest.approx(mean)
    assert measured["lower voices"] == pytest.approx(np.mean([measured[n] for n in LOWER_VOICES]))


def test_the_key_is_told_only_if_asked(harmoniser, pieces):
    nameless = [Chorale(pitches=one.pitches, fermatas=one.fermatas) for one in pieces]
    untold = nats_given_soprano(pieces, harmoniser)
    assert untold == nats_given_soprano(nameless, harmoniser)
    assert untold != nats_given_soprano(pieces, harmoniser, tell_key=True)


def test_a_saved_harmoniser_is_measured_alike(harmoniser, pieces, tmp_path):
    save_checkpoint(
        tmp_path, harmoniser.model, tokenizer=TOKENIZER, conditions=CONDITIONS, notes="small"
    )
    loaded = load_checkpoint(tmp_path)
    assert nats_given_soprano(pieces, tmp_path) == nats_given_soprano(pieces, harmoniser)
    assert loaded.model.config == harmoniser.model.config


def test_what_cannot_be_measured_is_refused(harmoniser, grid, pieces):
    for wrong in ([], pieces[0], [pieces[0].pitches]):
        with pytest.raises(MusicLabError):
            nats_given_soprano(wrong, harmoniser)
    with pytest.raises(MusicLabError, match="bach-harmoniser"):
        nats_given_soprano(pieces, grid)
    with pytest.raises(MusicLabError, match="transpose it by"):
        nats_of_harmony(Chorale(pitches=np.full((1, 4), 90)), harmoniser)

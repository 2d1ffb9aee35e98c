"""Small untrained models of every kind that can write, and a chorale for them to go on with."""

import numpy as np
import pytest
import torch

from musiclab.checkpoint.load import Checkpoint
from musiclab.model.config import TransformerConfig
from musiclab.model.transformer import Transformer
from musiclab.music.chorale import Chorale
from musiclab.singer.config import SingerConfig
from musiclab.singer.harmoniser import Harmoniser, HarmoniserConfig
from musiclab.singer.memories import N_RELATIONS
from musiclab.singer.singer import Singer
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.tokens.melody import MELODY_SIZES

SIZES = {"d_model": 12, "n_heads": 2, "n_layers": 2, "dropout": 0.5, "max_seq": 331}


def lively(model: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Draw weights so large that the model has strong opinions, and hears what it is told."""
    generator = torch.Generator().manual_seed(seed)
    for weights in model.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=0.35, generator=generator)
    return model.eval()


def frame_checkpoint(
    tokenizer: GridTokenizer, names: tuple[str, ...], seed: int, **shown
) -> Checkpoint:
    conditions = Conditions(names)
    config = SingerConfig(
        vocab_size=tokenizer.vocab_size,
        condition_sizes=conditions.sizes,
        n_relations=N_RELATIONS,
        **SIZES,
        **shown,
    )
    model = Singer(config, *map(torch.from_numpy, (tokenizer.pitches(), tokenizer.held())))
    return Checkpoint(lively(model, seed), tokenizer, conditions, {}, f"{seed:012x}")


@pytest.fixture(scope="session")
def studio() -> Checkpoint:
    names = ("phase", "beat", "fermata", "key", "remaining")
    tokenizer = GridTokenizer(holds=True, lowest=41, highest=83)
    return frame_checkpoint(tokenizer, names, 1, key_condition=3, end_condition=4)


@pytest.fixture(scope="session")
def grid() -> Checkpoint:
    return frame_checkpoint(GridTokenizer(lowest=41, highest=83), ("phase",), 2)


@pytest.fixture(scope="session")
def flat() -> Checkpoint:
    tokenizer = GridTokenizer(holds=True, lowest=41, highest=83, layout="notes")
    model = Transformer(TransformerConfig(vocab_size=tokenizer.vocab_size, **SIZES))
    return Checkpoint(lively(model, 3), tokenizer, Conditions(()), {}, f"{3:012x}")


@pytest.fixture(scope="session")
def harmoniser() -> Checkpoint:
    tokenizer = GridTokenizer(holds=True, lowest=41, highest=83)
    conditions = Conditions(("phase", "beat", "fermata", "key", "remaining"))
    config = HarmoniserConfig(
        vocab_size=tokenizer.vocab_size,
        condition_sizes=conditions.sizes,
        n_relations=N_RELATIONS,
        source_sizes=MELODY_SIZES,
        decays=(8,),
        **SIZES,
    )
    model = Harmoniser(config, *map(torch.from_numpy, (tokenizer.pitches(), tokenizer.held())))
    return Checkpoint(lively(model, 4), tokenizer, conditions, {}, f"{4:012x}")


@pytest.fixture(params=["studio", "grid", "flat"])
def checkpoint(request) -> Checkpoint:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def hymn() -> Chorale:
    """Four bars of 3/4 after a pickup of 4 frames: 48 frames, notes struck twice, one rest."""
    rng = np.random.default_rng(5)
    pitches = np.repeat(rng.integers([60, 55, 50, 43], [79, 72, 67, 59], (24, 4)), 2, axis=0)
    pitches[7, 1] = -1
    attacks = np.zeros(pitches.shape, dtype=bool)
    attacks[::2] = True
    attacks[5, 3] = attacks[9, 0] = True  # struck twice
    fermatas = np.zeros(48, dtype=bool)
    fermatas[[22, 23, 44, 45, 46, 47]] = True
    return Chorale(
        pitches=pitches,
        attacks=attacks,
        fermatas=fermatas,
        beats=(np.arange(48) - 4) % 12,
        key="G minor",
        time_signature="3/4",
        title="A hymn",
        tempo=71.0,
    )

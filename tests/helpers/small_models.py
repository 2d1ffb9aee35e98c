"""Fixtures: small untrained models to be measured, and pieces to measure them on."""

import numpy as np
import pytest
import torch

from musiclab.checkpoint.load import Checkpoint
from musiclab.model.config import TransformerConfig
from musiclab.model.transformer import Transformer
from musiclab.singer.config import SingerConfig
from musiclab.singer.memories import N_RELATIONS
from musiclab.singer.singer import Singer
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer

SIZES = {"d_model": 12, "n_heads": 2, "n_layers": 2, "dropout": 0.5, "max_seq": 1021}


def lively(model: torch.nn.Module) -> torch.nn.Module:
    """Draw weights so large that every input matters."""
    generator = torch.Generator().manual_seed(1)
    for weights in model.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=0.3, generator=generator)
    return model.eval()


def frames_over(tokenizer: GridTokenizer, names: tuple[str, ...]) -> Checkpoint:
    conditions = Conditions(names)
    config = SingerConfig(
        vocab_size=tokenizer.vocab_size,
        condition_sizes=conditions.sizes,
        n_relations=N_RELATIONS,
        **SIZES,
    )
    model = Singer(config, *map(torch.from_numpy, (tokenizer.pitches(), tokenizer.held())))
    return Checkpoint(lively(model), tokenizer, conditions, {}, "0" * 12)


@pytest.fixture(scope="session")
def grid() -> Checkpoint:
    return frames_over(GridTokenizer(), ("phase",))


@pytest.fixture(scope="session")
def told_more() -> Checkpoint:
    return frames_over(GridTokenizer(), ("key", "phase", "remaining", "beat", "fermata"))


@pytest.fixture(scope="session")
def holds() -> Checkpoint:
    return frames_over(GridTokenizer(holds=True), ("phase",))


@pytest.fixture(scope="session")
def flat() -> Checkpoint:
    tokenizer = GridTokenizer(layout="notes")
    model = Transformer(TransformerConfig(vocab_size=tokenizer.vocab_size, **SIZES))
    return Checkpoint(lively(model), tokenizer, Conditions(()), {}, "1" * 12)


@pytest.fixture(params=["grid", "flat", "told_more"])
def checkpoint(request) -> Checkpoint:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def pieces() -> list[np.ndarray]:
    """Of 29, 3, 1 and 17 frames, with rests."""
    rng = np.random.default_rng(2)
    made = [rng.integers(35, 84, (frames, 4)) for frames in (29, 3, 1, 17)]
    for piece in made:
        piece[rng.random(piece.shape) < 0.1] = -1
    return made

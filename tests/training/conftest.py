"""A model, a vocabulary and pieces so small that a training takes less than a second."""

import numpy as np
import pytest
import torch

from musiclab.model.frames import FrameConfig, FrameTransformer
from musiclab.music.chorale import Chorale
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.frame_batches import FrameBatches

TOKENIZER = GridTokenizer(lowest=45, highest=75)
CONDITIONS = Conditions(("phase", "mode"))


def build_pieces(n_pieces: int) -> list[Chorale]:
    random = np.random.default_rng(n_pieces)
    middle = np.array([70, 64, 58, 50])
    lengths = random.integers(3, 11, n_pieces)
    return [Chorale(pitches=middle + random.integers(-2, 3, (n, 4))) for n in lengths]


def build_model(d_model: int = 8, dropout: float = 0.2) -> FrameTransformer:
    config = FrameConfig(
        vocab_size=TOKENIZER.vocab_size,
        condition_sizes=CONDITIONS.sizes,
        n_relations=TOKENIZER.n_relations,
        d_model=d_model,
        n_heads=2,
        n_layers=1,
        dropout=dropout,
    )
    torch.manual_seed(3)
    return FrameTransformer(config, torch.from_numpy(TOKENIZER.relations()))


def build_batches(*, training: bool = True, n_pieces: int = 7, **options) -> FrameBatches:
    pieces = build_pieces(n_pieces)
    return FrameBatches(
        pieces, TOKENIZER, CONDITIONS, **{"batch_size": 3, "training": training} | options
    )


@pytest.fixture
def small():
    """The builders, as one thing to ask."""

    class Small:
        tokenizer, conditions = TOKENIZER, CONDITIONS
        model, batches = staticmethod(build_model), staticmethod(build_batches)

    return Small

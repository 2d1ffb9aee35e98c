"""A model, a vocabulary and pieces so small that a training takes less than a second.

A module, since processes that tests start need them too.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from musiclab.checkpoint.tensor_file import open_tensors
from musiclab.music.chorale import Chorale
from musiclab.singer.config import SingerConfig
from musiclab.singer.memories import N_INTERVALS
from musiclab.singer.singer import Singer
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.config import TrainingConfig
from musiclab.training.frame_batches import FrameBatches
from musiclab.training.loop import Trainer

TOKENIZER = GridTokenizer(lowest=45, highest=75)
CONDITIONS = Conditions(("phase", "mode"))
TABLES = TOKENIZER.pitches(), TOKENIZER.held()
CLOCKS = ("seconds", "targets_per_second")  # columns of the log that no two runs share


def build_pieces(n_pieces: int) -> list[Chorale]:
    random = np.random.default_rng(n_pieces)
    middle = np.array([70, 64, 58, 50])
    lengths = random.integers(3, 11, n_pieces)
    return [Chorale(pitches=middle + random.integers(-2, 3, (n, 4))) for n in lengths]


def build_model(d_model: int = 8, dropout: float = 0.2) -> Singer:
    config = SingerConfig(
        vocab_size=TOKENIZER.vocab_size,
        condition_sizes=CONDITIONS.sizes,
        n_relations=N_INTERVALS,
        d_model=d_model,
        n_heads=2,
        n_layers=1,
        dropout=dropout,
    )
    torch.manual_seed(3)
    return Singer(config, *map(torch.from_numpy, TABLES))


def build_batches(*, training: bool = True, n_pieces: int = 7, **options: Any) -> FrameBatches:
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


def build_trainer(folder: Path | None = None, **options: Any) -> Trainer:
    """Build a trainer; the options are those of ``Trainer`` and of ``TrainingConfig``.

    ``data`` holds options of the batches.
    """
    values = {"steps": 11, "warmup": 2, "validate_every": 4, "save_every": 3, "log_every": 2}
    names = TrainingConfig.__dataclass_fields__
    values |= {name: value for name, value in options.items() if name in names}
    rest = {name: value for name, value in options.items() if name not in names}
    defaults = {
        "model": None,
        "batches": None,
        "valid": build_batches(training=False, n_pieces=5),
        "data": {},
        "folder": folder,
        "device": "cpu",
        "show_progress": False,
    }
    rest = defaults | rest
    data, model, batches = (rest.pop(name) for name in ("data", "model", "batches"))
    return Trainer(
        model or build_model(), batches or build_batches(**data), TrainingConfig(**values), **rest
    )


def stop_at(step: int) -> Callable[[Trainer], None]:
    """Press Ctrl-C after so many steps, between two of them."""

    def stop(running: Trainer) -> None:
        if running.step == step:
            raise KeyboardInterrupt

    return stop


def left_behind(folder: Path) -> dict[str, Any]:
    """Read all that a training left in its folder, but for what clocks said."""
    state, best = (open_tensors(folder / f"{n}.safetensors") for n in ("state", "model"))
    with (folder / "log.csv").open(encoding="utf-8") as file:
        log = [{k: v for k, v in row.items() if k not in CLOCKS} for row in csv.DictReader(file)]
    return {
        "tensors": state.read() | {f"best/{n}": one for n, one in best.read().items()},
        "state": {k: v for k, v in state.info.items() if k != "seconds"},
        "best": best.info,
        "log": log,
    }


def assert_left_the_same(one: Path, other: Path) -> None:
    """Compare weights, averaged weights, optimiser's memory, best model and log, bit for bit."""
    first, second = left_behind(one), left_behind(other)
    tensors, others = first.pop("tensors"), second.pop("tensors")
    assert set(tensors) == set(others)
    different = [name for name, one in tensors.items() if not torch.equal(one, others[name])]
    assert not different
    for what, before in first.items():
        assert second[what] == before, what

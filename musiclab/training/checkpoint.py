"""A trained model as one file: weights, sizes, vocabulary and how it came to be. No pickles."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from musiclab.errors import CheckpointError
from musiclab.tokens.conditions import Conditions
from musiclab.training.checkpoint_checks import (
    FORMAT,
    Tokenizer,
    check_shapes,
    check_values,
    understand,
)
from musiclab.training.kinds import classes_of, kind_of
from musiclab.training.tensor_file import (
    fingerprint,
    open_tensors,
    refuse_infinite,
    save_tensors,
)

MODEL_FILE = "model.safetensors"
SHIPPED = Path(__file__).parent.parent / "checkpoints"


@dataclass(frozen=True)
class Checkpoint:
    """A model that is ready to use, with what is needed to speak its language.

    Args:
        model: In eval mode.
        tokenizer: The one it was trained with.
        conditions: What it is told about each frame; empty for a model that is told nothing.
        info: The whole description: config, step, data, figures, notes.
        fingerprint: Twelve digits that change with any weight; a recipe names its model so.
    """

    model: nn.Module
    tokenizer: Tokenizer
    conditions: Conditions
    info: dict[str, Any]
    fingerprint: str


def save_checkpoint(
    folder: str | os.PathLike[str],
    model: nn.Module,
    *,
    tokenizer: Tokenizer,
    conditions: Conditions | None = None,
    step: int = 0,
    data: str = "",
    figures: Mapping[str, float] | None = None,
    notes: str = "",
    half: bool = False,
) -> Path:
    """Write a model into ``folder``, replacing the one that is there at the last moment.

    Args:
        folder: Made if need be.
        model: Of any kind that ``musiclab.training.kinds`` names.
        tokenizer: What its ids mean.
        conditions: What it is told about each frame.
        step: How many steps it was trained for.
        data: Fingerprint of what it was trained on.
        figures: What it was measured to do, such as {"valid": 0.41} (nats a cell).
        notes: Anything a reader should know.
        half: Round the weights to 16 bits: half the size, nearly the same model. It is loaded in
            32 bits all the same.

    Returns:
        The file.

    Raises:
        CheckpointError: If it cannot be written, or a weight is not finite, if need be in 16
            bits; an old checkpoint is then untouched.
    """
    info = describe(model, tokenizer, conditions) | {
        "step": step,
        "data": data,
        "figures": dict(figures or {}),
        "notes": notes,
    }
    path = Path(folder) / MODEL_FILE
    weights = model.state_dict()
    refuse_infinite(path, weights, "train it again with a smaller peak")
    if half:
        weights = {n: one.half() if one.is_floating_point() else one for n, one in weights.items()}
        refuse_infinite(path, weights, "16 bits cannot hold it, so leave out half=True")
    save_tensors(path, weights, info)
    return path


def describe(
    model: nn.Module, tokenizer: Tokenizer, conditions: Conditions | None
) -> dict[str, Any]:
    """Collect what rebuilds a model: its kind, config, tokeniser and conditions."""
    return {
        "format": FORMAT,
        "kind": kind_of(model),
        "config": model.config.to_dict(),
        "tokenizer": tokenizer.to_dict(),
        "tokenizer_fingerprint": tokenizer.fingerprint,
        "conditions": list(conditions.names) if conditions else [],
    }


def load_checkpoint(
    name_or_path: str | os.PathLike[str], *, device: torch.device | str = "cpu"
) -> Checkpoint:
    """Load a model, checking everything before it takes any memory.

    Args:
        name_or_path: A shipped checkpoint ("bach-grid", "bach-studio", "bach-harmoniser"), or a
            folder or file that ``save_checkpoint`` wrote. A folder that bears a shipped name is
            given as "./name".
        device: Where the weights shall live.

    Returns:
        The model, in eval mode, with its tokeniser and conditions.

    Raises:
        CheckpointError: If it is missing, damaged, foreign, or contradicts itself.
    """
    file = open_tensors(find_checkpoint(name_or_path))
    config, tokenizer, conditions = understand(file)
    _, model_class = classes_of(file.info["kind"])
    if SHIPPED not in file.path.parents:
        # Shapes without memory. Its first use in a program loads torch's compiler, which takes
        # over a second; what came with musiclab is known to be no larger than it should be.
        with torch.device("meta"), _Undrawn():
            check_shapes(file, model_class(config).state_dict())
    with torch.random.fork_rng([]), _Undrawn():
        model = model_class(config)
    check_shapes(file, model.state_dict())
    weights = file.read()
    check_values(file.path, weights, tokenizer)
    model.load_state_dict(weights)
    model.eval().to(device)
    return Checkpoint(model, tokenizer, conditions, file.info, fingerprint(weights)[:12])


def find_checkpoint(name_or_path: str | os.PathLike[str]) -> Path:
    """Find the file behind a shipped name, a folder or a file.

    Raises:
        CheckpointError: If there is none; the message lists the shipped names.
    """
    path, shipped = Path(name_or_path), shipped_names()
    if str(name_or_path) in shipped:
        path = SHIPPED / path
    path = path / MODEL_FILE if path.is_dir() else path
    if not path.exists():
        raise CheckpointError(
            f"no checkpoint {str(name_or_path)!r}: it is neither a folder with a {MODEL_FILE} nor "
            f"one of those that come with musiclab ({', '.join(shipped) or 'none'})"
        )
    return path


def shipped_names() -> list[str]:
    """List the checkpoints that come with musiclab."""
    return sorted(file.parent.name for file in SHIPPED.glob(f"*/{MODEL_FILE}"))


class _Undrawn(TorchFunctionMode):
    """Build a model without the random weights that it is born with: others take their place."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Leave out the draws, which take most of the time; do everything else."""
        options = kwargs or {}
        if function.__name__ in ("normal_", "uniform_", "kaiming_uniform_"):
            return args[0] if args else options["tensor"]
        return function(*args, **options)

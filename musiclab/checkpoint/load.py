"""A trained model as one file: weights, config, vocabulary and provenance. No pickles."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, no_type_check

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from musiclab.checkpoint.checks import Tokenizer, check_shapes, check_values, read_description
from musiclab.checkpoint.registry import classes_of
from musiclab.checkpoint.tensor_file import fingerprint, open_tensors
from musiclab.errors import CheckpointError, SettingError
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer

MODEL_FILE = "model.safetensors"
SHIPPED = Path(__file__).parent.parent / "checkpoints"


@dataclass(frozen=True)
class Checkpoint:
    """A model that is ready to use, with the tokeniser and conditions it was trained with.

    Args:
        model: In eval mode.
        tokenizer: The one it was trained with.
        conditions: What it is told about each frame; may be empty.
        info: The whole description: config, step, data, figures, notes.
        fingerprint: Twelve digits that change with any weight; recipes name their model by it.
    """

    model: nn.Module
    tokenizer: Tokenizer
    conditions: Conditions
    info: dict[str, Any]
    fingerprint: str


def load_checkpoint(
    name_or_path: str | os.PathLike[str], *, device: torch.device | str = "cpu"
) -> Checkpoint:
    """Load a model, checking everything before it takes any memory.

    Args:
        name_or_path: A shipped checkpoint such as "bach-studio", or a folder or file that
            ``save_checkpoint`` wrote; a folder with a shipped name is given as "./name".
        device: Where to put the weights.

    Raises:
        CheckpointError: If it is missing, damaged, foreign, or contradicts itself.
    """
    file = open_tensors(find_checkpoint(name_or_path))
    config, tokenizer, conditions = read_description(file)
    _, model_class = classes_of(file.info["kind"])
    if SHIPPED not in file.path.parents:
        # Shapes without memory. The first use loads torch's compiler, which takes over a second;
        # the sizes of what comes with musiclab are known.
        with torch.device("meta"), _Uninitialised():
            check_shapes(file, model_class(config).state_dict())
    with torch.random.fork_rng([]), _Uninitialised():
        model = model_class(config)
    check_shapes(file, model.state_dict())
    weights = file.read()
    check_values(file.path, weights, model, tokenizer)
    model.load_state_dict(weights)
    model.eval().to(device)
    return Checkpoint(model, tokenizer, conditions, file.info, fingerprint(weights)[:12])


@no_type_check  # it checks its argument itself
def open_checkpoint(
    checkpoint: str | os.PathLike[str] | Checkpoint, *, may_fill: bool = False
) -> Checkpoint:
    """Load a checkpoint unless it is loaded already; it must write four voices on the grid.

    Args:
        checkpoint: As for ``load_checkpoint``, or what that returned.
        may_fill: Whether a model will do that fills gaps, and does not write forwards.

    Raises:
        CheckpointError: If it is missing or damaged.
        SettingError: If its tokens are not those of the grid, or it only fills gaps.
    """
    if isinstance(checkpoint, str | os.PathLike):
        checkpoint = load_checkpoint(checkpoint)
    if not isinstance(getattr(checkpoint, "tokenizer", None), GridTokenizer):
        raise SettingError(
            "checkpoint must be a name, a folder or a loaded checkpoint over the grid of four "
            f'voices, got {checkpoint!r:.60}; "bach-studio" is one'
        )
    if hasattr(checkpoint.model, "fills_gaps") and not may_fill:
        raise SettingError(
            "this checkpoint fills gaps in a piece and does not write forwards; use "
            'rewrite(piece, cells, checkpoint=...), or checkpoint="bach-studio"'
        )
    return checkpoint


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


class _Uninitialised(TorchFunctionMode):
    """Build a model without drawing its initial weights: the loaded ones take their place."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Skip random draws, which take most of the time."""
        options = kwargs or {}
        if function.__name__ in ("normal_", "uniform_", "kaiming_uniform_"):
            return args[0] if args else options["tensor"]
        return function(*args, **options)

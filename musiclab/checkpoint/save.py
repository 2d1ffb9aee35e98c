"""Write a model, with all that rebuilds it, as one file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from musiclab.checkpoint.checks import FORMAT, Tokenizer
from musiclab.checkpoint.load import MODEL_FILE
from musiclab.checkpoint.registry import kind_of
from musiclab.checkpoint.tensor_file import refuse_infinite, save_tensors
from musiclab.tokens.conditions import Conditions


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
    """Write a model into ``folder``; one that is there is replaced at the last moment.

    Args:
        folder: Made if need be.
        model: Of any kind that ``musiclab.checkpoint.registry`` names.
        tokenizer: What its ids mean.
        conditions: What it is told about each frame.
        step: How many steps it was trained for.
        data: Fingerprint of what it was trained on.
        figures: What was measured, such as {"valid": 0.41} (nats per cell).
        notes: Anything a reader should know.
        half: Store the weights in 16 bits: half the size, nearly the same model; they are loaded
            in 32 bits.

    Returns:
        The file.

    Raises:
        CheckpointError: If it cannot be written, or a weight is not finite (in 16 bits, if asked
            for); an old checkpoint is then untouched.
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

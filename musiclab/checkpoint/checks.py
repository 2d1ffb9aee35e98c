"""Check a checkpoint: its description, shapes and values must fit each other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from musiclab.checkpoint.registry import classes_of
from musiclab.checkpoint.tensor_file import TensorFile, damaged
from musiclab.errors import CheckpointError, MusicLabError
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.events import EventTokenizer
from musiclab.tokens.grid import GridTokenizer

FORMAT = 1
TOKENIZERS = {"grid": GridTokenizer, "events": EventTokenizer}
Tokenizer = GridTokenizer | EventTokenizer

# What the description must hold, and of which type.
FIELDS = {
    "format": int,
    "kind": str,
    "config": dict,
    "tokenizer": dict,
    "tokenizer_fingerprint": str,
    "conditions": list,
    "step": int,
    "data": str,
    "figures": dict,
    "notes": str,
}


def read_description(file: TensorFile) -> tuple[Any, Tokenizer, Conditions]:
    """Rebuild config, tokeniser and conditions from a description.

    Raises:
        CheckpointError: If an entry is missing, unknown, of another type, or contradicts another.
    """
    info, path = file.info, file.path
    if info.get("format") != FORMAT or type(info["format"]) is not int:
        raise CheckpointError(
            f"{path} has format {info.get('format')!r:.60}, this musiclab reads {FORMAT}; "
            "update musiclab, or give a model rather than a training state"
        )
    for name, kind in FIELDS.items():
        if type(info.get(name)) is not kind:
            raise damaged(path, f"{name} must be of type {kind.__name__}")
    if set(info) != set(FIELDS):
        raise damaged(path, f"unknown entries {sorted(set(info) - set(FIELDS))!r:.80}")
    try:
        config = classes_of(info["kind"])[0].from_dict(info["config"])
        kind = info["tokenizer"].get("kind")
        if not isinstance(kind, str) or kind not in TOKENIZERS:
            raise CheckpointError(f"no tokeniser is of the kind {kind!r:.60}")
        tokenizer = TOKENIZERS[kind].from_dict(info["tokenizer"])
        if not all(isinstance(name, str) for name in info["conditions"]):
            raise CheckpointError("conditions must be names")
        conditions = Conditions(tuple(info["conditions"]))
    except MusicLabError as error:
        raise CheckpointError(f"{path} cannot be used: {error}") from error
    if tokenizer.fingerprint != info["tokenizer_fingerprint"]:
        raise CheckpointError(
            f"{path} was trained with another vocabulary than this musiclab makes of the same "
            "settings, so its ids would mean other notes; use the release that trained it"
        )
    sizes = getattr(config, "condition_sizes", ())
    if config.vocab_size != tokenizer.vocab_size or sizes != conditions.sizes:
        raise damaged(path, "the model's sizes are not those of its tokeniser and conditions")
    return config, tokenizer, conditions


def check_shapes(file: TensorFile, expected: Mapping[str, Tensor]) -> None:
    """Raise CheckpointError unless names, types (or their half) and shapes are ``expected``."""
    types = {torch.float32: "F32", torch.int64: "I64"}
    wanted = {n: f"{types.get(t.dtype)} {list(t.shape)}" for n, t in expected.items()}
    in_half = {n: one.replace("F32", "F16") for n, one in wanted.items()}
    if file.shapes in (wanted, in_half):
        return
    differing = sorted(n for n in wanted | file.shapes if wanted.get(n) != file.shapes.get(n))
    raise CheckpointError(
        f"{file.path} does not fit its own config: {differing[0][:80]!r} should be "
        f"{wanted.get(differing[0], 'absent')}, is {file.shapes.get(differing[0], 'absent')}"
    )


def check_values(
    path: Path, weights: Mapping[str, Tensor], model: nn.Module, tokenizer: Tokenizer
) -> None:
    """Raise CheckpointError if weights are not finite, or tables not those of the tokeniser.

    Args:
        path: Where they come from.
        weights: What was read.
        model: As its config builds it, with empty tables.
        tokenizer: Whose tables it must have; empty ones are allowed.
    """
    tables, empty = {}, model.state_dict()
    if isinstance(tokenizer, GridTokenizer):
        if own := getattr(model, "tables", None):
            meaning = map(torch.from_numpy, (tokenizer.pitches(), tokenizer.held()))
            right = type(own)(tokenizer.vocab_size, *meaning).state_dict()
            tables = {f"tables.{name}": table for name, table in right.items()}
    for name, tensor in weights.items():
        if tensor.is_floating_point():
            if not tensor.isfinite().all():
                raise CheckpointError(f"{path} holds NaN or infinity in {name!r}; train it again")
        elif not any(torch.equal(tensor, one[name]) for one in (empty, tables) if name in one):
            raise CheckpointError(f"the table {name!r} in {path} is not that of its tokeniser")

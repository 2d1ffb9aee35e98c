"""A trained model as one file: weights, sizes, vocabulary and how it came to be. No pickles."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from musiclab.errors import CheckpointError, MusicLabError
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.events import EventTokenizer
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.kinds import classes_of, kind_of
from musiclab.training.tensor_file import (
    TensorFile,
    damaged,
    fingerprint,
    open_tensors,
    save_tensors,
)

FORMAT = 1
MODEL_FILE = "model.safetensors"
SHIPPED = Path(__file__).parent.parent / "checkpoints"
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
        model: A ``Transformer``, ``FrameTransformer`` or ``EncoderDecoder``.
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
        CheckpointError: If it cannot be written; an old checkpoint is then untouched.
    """
    info = describe(model, tokenizer, conditions) | {
        "step": step,
        "data": data,
        "figures": dict(figures or {}),
        "notes": notes,
    }
    path = Path(folder) / MODEL_FILE
    weights = model.state_dict()
    if half:
        weights = {n: one.half() if one.is_floating_point() else one for n, one in weights.items()}
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
        name_or_path: A shipped checkpoint ("bach-grid", "bach-studio"), or a folder or file that
            ``save_checkpoint`` wrote. A folder that bears a shipped name is given as "./name".
        device: Where the weights shall live.

    Returns:
        The model, in eval mode, with its tokeniser and conditions.

    Raises:
        CheckpointError: If it is missing, damaged, foreign, or contradicts itself.
    """
    file = open_tensors(find_checkpoint(name_or_path))
    config, tokenizer, conditions = _understand(file)
    _, model_class = classes_of(file.info["kind"])
    if SHIPPED not in file.path.parents:
        # Shapes without memory. Its first use in a program loads torch's compiler, which takes
        # over a second; what came with musiclab is known to be no larger than it should be.
        with torch.device("meta"), _Undrawn():
            _check_shapes(file, model_class(config).state_dict())
    with torch.random.fork_rng([]), _Undrawn():
        model = model_class(config)
    _check_shapes(file, model.state_dict())
    weights = file.read()
    _check_values(file.path, weights, tokenizer)
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


def _understand(file: TensorFile) -> tuple[Any, Tokenizer, Conditions]:
    """Rebuild config, tokeniser and conditions from a description, distrusting every word."""
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


def _check_shapes(file: TensorFile, expected: Mapping[str, Tensor]) -> None:
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


def _check_values(path: Path, weights: Mapping[str, Tensor], tokenizer: Tokenizer) -> None:
    """Refuse weights that are no numbers, and tables that are not those of the tokeniser."""
    tables = {}
    if isinstance(tokenizer, GridTokenizer):
        tables = {"relations": tokenizer.relations(), "pitches": tokenizer.pitches()}
    for name, tensor in weights.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise CheckpointError(f"{path} holds NaN or infinity in {name!r}; train it again")
        if tensor.is_floating_point() or not tensor.any():
            continue  # a table of zeros relates nothing, and points nowhere
        if name not in tables or not torch.equal(tensor, torch.from_numpy(tables[name])):
            raise CheckpointError(f"the table {name!r} in {path} is not that of its tokeniser")

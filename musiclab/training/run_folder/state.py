"""The state of an unfinished training: all that the next step depends on, as one file."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from musiclab.checkpoint.strict_json import read_json, write_json
from musiclab.checkpoint.tensor_file import damaged, open_tensors, refuse_infinite, save_tensors
from musiclab.errors import CheckpointError

STATE_FILE = "state.safetensors"
FORMAT = "training-1"


def save_state(
    folder: Path, model: nn.Module, average: nn.Module, optimiser: Optimizer, info: dict[str, Any]
) -> None:
    """Write model, average, optimiser and ``info`` (plain values), replacing an older file.

    No random generator is saved: all that is random in a step follows from the seed and the step.

    Raises:
        CheckpointError: If it cannot be written or is not finite; an older file is then untouched.
    """
    tensors = _named("model", model.state_dict()) | _named("average", average.state_dict())
    for name, parameter in model.named_parameters():
        tensors |= _named(f"optimiser/{name}", optimiser.state.get(parameter, {}))
    refuse_infinite(
        folder / STATE_FILE, tensors, "start anew in another folder with a smaller peak (--peak)"
    )
    save_tensors(folder / STATE_FILE, tensors, info | {"format": FORMAT})


def load_state(
    folder: Path,
    model: nn.Module,
    average: nn.Module,
    optimiser: Optimizer,
    shared: dict[str, Any],
) -> dict[str, Any]:
    """Restore model, average and optimiser from a saved state, and return its ``info``.

    Args:
        folder: Where from.
        model: Restored in place, as are ``average`` and ``optimiser``.
        average: Copy of the model that holds the averaged weights.
        optimiser: Of the model's parameters.
        shared: Entries of ``info`` that must be the same in both trainings.

    Raises:
        CheckpointError: If nothing was saved, it is damaged, or it is of another training;
            nothing is changed then.
    """
    path = folder / STATE_FILE
    file = open_tensors(path)
    if file.info.get("format") != FORMAT:
        raise CheckpointError(f"{path} is no training state that this musiclab can resume")
    _compare(path, file.info, read_json(write_json(shared)))
    if type(file.info.get("step")) is not int or file.info["step"] < 0:
        raise damaged(path, "it names no step")
    tensors = file.read()
    expected = _named("model", model.state_dict()) | _named("average", average.state_dict())
    for name, tensor in expected.items():
        if name not in tensors or tensors[name].shape != tensor.shape:
            raise CheckpointError(f"{path} is of a model of another shape, see {name!r:.80}")
    # All checks are done; only now is anything changed.
    model.load_state_dict(_under("model", tensors))
    average.load_state_dict(_under("average", tensors))
    device = next(model.parameters()).device
    optimiser.state.clear()  # it may hold steps that come after the saved one
    for name, parameter in model.named_parameters():
        if state := _under(f"optimiser/{name}", tensors):
            optimiser.state[parameter] = {n: one.to(device) for n, one in state.items()}
    return file.info


def _compare(path: Path, saved: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Refuse to mix two trainings; name the first setting that differs."""
    for name, value in wanted.items():
        before = saved.get(name)
        if before == value:
            continue
        while isinstance(before, dict) and isinstance(value, dict):
            differing = [key for key in before | value if before.get(key) != value.get(key)]
            name, before, value = differing[0], before.get(differing[0]), value.get(differing[0])
        raise CheckpointError(
            f"{path} was made with {name}={before!r:.60}, now it is {value!r:.60}; resume with the "
            "same, or start anew in another folder"
        )


def _named(group: str, tensors: dict[str, Any]) -> dict[str, Tensor]:
    return {f"{group}/{name}": torch.as_tensor(one) for name, one in tensors.items()}


def _under(group: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{group}/"
    return {n.removeprefix(start): one for n, one in tensors.items() if n.startswith(start)}

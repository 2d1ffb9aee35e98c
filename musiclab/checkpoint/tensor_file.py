"""Tensors and their description in one safetensors file, written whole or not at all.

The description is the file's metadata: two files could be torn apart by a crash between writing
them; one file, put in place by a rename, cannot. A checksum covers tensors and description.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from musiclab.checkpoint.strict_json import read_json, write_json
from musiclab.checkpoint.write_errors import cannot_write
from musiclab.errors import CheckpointError
from musiclab.files import write_atomically

INFO, CHECKSUM = "musiclab", "checksum"  # names in the metadata
LARGEST = 2**33  # bytes; the largest model with its optimiser and average needs less


@dataclass(frozen=True)
class TensorFile:
    """A file whose description has been read and whose tensors have not."""

    path: Path
    info: dict[str, Any]  # the description
    shapes: dict[str, str]  # each tensor's type and shape, as "F32 [4, 8]"
    checksum: str

    def read(self) -> dict[str, Tensor]:
        """Read every tensor into memory.

        Raises:
            CheckpointError: If the content is not what was written.
        """
        try:
            with safe_open(self.path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise damaged(self.path, error) from error
        if _checksum(fingerprint(tensors), write_json(self.info)) != self.checksum:
            raise damaged(self.path, "its content does not match its checksum")
        return tensors


def save_tensors(path: Path, tensors: Mapping[str, Tensor], info: Mapping[str, Any]) -> None:
    """Write tensors and their description as one file, making its folder if need be.

    Args:
        path: The file; an old one is replaced at the last moment.
        tensors: By name; on any device.
        info: Plain values that JSON can hold.

    Raises:
        CheckpointError: If it cannot be written; an old file is then untouched.
    """
    on_cpu = {name: one.detach().cpu().contiguous() for name, one in tensors.items()}
    try:
        text = write_json(dict(info))
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{path} was not written: {error}") from error
    content = save(on_cpu, {INFO: text, CHECKSUM: _checksum(fingerprint(on_cpu), text)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        raise cannot_write(path, error, len(content)) from error


def open_tensors(path: str | os.PathLike[str]) -> TensorFile:
    """Read the description and the shapes in a file, but no tensor.

    Raises:
        CheckpointError: If the file is missing, damaged or foreign.
    """
    path = Path(path)
    try:
        if not path.exists():
            raise CheckpointError(f"there is no file {path}; check the name")
        if not path.is_file():  # a pipe or a device would be waited for without end
            raise CheckpointError(f"{path} is not a regular file")
        if path.stat().st_size > LARGEST:
            raise CheckpointError(f"{path} is over the limit of {LARGEST >> 30} GiB")
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
            shapes = {n: f"{one.get_dtype()} {one.get_shape()}" for n, one in slices.items()}
    except CheckpointError:
        raise
    except (SafetensorError, OSError, ValueError) as error:
        raise damaged(path, error) from error
    if set(metadata) != {INFO, CHECKSUM}:
        raise CheckpointError(f"{path} was not made by musiclab; give a checkpoint that was")
    try:
        info = read_json(metadata[INFO])
    except ValueError as error:
        raise damaged(path, f"its description cannot be read: {error}") from error
    return TensorFile(path, info, shapes, metadata[CHECKSUM])


def fingerprint(tensors: Mapping[str, Tensor]) -> str:
    """Hash the names, types, shapes and bytes of tensors to 64 hexadecimal digits."""
    digest = sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def refuse_infinite(path: Path, tensors: Mapping[str, Tensor], remedy: str) -> None:
    """Refuse to write tensors that hold NaN or infinity over a good file.

    Raises:
        CheckpointError: If one does.
    """
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise CheckpointError(
                f"{path} was not written and what was there before is untouched, since {name!r} "
                f"would hold NaN or infinity; {remedy}"
            )


def damaged(path: Path, why: object) -> CheckpointError:
    """Build the error for a file that cannot be trusted."""
    if is_pickle(path):
        return CheckpointError(
            f"{path} is a pickle, as torch.save writes; opening one can run code, so give a "
            "checkpoint that musiclab saved"
        )
    return CheckpointError(f"{path} is damaged ({why}); train it again or take another checkpoint")


def is_pickle(path: Path) -> bool:
    """Tell whether a file begins as ``torch.save`` or ``pickle.dump`` begin one."""
    try:
        with path.open("rb") as file:
            return file.read(4).startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04"))
    except OSError:
        return False


def _checksum(tensors: str, text: str) -> str:
    return sha256(f"{tensors}\n{text}".encode()).hexdigest()

"""Several processes train one model: each takes some pieces of a batch, gradients are added.

Started by ``torchrun``, which sets the environment. With one process everything here does nothing.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed, nn

from musiclab.training.batches import Batch


@contextmanager
def group(device: torch.device) -> Iterator[None]:
    """Join the processes that ``torchrun`` started, and leave them at the end."""
    alone = int(os.environ.get("WORLD_SIZE", "1")) == 1
    if alone or distributed.is_initialized():
        yield
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def n_processes() -> int:
    """Count the processes."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Number this process, from 0; the first one saves and speaks."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def our_device(device: str) -> torch.device:
    """Choose a device; "auto" is this process's GPU if there is one, else the processor."""
    if device != "auto":
        return torch.device(device)
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def our_rows(batch: Batch) -> Batch:
    """Take every n-th piece of a batch, so that long and short ones are shared evenly."""
    if n_processes() == 1:
        return batch
    return batch.rows(slice(rank(), None, n_processes()))


def summed(*values: float | int) -> tuple[float | int, ...]:
    """Add up numbers over all processes."""
    if n_processes() == 1:
        return values
    # NCCL adds on the GPU only.
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    totals = torch.tensor(values, dtype=torch.float64, device=device)
    distributed.all_reduce(totals)
    return tuple(totals.tolist())


def sum_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Add up gradients over all processes, in one message.

    Each process divides its summed loss by the targets of the *whole* batch, so the sum is the
    gradient that one process would have found alone.
    """
    if n_processes() == 1:
        return
    parameters = list(parameters)
    for one in parameters:  # a process may have had no piece
        one.grad = torch.zeros_like(one) if one.grad is None else one.grad
    flat = torch.cat([one.grad.reshape(-1) for one in parameters])
    distributed.all_reduce(flat)
    for one, share in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
        one.grad.copy_(share.view_as(one))


def same_everywhere(tensors: Iterable[Tensor]) -> None:
    """Give every process the first one's values."""
    if n_processes() > 1:
        for tensor in tensors:
            distributed.broadcast(tensor.detach(), src=0)


def anyone(wish: bool) -> bool:
    """Tell whether any process wishes it, so that all stop at the same step."""
    return summed(float(wish))[0] > 0

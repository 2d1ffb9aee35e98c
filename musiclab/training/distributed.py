"""Several processes train one model: each takes some pieces of a batch, gradients are added.

Started by ``torchrun``, which sets the environment; with one process everything here does nothing::

    torchrun --nproc-per-node 2 -m musiclab train bach-grid --folder my-training

The sum over the processes is the gradient that one process would have found, up to the order of
additions. So a training may be resumed with another number of processes; with dropout, each process
draws masks for its own pieces, and the numbers then differ. With the same number of processes, a
resumed training gives the same weights as an unbroken one.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed, nn

from musiclab.errors import SettingError
from musiclab.training.batches import Batch


@contextmanager
def group(device: torch.device) -> Iterator[None]:
    """Join the processes that ``torchrun`` started, and leave them at the end."""
    alone = int(os.environ.get("WORLD_SIZE", "1")) == 1
    if alone or _joined():
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)  # NCCL would else send from the first GPU in every process
    store, place, count = next(distributed.rendezvous("env://"))
    # A second training in the same processes must not find the addresses of the first.
    times = store.add(f"times of process {place}", 1)
    distributed.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        store=distributed.PrefixStore(f"time {times}", store),
        rank=place,
        world_size=count,
    )
    try:
        yield
    finally:
        distributed.destroy_process_group()


def n_processes() -> int:
    """Count the processes."""
    return distributed.get_world_size() if _joined() else 1


def rank() -> int:
    """Number this process, from 0; the first one saves and prints."""
    return distributed.get_rank() if _joined() else 0


def our_device(device: str) -> torch.device:
    """Return a device by name; "auto" is this process's GPU if it has one, else the processor.

    Raises:
        SettingError: If there is no such device, or more processes on this machine than GPUs.
    """
    if device == "auto" and not torch.cuda.is_available():
        return torch.device("cpu")
    if device not in ("auto", "cuda"):
        return _named(device)
    place, gpus = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if not gpus:
        raise SettingError(
            f'device={device!r} finds no GPU; train with device="cpu" (--device cpu)'
        )
    if place >= gpus:
        raise SettingError(
            f"process {place + 1} of this machine finds only {gpus} GPU{'s' * (gpus != 1)}; start "
            f'as many processes as GPUs (--nproc-per-node {gpus}), or train with device="cpu" '
            "(--device cpu)"
        )
    return torch.device("cuda", place)


def _named(device: str) -> torch.device:
    try:
        torch.empty(0, device=device)  # torch knows more names than this machine has devices
    except (AssertionError, NotImplementedError, RuntimeError) as error:
        raise SettingError(
            f"device must be one that this machine has, such as cpu or auto, got {device!r}"
        ) from error
    return torch.device(device)


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
    parameters = [one for one in parameters if one.requires_grad]
    # A process may have had no piece. A weight without a gradient in any process must stay without
    # one: the optimiser skips it, while a gradient of 0 would let it decay.
    found = torch.tensor([float(one.grad is not None) for one in parameters])
    shares = [torch.zeros_like(one) if one.grad is None else one.grad for one in parameters]
    flat = torch.cat([*(one.reshape(-1) for one in shares), found.to(shares[0])])
    distributed.all_reduce(flat)
    *sums, found = flat.split([*(one.numel() for one in parameters), len(parameters)])
    for one, total, times in zip(parameters, sums, found.tolist(), strict=True):
        one.grad = total.view_as(one) if times else None


def same_everywhere(tensors: Iterable[Tensor]) -> None:
    """Give every process the first one's values."""
    if n_processes() > 1:
        for tensor in tensors:
            distributed.broadcast(tensor.detach(), src=0)


def anyone(true_here: bool) -> bool:
    """Return whether it is true in any process, so that all stop at the same step."""
    return summed(float(true_here))[0] > 0


@contextmanager
def agreed() -> Iterator[None]:
    """End all processes if the block fails in one; the others would wait for it in vain.

    Raises:
        SettingError: If it failed in another process.
    """
    try:
        yield
    except Exception:
        anyone(True)
        raise
    if anyone(False):
        raise SettingError("another process of this training has failed; its message says why")


def _joined() -> bool:
    return distributed.is_available() and distributed.is_initialized()

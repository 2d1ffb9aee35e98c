"""Training on a GPU, in the ways that there are: as it is, compiled, and with CUDA graphs.

A model as small as ours keeps a GPU waiting: each operation ends before the next is asked for. A
compiler merges many into one, and a recorded step (CUDA graphs) is launched in one go.
"""

import torch
from torch import nn

from benchmarks.timing import table
from musiclab.training import device_report
from musiclab.training.measure import device_name, seconds

NONE_HERE = (
    "Training on a GPU: skipped, since torch finds none here. On a machine with an NVIDIA GPU, "
    "install with `make lab TORCH=cuda`, then run `python -m benchmarks gpu`."
)


def run(rounds: int) -> str:
    """Measure every way where a GPU is; elsewhere say what would be needed."""
    if not torch.cuda.is_available():
        return NONE_HERE
    speeds = ways("cuda", times=rounds)
    pieces = device_report.BATCHES["cuda"][-1]
    title = f"Training on {device_name('cuda')}, {pieces} x {device_report.SEQ} positions, bf16"
    return table(title, "notes a second", speeds, next(iter(speeds)))


def ways(device: torch.device | str, times: int) -> dict[str, float]:
    """Notes a second in bf16, largest batch: eager, compiled, and with CUDA graphs.

    A way that torch cannot go here (its compiler needs Triton, say) is left out.
    """
    batch, speeds = device_report.BATCHES[torch.device(device).type][-1], {}
    for name, same_shapes in (("eager", None), ("compiled", False), ("CUDA graphs", True)):
        model, optimiser, ids = device_report.set_up(device, batch)
        if same_shapes is not None:
            model = compiled(model, same_shapes=same_shapes)
        arguments = (model, optimiser, ids, "bf16")
        try:
            taken = seconds(lambda a=arguments: device_report.step(*a), device=device, times=times)
        except RuntimeError:
            if same_shapes is None:  # that is no matter of compiling
                raise
            continue
        speeds[name] = batch * device_report.SEQ / taken
    return speeds


def compiled(model: nn.Module, *, same_shapes: bool) -> nn.Module:
    """Let torch compile a model; the weights are shared, and the first steps take a minute."""
    if same_shapes:
        return torch.compile(model, mode="reduce-overhead", dynamic=False)
    return torch.compile(model, dynamic=True)

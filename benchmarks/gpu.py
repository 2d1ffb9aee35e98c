"""Training on a GPU, in the ways that there are: as it is, compiled, and with CUDA graphs."""

import torch

from benchmarks.timing import table
from musiclab.training import device_report
from musiclab.training.measure import device_name

NONE_HERE = (
    "Training on a GPU: skipped, since torch finds none here. On a machine with an NVIDIA GPU, "
    "install with `make lab TORCH=cuda`, then run `python -m benchmarks gpu`."
)


def run(rounds: int) -> str:
    """Measure every way where a GPU is; elsewhere say what would be needed."""
    if not torch.cuda.is_available():
        return NONE_HERE
    speeds = device_report.ways("cuda", times=rounds)
    pieces = device_report.BATCHES["cuda"][-1]
    title = f"Training on {device_name('cuda')}, {pieces} x {device_report.SEQ} positions, bf16"
    return table(title, "notes a second", speeds, next(iter(speeds)))

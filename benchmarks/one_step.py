"""Train one model for a few steps in a process of its own, and print the time and the memory.

Only a fresh process knows its peak of memory: it never sinks again. ``scaling`` starts this with
``python -m benchmarks.one_step '{"seq": 512}'``.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import torch

from benchmarks.peers import TOKENIZER
from musiclab.model import Transformer, TransformerConfig
from musiclab.training.config import TrainingConfig
from musiclab.training.device_report import step
from musiclab.training.measure import seconds
from musiclab.training.optimiser import build_optimiser

HEAD_DIM = 32  # a wider model has more heads, not wider ones
BASE = {"seq": 256, "batch": 4, "d_model": 128, "n_layers": 4, "threads": 1}


def measure(**sizes: int) -> tuple[float, float]:
    """Start a process for one model.

    Args:
        **sizes: What differs from ``BASE``.

    Returns:
        Milliseconds of a training step, and megabytes of memory at its peak, beyond what a tiny
        model takes.
    """
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_step", json.dumps(sizes)],
        env=os.environ | {"OMP_NUM_THREADS": str({**BASE, **sizes}["threads"])},
        capture_output=True,
        text=True,
        check=True,
    )
    milliseconds, megabytes = map(float, finished.stdout.split())
    return milliseconds, megabytes


def train(sizes: Mapping[str, int], times: int = 3) -> float:
    """Take steps in bf16 with dropout; return the seconds of the quickest."""
    config = TransformerConfig(
        vocab_size=TOKENIZER.vocab_size,
        max_seq=sizes["seq"],
        d_model=sizes["d_model"],
        n_heads=max(1, sizes["d_model"] // HEAD_DIM),
        n_layers=sizes["n_layers"],
    )
    model = Transformer(config).train()
    optimiser = build_optimiser(model, TrainingConfig(steps=1))
    ids = torch.randint(4, TOKENIZER.vocab_size, (sizes["batch"], sizes["seq"] + 1))
    return seconds(lambda: step(model, optimiser, ids, "bf16"), times=times)


def peak_megabytes() -> float:
    """Ask the system for the most memory that this process has ever held."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: what getrusage says there may be the parent's
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kibibytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Measure the sizes given as JSON."""
    sizes = BASE | json.loads(sys.argv[1])
    torch.set_num_threads(sizes["threads"])
    train(BASE | {"seq": 16, "batch": 1, "d_model": 32, "n_layers": 1}, times=1)  # loads kernels
    before = peak_megabytes()
    milliseconds = 1000 * train(sizes)
    print(milliseconds, peak_megabytes() - before)


if __name__ == "__main__":
    main()

"""Two processes against one: the same gradients, the same training, one file."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from torch.testing import assert_close

from musiclab.training.config import TrainingConfig
from musiclab.training.loop import Trainer
from musiclab.training.tensor_file import open_tensors

TRAINING = """
import sys
sys.path.insert(0, sys.argv[1])
from conftest import build_batches, build_model
from musiclab.training.config import TrainingConfig
from musiclab.training.distributed import n_processes
from musiclab.training.loop import Trainer
trainer = Trainer(
    build_model(dropout=0.0),
    build_batches(),  # its last batch has one piece: the second process gets none
    TrainingConfig(steps=5, warmup=0, validate_every=2, weight_decay=0.5),
    valid=build_batches(training=False, n_pieces=5),
    folder=sys.argv[2],
    device="cpu",
    show_progress=False,
)
trainer.run()
print(trainer.history.validation)
"""


def test_two_processes_train_like_one(small, tmp_path):
    alone = Trainer(
        small.model(dropout=0.0),
        small.batches(),
        TrainingConfig(steps=5, warmup=0, validate_every=2, weight_decay=0.5),
        valid=small.batches(training=False, n_pieces=5),
        folder=tmp_path / "one",
        device="cpu",
        show_progress=False,
    )
    alone.run()
    run_two(tmp_path / "two")
    one, two = (open_tensors(tmp_path / f / "state.safetensors") for f in ("one", "two"))
    assert two.info["processes"] == 2
    assert_close(two.read(), one.read(), rtol=2e-4, atol=2e-5)
    best = [open_tensors(tmp_path / f / "model.safetensors").info for f in ("one", "two")]
    assert_close(best[1]["figures"]["valid"], best[0]["figures"]["valid"], rtol=1e-5, atol=0)
    assert best[1]["step"] == best[0]["step"]


def run_two(folder: Path) -> None:
    """Start what torchrun would start, without its server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
    command = [sys.executable, "-c", TRAINING, str(Path(__file__).parent), str(folder)]
    running = [
        subprocess.Popen(
            command,
            env=os.environ | address | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for rank in range(2)
    ]
    try:
        for one in running:
            _, told = one.communicate(timeout=120)
            assert one.returncode == 0, told.decode()[-2000:]
    finally:
        for one in running:
            one.kill()

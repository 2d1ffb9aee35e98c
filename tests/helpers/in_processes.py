"""What ``torchrun`` starts in the tests: gradients and trainings, as told on the command line.

Each argument after the folder is one job: ``gradients:NAME``, ``train:NAME:SETTING=VALUE:...``, or
``trouble:full`` and ``trouble:nan``.
"""

import math
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from mishaps import full_disk_for
from small_training import build_batches, build_model, build_trainer

from musiclab.checkpoint.tensor_file import save_tensors
from musiclab.errors import MusicLabError
from musiclab.training import distributed
from musiclab.training.config import TrainingConfig
from musiclab.training.step import add_gradients

OPTIONS = {"steps": 8, "warmup": 0, "validate_every": 3, "save_every": 2, "weight_decay": 0.5}
WROTE = 9  # exit code of a process that wrote what only the first one may


def gradients(model: torch.nn.Module, batch: Any) -> dict[str, torch.Tensor]:
    """Find the gradient of a batch, by as many processes as there are."""
    add_gradients(model, batch, 0, TrainingConfig(steps=1))
    distributed.sum_gradients(model.parameters())
    return {name: one.grad for name, one in model.named_parameters() if one.grad is not None}


def probe() -> tuple[torch.nn.Module, Any]:
    """A model with an unused and a frozen weight, and a batch of pieces of different lengths."""
    model = build_model(dropout=0.0)
    model.register_parameter("unused", torch.nn.Parameter(torch.ones(2)))
    next(model.parameters()).requires_grad_(False)
    return model, build_batches(batch_size=5).batch(0)


def train(
    folder: Path, *, stop: str = "", resume: str = "", dropout: str = "0", device: str = "cpu"
) -> None:
    """Train, up to step ``stop``, where somebody presses Ctrl-C."""

    def press(trainer: Any) -> None:
        if str(trainer.step) == stop:
            signal.raise_signal(signal.SIGINT)

    trainer = build_trainer(
        folder,
        model=build_model(dropout=float(dropout)),
        on_step=press,
        device=device,
        **OPTIONS,
    )
    trainer.run(resume=bool(resume))


def meet_trouble(folder: Path, trouble: str) -> None:
    """Train until the first process's disk is full, or its gradient NaN; each one says why."""
    with ExitStack() as later:

        def spoil(trainer: Any) -> None:
            if trainer.step == 4 and trouble == "full":
                later.enter_context(full_disk_for("state.safetensors"))
            if trainer.step == 5 and trouble == "nan":
                first = next(trainer.model.parameters())
                first.register_hook(lambda gradient: gradient * math.nan)

        try:
            build_trainer(folder, model=build_model(dropout=0.0), on_step=spoil, **OPTIONS).run()
        except MusicLabError as error:
            told = f"{trouble} told by process {os.environ['RANK']}: {error}\n"
            os.write(sys.stdout.fileno(), told.encode())  # in one piece, unlike print


def main(folder: Path, *jobs: str) -> None:
    """Do the jobs one after another."""
    if os.environ["RANK"] != "0":
        sys.addaudithook(lambda event, arguments: _only_read(folder, event, arguments))
    for job in jobs:
        what, name, *settings = job.split(":")
        if what == "train":
            train(folder / name, **dict(one.split("=") for one in settings))
            continue
        if what == "trouble":
            meet_trouble(folder / name, name)
            continue
        with distributed.group(torch.device("cpu")):
            found = gradients(*probe())
            if distributed.rank() == 0:
                save_tensors(folder / name, found, {})


def _only_read(folder: Path, event: str, arguments: tuple[Any, ...]) -> None:
    """End this process if it changes anything below ``folder``."""
    changes = event in ("os.mkdir", "os.rename", "os.remove", "os.truncate")
    if event == "open":
        changes = bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if changes and str(arguments[0]).startswith(str(folder)):
        print(f"process {os.environ['RANK']} did {event} {arguments}", file=sys.stderr, flush=True)
        os._exit(WROTE)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

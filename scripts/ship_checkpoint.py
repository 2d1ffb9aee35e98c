"""Put a finished training among the checkpoints that come with musiclab.

    python scripts/ship_checkpoint.py runs/bach-grid bach-grid --calibrate

The weights are rounded to 16 bits, which halves the file. The log comes along. The card beside them
is brought up to date by ``scripts/model_cards.py``.

A model that has read a small corpus many times is too sure of itself. ``--calibrate`` divides all
its scores by one number, the temperature that does best on the validation pieces (Guo et al., 2017,
"On Calibration of Modern Neural Networks", arXiv:1706.04599). The order of the scores stays.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

from musiclab.checkpoint.load import MODEL_FILE, SHIPPED, load_checkpoint
from musiclab.checkpoint.save import save_checkpoint
from musiclab.files import write_atomically
from musiclab.music.corpus import corpus
from musiclab.training.batches import ChoraleBatches
from musiclab.training.loss import mean_nll
from musiclab.training.presets import PRESETS
from musiclab.training.run_folder.run_folder import LOG_FILE

LARGEST = 10_000_000  # bytes
# All that adds up to a score.
SCORING = ("to_logits", "to_interval_scores", "to_step_scores", "to_vote_scores")
STEP, HIGHEST = 0.02, 1.5  # temperatures that are tried: 1, 1.02, ... until they do worse


def main(arguments: list[str] | None = None) -> int:
    """Ship one checkpoint; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the folder of the training")
    parser.add_argument("name", help="such as bach-grid")
    parser.add_argument("--calibrate", action="store_true", help="less sure of itself")
    asked = parser.parse_args(arguments)
    valid = None
    if asked.calibrate:
        preset = PRESETS[asked.name]
        tunes = preset.build_tunes(corpus("train", extras=preset.extras))
        valid = preset.build_batches(corpus("valid"), training=False, tunes=tunes)
    print(ship(asked.run, SHIPPED / asked.name, valid))
    return 0


def ship(run: Path, folder: Path, valid: ChoraleBatches | None = None) -> str:
    """Write the checkpoint and the log into ``folder``, and say what was written.

    Args:
        run: The folder of the training.
        folder: Where the checkpoint goes.
        valid: What to calibrate on; None leaves the scores as they are.

    Raises:
        CheckpointError: If the training has left no checkpoint, one that is damaged, or one that
            16 bits cannot hold.
        SystemExit: If the file would be over 10 MB.
    """
    trained = load_checkpoint(run)
    told = {name: trained.info[name] for name in ("step", "data", "figures", "notes")}
    if valid is not None:
        temperature, nats = best_temperature(trained.model, valid)
        cool(trained.model, temperature)
        told["figures"] = told["figures"] | {"valid": nats, "temperature": temperature}
    settings = {"tokenizer": trained.tokenizer, "conditions": trained.conditions, "half": True}
    log = (run / LOG_FILE).read_bytes()
    with TemporaryDirectory() as place:  # a good file gives way only to one that has been checked
        path = save_checkpoint(place, trained.model, **settings, **told)
        content, fingerprint = path.read_bytes(), load_checkpoint(path).fingerprint
    if (size := len(content)) > LARGEST:
        raise SystemExit(f"{run} would be {size:,} bytes; a shipped file has {LARGEST:,} at most")
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / MODEL_FILE, content)
    write_atomically(folder / LOG_FILE, log)
    return f"{folder.name}: {size:,} bytes, fingerprint {fingerprint}"


def best_temperature(model: nn.Module, valid: ChoraleBatches) -> tuple[float, float]:
    """Find by what to divide all scores, and the nats per target that this gives."""
    best, nats, tried = 1.0, mean_nll(model, valid, valid.pad_id), 1.0
    while tried < HIGHEST:
        following = round(tried + STEP, 2)
        cool(model, following / tried)
        tried, found = following, mean_nll(model, valid, valid.pad_id)
        if found >= nats:
            break
        best, nats = tried, found
    cool(model, 1 / tried)
    return best, nats


@torch.no_grad()
def cool(model: nn.Module, temperature: float) -> None:
    """Divide all scores of a model by ``temperature``."""
    for name, weight in model.named_parameters():
        if any(part in name for part in SCORING):
            weight /= temperature


if __name__ == "__main__":
    raise SystemExit(main())

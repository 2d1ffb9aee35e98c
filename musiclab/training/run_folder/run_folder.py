"""The folder of a training: the state to resume from, the best model, the log."""

import math
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from operator import index
from pathlib import Path
from typing import Any

from torch import nn
from torch.optim import Optimizer

from musiclab.checkpoint.save import describe, save_checkpoint
from musiclab.checkpoint.write_errors import CannotWrite
from musiclab.errors import CheckpointError, SettingError
from musiclab.training import distributed
from musiclab.training.batches import ChoraleBatches
from musiclab.training.config import TrainingConfig
from musiclab.training.history import History, open_history
from musiclab.training.run_folder.lock import only_one
from musiclab.training.run_folder.state import STATE_FILE, load_state, save_state

LOG_FILE = "log.csv"


@dataclass
class Progress:
    """How far a training has come; together with the weights, all that the next step needs."""

    step: int = 0  # steps done
    validated: int = 0  # the step after which it was last measured
    best: float = math.inf  # nats per target, on the validation pieces
    recent: tuple[float, ...] = ()  # losses since the last row of the log
    seconds: float = 0.0  # without pauses

    @property
    def point(self) -> tuple[int, int]:
        """Where it stands: what was saved at the same point need not be saved again."""
        return self.step, self.validated

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; it has no infinity."""
        best = self.best if math.isfinite(self.best) else None
        return asdict(self) | {"best": best, "recent": list(self.recent)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Progress":
        """Rebuild what ``to_dict`` returned; CheckpointError if a value is missing or wrong."""
        try:
            return cls(
                step=index(values["step"]),
                validated=index(values["validated"]),
                best=math.inf if values["best"] is None else float(values["best"]),
                recent=tuple(float(loss) for loss in values["recent"]),
                seconds=float(values["seconds"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"the saved progress is damaged: {error!r:.80}") from error


class RunFolder:
    """Save a training and resume it; of several processes only the first one writes.

    They must all be able to read the folder. If one fails, all fail: with a CheckpointError if
    something cannot be written or does not fit; what was there before is then untouched.

    Args:
        folder: Where.
        batches: What is learned from: they name the vocabulary and the data.
        config: The settings.
        notes: Words for the checkpoint.

    Raises:
        SettingError: If the folder has no name.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        batches: ChoraleBatches,
        config: TrainingConfig,
        notes: str,
    ) -> None:
        if not os.fspath(folder):
            raise SettingError(f'folder must be a name, got {folder!r}; "." is the current folder')
        self.folder, self.batches, self.config, self.notes = Path(folder), batches, config, notes
        self.conditions = getattr(batches, "conditions", None)
        self.saved: tuple[int, int] | None = None  # the point last saved

    @contextmanager
    def hold(self, *, resume: bool) -> Iterator[None]:
        """Let no other training write the folder while the block runs.

        Args:
            resume: The folder must already hold a training; nothing is made if it does not.

        Raises:
            SettingError: If another training writes it.
            CheckpointError: If there is nothing to resume, or the block could not write.
        """
        with ExitStack() as held:
            with distributed.agreed():
                if distributed.rank() == 0:
                    if resume and not (self.folder / STATE_FILE).exists():
                        raise CheckpointError(
                            f"{self.folder} holds no training to resume; leave out resume=True "
                            "(--resume)"
                        )
                    held.enter_context(only_one(self.folder))
            try:
                yield
            except CannotWrite as error:
                then = "start again" if self.saved is None else "go on with resume=True (--resume)"
                raise CheckpointError(f"{error}; then {then}") from error

    def begin(self) -> None:
        """Refuse to write over another training."""
        with distributed.agreed():
            if distributed.rank() == 0 and (self.folder / STATE_FILE).exists():
                raise CheckpointError(
                    f"{self.folder} already holds a training; resume it with resume=True "
                    "(--resume), or choose another folder"
                )

    def load(self, model: nn.Module, average: nn.Module, optimiser: Optimizer) -> Progress:
        """Restore what was saved, and return how far it had come."""
        with distributed.agreed():
            info = load_state(self.folder, model, average, optimiser, self._shared(model))
            progress = Progress.from_dict(info)
        before, now = info.get("processes"), distributed.n_processes()
        if before != now and distributed.rank() == 0:
            warnings.warn(
                f"going on with {now} process{'es' * (now > 1)} after {before}: the sums are added "
                "in another order, and dropout draws other masks",
                stacklevel=4,
            )
        self.saved = progress.point
        return progress

    def open_log(self, progress: Progress) -> History:
        """Continue the log where ``progress`` stands."""
        with distributed.agreed():
            if distributed.rank() > 0:
                return History()
            step, validated = progress.point
            return open_history(self.folder / LOG_FILE, until=step, validated=validated)

    def save(
        self, model: nn.Module, average: nn.Module, optimiser: Optimizer, progress: Progress
    ) -> None:
        """Write all that resuming needs."""
        with distributed.agreed():
            if distributed.rank() == 0:
                processes = {"processes": distributed.n_processes()}
                info = self._shared(model) | processes | progress.to_dict()
                save_state(self.folder, model, average, optimiser, info)
        self.saved = progress.point

    def save_model(self, model: nn.Module, step: int, figures: Mapping[str, float]) -> None:
        """Write a checkpoint."""
        settings = {"tokenizer": self.batches.tokenizer, "conditions": self.conditions}
        settings |= {"data": self.batches.fingerprint, "notes": self.notes}
        with distributed.agreed():
            if distributed.rank() == 0:
                save_checkpoint(self.folder, model, step=step, figures=figures, **settings)

    def how_to_resume(self) -> str:
        """Say what was saved, and how to go on from there."""
        return (
            f"Saved in {self.folder} at step {self.saved[0]}; the same call with resume=True "
            "(--resume) goes on from there."
        )

    def _shared(self, model: nn.Module) -> dict[str, Any]:
        """List what a resumed training must have in common with the one that began."""
        return {
            "model": describe(model, self.batches.tokenizer, self.conditions),
            "training": self.config.decisive(),
            "data": self.batches.fingerprint,
        }

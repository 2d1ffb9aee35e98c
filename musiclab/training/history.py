"""What happened during a training: figures that grow while it runs, on disk as log.csv."""

import csv
import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from musiclab.errors import CheckpointError
from musiclab.files import write_atomically

COLUMNS = (
    "step",
    "seconds",
    "learning_rate",
    "loss",
    "gradient_norm",
    "targets_per_second",
    "valid",
)


@dataclass
class History:
    """The figures of a training; every list has one entry a row of the log.

    Args:
        path: The log file to append to; None keeps the figures in memory only.
    """

    path: Path | None = None
    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # since the training began, pauses left out
    learning_rates: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)  # nats a target, mean since the row before
    gradient_norms: list[float] = field(default_factory=list)  # before clipping
    speeds: list[float] = field(default_factory=list)  # targets a second
    valid_steps: list[int] = field(default_factory=list)
    valid_losses: list[float] = field(default_factory=list)  # nats a target, averaged weights

    def add_step(
        self,
        step: int,
        *,
        seconds: float,
        learning_rate: float,
        loss: float,
        gradient_norm: float,
        speed: float,
    ) -> None:
        """Note how the last few steps went; ``step`` steps are done."""
        self._remember(step, seconds, learning_rate, loss, gradient_norm, speed)
        self._append([step, f"{seconds:.1f}", learning_rate, loss, gradient_norm, round(speed), ""])

    def add_valid(self, step: int, loss: float) -> None:
        """Note the loss on the validation pieces after ``step`` steps."""
        self.valid_steps.append(step)
        self.valid_losses.append(loss)
        self._append([step, "", "", "", "", "", loss])

    @property
    def training(self) -> list[tuple[int, float]]:
        """Pairs of step and loss, in nats a target."""
        return list(zip(self.steps, self.losses, strict=True))

    @property
    def validation(self) -> list[tuple[int, float]]:
        """Pairs of step and loss on the validation pieces, in nats a target."""
        return list(zip(self.valid_steps, self.valid_losses, strict=True))

    def plot(self, **options: Any) -> Any:
        """Draw the losses over the steps; the options are those of ``plot_history``."""
        from musiclab.show.plots import plot_history  # matplotlib is slow to import

        return plot_history(self, **options)

    def _remember(self, *row: Any) -> None:
        lists = (self.steps, self.seconds, self.learning_rates, self.losses)
        for kept, value in zip((*lists, self.gradient_norms, self.speeds), row, strict=True):
            kept.append(value)

    def _append(self, row: list[Any]) -> None:
        if self.path is None:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(_line(row))
        except OSError as error:
            raise CheckpointError(
                f"cannot write {self.path}: {error.strerror or error}; make room, then go on with "
                "resume=True"
            ) from error


def open_history(path: str | os.PathLike[str], until: int) -> History:
    """Read a log up to a step, drop the rows after it, and go on from there.

    A training that was killed has logged steps that its saved state knows nothing of.

    Args:
        path: The log file; it is made if there is none.
        until: The last step to keep.

    Returns:
        The figures so far.

    Raises:
        CheckpointError: If the file cannot be written.
    """
    path = Path(path)
    history, lines = History(), [_line(list(COLUMNS))]
    old = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    for row in csv.reader(old.splitlines()[1:]):
        try:
            step, *figures = [float(cell) if cell else None for cell in row]
            *of_step, valid = figures
            if step > until:
                continue
            if valid is not None:
                history.add_valid(int(step), valid)
            else:
                history._remember(int(step), *[float(figure) for figure in of_step])
        except (TypeError, ValueError):  # a line torn by a kill
            continue
        lines.append(_line(row))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, "".join(lines).encode())
    except OSError as error:
        raise CheckpointError(
            f"cannot write {path}: {error.strerror or error}; choose another folder"
        ) from error
    history.path = path
    return history


def _line(row: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()

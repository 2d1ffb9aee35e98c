"""The figures of a training, kept in memory and on disk as log.csv."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from musiclab.checkpoint.write_errors import cannot_write
from musiclab.files import write_atomically

COLUMNS = "step,seconds,learning_rate,loss,gradient_norm,targets_per_second,valid"


@dataclass
class History:
    """The figures of a training; every list has one entry per row of the log.

    What cannot be written raises CheckpointError.
    """

    path: Path | None = None  # the log file to append to; None keeps the figures in memory only
    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # since the training began, without pauses
    learning_rates: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)  # nats per target, mean since the row before
    gradient_norms: list[float] = field(default_factory=list)  # before clipping
    speeds: list[float] = field(default_factory=list)  # targets a second
    valid_steps: list[int] = field(default_factory=list)
    valid_losses: list[float] = field(default_factory=list)  # nats per target, averaged weights
    interrupted: bool = False  # by Ctrl-C

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
        """Add the figures of the last few steps; ``step`` steps are done."""
        self._remember(step, seconds, learning_rate, loss, gradient_norm, speed)
        self._append([step, f"{seconds:.1f}", learning_rate, loss, gradient_norm, round(speed), ""])

    def add_valid(self, step: int, loss: float) -> None:
        """Add the loss on the validation pieces after ``step`` steps."""
        self.valid_steps.append(step)
        self.valid_losses.append(loss)
        self._append([step, "", "", "", "", "", loss])

    @property
    def training(self) -> list[tuple[int, float]]:
        """Pairs of step and loss, in nats per target."""
        return list(zip(self.steps, self.losses, strict=True))

    @property
    def validation(self) -> list[tuple[int, float]]:
        """Pairs of step and loss on the validation pieces, in nats per target."""
        return list(zip(self.valid_steps, self.valid_losses, strict=True))

    def flush(self) -> None:
        """Wait until every row is on the disk, safe from a power cut."""
        if self.path is None:
            return
        try:
            with self.path.open("r+") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def plot(self, **options: Any) -> Any:
        """Draw the losses over the steps; the options are those of ``plot_history``."""
        from musiclab.show.plots import plot_history  # matplotlib is slow to import

        return plot_history(self, **options)

    def _remember(self, *row: Any) -> None:
        lists = (self.steps, self.seconds, self.learning_rates, self.losses)
        for column, value in zip((*lists, self.gradient_norms, self.speeds), row, strict=True):
            column.append(value)

    def _append(self, row: list[Any]) -> None:
        if self.path is None:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(",".join(map(str, row)) + "\n")
        except OSError as error:
            raise cannot_write(self.path, error) from error


def open_history(path: str | os.PathLike[str], until: int, validated: int | None = None) -> History:
    """Read a log, drop the rows after a step, and continue from there.

    A training that was killed has logged steps after its saved state.

    Args:
        path: The log file; it is made if there is none.
        until: The last step to keep.
        validated: The last step whose validation to keep, if another one.

    Returns:
        The figures so far.

    Raises:
        CheckpointError: If the file cannot be written.
    """
    path = Path(path)
    history, lines = History(), [f"{COLUMNS}\n"]
    old = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    whole, _, _ = old.rpartition("\n")  # a kill or a full disk may have torn the last line
    for line in whole.splitlines()[1:]:
        cells = line.split(",")
        try:
            step, *of_step, valid = [float(cell) if cell else None for cell in cells]
            last = until if valid is None or validated is None else validated
            if len(cells) != len(COLUMNS.split(",")) or step > last:
                continue
            if valid is not None:
                history.add_valid(int(step), valid)
            else:
                history._remember(int(step), *[float(figure) for figure in of_step])
        except (TypeError, ValueError):  # no line of ours
            continue
        lines.append(f"{line}\n")
    content = "".join(lines).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        raise cannot_write(path, error, len(content)) from error
    history.path = path
    return history

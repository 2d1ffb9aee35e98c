"""The training curve, drawn again and again while a model trains."""

import time
from collections.abc import Mapping
from typing import Any

from musiclab.show.figure import Figure
from musiclab.show.plots import plot_history

PAUSE = 3.0  # seconds, the least time between two pictures


class LiveHistory:
    """A picture of the losses that grows in its cell; give it to a ``Trainer`` as ``on_step``.

    It is replaced every few seconds, since drawing takes time that training could use. The last
    picture stays: in the saved notebook, in an export, wherever no program runs.

    Args:
        floors: Lines to compare with, as for ``plot_history``.
        title: Above the plot; the step is added to it.

    Attributes:
        figure: The newest picture; None before the first one.

    Example:
        >>> from types import SimpleNamespace
        >>> losses = SimpleNamespace(training=[(10, 3.8), (20, 2.1)], validation=[])
        >>> trainer = SimpleNamespace(step=20, config=SimpleNamespace(steps=20), history=losses)
        >>> live = LiveHistory(title="My model")
        >>> live(trainer)
        Figure('My model, step 20 of 20: training from 3.800 to 2.100 nats per note')
    """

    def __init__(
        self, *, floors: Mapping[str, float | int] | None = None, title: str = "Training"
    ) -> None:
        self.floors, self.title = floors, title
        self.figure: Figure | None = None
        self._place: Any = None  # where in the page the picture stands
        self._drawn = 0.0  # when

    def __call__(self, trainer: Any) -> None:
        """Draw, if the last picture is old enough or the training is at its end."""
        from IPython.display import display  # only notebooks need it

        step, steps = trainer.step, trainer.config.steps
        is_old = time.monotonic() - self._drawn >= PAUSE
        if not (self.figure is None or step >= steps or is_old):
            return
        title = f"{self.title}, step {step} of {steps}"
        self.figure = plot_history(trainer.history, floors=self.floors, title=title)
        if self._place is None:
            self._place = display(self.figure, display_id=True)
        else:
            self._place.update(self.figure)
        self._drawn = time.monotonic()

"""The settings of a training, checked once."""

import math
import os
from dataclasses import asdict, dataclass
from typing import Any, no_type_check

from musiclab.checks import check_choice, check_number, check_whole
from musiclab.errors import SettingError


@no_type_check  # it checks its values itself
@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything that decides how a model is trained; what it learns from is the batches' part.

    Raises:
        SettingError: If a value is out of range.
    """

    steps: int
    peak: float = 1e-3  # the highest learning rate
    warmup: int = 100  # steps until it is reached
    floor: float = 1e-5  # the learning rate at the end
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.98)  # of AdamW's averages of gradient and its square
    clip: float = 1.0  # longer gradients are shortened to this; math.inf never clips
    unlikelihood: float = 0.0  # weight of the loss on rule violations; 0: none
    accumulate: int = 1  # parts that a batch is cut into, to save memory; the result is the same
    ema_decay: float = 0.999  # share of the averaged weights that a step keeps
    precision: str = "fp32"  # or "bf16", faster where the processor has instructions for it
    seed: int = 0
    validate_every: int = 250  # steps
    save_every: int = 250  # steps
    log_every: int = 10  # steps
    minutes: float | None = None  # stop after so long, saved and ready to resume
    threads: int | None = None  # None: as torch is set

    def __post_init__(self) -> None:
        """Check every value."""
        for name in ("steps", "accumulate", "validate_every", "save_every", "log_every"):
            check_whole(name, getattr(self, name), lowest=1)
        for name in ("warmup", "seed"):
            check_whole(name, getattr(self, name), lowest=0)
        for name in ("peak", "floor", "weight_decay", "unlikelihood"):
            check_number(name, getattr(self, name), lowest=0)
        if self.floor > self.peak:
            raise SettingError(f"floor={self.floor} must not lie above peak={self.peak}")
        if self.clip != math.inf:
            check_number("clip", self.clip, above=0, remedy="math.inf never clips")
        if not isinstance(self.betas, tuple | list) or len(self.betas) != 2:
            raise SettingError(f"betas must be two numbers, got {self.betas!r:.60}")
        object.__setattr__(self, "betas", tuple(self.betas))
        for name, value in (("ema_decay", self.ema_decay), *(("betas", b) for b in self.betas)):
            check_number(name, value, lowest=0, below=1)
        check_choice("precision", self.precision, ("fp32", "bf16"))
        if self.minutes is not None:
            check_number("minutes", self.minutes, above=0, remedy="None sets no limit")
        if self.threads is not None:
            most = 4 * (os.cpu_count() or 1)  # torch crashes when asked for millions
            fewer = "one per core is best"
            check_whole("threads", self.threads, lowest=1, highest=most, remedy=fewer)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; it has no infinity."""
        clip = None if self.clip == math.inf else self.clip
        return asdict(self) | {"betas": list(self.betas), "clip": clip}

    def decisive(self) -> dict[str, Any]:
        """Return the values that change the weights; a training is resumed only with the same."""
        free = ("minutes", "threads", "validate_every", "save_every", "log_every")
        return {name: value for name, value in self.to_dict().items() if name not in free}

"""The settings of a training, checked once."""

import math
from dataclasses import asdict, dataclass
from typing import Any, no_type_check

from musiclab.errors import SettingError


@no_type_check  # the class checks its values itself, in better words than a checker's
@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything that decides how a model is trained, but not on what: that is the batches' part.

    Raises:
        SettingError: If a value is out of range.
    """

    steps: int
    peak: float = 1e-3  # the highest learning rate
    warmup: int = 100  # steps until it is reached
    floor: float = 1e-5  # the learning rate at the end
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.98)  # AdamW's memories of gradient and its square
    clip: float = 1.0  # the longest gradient that is followed unshortened
    unlikelihood: float = 0.0  # weight of what it costs to give faults a chance; 0: nothing
    accumulate: int = 1  # parts that a batch is cut into, to save memory; the result is the same
    ema_decay: float = 0.999  # how much of the averaged weights a step keeps
    precision: str = "fp32"  # or "bf16", faster where the processor has instructions for it
    seed: int = 0
    validate_every: int = 250  # steps
    save_every: int = 250  # steps
    log_every: int = 10  # steps
    minutes: float | None = None  # stop after so long, saved and ready to go on
    threads: int | None = None  # None: as torch is set

    def __post_init__(self) -> None:
        """Check every value."""
        for name in ("steps", "accumulate", "validate_every", "save_every", "log_every"):
            self._check(name, whole=True, lowest=1)
        for name in ("warmup", "seed"):
            self._check(name, whole=True, lowest=0)
        for name in ("peak", "floor", "weight_decay", "unlikelihood"):
            self._check(name, lowest=0.0)
        if not _number("clip", self.clip) > 0:
            raise SettingError(f"clip must be above 0; math.inf never clips, got {self.clip}")
        if self.floor > self.peak:
            raise SettingError(f"floor={self.floor} must not lie above peak={self.peak}")
        if not isinstance(self.betas, tuple | list) or len(self.betas) != 2:
            raise SettingError(f"betas must be two numbers, got {self.betas!r}")
        object.__setattr__(self, "betas", tuple(self.betas))
        for name, value in {"ema_decay": [self.ema_decay], "betas": self.betas}.items():
            if not all(0 <= _number(name, one) < 1 for one in value):
                raise SettingError(f"{name} must lie in [0, 1), got {getattr(self, name)}")
        if self.precision not in ("fp32", "bf16"):
            raise SettingError(f'precision must be "fp32" or "bf16", got {self.precision!r}')
        if self.minutes is not None and not _number("minutes", self.minutes) > 0:
            raise SettingError(f"minutes must be above 0, or None, got {self.minutes}")
        if self.threads is not None:
            self._check("threads", whole=True, lowest=1)

    def _check(self, name: str, *, lowest: float, whole: bool = False) -> None:
        value = _number(name, getattr(self, name), whole=whole)
        if not lowest <= value < math.inf:
            raise SettingError(f"{name} must be at least {lowest}, got {value}")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        values = asdict(self) | {"betas": list(self.betas)}
        # JSON has no infinity.
        return values | {"clip": None if self.clip == math.inf else self.clip}

    def decisive(self) -> dict[str, Any]:
        """Return the values that change the weights; a training goes on only with the same."""
        free = ("minutes", "threads", "validate_every", "save_every", "log_every")
        return {name: value for name, value in self.to_dict().items() if name not in free}


def _number(name: str, value: Any, *, whole: bool = False) -> int | float:
    """Refuse what is no number; Python counts True as one."""
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise SettingError(f"{name} must be a {'whole ' * whole}number, got {value!r}")
    return value

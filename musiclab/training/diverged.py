"""What to say when a training has lost its way."""

from musiclab.errors import SettingError
from musiclab.training.config import TrainingConfig
from musiclab.training.schedule import learning_rate


def diverged(what: str, value: float, done: int, config: TrainingConfig) -> SettingError:
    """Build the error for a loss or a gradient that is not finite.

    Args:
        what: Such as "the loss".
        value: NaN or infinity.
        done: How many steps are done.
        config: The settings.

    Example:
        >>> str(diverged("the loss", float("nan"), 8, TrainingConfig(steps=9, warmup=0)))[:36]
        'the loss became nan after step 8, le'
    """
    rate = learning_rate(
        max(done - 1, 0),  # of the step that led here
        peak=config.peak,
        warmup=config.warmup,
        total=config.steps,
        floor=config.floor,
    )
    return SettingError(
        f"{what} became {value} after step {done}, learning rate {rate:.3g}; what came before is "
        "kept, but going on from there ends the same, so start anew in another folder with a "
        f"smaller peak than {config.peak:g} (--peak) or a longer warmup than {config.warmup} "
        "steps (--warmup)"
    )

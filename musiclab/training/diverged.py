"""What to say when a training has lost its way."""

from musiclab.errors import SettingError
from musiclab.training.config import TrainingConfig
from musiclab.training.schedule import learning_rate


def diverged(loss: float, done: int, config: TrainingConfig) -> SettingError:
    """Build the error for a validation loss that is no number.

    Args:
        loss: The loss.
        done: How many steps are done.
        config: The settings.

    Example:
        >>> str(diverged(float("nan"), 8, TrainingConfig(steps=9, warmup=0, floor=1e-3)))[:55]
        'the loss on the validation pieces became nan after step'
    """
    rate = learning_rate(
        max(done - 1, 0),
        peak=config.peak,
        warmup=config.warmup,
        total=config.steps,
        floor=config.floor,
    )
    return SettingError(
        f"the loss on the validation pieces became {loss} after step {done}, learning rate "
        f"{rate:.3g}; the training so far is kept. Start anew with a smaller peak than "
        f"{config.peak:g} or a longer warm-up than {config.warmup} steps"
    )

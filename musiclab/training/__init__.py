"""Teach a model: batches, schedule, loop and checkpoints, each in its own file."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Batch": ".batches",
        "FrameBatches": ".frame_batches",
        "PRESETS": ".presets",
        "TokenBatches": ".token_batches",
        "Trainer": ".loop",
        "TrainingConfig": ".config",
        "learning_rate": ".schedule",
        "mean_nll": ".loss",
        "train": ".loop",
        "train_preset": ".presets",
    },
)

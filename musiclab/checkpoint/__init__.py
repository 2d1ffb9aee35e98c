"""Save a model, load it again, and check everything in between."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Checkpoint": ".load",
        "load_checkpoint": ".load",
        "open_checkpoint": ".load",
        "save_checkpoint": ".save",
    },
)

"""The model that sings: a Transformer over frames that hears its candidates by their intervals."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Harmoniser": ".harmoniser",
        "HarmoniserConfig": ".harmoniser",
        "Infiller": ".infiller",
        "Memories": ".memories",
        "Singer": ".singer",
        "SingerConfig": ".config",
    },
)

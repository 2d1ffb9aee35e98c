"""Music as numbers and back: one scheme a file, strict on the way in, forgiving on the way out."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Conditions": ".conditions",
        "EventTokenizer": ".events",
        "GridTokenizer": ".grid",
    },
)

"""Exercises that say what went wrong: check an answer, take a hint, see how far you are."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "CheckFailed": "musiclab.errors",
        "EXERCISES": ".registry",
        "Exercise": ".exercise",
        "Order": ".exercise",
        "Recall": ".exercise",
        "Result": ".result",
        "check": ".checking",
        "hint": ".hinting",
        "order": ".checking",
        "progress": ".overview",
        "solution": ".hinting",
    },
)

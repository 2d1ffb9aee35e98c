"""Bach's chorales from music21's corpus, split as in the JSB Chorales benchmark."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(__name__, {"benchmark_pieces": ".pieces", "corpus": ".pieces"})

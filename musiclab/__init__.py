"""Learn how Transformers compose music, from a Bach score to sound in the notebook."""

from musiclab._lazy import lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Chorale": ".music.chorale",
        "corpus": ".music.corpus.pieces",
        "read_chorale": ".music.read",
        "read_notes": ".music.read",
        "write": ".music.export",
        "load_checkpoint": ".checkpoint.load",
        "compose": ".sampling.composing",
        "harmonise": ".sampling.harmonising",
        "replay": ".sampling.replaying",
        "nats_per_note": ".evaluate.likelihood",
        "Sound": ".show.sound",
        "Score": ".show.score",
        "PianoRoll": ".show.piano_roll",
    },
)

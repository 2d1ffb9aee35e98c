"""Write music with a trained model: draw tokens, obey the grammar, compose and harmonise."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Grammar": ".grammar",
        "Plan": ".plan",
        "Recipe": ".recipe",
        "Settings": ".settings",
        "apply_temperature": ".filters",
        "compose": ".composing",
        "compose_many": ".composing",
        "compose_stream": ".composing",
        "expect": ".expectation",
        "generate": ".decoding",
        "harmonise": ".harmonising",
        "min_p": ".filters",
        "replay": ".replaying",
        "rewrite": ".rewriting",
        "sample_next": ".filters",
        "top_k": ".filters",
        "top_p": ".filters",
    },
)

"""Write music with a trained model: draw tokens, obey the grammar, compose and harmonise."""

from musiclab._lazy import lazy

__getattr__, __dir__ = lazy(
    __name__,
    {
        "Candidate": ".compose",
        "Grammar": ".grammar",
        "Plan": ".plan",
        "Recipe": ".recipe",
        "Settings": ".settings",
        "WrittenFrame": ".generate",
        "apply_temperature": ".filters",
        "compose": ".compose",
        "compose_many": ".compose",
        "compose_stream": ".stream",
        "filter_logits": ".filters",
        "generate": ".generate",
        "harmonise": ".harmonise",
        "min_p": ".filters",
        "sample_next": ".filters",
        "top_k": ".filters",
        "top_p": ".filters",
    },
)

"""Measure what a model has learned: likelihood on held-out music, beside simple baselines."""

from musiclab._lazy import lazy

__getattr__, __dir__ = lazy(
    __name__,
    {
        "BenchmarkReport": ".benchmark_report",
        "BigramBaseline": ".baselines",
        "UnigramBaseline": ".baselines",
        "bits_per_frame": ".likelihood",
        "jsb_report": ".benchmark_report",
        "nats_of_piece": ".likelihood",
        "nats_per_note": ".likelihood",
        "uniform_nats": ".baselines",
    },
)

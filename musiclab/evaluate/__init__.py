"""Measure what a model has learned: likelihood on held-out music, beside simple baselines."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "BigramBaseline": ".baselines",
        "KneserNey": ".kneser_ney",
        "RepeatBaseline": ".baselines",
        "TrainingMemory": ".memorisation",
        "UniformBaseline": ".baselines",
        "UnigramBaseline": ".baselines",
        "bits_per_frame": ".likelihood",
        "bootstrap_interval": ".intervals",
        "in_every_key": ".kneser_ney",
        "jsb_report": ".benchmark",
        "leaking_inputs": ".target_leakage",
        "mel_cepstral_distance": ".mel_cepstral",
        "nats_per_note": ".likelihood",
        "parallels": ".voice_leading",
        "poisson_interval": ".poisson",
        "poisson_ratio": ".poisson",
        "read_benchmark_file": ".benchmark_file",
        "sees_the_answer": ".target_leakage",
        "shared_passages": ".leaks",
        "spearman": ".intervals",
        "split_pieces": ".leaks",
        "voice_leading_counts": ".voice_leading",
        "wilson_interval": ".intervals",
    },
)

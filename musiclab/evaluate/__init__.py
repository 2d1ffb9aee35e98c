"""Measure what a model has learned: likelihood on held-out music, beside simple baselines."""

from musiclab._lazy import lazy

__getattr__, __dir__ = lazy(
    __name__,
    {
        "Baseline": ".baseline",
        "BenchmarkReport": ".benchmark_report",
        "BigramBaseline": ".baselines",
        "Clue": ".clues",
        "CopiedPassage": ".memorisation",
        "KneserNey": ".kneser_ney",
        "RepeatBaseline": ".repeat",
        "SharedPassage": ".leaks",
        "SplitPiece": ".leaks",
        "TrainingMemory": ".memorisation",
        "UniformBaseline": ".baselines",
        "UnigramBaseline": ".baselines",
        "VoiceLeading": ".voice_leading",
        "bits_per_frame": ".likelihood",
        "bootstrap_interval": ".intervals",
        "in_every_key": ".kneser_ney",
        "inputs_that_know": ".peeking",
        "jsb_report": ".benchmark_report",
        "mel_cepstral_distance": ".mel_cepstral",
        "nats_of_piece": ".likelihood",
        "nats_per_note": ".likelihood",
        "parallels": ".voice_leading",
        "shared_passages": ".leaks",
        "spearman": ".intervals",
        "split_pieces": ".leaks",
        "uniform_nats": ".baselines",
        "voice_leading_counts": ".voice_leading",
        "wilson_interval": ".intervals",
    },
)

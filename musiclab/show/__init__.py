"""Hear and see music: sound, scores, the moving piano roll, and plots."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "BachOrModel": ".guess",
        "Figure": ".figure",
        "INSTRUMENTS": ".instruments",
        "LiveHistory": ".live_history",
        "OKABE_ITO": ".colours",
        "SERIES_COLOURS": ".colours",
        "OrderLines": ".ordering",
        "PianoRoll": ".piano_roll",
        "Score": ".score",
        "Sound": ".sound",
        "Studio": ".studio",
        "VOICE_COLOURS": ".colours",
        "attention_of": ".attention",
        "attention_roll": ".attention",
        "benchmark_floors": ".plots",
        "empty_plot": ".figure",
        "plot_bars": ".plots",
        "plot_keyboard": ".keyboard",
    },
)

"""Hear and see music: sound, scores, the moving piano roll, and plots."""

from musiclab._lazy import lazy

__getattr__, __dir__ = lazy(
    __name__,
    {
        "BachOrModel": ".guess",
        "Figure": ".figure",
        "INSTRUMENTS": ".instruments",
        "OKABE_ITO": ".colours",
        "PianoRoll": ".piano_roll",
        "Score": ".score",
        "Sound": ".sound",
        "Studio": ".studio",
        "VOICE_COLOURS": ".colours",
        "plot_bars": ".plots",
        "plot_distribution": ".plots",
        "plot_history": ".plots",
        "render": ".synthesis",
        "which_synthesiser": ".synthesis",
    },
)

"""Run the benchmarks: ``make bench``, or ``python -m benchmarks training``."""

import argparse
import importlib
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

import torch

from musiclab.errors import MusicLabError

DEFAULT = ("training", "sampling", "sampling_parts", "corpus", "gpu")
NAMED = (
    "scaling",
    "rungs",
    "overfitting",
    "sizes",
    "infilling",
    "capstone",
    "t5_harmony",
    "distilling",
    "retraining",
    "smaller",
    "quicker",
    "inside",
    "words",
    "grading",
)  # these take many minutes
WRITTEN = ("musical", "adherence", "harmony", "tunes")  # of the music that a checkpoint writes
TOLD = {  # which options; else the rounds
    "scaling": ("out",),
    "corpus": (),
    "rungs": ("steps", "out"),
    "overfitting": ("steps", "out"),
    "sizes": ("steps", "out"),
    "infilling": ("pieces", "seed", "out"),
    "capstone": ("steps", "out"),
    "t5_harmony": ("steps", "out"),
    "distilling": ("steps", "out"),
    "retraining": ("steps", "out"),
    "smaller": ("out",),
    "quicker": ("rounds", "out"),
    "inside": ("pieces", "steps", "out"),
    "words": ("steps", "out"),
    "grading": ("pieces", "seed"),
    "musical": ("checkpoint", "pieces", "bars", "best_of", "seed"),
    "adherence": ("checkpoint", "copies", "seed"),
    "harmony": ("checkpoint", "pieces", "copies", "seed"),
    "tunes": ("checkpoint", "copies", "seed"),
}


def main(arguments: list[str] | None = None) -> None:
    """Run the named benchmarks, or all that take a few minutes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told = f"{', '.join(DEFAULT)} (these by default), {', '.join(NAMED + WRITTEN)}"
    parser.add_argument("names", nargs="*", help=told)
    parser.add_argument("--rounds", type=int, default=5, help="turns that each rival gets")
    parser.add_argument("--threads", type=int, default=2, help="processor cores for torch")
    parser.add_argument("--out", type=Path, help="folder for tables, weights and what is drawn")
    parser.add_argument("--steps", type=int, help="of each training")
    music = parser.add_argument_group("of musical, adherence, harmony and tunes")
    music.add_argument("--checkpoint", help="name or folder")
    music.add_argument(
        "--pieces",
        type=int,
        help="how many to write of each kind, or melodies; how many to grade",
    )
    music.add_argument("--bars", type=int, help="length of each")
    music.add_argument("--best-of", type=int, help="among how many to choose the likeliest")
    music.add_argument("--copies", type=int, help="pieces for each key or melody")
    music.add_argument("--seed", type=int, help="another seed writes other pieces")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - {*DEFAULT, *NAMED, *WRITTEN}:
        parser.error(f"no benchmark is called {min(unknown)!r}; there are {told}")
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {platform.machine()}, {os.cpu_count()} cores\n")
    for name in options.names or DEFAULT:
        try:
            for part in report(name, options):
                print(part, flush=True)
        except MusicLabError as error:
            sys.exit(f"{name}: {error}")
        print(f"  ({load()})\n", flush=True)


def report(name: str, options: argparse.Namespace) -> Iterable[str]:
    """Run one benchmark, each of which is a module of this folder; hand out what it says."""
    run = importlib.import_module(f"benchmarks.{name}").run
    asked = {one: getattr(options, one) for one in TOLD.get(name, ("rounds",))}
    said = run(**{one: value for one, value in asked.items() if value is not None})
    return [said] if isinstance(said, str) else said


def load() -> str:
    """Say how busy the machine was, ourselves included: rivals share it fairly, hours do not."""
    if not hasattr(os, "getloadavg"):
        return "how busy the machine was is not known here"
    return f"busy: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores in the last minute"


if __name__ == "__main__":
    main()

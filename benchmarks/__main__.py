"""Run the benchmarks: ``make bench``, or ``python -m benchmarks training``."""

import argparse
import os
import platform

import torch

from benchmarks import corpus, sampling, training


def main() -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="training, sampling, corpus (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="turns that each rival gets")
    parser.add_argument("--threads", type=int, default=2, help="processor cores for torch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    parts = {
        "training": lambda: training.run(options.rounds),
        "sampling": lambda: sampling.run(options.rounds),
        "corpus": corpus.run,
    }
    if unknown := set(options.names) - set(parts):
        parser.error(f"no benchmark is called {min(unknown)!r}; there are {', '.join(parts)}")
    print(f"torch {torch.__version__}, {platform.machine()}, {os.cpu_count()} cores\n")
    for name in options.names or parts:
        print(parts[name](), end="\n\n", flush=True)


if __name__ == "__main__":
    main()

"""How long the chorales take to parse, and then to load from the cache, in fresh processes."""

import os
import subprocess
import sys
import tempfile

LOAD = """
import time
began = time.perf_counter()
from musiclab.music.corpus import corpus
pieces = corpus(progress=False)
print(time.perf_counter() - began, len(pieces))
"""
IMPORT = (
    "import time; began = time.perf_counter(); import musiclab; print(time.perf_counter() - began)"
)


def run() -> str:
    """Parse once and load three times, in a cache folder of its own; also time the import."""
    with tempfile.TemporaryDirectory() as folder:
        parse, count = seconds(LOAD, folder)
        loads = [seconds(LOAD, folder)[0] for _ in range(3)]
    imports = [seconds(IMPORT, folder)[0] for _ in range(3)]
    return (
        f"Corpus, {count:.0f} chorales (seconds)\n"
        f"  parsed on first use{parse:>35.2f}\n"
        f"  loaded from the cache (median of 3){sorted(loads)[1]:>20.2f}\n"
        f"  import musiclab (median of 3){sorted(imports)[1]:>26.3f}"
    )


def seconds(program: str, folder: str) -> list[float]:
    """Run a program in a fresh process; return the numbers that it prints."""
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"MUSICLAB_CACHE": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(word) for word in finished.stdout.split()]

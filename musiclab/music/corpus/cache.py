"""Keep the parsed corpus on disk: plain arrays and JSON, no pickle.

One file, named after our format and music21's version, so that a new version of either parses
anew. Two processes at once can only overwrite each other with the same bytes.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from musiclab.files import replacing
from musiclab.music.chorale import Chorale
from musiclab.music.serialise import tuples
from musiclab.paths import cache_folder

FORMAT = 4  # raise it whenever parsing changes what comes out
ARRAYS = {"pitches": np.int16, "attacks": np.bool_, "fermatas": np.bool_, "beats": np.int16}
WORDS = ("key", "time_signature", "title", "tempo", "source")
LISTS = ("metre_changes", "tempo_changes", "left_out")
Key = tuple[str, str]  # corpus path, and "written" or "expanded"


def cache_path() -> Path:
    """Name the file that holds the corpus for these versions of music21 and of our format."""
    return cache_folder() / f"corpus-{FORMAT}-music21-{version('music21')}.npz"


def load(path: Path) -> dict[Key, Chorale] | None:
    """Read a cache file; None if it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS}
            ends = np.cumsum(file["lengths"])
            rows = json.loads(file["header"].tobytes().decode())
        return _unpack(arrays, ends, rows)
    except Exception:  # a damaged zip file raises almost anything
        return None


def _unpack(
    arrays: dict[str, np.ndarray], ends: np.ndarray, rows: list[dict[str, Any]]
) -> dict[Key, Chorale]:
    chorales = {}
    for row, end, begin in zip(rows, ends, [0, *ends[:-1]], strict=True):
        words = {name: row[name] for name in WORDS}
        words |= {name: tuples(row[name]) for name in LISTS}
        cut = {name: array[begin:end] for name, array in arrays.items()}
        chorales[row["source"], row["repeats"]] = Chorale(**cut, **words)
    return chorales


def save(path: Path, chorales: dict[Key, Chorale]) -> None:
    """Write a cache file in one step.

    Raises:
        OSError: If the folder cannot be written to or the disk is full; nothing is left behind.
    """
    rows = [
        {"repeats": repeats} | {name: getattr(chorale, name) for name in WORDS + LISTS}
        for (_, repeats), chorale in chorales.items()
    ]
    header = np.frombuffer(json.dumps(rows).encode(), dtype=np.uint8)
    arrays = {
        name: np.concatenate([getattr(one, name) for one in chorales.values()]).astype(kind)
        for name, kind in ARRAYS.items()
    }
    lengths = np.array([len(one) for one in chorales.values()])
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, header=header, lengths=lengths, **arrays)

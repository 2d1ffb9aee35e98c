"""All the Bach chorales that music21 carries, and the benchmark's split of them."""

import os
import warnings

import numpy as np
from jaxtyping import Int
from tqdm.auto import tqdm

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import cache
from musiclab.music.corpus.alignment import align, play_both_halves_twice
from musiclab.music.corpus.cache import Key
from musiclab.music.corpus.parallel import parse_all
from musiclab.music.corpus.table import (
    BenchmarkPiece,
    benchmark_table,
    check_split,
    extras_table,
    rows_of,
)
from musiclab.music.serialise import from_dict

MAX_WORKERS = 8  # more of them wait for the disk


def corpus(
    split: str | None = None, *, extras: bool = False, progress: bool = True
) -> list[Chorale]:
    """Return Bach's chorales.

    The first call parses them, in parallel, and keeps the result in the cache folder
    (``musiclab.paths.cache_folder``); later calls read it from there.

    A split follows the canonical benchmark of 382 pieces: the same pieces in the same order, cut
    to the same frames. Five pieces are missing, since music21 does not carry them: train 25, 67,
    113 and 170, valid 56. One more is left out of train: train 224, because it is valid 74 in
    another key (``musiclab.music.corpus.table.LEAKED_TRAIN``).

    Args:
        split: "train" (224 pieces), "valid" (75) or "test" (77); None for every chorale that
            music21 carries, each file once, its repeats not played.
        extras: Add to train the harmonisations that the benchmark does not have. None of them
            is a twin of a valid or test piece.
        progress: Show a bar while parsing.

    Returns:
        The chorales; ``source`` says which corpus file each comes from.

    Raises:
        SettingError: If there is no such split, or extras are asked of any split but train.
    """
    if extras and split != "train":
        raise SettingError(f'extras go with split="train" alone, got split={split!r}')
    if split is None:
        return [one for (_, repeats), one in _chorales(progress).items() if repeats == "written"]
    check_split(split)
    chorales = _chorales(progress)
    pieces = [piece for _, piece in _aligned(chorales, split)]
    return pieces + (_extra_pieces(chorales) if extras else [])


def benchmark_pieces(
    split: str, *, progress: bool = True
) -> list[tuple[int, Int[np.ndarray, "frame voice"]]]:
    """Return a split as bare pitches, so that an evaluation can leave out the faulty pieces.

    Args:
        split: "train", "valid" or "test".
        progress: Show a bar while the corpus is parsed for the first time.

    Returns:
        (canonical index, pitches) in canonical order. Indices that music21 lacks are missing, and
        so is what ``LEAKED_TRAIN`` names.

    Raises:
        SettingError: If there is no such split.
    """
    check_split(split)
    return [(row.index, piece.pitches) for row, piece in _aligned(_chorales(progress), split)]


def _aligned(chorales: dict[Key, Chorale], split: str) -> list[tuple[BenchmarkPiece, Chorale]]:
    """Pair the rows of a split with their music, cut to the canonical frames."""
    pairs = []
    for row in rows_of(split):
        written = chorales.get((row.corpus_path, "written"))
        if written is None:  # another release of music21 may lack a file; parsing has told so
            continue
        expanded = chorales.get((row.corpus_path, "expanded"), written)
        if row.repeats == "AABB":
            played = play_both_halves_twice(written, expanded)
        else:
            played = expanded if row.repeats == "expanded" else written
        pairs.append((row, align(played, row)))
    return pairs


def _extra_pieces(chorales: dict[Key, Chorale]) -> list[Chorale]:
    names = [row.corpus_path for row in extras_table() if row.kind == "new harmonisation"]
    return [chorales[name, "written"] for name in names if (name, "written") in chorales]


def _chorales(progress: bool) -> dict[Key, Chorale]:
    """Load the cache; if there is none, parse and save it."""
    path = cache.cache_path()
    chorales = cache.load(path)
    if chorales is not None:
        return chorales
    chorales = _parse(progress)
    try:
        cache.save(path, chorales)
    except OSError as error:
        warnings.warn(
            f"the corpus could not be kept in {path.parent} ({error.strerror or error}), so it is "
            "parsed anew each time; name a folder you may write to in MUSICLAB_CACHE",
            stacklevel=3,
        )
    return chorales


def _parse(progress: bool) -> dict[Key, Chorale]:
    requests = [{"path": path, "voices": voices} for path, voices in _layouts().items()]
    parsed = parse_all(requests, min(MAX_WORKERS, _cores()))
    bar = tqdm(parsed, total=len(requests), desc="Bach chorales", disable=not progress)
    answers = {answer["path"]: answer for answer in bar}
    chorales: dict[Key, Chorale] = {}
    for path in _layouts():
        answer = answers[path]
        if "error" in answer:
            warnings.warn(f"{path} is left out of the corpus: {answer['error']}", stacklevel=4)
            continue
        for repeats in ("written", "expanded"):
            if answer[repeats] is not None:
                chorales[path, repeats] = from_dict(answer[repeats])
    return chorales


def _cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux; macOS does not say
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _layouts() -> dict[str, str]:
    """Name every corpus file of a chorale, and how its voices are found."""
    layouts = {row.corpus_path: row.parts for row in benchmark_table() if row.corpus_path}
    extra = {row.corpus_path: "SATB" for row in extras_table() if row.kind != "not a chorale"}
    return layouts | extra

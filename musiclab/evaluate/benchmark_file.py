"""Read the public file of the JSB benchmark, or another of its form."""

import os

from musiclab.checkpoint.strict_json import read_json
from musiclab.errors import ScoreError
from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.corpus.table import SPLITS
from musiclab.music.guards.file_checks import read_bytes, shown_name

MOST_FRAMES = 4096  # of a piece; the longest of the benchmark has 640


def read_benchmark_file(path: str | os.PathLike[str]) -> dict[str, list[Pitches]]:
    """Read ``Jsb16thSeparated.json``: the canonical pieces, faults included.

    Args:
        path: A JSON file with the names "train", "valid" and "test"; each a list of pieces, each a
            list of frames (16th notes), each four MIDI numbers, soprano first, -1 for a rest.

    Returns:
        The pieces of each split, in their order.

    Raises:
        ScoreError: If the file is missing, too large, or of another form.

    Source:
        Boulanger-Lewandowski, Bengio and Vincent (2012), arXiv:1206.6392: the pieces and their
        split; Huang et al. (2017), "Counterpoint by Convolution": this file.
    """
    data, name = read_bytes(path), shown_name(path)  # at most 10 MB; the file has 1.7
    try:
        splits = read_json(data.decode("utf-8"))
    except ValueError as error:
        raise ScoreError(f"{name} cannot be read as JSON ({error!s:.100})") from None
    if set(splits) != set(SPLITS) or not all(isinstance(one, list) for one in splits.values()):
        raise ScoreError(
            f"{name} must hold lists of pieces named {', '.join(SPLITS)}, "
            f"has {', '.join(map(repr, splits))!s:.100}; give Jsb16thSeparated.json"
        )
    return {split: _checked(splits[split], f"{name}, {split}") for split in SPLITS}


def _checked(pieces: list[object], where: str) -> list[Pitches]:
    try:
        arrays = checked_pieces(pieces)
    except ScoreError as error:
        raise ScoreError(f"{where}: {error}") from None
    for number, array in enumerate(arrays):
        if len(array) > MOST_FRAMES:
            raise ScoreError(
                f"{where}: piece {number} has {len(array):,} frames; {MOST_FRAMES:,} are the most "
                "that can be measured"
            )
        if any(isinstance(note, bool) for frame in pieces[number] for note in frame):
            raise ScoreError(f"{where}: piece {number} holds true or false; use MIDI numbers")
    return arrays

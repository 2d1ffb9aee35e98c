"""Find a work by its name in the corpus that music21 carries."""

import re
from pathlib import Path

from musiclab.errors import ScoreError

_NAME = re.compile(r"[A-Za-z0-9][\w.\-/ ]{1,99}")


def find_work(name: str) -> Path | None:
    """Find the file behind a corpus name such as "bwv66.6"; None if there is no such work.

    Raises:
        ScoreError: If the name fits several works.

    Example:
        >>> find_work("bwv66.6").name
        'bwv66.6.mxl'
    """
    if not _NAME.fullmatch(name) or ".." in name:
        return None
    from music21 import corpus
    from music21.exceptions21 import Music21Exception

    try:
        found = corpus.getWork(name)
    except Music21Exception:
        return None
    if isinstance(found, list):
        if len(found) == 1:
            return Path(found[0])
        raise ScoreError(
            f"the corpus name {name!r} fits {len(found)} works; "
            f"name one, such as {corpus_path(Path(found[0]))!r}"
        )
    return Path(found)


def corpus_path(path: Path) -> str:
    """Name a corpus file as the corpus does: "bach/bwv66.6.mxl"."""
    from music21 import corpus

    return path.relative_to(Path(corpus.__file__).parent).as_posix()

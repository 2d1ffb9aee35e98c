"""The files that the ``musiclab`` command writes: which, whether they can be written, and how."""

import os
import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from musiclab.errors import SettingError

if TYPE_CHECKING:
    from musiclab.music.chorale import Chorale

SCORES = (".mid", ".midi", ".musicxml", ".xml")
SOUNDS = (".mp3", ".wav", ".flac")
USUAL = (".mid", ".musicxml")  # what is written where no file was named


def check_outputs(
    paths: Sequence[str], read: str | None, suffixes: Sequence[str] = SCORES + SOUNDS
) -> None:
    """Refuse a file that must not be written or cannot, before the work rather than after it."""
    for path in map(Path, paths):
        if path.suffix.lower() not in suffixes:
            raise SettingError(
                f"{str(path)!r:.120} ends in no known suffix; choose {', '.join(suffixes)}"
            )
        if not path.parent.is_dir():
            raise SettingError(f"there is no folder {str(path.parent)!r:.120}; make it first")
        if read is not None and os.path.isfile(read) and path.exists() and path.samefile(read):
            raise SettingError(f"{str(path)!r:.120} is what is read; write to another file")


def stem_of(music: str) -> str:
    """Say how what was made of ``music`` shall be called: after the file, beside it.

    Args:
        music: What one reads: a file, a corpus name, or notes as text.

    Example:
        >>> stem_of("bach/bwv66.6"), stem_of("C4:1 D4:1")
        ('bwv66.6', 'tune')
    """
    if os.path.isfile(music):
        return str(Path(music).with_suffix(""))
    name = music.rpartition("/")[2]
    return name if re.fullmatch(r"[\w.-]+", name) else "tune"


def usual_files(stem: str) -> list[str]:
    """Name the files to write where none was named; never one that exists."""
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    offers = ([one + suffix for suffix in USUAL] for one in numbered)
    return next(names for names in offers if not any(map(os.path.lexists, names)))


def save(piece: "Chorale", paths: Sequence[str]) -> None:
    """Write a piece into each file, and print the file's name."""
    for path in paths:
        if Path(path).suffix.lower() in SOUNDS:
            from musiclab.show.sound import Sound

            Sound(piece).save(path)
        else:
            from musiclab.music.export import write

            write(piece, path)
        print(path)

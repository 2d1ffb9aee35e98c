"""Which files are read at all: regular ones of bounded size, known by their content."""

import os
import re
import stat
from pathlib import Path
from typing import Literal

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import MAX_FILE_BYTES

Kind = Literal["midi", "mxl", "musicxml", "abc", "kern"]

_XML_START = re.compile(rb"\s*<[?!a-zA-Z]")
_ABC_FIELD = re.compile(r"^K:", re.MULTILINE)
_ABC_START = re.compile(r"^(X:|%abc)", re.MULTILINE)
_UNBLOCKED = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # where they exist
_SHOWN = 100  # characters of a path, so that a message stays short
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # byte order marks of UTF-8 and UTF-16


def shown_name(path: str | os.PathLike[str]) -> str:
    """Name a file in a message: quoted, with control characters escaped, never too long."""
    shown = repr(os.fspath(path))
    return shown if len(shown) <= _SHOWN else f"{shown[0]}...{shown[-_SHOWN:]}"


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Read a whole file, unless it is no regular file, empty, or larger than ``MAX_FILE_BYTES``.

    Raises:
        ScoreError: If there is no such file or it is not fit to be read.
    """
    name = shown_name(path)
    try:
        # A named pipe would block a plain open() for ever.
        handle = os.open(path, os.O_RDONLY | _UNBLOCKED)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise ScoreError(f"{name} is not a regular file; give the path of a music file")
            data = file.read(MAX_FILE_BYTES + 1)
    except ScoreError:
        raise
    except FileNotFoundError:
        raise ScoreError(f"{name} does not exist; check the path and the spelling") from None
    except IsADirectoryError:
        raise ScoreError(f"{name} is a folder; give the path of a music file in it") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ScoreError(
            f"{name} cannot be opened ({why}); check the path and its permissions"
        ) from None
    if not data:
        raise ScoreError(f"{name} is empty; download or export it again")
    if len(data) > MAX_FILE_BYTES:
        raise ScoreError(
            f"{name} is larger than {MAX_FILE_BYTES // 1_000_000} MB, more than any real score; "
            "cut it into smaller pieces"
        )
    return data


def kind_of(data: bytes, name: str) -> Kind:
    """Tell what a file is from its first bytes; its name is not asked.

    Returns:
        "midi", "mxl" (compressed MusicXML), "musicxml", "abc" or "kern".

    Raises:
        ScoreError: If it is none of these. It calls the file ``name``.

    Example:
        >>> kind_of(b"MThd and so on", "'a.txt'")
        'midi'
    """
    if data.startswith(b"MThd"):
        return "midi"
    if data.startswith(b"PK\x03\x04"):
        return "mxl"
    bare = data
    for mark in _MARKS:
        bare = bare.removeprefix(mark)
    if _XML_START.match(bare[:1000].replace(b"\0", b"")):
        return "musicxml"
    text = text_of(data)
    if text is not None:
        lines = (line for line in text.splitlines() if line.strip() and not line.startswith("!"))
        if "**kern" in next(lines, "").split("\t"):
            return "kern"
        if _ABC_START.search(text) and _ABC_FIELD.search(text):
            return "abc"
    raise ScoreError(
        f"{name} is not a music file that musiclab can read; "
        "give it MusicXML, MIDI, ABC or Humdrum kern"
    )


def text_of(data: bytes) -> str | None:
    """Decode a text file (UTF-8, else Latin-1); None if the bytes are no text at all."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    # Control characters other than tab and line ends never occur in text.
    return None if re.search(r"[\x00-\x08\x0e-\x1f]", text) else text


def source_path(path: str | os.PathLike[str]) -> Path:
    """Take the user's path, with ``~`` for the home folder; refuse what is no path at all."""
    try:
        return Path(os.fsdecode(path)).expanduser()
    except (TypeError, ValueError, RuntimeError):
        raise ScoreError(f"give a path or a corpus name, got {path!r}") from None

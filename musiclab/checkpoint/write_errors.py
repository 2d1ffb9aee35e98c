"""What to say when a file cannot be written: how much room there is, and what to do."""

import errno
import shutil
from pathlib import Path

from musiclab.errors import CheckpointError

# The disk is full, or the user's share of it is.
NO_ROOM = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


class CannotWrite(CheckpointError):
    """A file could not be written; whoever knows what to do once it can adds it to the message."""


def cannot_write(path: Path, error: OSError, needed: int | None = None) -> CannotWrite:
    """Build the error for a file that could not be written.

    Args:
        path: The file.
        error: Why not.
        needed: Bytes that the file takes; None if unknown.

    Example:
        >>> full = OSError(errno.ENOSPC, "No space left on device")
        >>> str(cannot_write(Path("a/log.csv"), full))[:40]
        'cannot write a/log.csv: No space left on'
    """
    told = f"cannot write {path}: {error.strerror or error}; what was there before is untouched. "
    if needed is not None:
        told += f"The file takes {_megabytes(needed)}. "
    if error.errno in NO_ROOM:
        told += f"The disk that holds {path.parent} has {_free(path.parent)} free. "
        return CannotWrite(f"{told}Make room there")
    return CannotWrite(f"{told}Mend {path.parent}, or choose another folder")


def _free(folder: Path) -> str:
    """Ask how much room there is where ``folder`` is, or would be."""
    for place in (folder, *folder.absolute().parents):
        try:
            return _megabytes(shutil.disk_usage(place).free)
        except OSError:
            continue
    return "an unknown number of bytes"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.2f} MB"

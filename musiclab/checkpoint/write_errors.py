"""The error for a file that cannot be written: why, how much space is free, what to do."""

import errno
import shutil
from pathlib import Path

from musiclab.errors import CheckpointError

# The disk is full, or the user's quota.
FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


class CannotWrite(CheckpointError):
    """A file could not be written; the caller may add to the message what to do then."""


def cannot_write(path: Path, error: OSError, needed: int | None = None) -> CannotWrite:
    """Build the error for a file that could not be written, of ``needed`` bytes if known.

    Example:
        >>> full = OSError(errno.ENOSPC, "No space left on device")
        >>> str(cannot_write(Path("a/log.csv"), full))[:40]
        'cannot write a/log.csv: No space left on'
    """
    message = (
        f"cannot write {path}: {error.strerror or error}; what was there before is untouched. "
    )
    if needed is not None:
        message += f"The file takes {_megabytes(needed)}. "
    if error.errno in FULL:
        message += f"The disk that holds {path.parent} has {_free(path.parent)} free. "
        return CannotWrite(f"{message}Free some space there")
    return CannotWrite(f"{message}Repair {path.parent}, or choose another folder")


def _free(folder: Path) -> str:
    for place in (folder, *folder.absolute().parents):
        try:
            return _megabytes(shutil.disk_usage(place).free)
        except OSError:
            continue
    return "an unknown number of bytes"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.2f} MB"

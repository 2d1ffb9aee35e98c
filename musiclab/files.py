"""Save files whole or not at all: a full disk or a pulled plug leaves the old file as it was."""

import errno
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STALE_AFTER = 3600.0  # seconds; a temporary file this old belongs to a process that died
_PREFIX, _SUFFIX = ".musiclab-", ".part"


def write_atomically(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write ``data`` to ``path`` so that every reader sees the old file or the new, never half.

    Args:
        path: Where the file shall be; its folder must exist.
        data: The whole content.

    Returns:
        ``path``.

    Raises:
        OSError: If the disk is full or the folder cannot be written; the old file is untouched.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> write_atomically(Path(folder.name) / "a.txt", b"music").read_bytes()
        b'music'
        >>> folder.cleanup()
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return Path(path)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Lend a temporary file in the same folder; it becomes ``path`` if the block succeeds.

    Args:
        path: The file to replace, or to make.

    Yields:
        The temporary file, empty. Write it in any way, then leave the block.

    Raises:
        OSError: If the file cannot be made, flushed to the disk, or moved into place.
    """
    path = Path(path)
    # Through a link, replace the file it points to: the user's link stays a link.
    goal = path.resolve() if path.is_symlink() else path
    if goal.exists() and not goal.is_file():
        # A rename would replace a folder's or a device's name with a plain file.
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    _sweep(goal.parent)
    handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=goal.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(_mode_for(goal))
        _flush(temporary)
        temporary.replace(goal)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    # The rename itself lives in the folder; some systems cannot flush a folder, and need not.
    with suppress(OSError):
        _flush(goal.parent)


def _flush(path: Path) -> None:
    """Wait until the disk has what the operating system holds for ``path``."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode_for(goal: Path) -> int:
    """Permissions of the file being replaced, or of a new file made in the ordinary way."""
    if goal.exists():
        return stat.S_IMODE(goal.stat().st_mode)
    mask = os.umask(0o022)  # the only way to read it is to set it
    os.umask(mask)
    return 0o666 & ~mask


def _sweep(folder: Path) -> None:
    """Remove the temporary files that killed processes left in ``folder``."""
    with suppress(OSError):
        for leftover in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(OSError):
                if time.time() - leftover.stat().st_mtime > STALE_AFTER:
                    leftover.unlink()

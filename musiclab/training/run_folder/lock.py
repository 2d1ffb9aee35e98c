"""Let only one training at a time write a folder."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from musiclab.errors import SettingError

LOCK_FILE, OWNER_FILE = ".training.lock", ".training.pid"


@contextmanager
def only_one(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Hold a folder while the block runs.

    The operating system releases the lock when the process ends, however it ends; the files that
    stay behind mean nothing. Only other trainings respect the lock. On a network drive it works
    between machines only if the drive supports locks; where it supports none, a warning says so.

    Args:
        folder: Made if need be.

    Raises:
        SettingError: If another training holds it, or it cannot be written.
    """
    path, owner = Path(folder) / LOCK_FILE, Path(folder) / OWNER_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise SettingError(
            f"cannot write the folder {folder}: {error.strerror or error}; choose another, or "
            "free some space"
        ) from error
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise SettingError(
            f"another training (process {_read(owner)}) is writing {folder}; wait for it or choose "
            "another folder"
        ) from error
    except (OSError, NotImplementedError) as error:
        warnings.warn(
            f"the drive of {folder} supports no locks ({error}), so nothing stops a second "
            "training from writing there; start only one",
            stacklevel=3,
        )
    try:
        with suppress(OSError):  # on a full disk, do without: it only helps to find the process
            owner.unlink(missing_ok=True)
            owner.write_text(str(os.getpid()))
        yield
    finally:
        lock.release()


def _read(owner: Path) -> str:
    try:
        return owner.read_text(errors="replace")[:20] or "unknown"
    except OSError:
        return "unknown"

"""Let only one training at a time write a folder."""

import errno
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from musiclab.errors import SettingError

LOCK_FILE = ".training.lock"
# What a system answers when somebody else has the lock. Any other answer means that it has none.
HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK})


@contextmanager
def only_one(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Hold a folder while the block runs.

    The operating system keeps the lock and lets go of it when the process dies, however it dies;
    the file that stays behind means nothing.

    The lock is a promise among trainings, not a wall: it keeps no other program from writing. On
    a network drive it holds between two machines only if that drive passes locks on (NFS does,
    where its lock service runs). Where a drive knows no locks at all, a warning says so.

    Args:
        folder: Made if need be.

    Raises:
        SettingError: If another training holds it, or it cannot be written.
    """
    path = Path(folder) / LOCK_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise SettingError(
            f"cannot write the folder {folder}: {error.strerror or error}; choose another, or "
            "make room"
        ) from error
    try:
        try:
            _lock(handle)
        except OSError as error:
            if error.errno not in HELD:
                warnings.warn(
                    f"the drive of {folder} keeps no locks ({error.strerror or error}), so nothing "
                    "stops a second training from writing there; start only one",
                    stacklevel=3,
                )
            else:
                owner = os.read(handle, 20).decode(errors="replace")
                raise SettingError(
                    f"another training (process {owner or 'unknown'}) is writing {folder}; wait "
                    "for it or choose another folder"
                ) from error
        with suppress(OSError):  # on a full disk too: the number only helps to find the process
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)  # lets go of the lock too


def _lock(handle: int) -> None:
    """Take the lock or raise OSError at once."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        os.lseek(handle, 1 << 20, os.SEEK_SET)  # a byte that holds no text, so that all may read
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

"""Trainings to which something happens: a kill at any moment, or a disk that is full from then on.

A forked process costs a hundredth of one that must import torch first. So a server imports it once
and forks one child for each life of a training.
"""

import ctypes
import errno
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from unittest import mock

from tqdm.auto import tqdm

NOT_POSSIBLE = 77  # an exit code
Moment = Callable[[bool], None]  # told whether something is about to be done, or has been done


def warm_processes() -> BaseContext:
    """Start processes that have torch already."""
    context = multiprocessing.get_context("forkserver")
    # Names that the server finds by itself; where the tests' helpers lie it is told too late.
    context.set_forkserver_preload(
        ["torch._dynamo", "musiclab.training.loop", "musiclab.training.frame_batches"]
    )
    return context


def end(process: BaseProcess, after: float | None = None) -> int:
    """Kill a process after some seconds, or wait for its end; return how it ended."""
    process.join(after)
    if after is not None:
        process.kill()
    process.join()
    return process.exitcode


def live(folder: Path, strike: int | None, options: dict[str, Any]) -> None:
    """Train in ``folder``, going on if there is something; die at the ``strike``-th moment."""
    from small_training import build_trainer

    tqdm.set_lock(threading.RLock())  # its own is shared by processes; a kill would leak it

    def die(number: int) -> None:
        if number == strike:
            os.kill(os.getpid(), signal.SIGKILL)

    with amid_files(lambda number, _: die(number)):
        trainer = build_trainer(folder, threads=1, **options)
        trainer.run(resume=(folder / "state.safetensors").exists())


@contextmanager
def full_disk(since: int) -> Iterator[list[int]]:
    """Refuse to write from the ``since``-th time on, as a full disk does.

    Yields:
        Grows by one entry for each refusal.
    """
    refused: list[int] = []
    asked = 0

    def refuse(number: int, about_to: bool) -> None:
        nonlocal asked
        asked += about_to
        if about_to and asked >= since:
            refused.append(number)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with amid_files(refuse):
        yield refused


@contextmanager
def full_disk_for(name: str) -> Iterator[None]:
    """Refuse to replace the file of this name, as a disk does that is full at that moment."""
    replace = os.replace

    def refuse(old: Any, new: Any) -> None:
        if Path(new).name == name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(old, new)

    with mock.patch.object(os, "replace", refuse):
        yield


@contextmanager
def amid_files(happen: Callable[[int, bool], None]) -> Iterator[None]:
    """Call ``happen`` before, amid and after everything that changes a file.

    It is told the number of the moment, from 1, and whether something is about to be done.
    Flushing is only pretended: no test here pulls the plug, and waiting for the disk is slow.
    """
    moments = 0

    def moment(about_to: bool) -> None:
        nonlocal moments
        moments += 1
        happen(moments, about_to)

    def around(call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            moment(True)
            result = call(*arguments, **options)
            moment(False)
            return result

        return watched

    write_bytes, open_path = Path.write_bytes, Path.open

    def torn_bytes(path: Path, data: bytes) -> int:
        moment(True)
        write_bytes(path, data[: len(data) // 2])
        moment(True)
        return write_bytes(path, data)

    def open_torn(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        file = open_path(path, mode, *arguments, **options)
        return _TornFile(file, moment) if "a" in mode else file

    with (
        mock.patch.object(tempfile, "mkstemp", around(tempfile.mkstemp)),
        mock.patch.object(os, "fsync", around(lambda handle: None)),
        mock.patch.object(os, "replace", around(os.replace)),
        mock.patch.object(Path, "write_bytes", torn_bytes),
        mock.patch.object(Path, "open", open_torn),
    ):
        yield


class _TornFile:
    """A text file whose lines reach the disk in two halves."""

    def __init__(self, file: Any, moment: Moment) -> None:
        self.file, self.moment = file, moment

    def __enter__(self) -> "_TornFile":
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def write(self, text: str) -> None:
        half = len(text) // 2
        for part in (text[:half], text[half:]):
            self.moment(True)
            self.file.write(part)
            self.file.flush()
        self.moment(False)


def train_slowly(folder: Path, options: dict[str, Any]) -> None:
    """Train so slowly that somebody else can try the same folder."""
    from small_training import build_trainer

    tqdm.set_lock(threading.RLock())
    trainer = build_trainer(folder, on_step=lambda _: time.sleep(0.1), **options)
    trainer.run(resume=(folder / "state.safetensors").exists())


def fill_up(folder: Path, result: Path, way: str, options: dict[str, Any]) -> None:
    """Train on a disk that the system fills up after three steps, make room, and go on.

    Args:
        folder: Where the small disk shall be.
        result: Where to copy to what was trained, and what was told.
        way: "small disk", or "small files": a limit of how long a file may be.
        options: Of the training.
    """
    import resource

    from small_training import build_trainer

    from musiclab.checkpoint.tensor_file import open_tensors
    from musiclab.errors import CheckpointError

    if way == "small disk" and not _mount_small(folder):
        sys.exit(NOT_POSSIBLE)
    training, ballast = folder / "training", folder / "ballast"
    longest = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(trainer: Any) -> None:
        if trainer.step != 3:
            return
        if way == "small files":
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, longest[1]))
            return
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(1024)):
                pass

    try:
        build_trainer(training, on_step=fill, **options).run()
        sys.exit("the training noticed nothing")
    except CheckpointError as error:
        told = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, longest)
    ballast.unlink(missing_ok=True)
    step = open_tensors(training / "state.safetensors").info["step"]
    build_trainer(training, **options).run(resume=True)
    shutil.copytree(training, result / "training")
    (result / "told").write_text(f"{told}\n{step}")


def _mount_small(folder: Path) -> bool:
    """Put a disk of 8 MB into a folder, for this process's eyes only; tell whether it worked."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    new_mounts, new_users = 0x00020000, 0x10000000  # <linux/sched.h>
    if libc.unshare(new_mounts | new_users):
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    except OSError:
        return False
    return libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, b"size=8m") == 0

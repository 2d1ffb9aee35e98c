"""One training a folder: a living one counts, a dead one does not."""

import errno
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from small_training import build_trainer

from musiclab.errors import SettingError
from musiclab.training.run_folder.lock import LOCK_FILE, only_one


def test_two_trainings_cannot_share_a_folder(tmp_path):
    with only_one(tmp_path), pytest.raises(SettingError, match=f"process {os.getpid()}"):
        build_trainer(tmp_path).run()
    build_trainer(tmp_path).run()  # free again


def test_the_lock_of_a_dead_process_counts_for_nothing(tmp_path):
    code = f"""
import os
from musiclab.training.run_folder.lock import only_one
with only_one({str(tmp_path)!r}):
    os._exit(1)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert (tmp_path / LOCK_FILE).exists()
    with only_one(tmp_path):
        pass


def test_the_lock_of_a_living_process_counts(tmp_path):
    code = f"""
import sys
from musiclab.training.run_folder.lock import only_one
with only_one({str(tmp_path)!r}):
    print("held", flush=True)
    sys.stdin.read()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(SettingError, match=str(other.pid)), only_one(tmp_path):
            pass
        other.stdin.close()


def test_a_drive_without_locks_is_told_of(tmp_path, monkeypatch):
    """Then nobody can hold the folder, so none is refused, but the user knows."""

    def no_locks(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    fcntl = pytest.importorskip("fcntl")
    with (
        pytest.warns(UserWarning, match=f"{tmp_path} supports no locks"),
        monkeypatch.context() as m,
    ):
        m.setattr(fcntl, "flock", no_locks)
        with only_one(tmp_path):
            pass


def test_a_folder_that_is_held_is_no_drive_without_locks(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with only_one(tmp_path), pytest.raises(SettingError), only_one(tmp_path):
            pass


def test_a_full_disk_does_not_stop_the_lock(tmp_path, monkeypatch):
    """The number of the process is a comfort; saving will say what is wrong, and better."""

    def full(*arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with only_one(tmp_path), pytest.raises(SettingError, match="process unknown"):
        with only_one(tmp_path):
            pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingError, match="cannot write the folder .*file/folder"):
        with only_one(tmp_path / "file" / "folder"):
            pass

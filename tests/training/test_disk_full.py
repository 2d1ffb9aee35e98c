"""A full disk: the last good checkpoint stays, the message says what to do, and one goes on."""

import errno
import re
import sys
from pathlib import Path

import pytest
from mishaps import NOT_POSSIBLE, end, fill_up, full_disk, full_disk_for, warm_processes
from small_training import assert_left_the_same, build_trainer

from musiclab.checkpoint.load import load_checkpoint
from musiclab.checkpoint.write_errors import cannot_write
from musiclab.errors import CheckpointError

SHORT = {"steps": 2, "save_every": 2, "validate_every": 2, "log_every": 1}
LONG = {"steps": 6, "save_every": 2, "validate_every": 2, "log_every": 2}


def assert_helpful(told: str, folder: Path, *, kept: bool) -> None:
    """The message names the file, the folder, the room and the remedy."""
    then = r"go on with resume=True \(--resume\)" if kept else "start again"
    pattern = (
        rf"cannot write {folder}/[\w.]+: No space left on device; what was there before is "
        r"untouched\. (The file takes \d\.\d\d MB\. )?"
        rf"The disk that holds {folder} has [\d,]+\.\d\d MB free\. "
        rf"Free some space there; then {then}"
    )
    assert re.fullmatch(pattern, told), told


def test_full_at_any_moment_it_goes_on_once_there_is_room(tmp_path):
    """The disk is full from some write, flush or rename on; each of them is tried."""
    unbroken = tmp_path / "unbroken"
    build_trainer(unbroken, **SHORT).run()
    since, refused = 0, [0]
    while refused:
        since += 1
        folder, told = tmp_path / str(since), None
        with full_disk(since) as refused:
            try:
                build_trainer(folder, **SHORT).run()
            except CheckpointError as error:
                told = str(error)
        if refused and told is not None:
            state, best = folder / "state.safetensors", folder / "model.safetensors"
            assert_helpful(told, folder, kept=state.exists())
            assert not list(folder.glob("*.part"))  # nothing half-written stays
            if best.exists():
                load_checkpoint(best)
            # Refused at the very first save, there is nothing yet to go on with.
            build_trainer(folder, **SHORT).run(resume=state.exists())
        assert_left_the_same(unbroken, folder)
    assert since > 20


@pytest.mark.parametrize("way", ["small disk", "small files"])
def test_a_really_full_disk(tmp_path, way):
    """Filled up after three steps, with a save after the second: all by the system's own hand."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux lends a program a disk of its own")
    unbroken, folder, result = (tmp_path / n for n in ("unbroken", "folder", "result"))
    build_trainer(unbroken, **LONG).run()
    folder.mkdir()
    filled = warm_processes().Process(target=fill_up, args=(folder, result, way, LONG))
    filled.start()
    ended = end(filled)
    if ended == NOT_POSSIBLE:
        pytest.skip("this system lends no disk to programs of this user")
    assert ended == 0
    told, step = (result / "told").read_text().splitlines()
    if way == "small disk":
        assert_helpful(told, folder / "training", kept=True)
    else:  # there is room, but not for so long a file
        assert "File too large" in told and "free" not in told
        assert f"Repair {folder / 'training'}, or choose another folder" in told
    assert re.search(r"The file takes \d\.\d\d MB", told)
    assert step == "2"
    assert_left_the_same(unbroken, result / "training")


def test_a_refused_best_model_is_made_up_for(tmp_path):
    """In the same object too: what was not written is not remembered as the best."""
    unbroken, folder = tmp_path / "unbroken", tmp_path / "folder"
    build_trainer(unbroken, **LONG).run()
    trainer = build_trainer(folder, **LONG)
    with full_disk_for("model.safetensors"), pytest.raises(CheckpointError):
        trainer.run()
    assert trainer.step == 2 and not (folder / "model.safetensors").exists()
    trainer.run()
    assert_left_the_same(unbroken, folder)


def test_without_a_full_disk_room_is_not_the_matter():
    told = str(cannot_write(Path("a/b"), PermissionError(errno.EACCES, "Permission denied")))
    assert "Permission denied" in told and told.endswith("Repair a, or choose another folder")
    assert "MB" not in told


def test_of_a_folder_that_is_not_there_the_disk_is_told(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device")
    told = str(cannot_write(tmp_path / "not" / "yet" / "file", full, needed=2_345_678))
    assert "The file takes 2.35 MB. " in told
    assert re.search(rf"The disk that holds {tmp_path}/not/yet has [\d,]+\.\d\d MB free", told)

"""Kill -9 at random moments: nothing is lost but the time since the last save."""

import os
import re
import signal
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from mishaps import end, live, train_slowly, warm_processes
from small_training import assert_left_the_same, build_trainer
from soak import SOAK, draw_seed

from musiclab.errors import CheckpointError, SettingError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

KILLS = 20 * SOAK
OPTIONS = {"steps": 16, "save_every": 2, "validate_every": 3, "log_every": 2, "peak": 0.02}
# As the shipped checkpoints are trained: half precision, parts of a batch, notes and words hidden,
# faults shunned.
SHIPPED = {
    **OPTIONS,
    "precision": "bf16",
    "accumulate": 2,
    "unlikelihood": 3.0,
    "data": {"note_dropout": 0.3, "condition_dropout": 0.2},
}
MOMENTS = 50  # a little more than what two saves take
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module")
def processes():
    return warm_processes()


@pytest.mark.parametrize("options", [OPTIONS, SHIPPED], ids=["plain", "as shipped"])
def test_killed_at_random_moments_it_ends_like_an_unbroken_training(processes, tmp_path, options):
    """Half the kills come at a random time, half before, amid or after a change of a file."""
    random = Random(seed := draw_seed())
    print(f"seed {seed}")
    for name in ("warm up", "unbroken"):
        began = time.monotonic()
        assert end(start(processes, tmp_path / name, None, options)) == 0
    whole = time.monotonic() - began  # seconds
    left = {"time": KILLS // 4, "file": KILLS // 4}
    trainings = 0
    while any(left.values()):
        folder, ended = tmp_path / str(trainings), KILLED
        while ended == KILLED:
            how = random.choice([one for one in left if left[one]] or ["not at all"])
            strike = random.randint(1, MOMENTS) if how == "file" else None
            after = random.uniform(0, whole / 2) if how == "time" else None
            ended = end(start(processes, folder, strike, options), after)
            left |= {how: left[how] - 1} if ended == KILLED else {}
        assert ended == 0
        assert_left_the_same(tmp_path / "unbroken", folder)
        trainings += 1


def test_killed_at_every_moment_of_a_save(processes, tmp_path):
    """One training a moment: killed there, it goes on as if nothing had happened."""
    unbroken = tmp_path / "unbroken"
    short = {**SHIPPED, "steps": 3, "save_every": 1, "validate_every": 2, "log_every": 1}
    assert end(start(processes, unbroken, None, short)) == 0
    random = Random(seed := draw_seed())
    print(f"seed {seed}")
    # From the first save of a step to the end there are about so many moments.
    for moment in sorted(random.sample(range(1, 80), min(8 * SOAK, 79))):
        folder = tmp_path / str(moment)
        if end(start(processes, folder, moment, short)) == KILLED:
            assert end(start(processes, folder, None, short)) == 0
        assert_left_the_same(unbroken, folder)


def test_of_two_trainings_one_is_refused_until_the_other_is_killed(processes, tmp_path):
    unbroken, folder = tmp_path / "unbroken", tmp_path / "shared"
    build_trainer(unbroken, **OPTIONS).run()
    other = processes.Process(target=train_slowly, args=(folder, OPTIONS))
    other.start()
    try:
        while not (folder / "state.safetensors").exists():
            assert other.is_alive()
            time.sleep(0.01)
        for resume in (True, False):
            with pytest.raises(SettingError, match=rf"process {other.pid}\) is writing {folder}"):
                build_trainer(folder, **OPTIONS).run(resume=resume)
    finally:
        assert end(other, after=0) == KILLED
    with pytest.raises(CheckpointError, match="already holds"):  # not held, but not empty
        build_trainer(folder, **OPTIONS).run()
    build_trainer(folder, **OPTIONS).run(resume=True)
    assert_left_the_same(unbroken, folder)


def test_a_soak_kills_a_hundred_times():
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    assert KILLS // SOAK * int(re.search(r"MUSICLAB_SOAK=(\d+)", makefile)[1]) >= 100


def start(processes, folder: Path, strike: int | None, options: dict[str, Any]):
    process = processes.Process(target=live, args=(folder, strike, options))
    process.start()
    return process

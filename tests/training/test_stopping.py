"""Stopping at any moment: what is saved, what is said, and how it goes on."""

import signal
import time
from itertools import count

import pytest
from small_training import assert_left_the_same, build_trainer, stop_at

from musiclab.checkpoint.tensor_file import open_tensors
from musiclab.errors import SettingError
from musiclab.training import loop as loop_module
from musiclab.training.loop import Trainer


def test_a_real_interrupt_waits_for_the_end_of_the_step(tmp_path):
    def press(running: Trainer) -> None:
        if running.step == 3:
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    running = build_trainer(tmp_path, on_step=press)
    running.run()
    assert running.history.interrupted and running.step == 3
    assert signal.getsignal(signal.SIGINT) is before
    assert open_tensors(tmp_path / "state.safetensors").info["step"] == 3


def tear_a_step(running: Trainer, monkeypatch) -> None:
    """Press Ctrl-C a second time amid step 5, once the weights have moved."""

    def interrupted(*arguments):
        monkeypatch.undo()
        raise KeyboardInterrupt

    running.on_step = lambda r: (
        monkeypatch.setattr(loop_module, "update_average", interrupted) if r.step == 4 else None
    )
    running.run()
    assert running.history.interrupted
    running.on_step = None


def test_an_interrupt_amid_a_step_saves_no_half_changed_weights(tmp_path, monkeypatch):
    tear_a_step(build_trainer(tmp_path), monkeypatch)
    assert open_tensors(tmp_path / "state.safetensors").info["step"] == 3  # the last regular save


def test_after_a_torn_step_the_same_object_goes_back_to_its_last_save(tmp_path, monkeypatch):
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    build_trainer(unbroken).run()
    running = build_trainer(broken)
    tear_a_step(running, monkeypatch)
    running.run()
    assert_left_the_same(unbroken, broken)


def test_after_a_torn_step_that_was_kept_nowhere_the_weights_are_refused(monkeypatch):
    running = build_trainer()
    tear_a_step(running, monkeypatch)
    with pytest.raises(SettingError, match="torn needs the folder.*rebuild model and trainer"):
        running.run()
    assert running.step == 4


def test_a_torn_row_of_the_log_is_written_anew(tmp_path, monkeypatch):
    """In the same object: the row belongs to the step that it tells of."""
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    build_trainer(unbroken).run()
    running = build_trainer(broken)

    def interrupted(*arguments, **options):
        monkeypatch.undo()
        raise KeyboardInterrupt

    running.on_step = lambda r: (
        monkeypatch.setattr(r.history, "add_step", interrupted) if r.step == 3 else None
    )
    running.run()
    running.run()
    assert_left_the_same(unbroken, broken)


def test_what_was_measured_after_a_stop_at_the_last_step_is_saved(tmp_path):
    """Or it would be measured, and logged, each time that somebody goes on."""
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    build_trainer(unbroken).run()
    build_trainer(broken, on_step=stop_at(11)).run()
    for _ in range(3):
        build_trainer(broken).run(resume=True)
        assert_left_the_same(unbroken, broken)


def test_what_was_measured_but_not_saved_is_measured_and_logged_once(tmp_path):
    """Killed between the measurement and the next save."""
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    build_trainer(unbroken).run()
    build_trainer(broken, on_step=stop_at(4)).run()

    def die(running: Trainer) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        build_trainer(broken, on_step=die).run(resume=True)
    build_trainer(broken).run(resume=True)
    assert_left_the_same(unbroken, broken)


def test_the_minutes_are_those_of_this_session(tmp_path, monkeypatch):
    """Going on with the same minutes goes on for as long again."""
    seconds = count()  # each look at the clock takes one
    monkeypatch.setattr(time, "monotonic", lambda: float(next(seconds)))
    steps = [0]
    for session in range(3):
        running = build_trainer(tmp_path, minutes=0.2, save_every=1)
        running.run(resume=session > 0)
        assert not running.history.interrupted  # nobody pressed Ctrl-C
        steps.append(running.step)
    assert steps[0] < steps[1] < steps[2] < steps[3] < 11, steps


def test_time_over_saves(tmp_path, capsys):
    running = build_trainer(tmp_path, minutes=1e-9)
    running.run()
    assert not running.history.interrupted and running.step < 11
    assert "Time is over" in capsys.readouterr().out
    finished = build_trainer(tmp_path)  # the minutes may change
    finished.run(resume=True)
    assert finished.step == 11

"""The loop: going on bit by bit the same, and keeping the best."""

import pytest
import torch
from small_training import build_trainer, stop_at
from torch.testing import assert_close

from musiclab.checkpoint.load import load_checkpoint
from musiclab.errors import CheckpointError, SettingError
from musiclab.training import loop as loop_module
from musiclab.training.history import History, open_history
from musiclab.training.loop import Trainer
from musiclab.training.loss import mean_nll
from musiclab.training.run_folder.restored import threads
from musiclab.training.run_folder.run_folder import RunFolder


def everything(finished: Trainer) -> dict[str, torch.Tensor]:
    """All that a training has made: weights, average, the optimiser's memory."""
    found = {f"model {n}": t for n, t in finished.model.state_dict().items()}
    found |= {f"average {n}": t for n, t in finished.average.state_dict().items()}
    for name, parameter in finished.model.named_parameters():
        memory = finished.optimiser.state[parameter]
        found |= {f"{name} {key}": value for key, value in memory.items()}
    return found


def assert_same_training(one: Trainer, other: Trainer) -> None:
    assert_close(everything(one), everything(other), rtol=0, atol=0)
    assert one.history.training == other.history.training
    assert one.history.validation == other.history.validation
    assert one.history.learning_rates == other.history.learning_rates
    assert one.progress.best == other.progress.best


@pytest.mark.parametrize("stops", [(5,), (0, 4), (1, 2, 3), (8, 9)])
def test_going_on_equals_never_having_stopped(tmp_path, stops, capsys):
    unbroken = build_trainer(tmp_path / "unbroken")
    unbroken.run()
    for number, stop in enumerate(stops):
        broken = build_trainer(tmp_path / "broken", on_step=stop_at(stop or 1))
        broken.run(resume=number > 0)
        assert broken.history.interrupted
    assert "resume=True" in capsys.readouterr().out
    finished = build_trainer(tmp_path / "broken")
    finished.run(resume=True)
    assert finished.step == 11 and not finished.history.interrupted
    assert_same_training(unbroken, finished)
    prints = [load_checkpoint(tmp_path / f).fingerprint for f in ("unbroken", "broken")]
    assert prints[0] == prints[1]


def test_a_killed_training_goes_on_from_its_last_save(tmp_path):
    """Without saying goodbye: what was logged after the last save is forgotten."""
    unbroken = build_trainer(tmp_path / "unbroken")
    unbroken.run()

    def die(running: Trainer) -> None:
        if running.step == 8:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        build_trainer(tmp_path / "broken", on_step=die).run()
    finished = build_trainer(tmp_path / "broken")
    finished.run(resume=True)
    assert_same_training(unbroken, finished)


def test_going_on_in_the_same_object(tmp_path):
    unbroken = build_trainer(tmp_path / "unbroken")
    unbroken.run()
    stopped = build_trainer(on_step=stop_at(4))
    stopped.run()
    stopped.run()
    assert_same_training(unbroken, stopped)


def test_going_back_to_the_save_forgets_all_that_came_after(tmp_path):
    """The optimiser's memory too, even where the save is of a training that had not begun."""
    unbroken = build_trainer(tmp_path / "unbroken")
    unbroken.run()

    def fail(running: Trainer) -> None:
        raise RuntimeError("one step after the first save")

    again = build_trainer(tmp_path / "again", on_step=fail)
    with pytest.raises(RuntimeError):
        again.run()
    again.on_step = None
    again.run(resume=True)
    assert_same_training(unbroken, again)


def test_callbacks_leave_the_training_unchanged(tmp_path):
    def play(running: Trainer) -> None:
        torch.rand(running.step)
        running.average(*running.batches.batch(0).inputs)

    quiet, watched = build_trainer(), build_trainer(on_step=play, on_validate=play)
    quiet.run()
    watched.run()
    assert_same_training(quiet, watched)


def test_the_program_keeps_its_random_numbers():
    running = build_trainer()
    state = torch.random.get_rng_state()
    running.run()
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_program_keeps_its_threads():
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
    with threads(None):
        assert torch.get_num_threads() == before
    assert torch.get_num_threads() == before


def test_training_learns_and_the_best_average_is_kept(small, tmp_path):
    running = build_trainer(tmp_path, steps=40, peak=0.02)
    history = running.run()
    assert history.losses[-1] < history.losses[0] - 0.3
    assert history.valid_steps == [*range(4, 41, 4)]
    checkpoint = load_checkpoint(tmp_path)
    best = min(history.valid_losses)
    assert checkpoint.info["figures"]["valid"] == best
    valid = small.batches(training=False, n_pieces=5)
    assert mean_nll(checkpoint.model, valid, 0) == pytest.approx(best, rel=1e-6)
    assert checkpoint.info["step"] == history.valid_steps[history.valid_losses.index(best)]


def test_a_worse_average_does_not_replace_the_best(tmp_path, monkeypatch):
    losses = iter([2.0, 1.0, 3.0])
    monkeypatch.setattr(loop_module, "mean_nll", lambda *arguments: next(losses))
    build_trainer(tmp_path).run()
    assert load_checkpoint(tmp_path).info["step"] == 8


def test_nothing_is_written_over(tmp_path):
    build_trainer(tmp_path).run()
    with pytest.raises(CheckpointError, match="already holds a training"):
        build_trainer(tmp_path).run()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"peak": 0.5}, "peak"),
        ({"seed": 1}, "seed"),
        ({"steps": 12}, "steps"),
    ],
)
def test_going_on_with_other_settings_is_refused(tmp_path, change, word):
    build_trainer(tmp_path, on_step=stop_at(2)).run()
    with pytest.raises(CheckpointError, match=word):
        build_trainer(tmp_path, **change).run(resume=True)


def test_going_on_with_other_data_or_another_model_is_refused(small, tmp_path):
    build_trainer(tmp_path, on_step=stop_at(2)).run()
    with pytest.raises(CheckpointError, match="data="):
        build_trainer(tmp_path, batches=small.batches(n_pieces=6)).run(resume=True)
    with pytest.raises(CheckpointError, match="d_model=8, now it is 4"):
        build_trainer(tmp_path, model=small.model(d_model=4)).run(resume=True)


def test_resuming_nothing_is_refused_and_makes_nothing(tmp_path):
    with pytest.raises(CheckpointError, match="no training to resume"):
        build_trainer(tmp_path / "new").run(resume=True)
    assert not (tmp_path / "new").exists()
    with pytest.raises(CheckpointError, match="no training to resume"):
        build_trainer(tmp_path).run(resume=True)
    assert not list(tmp_path.iterdir())
    with pytest.raises(SettingError, match="needs the folder"):
        build_trainer().run(resume=True)


def test_an_empty_name_of_a_folder_is_refused(tmp_path, monkeypatch):
    """It would be the current folder."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match="folder must be a name, got ''"):
        build_trainer("")
    assert not list(tmp_path.iterdir())


def test_the_log_survives_a_torn_line(tmp_path):
    path = tmp_path / "log.csv"
    history = open_history(path, until=0)
    for step in (2, 4, 6):
        history.add_step(
            step, seconds=1.0, learning_rate=0.1, loss=1 / 3, gradient_norm=1.0, speed=9.0
        )
        history.add_valid(step, 2 / 3)
    path.write_text(path.read_text() + "8,1.0,0.0")
    again = open_history(path, until=4)
    assert again.training == [(2, 1 / 3), (4, 1 / 3)]
    assert again.validation == [(2, 2 / 3), (4, 2 / 3)]
    assert open_history(path, until=99).training == again.training  # the rest is gone for good


@pytest.mark.parametrize(
    "torn", ["", "4", "4,,,,,,0.1", "4,9\n", "\0" * 200_000 + "\n", "x,,,,,,1\n", "nan,,,,,,1\n"]
)
def test_lines_that_are_not_whole_are_dropped(tmp_path, torn):
    path = tmp_path / "log.csv"
    open_history(path, until=0).add_valid(3, 2 / 3)
    sound = path.read_text()
    path.write_text(sound + torn)
    assert open_history(path, until=9).validation == [(3, 2 / 3)]
    assert path.read_text() == sound


def test_the_log_is_on_the_disk_before_the_state(tmp_path, monkeypatch):
    """Or a power cut could take rows of steps that the state counts as done."""
    flushed = []
    running = build_trainer(tmp_path, steps=2, save_every=2)
    flush, save = History.flush, RunFolder.save
    monkeypatch.setattr(History, "flush", lambda one: (flushed.append("log"), flush(one)))
    monkeypatch.setattr(RunFolder, "save", lambda *given: (flushed.append("state"), save(*given)))
    running.run()
    assert flushed == ["log", "state"] * 2


def test_the_history_plots_itself():
    pytest.importorskip("musiclab.show.plots")
    history = build_trainer().run()
    assert "training" in repr(history.plot())

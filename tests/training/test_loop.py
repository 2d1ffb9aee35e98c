"""The loop: stopping, going on bit by bit the same, and keeping the best."""

import os
import signal
import subprocess
import sys

import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import CheckpointError, SettingError
from musiclab.training import loop as loop_module
from musiclab.training.checkpoint import load_checkpoint
from musiclab.training.config import TrainingConfig
from musiclab.training.history import open_history
from musiclab.training.lock import LOCK_FILE, only_one
from musiclab.training.loop import Trainer
from musiclab.training.loss import mean_nll
from musiclab.training.surroundings import threads
from musiclab.training.tensor_file import open_tensors


def trainer(small, folder=None, **options) -> Trainer:
    values = {"steps": 11, "warmup": 2, "validate_every": 4, "save_every": 3, "log_every": 2}
    values |= {
        name: options.pop(name)
        for name in list(options)
        if name in TrainingConfig.__dataclass_fields__
    }
    return Trainer(
        options.pop("model", None) or small.model(),
        options.pop("batches", None) or small.batches(),
        TrainingConfig(**values),
        valid=small.batches(training=False, n_pieces=5),
        folder=folder,
        device="cpu",
        show_progress=False,
        **options,
    )


def stop_at(step: int):
    def stop(running: Trainer) -> None:
        if running.step == step:
            raise KeyboardInterrupt

    return stop


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
def test_going_on_equals_never_having_stopped(small, tmp_path, stops, capsys):
    unbroken = trainer(small, tmp_path / "unbroken")
    unbroken.run()
    for number, stop in enumerate(stops):
        broken = trainer(small, tmp_path / "broken", on_step=stop_at(stop or 1))
        broken.run(resume=number > 0)
        assert broken.interrupted
    assert "resume=True" in capsys.readouterr().out
    finished = trainer(small, tmp_path / "broken")
    finished.run(resume=True)
    assert finished.step == 11 and not finished.interrupted
    assert_same_training(unbroken, finished)
    prints = [load_checkpoint(tmp_path / f).fingerprint for f in ("unbroken", "broken")]
    assert prints[0] == prints[1]


def test_a_killed_training_goes_on_from_its_last_save(small, tmp_path):
    """Without saying goodbye: what was logged after the last save is forgotten."""
    unbroken = trainer(small, tmp_path / "unbroken")
    unbroken.run()

    def die(running: Trainer) -> None:
        if running.step == 8:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        trainer(small, tmp_path / "broken", on_step=die).run()
    finished = trainer(small, tmp_path / "broken")
    finished.run(resume=True)
    assert_same_training(unbroken, finished)


def test_going_on_in_the_same_object(small, tmp_path):
    unbroken = trainer(small, tmp_path / "unbroken")
    unbroken.run()
    stopped = trainer(small, on_step=stop_at(4))
    stopped.run()
    stopped.run()
    assert_same_training(unbroken, stopped)


def test_callbacks_leave_the_training_unchanged(small, tmp_path):
    def play(running: Trainer) -> None:
        torch.rand(running.step)
        running.average(*running.batches.batch(0).inputs)

    quiet, watched = trainer(small), trainer(small, on_step=play, on_validate=play)
    quiet.run()
    watched.run()
    assert_same_training(quiet, watched)


def test_the_program_keeps_its_random_numbers(small):
    running = trainer(small)
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
    running = trainer(small, tmp_path, steps=40, peak=0.02)
    history = running.run()
    assert history.losses[-1] < history.losses[0] - 0.3
    assert history.valid_steps == [*range(4, 41, 4)]
    checkpoint = load_checkpoint(tmp_path)
    best = min(history.valid_losses)
    assert checkpoint.info["figures"]["valid"] == best
    valid = small.batches(training=False, n_pieces=5)
    assert mean_nll(checkpoint.model, valid, 0) == pytest.approx(best, rel=1e-6)
    assert checkpoint.info["step"] == history.valid_steps[history.valid_losses.index(best)]


def test_a_worse_average_does_not_replace_the_best(small, tmp_path, monkeypatch):
    losses = iter([2.0, 1.0, 3.0])
    monkeypatch.setattr(loop_module, "mean_nll", lambda *arguments: next(losses))
    trainer(small, tmp_path).run()
    assert load_checkpoint(tmp_path).info["step"] == 8


def test_nan_keeps_the_last_good_weights(small, tmp_path):
    def spoil(running: Trainer) -> None:
        if running.step == 7:
            running.batches = Spoiled(small)

    running = trainer(small, tmp_path, on_step=spoil)
    weights = {}
    running.on_step = lambda r: (weights.update(clone(r.model)), spoil(r))
    with pytest.raises(SettingError, match="step 7, learning rate"):
        running.run()
    tensors = open_tensors(tmp_path / "state.safetensors").read()
    saved = {n.removeprefix("model/"): t for n, t in tensors.items() if n.startswith("model/")}
    assert_close(saved, weights, rtol=0, atol=0)
    assert open_tensors(tmp_path / "state.safetensors").info["step"] == 7
    load_checkpoint(tmp_path)


class Spoiled:
    """Batches whose targets are not in the vocabulary of a sane loss."""

    def __init__(self, small) -> None:
        self.real, self.pad_id, self.tokenizer = small.batches(), 0, small.tokenizer
        self.fingerprint, self.conditions = self.real.fingerprint, small.conditions

    def batch(self, number: int):
        batch = self.real.batch(number)
        return batch._replace(targets=torch.zeros_like(batch.targets))  # 0 nats / 0 targets


def clone(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_a_real_interrupt_waits_for_the_end_of_the_step(small, tmp_path):
    def press(running: Trainer) -> None:
        if running.step == 3:
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    running = trainer(small, tmp_path, on_step=press)
    running.run()
    assert running.interrupted and running.step == 3
    assert signal.getsignal(signal.SIGINT) is before
    assert open_tensors(tmp_path / "state.safetensors").info["step"] == 3


def test_an_interrupt_amid_a_step_saves_no_half_changed_weights(small, tmp_path, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    running = trainer(small, tmp_path)
    running.on_step = lambda r: (
        monkeypatch.setattr(loop_module, "update_average", interrupted) if r.step == 4 else None
    )
    running.run()
    assert running.interrupted
    assert open_tensors(tmp_path / "state.safetensors").info["step"] == 3  # the last regular save


def test_time_over_saves(small, tmp_path, capsys):
    running = trainer(small, tmp_path, minutes=1e-9)
    running.run()
    assert running.interrupted and running.step < 11
    assert "Time is over" in capsys.readouterr().out
    finished = trainer(small, tmp_path)  # the minutes may change
    finished.run(resume=True)
    assert finished.step == 11


def test_nothing_is_written_over(small, tmp_path):
    trainer(small, tmp_path).run()
    with pytest.raises(CheckpointError, match="already holds a training"):
        trainer(small, tmp_path).run()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"peak": 0.5}, "peak"),
        ({"seed": 1}, "seed"),
        ({"steps": 12}, "steps"),
    ],
)
def test_going_on_with_other_settings_is_refused(small, tmp_path, change, word):
    trainer(small, tmp_path, on_step=stop_at(2)).run()
    with pytest.raises(CheckpointError, match=word):
        trainer(small, tmp_path, **change).run(resume=True)


def test_going_on_with_other_data_or_another_model_is_refused(small, tmp_path):
    trainer(small, tmp_path, on_step=stop_at(2)).run()
    with pytest.raises(CheckpointError, match="data="):
        trainer(small, tmp_path, batches=small.batches(n_pieces=6)).run(resume=True)
    with pytest.raises(CheckpointError, match="d_model=8, now it is 4"):
        trainer(small, tmp_path, model=small.model(d_model=4)).run(resume=True)


def test_going_on_with_nothing_is_refused(small, tmp_path):
    with pytest.raises(CheckpointError, match="no training to go on with"):
        trainer(small, tmp_path).run(resume=True)
    with pytest.raises(SettingError, match="needs the folder"):
        trainer(small).run(resume=True)


def test_two_trainings_cannot_share_a_folder(small, tmp_path):
    with only_one(tmp_path), pytest.raises(SettingError, match=f"process {os.getpid()}"):
        trainer(small, tmp_path).run()
    trainer(small, tmp_path).run()  # free again


def test_the_lock_of_a_dead_process_counts_for_nothing(tmp_path):
    code = f"""
import os
from musiclab.training.lock import only_one
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
from musiclab.training.lock import only_one
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


def test_the_history_plots_itself(small):
    pytest.importorskip("musiclab.show.plots")
    history = trainer(small).run()
    assert "training" in repr(history.plot())

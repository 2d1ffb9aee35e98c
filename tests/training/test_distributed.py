"""Several processes against one: the same gradients, the same training, one file.

The processes are started by ``torchrun``, as a user starts them, two at first and then three.
"""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import torch
from in_processes import OPTIONS, gradients, probe
from small_training import assert_left_the_same, build_model, build_trainer, left_behind
from torch.testing import assert_close

from musiclab.checkpoint.tensor_file import open_tensors
from musiclab.errors import SettingError
from musiclab.training import distributed
from musiclab.training.loop import Trainer

HELPERS = Path(__file__).parents[1] / "helpers"


def torchrun(processes: int, folder: Path, *jobs: str) -> subprocess.CompletedProcess:
    """Start the processes and wait for them; none is left over."""
    script = [str(HELPERS / "in_processes.py"), str(folder), *jobs]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    paths = [str(HELPERS), str(HELPERS.parents[1])]
    with subprocess.Popen(
        [*command, "--nproc-per-node", str(processes), *script],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            out, told = running.communicate(timeout=500)
        finally:
            left_over = [one for one in psutil.process_iter() if str(folder) in words_of(one)]
            for one in left_over:
                one.kill()
    assert not left_over
    return subprocess.CompletedProcess(command, running.returncode, out, told)


def words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What one, two and three processes made of the same training, in turns."""
    folder = tmp_path_factory.mktemp("trainings")
    exact(folder / "1").run()
    exact(folder / "1 to 2", on_step=stop_at_4).run()
    done = torchrun(
        2,
        folder,
        "gradients:gradients of 2",
        "train:2",
        "train:2 to 1:stop=4",
        "train:2 to 3:stop=4",
        "train:1 to 2:resume=yes",
        "trouble:full",
        "trouble:nan",
        "train:dropout:dropout=0.4",
        "train:dropout broken:dropout=0.4:stop=5",
        "train:dropout to 1:dropout=0.4:stop=5",
        "train:dropout broken:dropout=0.4:resume=yes",
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("Interrupted after step 4 of 8") == 2  # the first process speaks
    (folder / "troubles").write_text(done.stdout)
    done = torchrun(3, folder, "gradients:gradients of 3", "train:2 to 3:resume=yes", "train:1")
    (folder / "told").write_text(done.stderr)
    assert done.returncode == 1  # the last job is refused
    return folder


def exact(folder: Path, **options) -> Trainer:
    """Train without dropout, which would draw other masks for another number of processes."""
    return build_trainer(folder, model=build_model(dropout=0.0), **OPTIONS, **options)


def stop_at_4(running: Trainer) -> None:
    if running.step == 4:
        raise KeyboardInterrupt


@pytest.mark.parametrize("processes", [2, 3])
def test_gradients_of_processes_add_up_to_those_of_one(folder, processes):
    """Pieces of different lengths: a mean of the processes' means would be another gradient."""
    expected = gradients(*probe())
    found = open_tensors(folder / f"gradients of {processes}").read()
    assert set(found) == set(expected)  # neither the unused weight's nor the frozen one's
    for name, one in expected.items():
        assert (found[name] - one).norm() <= 1e-6 * one.norm(), name


@pytest.mark.parametrize("way", ["2", "1 to 2", "2 to 1", "2 to 3"])
def test_any_number_of_processes_trains_the_same(folder, way):
    if way == "2 to 1":
        with pytest.warns(UserWarning, match="going on with 1 process after 2"):
            exact(folder / way).run(resume=True)
    one, other = left_behind(folder / "1"), left_behind(folder / way)
    assert other["state"]["step"] == OPTIONS["steps"]
    assert other["state"]["processes"] == int(way[-1])
    # Where a gradient is nearly 0, AdamW makes a full step of what rounding left of it.
    assert_close(other["tensors"], one["tensors"], rtol=2e-4, atol=2e-5)
    assert other["best"]["step"] == one["best"]["step"]
    assert len(other["log"]) == len(one["log"])
    for row, expected in zip(other["log"], one["log"], strict=True):
        for column, figure in expected.items():
            assert float(row[column] or 0) == pytest.approx(float(figure or 0), rel=1e-4), column


def test_with_dropout_the_same_number_of_processes_goes_on_bit_for_bit(folder):
    assert_left_the_same(folder / "dropout", folder / "dropout broken")


def test_with_dropout_another_number_of_processes_draws_other_masks(folder):
    """It goes on, and well, but to other numbers: nobody should expect the same."""
    trainer = build_trainer(folder / "dropout to 1", model=build_model(dropout=0.4), **OPTIONS)
    with pytest.warns(UserWarning, match="dropout draws other masks"):
        trainer.run(resume=True)
    one, other = (left_behind(folder / name) for name in ("dropout", "dropout to 1"))
    name = "model/head.norm.weight"
    assert not torch.allclose(one["tensors"][name], other["tensors"][name], rtol=1e-4, atol=0)


def test_if_one_process_fails_all_end_and_say_so(folder):
    told = (folder / "told").read_text()
    assert told.count("CheckpointError: ") == 1 and "already holds a training" in told
    # torchrun ends the others at once; whoever got to speak knew why.
    assert told.count("SettingError: another process") <= 2 and "RuntimeError" not in told


@pytest.mark.parametrize(("trouble", "step"), [("full", 2), ("nan", 5)])
def test_trouble_in_one_process_ends_all_and_spoils_nothing(folder, trouble, step):
    """Each says why; what was saved before is whole, and one goes on from there."""
    told = {}
    for line in (folder / "troubles").read_text().splitlines():
        if line.startswith(f"{trouble} told by process "):
            process, _, why = line.partition(" process ")[2].partition(": ")
            told[process] = why
    if trouble == "full":
        assert "No space left on device" in told["0"] and "go on with resume=True" in told["0"]
        assert "another process of this training has failed" in told["1"]
    else:
        assert "the gradient became nan after step 5" in told["0"]
        assert told["0"] == told["1"]
    assert open_tensors(folder / trouble / "state.safetensors").info["step"] == step
    with pytest.warns(UserWarning, match="going on with 1 process after 2"):
        exact(folder / trouble).run(resume=True)
    one, other = left_behind(folder / "1"), left_behind(folder / trouble)
    assert_close(other["tensors"], one["tensors"], rtol=2e-4, atol=2e-5)


def test_each_process_takes_a_gpu_of_its_own(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert distributed.our_device("auto") == torch.device("cuda", 1)
    assert distributed.our_device("cuda") == torch.device("cuda", 1)
    assert distributed.our_device("cpu") == torch.device("cpu")
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(SettingError, match="process 3 of this machine finds only 2 GPUs"):
        distributed.our_device("auto")


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "gpu", "meta:x"])
def test_a_device_that_is_not_there_is_named(monkeypatch, device):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    if device == "cuda:1" and torch.cuda.is_available():
        pytest.skip("only torch itself knows how many there are")
    with pytest.raises(SettingError, match=f"device.*'{device}'"):
        distributed.our_device(device)


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="NCCL wants a GPU for each process")
def test_two_gpus_train_like_one(tmp_path):
    done = torchrun(2, tmp_path, "train:2:device=cuda")
    assert done.returncode == 0, done.stderr[-3000:]
    exact(tmp_path / "1", device="cuda").run()
    one, two = (left_behind(tmp_path / name) for name in ("1", "2"))
    assert_close(two["tensors"], one["tensors"], rtol=1e-3, atol=1e-4)

"""A loss that is no number: told with its step and its remedy, after saving what came before."""

import pytest
import torch
from small_training import (
    assert_left_the_same,
    build_batches,
    build_trainer,
    left_behind,
)
from torch.testing import assert_close

from musiclab.checkpoint.load import load_checkpoint
from musiclab.checkpoint.tensor_file import open_tensors
from musiclab.errors import CheckpointError, SettingError
from musiclab.training import loop as loop_module
from musiclab.training.batches import Batch
from musiclab.training.frame_batches import FrameBatches


def spoiled(since: int) -> FrameBatches:
    """Batches without a target from some step on: their mean loss is 0 nats / 0 targets."""
    batches = build_batches()
    sound = batches.batch

    def batch(number: int) -> Batch:
        one = sound(number)
        return one if number < since else one._replace(targets=torch.zeros_like(one.targets))

    batches.batch = batch
    return batches


def test_nan_keeps_the_last_good_weights_and_comes_again(tmp_path):
    """Between two saves: the weights of the very step before are kept."""
    weights = {}

    def note(running) -> None:
        weights.update({name: one.clone() for name, one in running.model.state_dict().items()})

    running = build_trainer(tmp_path, batches=spoiled(7), on_step=note)
    with pytest.raises(SettingError, match=r"the loss became nan after step 7, .*smaller peak"):
        running.run()
    kept = left_behind(tmp_path)
    saved = {n: kept["tensors"][f"model/{n}"] for n in weights}
    assert_close(saved, weights, rtol=0, atol=0)
    assert kept["state"]["step"] == 7
    load_checkpoint(tmp_path)
    with pytest.raises(SettingError, match="after step 7, learning rate"):
        build_trainer(tmp_path, batches=spoiled(7)).run(resume=True)
    again = left_behind(tmp_path)  # nothing was lost or added
    assert_close(again["tensors"], kept["tensors"], rtol=0, atol=0)
    assert again["state"] == kept["state"]


def test_once_the_cause_is_gone_it_goes_on_as_if_nothing_had_been(tmp_path):
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    build_trainer(unbroken).run()
    with pytest.raises(SettingError, match="after step 7"):
        build_trainer(broken, batches=spoiled(7)).run()
    build_trainer(broken).run(resume=True)
    assert_left_the_same(unbroken, broken)


def test_a_learning_rate_that_is_far_too_large(tmp_path):
    """No trick: the weights really run away."""
    running = build_trainer(tmp_path, peak=1e25, warmup=0, validate_every=99)
    with pytest.raises(
        SettingError, match=r"learning rate 1e\+25|learning rate 9\.\d+e\+24"
    ) as first:
        running.run()
    remedy = "smaller peak than 1e+25 (--peak) or a longer warmup than 0 steps (--warmup)"
    assert f"start anew in another folder with a {remedy}" in str(first.value)
    step = open_tensors(tmp_path / "state.safetensors").info["step"]
    assert f"after step {step}," in str(first.value) and step > 0
    again = build_trainer(tmp_path, peak=1e25, warmup=0, validate_every=99)
    with pytest.raises(SettingError) as second:
        again.run(resume=True)
    assert str(second.value) == str(first.value)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_nan_on_the_validation_pieces_stops_too(tmp_path, monkeypatch, loss):
    """Its weights are kept, and measured again when the training goes on."""
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    build_trainer(unbroken).run()
    with monkeypatch.context() as patched:
        patched.setattr(loop_module, "mean_nll", lambda *arguments: loss)
        with pytest.raises(
            SettingError, match=rf"{loss} after step 4, learning rate.*smaller peak"
        ):
            build_trainer(broken).run()
    assert open_tensors(broken / "state.safetensors").info["step"] == 4
    build_trainer(broken).run(resume=True)
    assert_left_the_same(unbroken, broken)


@pytest.mark.parametrize("valid", [None, build_batches(training=False)])
def test_weights_that_are_not_finite_never_replace_good_ones(tmp_path, valid):
    """A hand that spoils them after a step stands for whatever else could."""

    def spoil(running) -> None:
        if running.step == 4:
            next(running.model.parameters()).data[0] = float("inf")
            next(running.average.parameters()).data[0] = float("inf")

    options = {"valid": valid, "save_every": 1, "validate_every": 99}
    with pytest.raises(CheckpointError, match="untouched, since .* would hold NaN or infinity"):
        build_trainer(tmp_path / "broken", on_step=spoil, **options).run()
    assert open_tensors(tmp_path / "broken" / "state.safetensors").info["step"] == 3
    build_trainer(tmp_path / "broken", **options).run(resume=True)
    build_trainer(tmp_path / "unbroken", **options).run()
    assert_left_the_same(tmp_path / "unbroken", tmp_path / "broken")

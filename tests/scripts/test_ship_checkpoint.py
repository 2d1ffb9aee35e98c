"""Shipping rounds the weights, and changes nothing else."""

import pytest
import ship_checkpoint
import torch

from musiclab.checkpoint.load import SHIPPED, load_checkpoint
from musiclab.checkpoint.save import save_checkpoint
from musiclab.errors import CheckpointError
from musiclab.music.corpus import corpus
from musiclab.training.loss import mean_nll
from musiclab.training.presets import PRESETS

RUN = "bach-grid"


@pytest.fixture
def run(tmp_path):
    """A finished training's folder."""
    trained = load_checkpoint(RUN)
    torch.nn.init.normal_(trained.model.head.to_logits.weight)  # numbers that 16 bits cannot hold
    told = {name: trained.info[name] for name in ("step", "data", "figures", "notes")}
    settings = {"tokenizer": trained.tokenizer, "conditions": trained.conditions}
    save_checkpoint(tmp_path / "run", trained.model, **settings, **told)
    (tmp_path / "run" / "log.csv").write_bytes((SHIPPED / RUN / "log.csv").read_bytes())
    return tmp_path / "run"


def test_a_shipped_checkpoint_is_half_as_large_and_nearly_the_same(run, tmp_path):
    told = ship_checkpoint.ship(run, tmp_path / "shipped")
    before, after = load_checkpoint(run), load_checkpoint(tmp_path / "shipped")
    sizes = [(tmp_path / one / "model.safetensors").stat().st_size for one in ("run", "shipped")]
    assert 0.49 < sizes[1] / sizes[0] < 0.55 and after.fingerprint in told
    assert before.info == after.info
    weights = (one.model.state_dict().values() for one in (before, after))
    for ours, theirs in zip(*weights, strict=True):
        assert ours.dtype == theirs.dtype
        torch.testing.assert_close(theirs, ours, rtol=2**-11, atol=2**-24)
    assert (tmp_path / "shipped" / "log.csv").read_bytes() == (run / "log.csv").read_bytes()


@pytest.mark.parametrize("fault", ["size", "weight", "log"])
def test_what_must_not_be_shipped_leaves_the_good_one_alone(run, tmp_path, monkeypatch, fault):
    shipped = tmp_path / "shipped"
    ship_checkpoint.ship(run, shipped)
    before = {one.name: one.read_bytes() for one in shipped.iterdir()}
    trained = load_checkpoint(run)
    torch.nn.init.constant_(trained.model.head.to_logits.weight, 1e5 if fault == "weight" else 2.0)
    save_checkpoint(run, trained.model, tokenizer=trained.tokenizer, conditions=trained.conditions)
    if fault == "size":
        monkeypatch.setattr(ship_checkpoint, "LARGEST", 1000)
    if fault == "log":
        (run / "log.csv").unlink()
    told = {"size": "1,000 at most", "weight": "16 bits cannot hold it", "log": "log.csv"}
    with pytest.raises((SystemExit, CheckpointError, FileNotFoundError), match=told[fault]):
        ship_checkpoint.ship(run, shipped)
    assert {one.name: one.read_bytes() for one in shipped.iterdir()} == before


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        ship_checkpoint.ship(tmp_path / "nothing", tmp_path / "shipped")


def test_scores_are_divided_by_the_best_temperature(run, tmp_path):
    trained = load_checkpoint(RUN).model
    valid = PRESETS[RUN].build_batches(corpus("valid", progress=False)[:2], training=False)
    (inputs, _), before = valid.batch(0), mean_nll(trained, valid, valid.pad_id)
    with torch.no_grad():
        right = trained(*inputs)
        ship_checkpoint.cool(trained, 1 / 1.21)  # far too sure
        torch.testing.assert_close(trained(*inputs), right * 1.21, rtol=1e-3, atol=1e-3)
    found, nats = ship_checkpoint.best_temperature(trained, valid)
    assert 1.1 < found < 1.5 and nats < mean_nll(trained, valid, valid.pad_id)
    assert nats <= before + 1e-3

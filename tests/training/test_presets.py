"""The named trainings: they build, train and go on."""

import pytest
import torch

from musiclab.checkpoint.load import load_checkpoint
from musiclab.errors import SettingError
from musiclab.training import presets
from musiclab.training.presets import PRESETS, train_preset

SHORT = {
    "steps": 2,
    "d_model": 4,
    "n_heads": 1,
    "n_layers": 1,
    "batch_size": 2,
    "precision": "fp32",
}


@pytest.fixture
def few_pieces(small, monkeypatch):
    monkeypatch.setattr(presets, "corpus", lambda *arguments, **options: small.batches().pieces)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_trains_and_goes_on(few_pieces, tmp_path, name):
    options = {"progress": False, "device": "cpu"} | SHORT
    train_preset(name, tmp_path, minutes=1e-9, **options)
    history = train_preset(name, tmp_path, resume=True, **options)
    assert history.valid_steps == [2]
    loaded = load_checkpoint(tmp_path)
    assert loaded.tokenizer == PRESETS[name].tokenizer
    assert loaded.conditions == PRESETS[name].conditions


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_builds_the_same_model_every_time(name):
    preset = PRESETS[name].change(**SHORT)
    one = preset.build_model()
    torch.manual_seed(97)  # whatever was drawn before
    state = torch.random.get_rng_state()
    other = preset.build_model()
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_benchmark_model_is_told_nothing_that_the_measure_forbids():
    preset = PRESETS["bach-grid"]
    assert preset.conditions.names == ("phase",)
    assert not preset.tokenizer.holds


def test_unknown_names_and_settings_are_refused(tmp_path):
    with pytest.raises(SettingError, match="bach-grid"):
        train_preset("bach-gird", tmp_path)
    with pytest.raises(SettingError, match="'stepz'"):
        train_preset("bach-grid", tmp_path, stepz=5)


@pytest.mark.parametrize("name", ["vocab_size", "condition_sizes"])
def test_sizes_that_follow_from_the_tokeniser_are_no_settings(name):
    with pytest.raises(SettingError, match=f"no setting '{name}'"):
        PRESETS["bach-grid"].change(**{name: 9})

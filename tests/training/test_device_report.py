"""The same measures everywhere, and recorded ones set beside."""

import json
import math
from dataclasses import replace

import pytest
import torch

from musiclab.errors import SettingError
from musiclab.training import device_report
from musiclab.training.device_report import MEASURES, UNITS, beside, load_recorded

RECORDING = {"device": "Some GPU", "torch": "2.13", "measures": {"pace": {"fp32": 50_000.4}}}


@pytest.fixture
def tiny(monkeypatch):
    """Sizes that take no time."""
    monkeypatch.setattr(device_report, "SEQ", 16)
    sizes = replace(device_report.SIZES, d_model=8, n_heads=2, n_layers=1)
    monkeypatch.setattr(device_report, "SIZES", sizes)
    monkeypatch.setattr(device_report, "BATCHES", {"cpu": (1, 3)})


@pytest.mark.parametrize("name", [name for name in MEASURES if name != "pace"])
def test_measures_are_positive_numbers(tiny, name):
    figures = MEASURES[name]("cpu")
    assert len(figures) >= 2 and name in UNITS
    assert all(math.isfinite(value) and value > 0 for value in figures.values())


def test_speed_is_notes_over_seconds(tiny, monkeypatch):
    monkeypatch.setattr(device_report, "seconds", lambda call, **_: 0.5)
    assert device_report.notes_per_second("cpu", 3, "fp32") == 3 * 16 / 0.5


def test_pace_counts_two_operations_a_product(monkeypatch):
    monkeypatch.setattr(device_report, "seconds", lambda call, **_: 2.0)
    assert device_report.pace("cpu")["fp32"] == pytest.approx(512**3 / 1e9)


def test_attention_is_in_milliseconds(tiny, monkeypatch):
    monkeypatch.setattr(device_report, "seconds", lambda call, **_: call() or 0.25)
    assert set(device_report.attention("cpu").values()) == {250.0}


def test_a_step_lowers_the_loss(tiny):
    model, optimiser, ids = device_report.set_up("cpu", 2)
    model.eval()
    before = device_report.loss_of(model, ids, "fp32").item()
    for _ in range(3):
        device_report.step(model, optimiser, ids, "fp32")
    assert device_report.loss_of(model, ids, "fp32").item() < before


@pytest.mark.parametrize("precision, dtype", [("bf16", torch.bfloat16), ("fp32", torch.float32)])
def test_precision_is_obeyed(tiny, precision, dtype):
    model, _, ids = device_report.set_up("cpu", 2)
    seen = []
    model.to_logits.register_forward_hook(lambda _, given, result: seen.append(result.dtype))
    device_report.loss_of(model, ids, precision)
    assert seen == [dtype]


def test_memory_adds_up(tiny):
    figures = device_report.memory("cpu")
    assert figures["moments"] == pytest.approx(2 * figures["weights"], rel=0.01)
    assert figures["peak of a step"] >= figures["kept for backward"]


def test_beside_shows_both_and_what_only_one_has():
    told = beside("pace", {"fp32": 90.2, "bf16": 5.25}, [RECORDING], "my laptop").splitlines()
    assert told[0].split()[-2:] == ["fp32", "bf16"]
    assert told[1].split() == ["here:", "my", "laptop", "90", "5.2"]
    assert told[2].split() == [*"recorded: Some GPU (torch 2.13) 50,000 -".split()]
    assert len(told) == 3 and len({len(line) for line in told}) == 1


def test_beside_leaves_out_recordings_without_the_measure():
    assert "Some GPU" not in beside("memory", {"a": 1.5}, [RECORDING], "here")


def test_recordings_are_read(tmp_path):
    assert load_recorded(tmp_path / "none") == []
    (tmp_path / "gpu.json").write_text(json.dumps(RECORDING))
    assert load_recorded(tmp_path) == [RECORDING]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"device": "x"}', '{"device":1,"torch":1,"measures":1}']
)
def test_what_is_no_recording_is_refused(tmp_path, text):
    (tmp_path / "gpu.json").write_text(text)
    with pytest.raises(SettingError, match="gpu.json is no recording"):
        load_recorded(tmp_path)

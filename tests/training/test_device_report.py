"""What is measured of a device, and how it is told."""

import math
from dataclasses import replace

import pytest
import torch

from musiclab.training import device_report
from musiclab.training.device_report import MEASURES, UNITS, as_table


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


def test_a_table_has_a_column_for_each_figure():
    told = as_table("pace", {"fp32": 90.2, "bf16": 5.25}, "my laptop").splitlines()
    assert told[0].split() == [*UNITS["pace"].split(), "fp32", "bf16"]
    assert told[1].split() == ["my", "laptop", "90", "5.2"]
    assert len(told) == 2 and len({len(line) for line in told}) == 1

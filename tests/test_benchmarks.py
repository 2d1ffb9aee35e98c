"""The benchmarks' own arithmetic: medians, turns and ratios; no test asserts their figures."""

import torch

from benchmarks import peers, timing


def test_rivals_take_turns_after_a_warm_up():
    turns = []
    calls = {name: lambda name=name: turns.append(name) or 1.0 for name in "ab"}
    timing.take_turns(calls, rounds=3)
    assert turns == ["a", "b"] * 4


def test_speed_is_the_median(monkeypatch):
    clock = iter([0, 0, 1, 0, 2, 0, 100])  # seconds: the warm-up is not timed, then 1, 2 and 100
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    assert timing.take_turns({"a": lambda: 10.0}, rounds=3) == {"a": 5.0}


def test_ratio_says_how_many_times_as_fast_we_are():
    lines = timing.table("Sampling", "notes a second", {"ours": 300.0, "peer": 100.0}, "ours")
    assert "peer" in lines and "3.00 x" in lines.splitlines()[2]


def test_the_rivals_have_one_size():
    ours, torch_layers = peers.ours_flat(), peers.TorchLayers()
    blocks = sum(p.numel() for p in ours.stack.blocks.parameters())
    theirs = sum(p.numel() for p in torch_layers.layers.parameters() if p.ndim > 1)
    assert sum(p.numel() for p in ours.stack.blocks.parameters() if p.ndim > 1) == theirs
    assert 4 * 12 * 128**2 <= blocks < 4.1 * 12 * 128**2


def test_torch_layers_hide_the_future():
    model, ids = peers.TorchLayers().eval(), torch.randint(4, 50, (1, 7))
    before = model(ids)
    ids[0, 5] = 3
    assert torch.allclose(model(ids)[:, :5], before[:, :5], atol=1e-5)
    assert not torch.allclose(model(ids)[:, 5:], before[:, 5:], atol=1e-5)

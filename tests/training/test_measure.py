"""Clocks that warm up, take the shortest run and wait; bytes that are really there."""

import pytest
import torch
from torch import nn

from musiclab.errors import SettingError
from musiclab.training import measure
from musiclab.training.measure import device_name, kept_for_backward, peak_bytes, seconds


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only when a call says so."""

    class Clock:
        now = 0.0

        def perf_counter(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(measure, "time", clock)
    return clock


def runs(clock, *lengths):
    """Return a call that takes these times in turn."""
    waiting = list(lengths)

    def call():
        clock.now += waiting.pop(0)

    return call


def test_warm_up_is_not_counted(clock):
    assert seconds(runs(clock, 0.5, 7.0, 6.0), times=2) == 6.0


def test_shortest_run_counts(clock):
    assert seconds(runs(clock, 9.0, 3.0, 2.0, 4.0), times=3) == 2.0


def test_waits_before_and_after_each_run(clock, monkeypatch):
    told = []

    def wait_for(device):
        told.append("wait")
        clock.now += 1.0 if told[-2:-1] == ["run"] else 0.0  # the GPU is behind by a second

    def call():
        told.append("run")

    monkeypatch.setattr(measure, "wait_for", wait_for)
    assert seconds(call, times=2) == 1.0
    assert told == ["run", "wait", "run", "wait", "wait", "run", "wait"]


def test_no_run_is_refused():
    with pytest.raises(SettingError, match="times must be a whole number of at least 1, got 0"):
        seconds(lambda: None, times=0)


def test_linear_layer_keeps_its_input_alone():
    layer, x = nn.Linear(7, 11, bias=False), torch.randn(5, 7)
    assert kept_for_backward(layer, lambda: layer(x)) == 5 * 7 * 4


def test_weights_are_not_counted():
    layer, x = nn.Linear(7, 11, bias=False), torch.randn(5, 7, requires_grad=True)
    assert kept_for_backward(layer, lambda: layer(x)) == 5 * 7 * 4


def test_shared_memory_counts_once():
    x = torch.randn(5, 7, requires_grad=True)
    assert kept_for_backward(nn.Identity(), lambda: (x * x, x.view(7, 5) * x.view(7, 5))) == 140


def test_freed_memory_is_not_taken_for_another():
    def forward():
        for _ in range(3):  # each result is dropped, and its memory may be used again
            (torch.randn(300, 700, requires_grad=True).exp() * 2).sum()

    assert kept_for_backward(nn.Identity(), forward) == 3 * 300 * 700 * 4


def test_nothing_is_kept_without_gradients():
    layer = nn.Linear(7, 11)
    with torch.no_grad():
        assert kept_for_backward(layer, lambda: layer(torch.randn(5, 7))) == 0


def test_peak_is_what_was_held_at_once():
    def call():
        first = torch.ones(500_000)  # 2 MB
        second = first + 1  # 4 MB
        del first, second
        torch.ones(750_000)  # 3 MB

    assert peak_bytes(call, "cpu") == pytest.approx(4e6, rel=0.01)


def test_names_the_processor_and_its_threads():
    threads = torch.get_num_threads()
    assert device_name("cpu").endswith(f"{threads} thread" + "s" * (threads > 1))
    assert len(device_name("cpu").split(",")[0]) > 2

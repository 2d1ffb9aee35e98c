"""Compiling: left out on a processor, and possible for the whole model on a GPU."""

import pytest
import torch
from torch import nn

from musiclab.training import device_report
from musiclab.training.compiled import compiled


def test_processor_keeps_the_model_as_it_is():
    model = nn.Linear(2, 3)
    assert compiled(model, "cpu") is model
    assert compiled(model, torch.device("cpu"), same_shapes=True) is model


@pytest.mark.parametrize("same_shapes", [True, False])
def test_gpu_gets_a_compiled_model_with_the_same_weights(same_shapes):
    model = nn.Linear(2, 3)
    faster = compiled(model, "cuda", same_shapes=same_shapes)  # compiles when it is first called
    assert faster is not model
    assert [id(one) for one in faster.parameters()] == [id(one) for one in model.parameters()]


def test_ways_that_torch_cannot_go_are_left_out(monkeypatch):
    monkeypatch.setattr(device_report, "SEQ", 8)
    monkeypatch.setattr(device_report, "BATCHES", {"cpu": (1,)})

    def no_compiler(model, device, *, same_shapes):
        def refuse(*inputs):
            raise RuntimeError("no compiler here")

        model.forward = refuse
        return model

    monkeypatch.setattr(device_report, "compiled", no_compiler)
    assert list(device_report.ways("cpu", times=1)) == ["eager"]

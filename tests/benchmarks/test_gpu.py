"""Compiling: the weights are shared, and what torch cannot do here is left out."""

import pytest
from torch import nn

from benchmarks import gpu
from musiclab.training import device_report


@pytest.mark.parametrize("same_shapes", [True, False])
def test_a_compiled_model_has_the_same_weights(same_shapes):
    model = nn.Linear(2, 3)
    faster = gpu.compiled(model, same_shapes=same_shapes)  # compiles when it is first called
    assert faster is not model
    assert [id(one) for one in faster.parameters()] == [id(one) for one in model.parameters()]


def test_ways_that_torch_cannot_go_are_left_out(monkeypatch):
    monkeypatch.setattr(device_report, "SEQ", 8)
    monkeypatch.setattr(device_report, "BATCHES", {"cpu": (1,)})

    def no_compiler(model, *, same_shapes):
        def refuse(*inputs):
            raise RuntimeError("no compiler here")

        model.forward = refuse
        return model

    monkeypatch.setattr(gpu, "compiled", no_compiler)
    assert list(gpu.ways("cpu", times=1)) == ["eager"]

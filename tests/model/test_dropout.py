"""Our dropout is torch's in distribution: rate, mean, variance, independence; the seed decides."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from musiclab.model.dropout import Dropout

RATES = pytest.mark.parametrize("p", [0.1, 0.4, 0.5, 0.97])
SHAPE = (307, 5, 211)  # an odd number of entries: four share one draw


@RATES
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_entries_are_dropped_or_scaled(p, dtype):
    result = Dropout(p)(torch.ones(SHAPE, dtype=dtype))
    assert result.dtype == dtype and result.shape == SHAPE
    kept = result[result != 0]
    assert_close(kept.float(), torch.full(kept.shape, 1 / (1 - p)), rtol=5e-3, atol=0)


@RATES
def test_rate_mean_and_variance_are_those_of_a_coin(p):
    result = Dropout(p)(torch.ones(SHAPE, dtype=torch.float64))
    n = result.numel()
    variance = p / (1 - p)  # of one entry
    assert abs((result == 0).double().mean() - p) < 4 * (p * (1 - p) / n) ** 0.5
    assert abs(result.mean() - 1) < 4 * (variance / n) ** 0.5
    assert abs(result.var() - variance) < 0.05 * variance


@RATES
def test_entries_know_nothing_of_their_neighbours(p):
    dropped = (Dropout(p)(torch.ones(SHAPE)) == 0).double().flatten()
    for apart in (1, 2, 3, 4, 5, 211):  # within a draw, in the next draw, in the next row
        pairs = torch.stack([dropped[:-apart], dropped[apart:]])
        assert abs(torch.corrcoef(pairs)[0, 1]) < 4 / dropped.numel() ** 0.5


@pytest.mark.parametrize("entries", [1, 2, 3, 4, 5, 0])
def test_any_number_of_entries(entries):
    assert Dropout(0.5)(torch.ones(entries)).shape == (entries,)


def test_what_lies_otherwise_in_memory_is_dropped_alike():
    x = torch.ones(SHAPE).transpose(0, 2)
    torch.manual_seed(7)
    turned = Dropout(0.3)(x)
    torch.manual_seed(7)
    assert torch.equal(turned, Dropout(0.3)(x.contiguous()))


def test_seed_decides_and_threads_do_not():
    def drawn(threads):
        torch.manual_seed(3)
        torch.set_num_threads(threads)
        return Dropout(0.4)(torch.ones(SHAPE))

    before = torch.get_num_threads()
    try:
        one, two = drawn(1), drawn(2)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(one, two)
    assert not torch.equal(one, Dropout(0.4)(torch.ones(SHAPE)))


def test_gradient_passes_where_entries_are_kept():
    x = torch.randn(SHAPE, requires_grad=True)
    result = Dropout(0.3)(x)
    (gradient,) = torch.autograd.grad(result.sum(), x)
    assert_close(gradient * x, result)


@pytest.mark.parametrize("p", [0.0, 0.3])
def test_nothing_is_dropped_out_of_training(p):
    x = torch.randn(3, 7)
    assert torch.equal(Dropout(p).eval()(x), x)
    assert torch.equal(Dropout(0.0)(x), x)


def test_extremes():
    x = torch.ones(SHAPE)
    assert not Dropout(1.0)(x).any()
    nearly = Dropout(1 - 1e-9)(x)  # nearer to 1 than 16 bits can tell
    assert nearly.isfinite().all() and (nearly == 0).float().mean() > 0.999


def test_it_is_a_dropout_to_whoever_asks():
    layer = Dropout(0.3)
    assert isinstance(layer, nn.Dropout) and layer.p == 0.3 and not layer.state_dict()

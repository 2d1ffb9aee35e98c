"""The cache gives back what it was given, in order, and refuses what does not fit."""

import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.model.kv_cache import KVCache


def sizes(**changed):
    return {"n_layers": 2, "batch": 3, "max_seq": 7, "n_heads": 5, "head_dim": 11} | changed


def filled(seq=5):
    """Fill a cache; return it with the keys and values of each layer."""
    cache, given = KVCache(**sizes()), torch.randn(2, 2, 3, 5, seq, 11)
    for layer, (key, value) in zip(cache.layers, given, strict=True):
        layer.extend(key, value)
    return cache, given


@pytest.mark.parametrize("parts", [[7], [1] * 7, [3, 1, 2]])
def test_extend_returns_everything_so_far(parts):
    (layer,), given = KVCache(**sizes(n_layers=1)).layers, torch.randn(2, 3, 5, sum(parts), 11)
    end = 0
    for part in given.split(parts, dim=3):
        end += part.shape[3]
        assert_close(torch.stack(layer.extend(*part)), given[:, :, :, :end])
        assert layer.length == end


def test_memory_is_taken_once():
    cache, _ = filled(5)
    before = cache.layers[0].key.data_ptr()
    keys, _ = cache.layers[0].extend(*torch.randn(2, 3, 5, 1, 11))
    assert keys.data_ptr() == before == cache.layers[0].key.data_ptr()


def test_a_full_cache_refuses_and_stays_as_it_was():
    cache, given = filled(5)
    with pytest.raises(SettingError, match="holds 7 positions, got 8"):
        cache.layers[0].extend(*torch.randn(2, 3, 5, 3, 11))
    assert cache.length == 5
    last = torch.randn(2, 3, 5, 2, 11)
    both = torch.cat([given[0], last], dim=3)
    assert_close(torch.stack(cache.layers[0].extend(*last)), both)


@pytest.mark.parametrize("batch", [1, 2, 4])  # a batch of 1 would spread to all rows in silence
def test_another_batch_is_refused(batch):
    with pytest.raises(SettingError, match=f"batch of 3, got {batch}"):
        filled()[0].layers[0].extend(*torch.randn(2, batch, 5, 1, 11))


def test_length_counts_what_every_layer_has_read():
    cache = KVCache(**sizes())
    cache.layers[0].extend(*torch.randn(2, 3, 5, 2, 11))
    assert cache.length == 0
    cache.layers[1].extend(*torch.randn(2, 3, 5, 2, 11))
    assert cache.length == 2


def test_reset_forgets_everything():
    cache, _ = filled(5)
    cache.layers[0].memory = tuple(torch.randn(2, 3, 5, 13, 11))
    cache.reset()
    assert cache.length == 0 and cache.layers[0].memory is None
    given = torch.randn(2, 3, 5, 7, 11)
    assert_close(torch.stack(cache.layers[0].extend(*given)), given)


@pytest.mark.parametrize("rows", [[2, 0, 1], [1, 1, 1], [2], [0, 0, 1, 2, 2]])
def test_select_reorders_repeats_and_drops_rows(rows):
    cache, given = filled(5)
    memory = torch.randn(2, 3, 5, 13, 11)
    cache.layers[1].memory = tuple(memory)
    cache.select(torch.tensor(rows))
    assert cache.length == 5
    for layer, before in zip(cache.layers, given, strict=True):
        new = torch.randn(2, len(rows), 5, 1, 11)
        expected = torch.cat([before[:, rows], new], dim=3)
        assert_close(torch.stack(layer.extend(*new)), expected)
    assert_close(torch.stack(cache.layers[1].memory), memory[:, rows])


def test_no_gradient_enters():
    (layer,) = KVCache(**sizes(n_layers=1)).layers
    keys, _ = layer.extend(*torch.randn(2, 3, 5, 1, 11, requires_grad=True))
    assert not keys.requires_grad


@pytest.mark.parametrize("name", ["n_layers", "batch", "max_seq", "n_heads", "head_dim"])
def test_empty_caches_are_refused(name):
    with pytest.raises(SettingError, match="at least 1"):
        KVCache(**sizes(**{name: 0}))

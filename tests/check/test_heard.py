import pytest
import torch

from musiclab.check.heard import play_with
from musiclab.model import attention
from musiclab.model.attention import attention_weights


def equal_shares(query, key, visible, relative=None):
    shape = (*query.shape[:-1], key.shape[-2])
    return torch.ones(shape).masked_fill(~visible, 0) / visible.sum(dim=-1, keepdim=True)


def test_the_replacement_is_heard_and_then_gone():
    right = play_with(attention, "attention_weights", attention_weights, frames=24)
    again = play_with(attention, "attention_weights", attention_weights, frames=24)
    other = play_with(attention, "attention_weights", equal_shares, frames=24)
    assert right == again != other
    assert (right.pitches[:16] == other.pitches[:16]).all()  # the bar by Bach
    assert attention.attention_weights is attention_weights


def test_a_replacement_that_fails_is_gone_too():
    def fails(*inputs):
        raise KeyError

    with pytest.raises(KeyError):
        play_with(attention, "attention_weights", fails, frames=24)
    assert attention.attention_weights is attention_weights


def test_what_is_too_slow_is_given_up(monkeypatch):
    monkeypatch.setattr("musiclab.check.heard.PATIENCE", 0.0)
    with pytest.raises(TimeoutError, match="slow"):
        play_with(attention, "attention_weights", attention_weights, frames=24)

"""A config holds what was asked, or refuses it before any memory is taken."""

import json
import math

import pytest

from musiclab.errors import SettingError
from musiclab.model.config import LARGEST, TransformerConfig, parameter_count
from musiclab.model.transformer import Transformer

SMALL = {"vocab_size": 53, "max_seq": 11, "d_model": 12, "n_heads": 3, "n_layers": 2}


def test_json_round_trip():
    config = TransformerConfig(**SMALL, d_ff=17, dropout=0.3, positions="relative", norm="post")
    assert TransformerConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize("name", LARGEST)
@pytest.mark.parametrize("value", [0, -1, 10**6, 10**30, True, 2.0, math.nan, "3", [3]])
def test_sizes_are_whole_numbers_in_range(name, value):
    with pytest.raises(SettingError, match=name):
        TransformerConfig.from_dict(SMALL | {name: value})


@pytest.mark.parametrize("dropout", [-0.1, 1, 1.5, math.nan, math.inf, True, "0.1", None])
def test_dropout_is_a_probability_below_one(dropout):
    with pytest.raises(SettingError, match="dropout"):
        TransformerConfig.from_dict(SMALL | {"dropout": dropout})


@pytest.mark.parametrize("name", ["positions", "norm", "attention"])
@pytest.mark.parametrize("value", ["", "Rotary", None, 1, ["rotary"]])
def test_choices_are_known(name, value):
    with pytest.raises(SettingError, match=name):
        TransformerConfig.from_dict(SMALL | {name: value})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_heads": 5}, "n_heads=5 must divide d_model=12"),
        ({"n_heads": 4}, "even"),  # heads of width 3 hold no pairs to turn
        ({"d_model": 8190, "n_layers": 256}, "parameters"),
        ({"layers": 3}, "layers"),
        ({3: 3}, "3"),
    ],
)
def test_contradictions_and_strangers_are_refused(changed, message):
    with pytest.raises(SettingError, match=message):
        TransformerConfig.from_dict(SMALL | changed)


@pytest.mark.parametrize("values", [{}, [], None, "vocab_size", {"d_model": 12}])
def test_incomplete_tables_are_refused(values):
    with pytest.raises(SettingError):
        TransformerConfig.from_dict(values)


def test_limits_themselves_are_allowed():
    assert TransformerConfig(vocab_size=2**17, d_model=12, n_heads=1).vocab_size == 2**17
    assert TransformerConfig(**SMALL | {"n_layers": 256}, dropout=0).n_layers == 256


@pytest.mark.parametrize("positions", ["rotary", "sinusoidal", "learned", "relative", "none"])
@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("d_ff", [None, 17])
def test_parameter_count_equals_the_model(positions, norm, d_ff):
    config = TransformerConfig(**SMALL, positions=positions, norm=norm, d_ff=d_ff)
    built = sum(weight.numel() for weight in Transformer(config).parameters())
    assert parameter_count(config) == built

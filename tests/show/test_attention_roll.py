import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from torch import nn

from musiclab.errors import SettingError
from musiclab.model import FrameConfig, FrameTransformer, MultiHeadAttention
from musiclab.music.chorale import VOICES
from musiclab.show.attention_roll import attention_of, attention_roll
from musiclab.show.colours import OKABE_ITO, VOICE_COLOURS

LAYERS, HEADS, SEQ, D_MODEL = 3, 2, 7, 20


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(5)


def frame_model(positions, path="fused"):
    config = FrameConfig(
        vocab_size=11,
        d_model=D_MODEL,
        n_heads=HEADS,
        n_layers=LAYERS,
        positions=positions,
        attention=path,
        max_seq=13,
    )
    return FrameTransformer(config).eval()


def frames():
    return torch.randint(0, 11, (5, SEQ, 4)), torch.empty(5, SEQ, 0, dtype=torch.int64)


@pytest.mark.parametrize("positions", ["rotary", "relative", "learned", "none"])
def test_weights_are_those_that_the_layers_use(positions, monkeypatch):
    """The readable path computes its own weights: catch them on their way."""
    from musiclab.model import attention

    model, inputs = frame_model(positions, path="readable"), frames()
    used, original = [], attention.attention_weights
    monkeypatch.setattr(
        attention, "attention_weights", lambda *a: used.append(original(*a)) or used[-1]
    )
    found = attention_of(model, lambda: model.trunk(*inputs))
    assert len(found) == len(used) == LAYERS
    for one, expected in zip(found, used, strict=True):
        assert one.shape == (5, HEADS, SEQ, SEQ)
        torch.testing.assert_close(one, expected)


def test_fused_and_readable_models_look_alike():
    model, twin, inputs = frame_model("rotary"), frame_model("rotary", "readable"), frames()
    twin.load_state_dict(model.state_dict())
    pairs = (attention_of(one, lambda one=one: one.trunk(*inputs)) for one in (model, twin))
    for ours, theirs in zip(*pairs, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("causal", [True, False])
def test_what_is_hidden_gets_no_weight(causal):
    layer = MultiHeadAttention(D_MODEL, HEADS, causal=causal)
    visible = torch.ones(5, 1, 1, SEQ, dtype=torch.bool)
    visible[:, :, :, 2] = False
    (weights,) = attention_of(layer, lambda: layer(torch.randn(5, SEQ, D_MODEL), visible=visible))
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(5, HEADS, SEQ))
    assert (weights[..., 2] == 0).all()
    assert (weights.triu(1) == 0).all() == causal


def test_model_is_left_as_it_was():
    model, inputs = frame_model("rotary"), frames()
    before = model.trunk(*inputs)
    with pytest.raises(ZeroDivisionError):
        attention_of(model, lambda: model.trunk(*inputs) / 0 if 0 else 1 / 0)
    assert not any(module._forward_hooks for module in model.modules())
    torch.testing.assert_close(model.trunk(*inputs), before)


def test_refuses_models_without_attention_and_caches():
    with pytest.raises(SettingError, match="Linear has no MultiHeadAttention"):
        attention_of(nn.Linear(2, 3), lambda: None)
    model, inputs = frame_model("rotary"), frames()
    cache = model.new_cache(batch=5)
    with pytest.raises(SettingError, match="without a cache"):
        attention_of(model, lambda: model.trunk(*inputs, cache))


def shading(axes):
    """The shaded frames of a panel and how dark they are."""
    orange = OKABE_ITO["orange"].lower()
    spans = [one for one in axes.patches if to_hex(one.get_facecolor()) == orange]
    return {round(one.get_x()): round(one.get_alpha(), 3) for one in spans}


def bars(axes, colour):
    found = [one for one in axes.patches if to_hex(one.get_facecolor()) == colour.lower()]
    return [(one.get_x(), one.get_y() + one.get_height() / 2) for one in found]


def test_one_panel_a_head_shaded_by_weight(chorale):
    rows = {"a": [0.1, 0.4, 0.2, 0.0, 0.3], "b": torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0])}
    figure = attention_roll(chorale, rows, title="$5")
    first, second = figure.canvas.axes
    assert shading(first) == {0: 0.25, 1: 1.0, 2: 0.5, 4: 0.75}
    assert shading(second) == {4: 1.0}
    assert "a most at 4 frames back (0.40)" in figure.alt
    assert "b most at 1 frame back (1.00)" in figure.alt and "seen from frame 5" in figure.alt
    for axes in figure.canvas.axes:
        marks = [line for line in axes.lines if line.get_color() == "black"]
        assert [line.get_xdata()[0] for line in marks] == [5]
        assert axes.get_xlim() == (0, 6)  # the frame to come is the last one drawn


def test_every_voice_has_its_notes(chorale):
    figure = attention_roll(chorale, {"a": np.ones(22)})
    for voice, name in enumerate(VOICES):
        expected = [(first, pitch) for first, _, pitch in chorale.notes(voice)]
        drawn = bars(figure.canvas.axes[0], VOICE_COLOURS[name])
        np.testing.assert_allclose(drawn, expected)


def test_window_cuts_notes_but_not_the_scale(chorale):
    weights = np.zeros(14)
    weights[[2, 12]] = 0.8, 0.2
    axes = attention_roll(chorale, {"a": weights}, first=10).canvas.axes[0]
    assert shading(axes) == {12: 0.25}
    assert axes.get_xlim() == (10, 15)
    assert min(x for x, _ in bars(axes, VOICE_COLOURS["tenor"])) == 10


def test_bars_are_numbered_without_the_pickup(chorale):
    axes = attention_roll(chorale, {"a": np.ones(23)}).canvas.axes[0]
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert list(zip(axes.get_xticks(), names, strict=True)) == [(4, "1"), (20, "2")]


def test_nothing_to_see_is_still_a_drawing(chorale):
    assert shading(attention_roll(chorale, {"a": np.zeros(5)}).canvas.axes[0]) == {}
    assert attention_roll(chorale, {"a": []}).png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "weights, first, words",
    [
        ({}, 0, "no head"),
        ({"a": [0.5], "b": [0.5, 0.5]}, 0, "one weight for each past frame"),
        ({"a": np.ones((1, 2))}, 0, "one weight for each past frame"),
        ({"a": np.ones(24)}, 0, "24 weights for a piece of 23 frames"),
        ({"a": [0.5, np.nan]}, 0, "numbers from 0 up"),
        ({"a": [0.5, -0.5]}, 0, "numbers from 0 up"),
        ({"a": [0.5, 0.5]}, 3, "first must lie in 0 ... 2"),
        ({"a": [0.5, 0.5]}, -1, "first must lie in 0 ... 2"),
    ],
)
def test_refuses_what_does_not_fit(chorale, weights, first, words):
    with pytest.raises(SettingError, match=words):
        attention_roll(chorale, weights, first=first)


def test_names_and_titles_are_made_safe(chorale):
    figure = attention_roll(chorale, {"$x_\n": [1.0]}, title="a\x07 $b")
    assert figure.png.startswith(b"\x89PNG")
    assert "\n" not in figure.alt and "\x07" not in figure.alt

import numpy as np
import pytest
import torch
from einops import rearrange
from matplotlib.colors import to_hex

from musiclab.errors import SettingError
from musiclab.model import MultiHeadAttention, Transformer, TransformerConfig, attention
from musiclab.model.attention import fused_attention
from musiclab.music.chorale import VOICES
from musiclab.show.attention import attention_of, attention_roll
from musiclab.show.colours import OKABE_ITO, VOICE_COLOURS

HEADS, SEQ, D_MODEL = 2, 7, 20


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(5)


@pytest.mark.parametrize("positions", ["rotary", "relative", "none"])
@pytest.mark.parametrize("causal", [True, False])
def test_weights_are_those_that_mix_the_values(positions, causal):
    layer = MultiHeadAttention(D_MODEL, HEADS, causal=causal, positions=positions, max_seq=13)
    x = torch.randn(5, SEQ, D_MODEL)
    visible = torch.ones(5, 1, 1, SEQ, dtype=torch.bool)
    visible[:, :, :, 2] = False
    results = []
    (weights,) = attention_of(lambda: results.append(layer(x, visible=visible)))
    value = rearrange(layer.to_qkv(x), "b s (part h d) -> part b h s d", part=3, h=HEADS)[2]
    mixed = rearrange(weights @ value, "b h s d -> b s (h d)")
    torch.testing.assert_close(layer.to_out(mixed), results[0])
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(5, HEADS, SEQ))
    assert (weights[..., 2] == 0).all()
    assert (weights.triu(1) == 0).all() == causal


def test_every_layer_is_there_in_order():
    sizes = {"d_model": D_MODEL, "n_heads": HEADS, "n_layers": 3}
    model = Transformer(TransformerConfig(vocab_size=11, **sizes)).eval()
    ids = torch.randint(0, 11, (5, SEQ))
    before = model(ids)
    found = attention_of(lambda: model(ids))
    assert [one.shape for one in found] == 3 * [(5, HEADS, SEQ, SEQ)]
    block, x = model.stack.blocks[0], model.embed(ids)  # the first block's, computed alone
    torch.testing.assert_close(attention_of(lambda: block(x))[0], found[0])
    torch.testing.assert_close(model(ids), before)


def test_an_error_passes_and_nothing_is_recorded_afterwards():
    layer, x = MultiHeadAttention(D_MODEL, HEADS), torch.randn(1, SEQ, D_MODEL)
    original = attention.attention_weights
    with pytest.raises(ZeroDivisionError):
        attention_of(lambda: layer(x) / 0 if 1 / 0 else None)
    assert attention.attention_weights is original


def test_what_computes_no_weights_is_refused():
    layer = MultiHeadAttention(D_MODEL, HEADS)
    with pytest.raises(SettingError, match="no attention weights"):
        attention_of(lambda: None)
    with pytest.raises(SettingError, match="no attention weights"), fused_attention(layer):
        attention_of(lambda: layer(torch.randn(1, SEQ, D_MODEL)))


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


def test_notes_are_cut_where_the_drawing_ends(chorale):
    axes = attention_roll(chorale, {"a": np.zeros(13)}).canvas.axes[0]
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert 13 < max(ends) <= 14


def test_bars_are_numbered_without_the_pickup(chorale):
    axes = attention_roll(chorale, {"a": np.ones(23)}).canvas.axes[0]
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert list(zip(axes.get_xticks(), names, strict=True)) == [(4, "1"), (20, "2")]


def test_nothing_to_see_is_still_a_drawing(chorale):
    assert shading(attention_roll(chorale, {"a": np.zeros(5)}).canvas.axes[0]) == {}
    assert attention_roll(chorale, {"a": []}).png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "weights, words",
    [
        ({}, "no head"),
        ({"a": [0.5], "b": [0.5, 0.5]}, "one weight for each past frame"),
        ({"a": np.ones((1, 2))}, "one weight for each past frame"),
        ({"a": np.ones(24)}, "24 weights for a piece of 23 frames"),
        ({"a": [0.5, np.nan]}, "numbers from 0 up"),
        ({"a": [0.5, -0.5]}, "numbers from 0 up"),
    ],
)
def test_refuses_what_does_not_fit(chorale, weights, words):
    with pytest.raises(SettingError, match=words):
        attention_roll(chorale, weights)


def test_names_and_titles_are_made_safe(chorale):
    figure = attention_roll(chorale, {"$x_\n": [1.0]}, title="a\x07 $b")
    assert figure.png.startswith(b"\x89PNG")
    assert "\n" not in figure.alt and "\x07" not in figure.alt

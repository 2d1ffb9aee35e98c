"""Where a model looks: its attention weights, and a drawing of them on the piano roll."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from musiclab.errors import SettingError
from musiclab.model.attention import SPLIT, MultiHeadAttention, attention_weights, causal_mask
from musiclab.music.chorale import VOICES, Chorale
from musiclab.music.score_bars import bar_edges
from musiclab.show.colours import OKABE_ITO, VOICE_COLOURS
from musiclab.show.figure import Figure, empty_plot
from musiclab.show.html import plain
from musiclab.show.roll_drawing import pitch_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = Sequence[float | int] | np.ndarray | Tensor  # one weight a frame
_PANEL = 1.7  # height in inches


def attention_of(
    model: nn.Module, run: Callable[[], object]
) -> list[Float[Tensor, "batch heads q_seq k_seq"]]:
    """Collect the weights of every self-attention that takes part in a computation.

    The fused kernel keeps no weights, so each layer's are computed once more, from what it read.

    Args:
        model: With ``MultiHeadAttention`` layers.
        run: Calls the model, without a cache, such as ``lambda: model(ids)``.

    Returns:
        One tensor a layer, in the order in which they ran; every row sums to 1.

    Raises:
        SettingError: If the model has no such layer, or a cache is used.

    Example:
        >>> from musiclab.model import Transformer, TransformerConfig
        >>> model = Transformer(TransformerConfig(vocab_size=53, d_model=8, n_heads=2, n_layers=3))
        >>> weights = attention_of(model, lambda: model(torch.tensor([[1, 40, 44, 47]])))
        >>> len(weights), weights[0].shape
        (3, torch.Size([1, 2, 4, 4]))
    """
    layers = [one for one in model.modules() if isinstance(one, MultiHeadAttention)]
    if not layers:
        raise SettingError(f"a {type(model).__name__} has no MultiHeadAttention to look at")
    found: list[Tensor] = []

    def keep(layer: MultiHeadAttention, inputs: tuple, named: dict[str, Any], _: Tensor) -> None:
        if named.get("cache") is not None:
            raise SettingError("attention_of reads whole sequences; run the model without a cache")
        found.append(_weights(layer, inputs[0], named.get("visible")))

    hooks = [layer.register_forward_hook(keep, with_kwargs=True) for layer in layers]
    try:
        with torch.inference_mode():
            run()
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _weights(layer: MultiHeadAttention, x: Tensor, visible: Tensor | None) -> Tensor:
    """Compute one layer's weights as its forward pass does."""
    query, key, _ = rearrange(layer.to_qkv(x), SPLIT, part=3, heads=layer.n_heads)
    if layer.rotary is not None:
        query, key = layer.rotary(query), layer.rotary(key)
    seq = x.shape[1]
    may_see = causal_mask(seq, seq, x.device) | (not layer.causal)
    relative = None if layer.relative is None else layer.relative(query, seq)
    may_see = may_see if visible is None else may_see & visible
    return attention_weights(query, key, may_see, relative)


def attention_roll(
    chorale: Chorale,
    weights: Mapping[str, Row],
    *,
    first: int = 0,
    title: str = "Where the heads look",
) -> Figure:
    """Draw attention on a piano roll, one panel a head.

    The query is the moment after the last weight; it is marked by a line, and the past frames are
    shaded, the heaviest of each head darkest.

    Args:
        chorale: The music; with n weights, frame n is the query's moment.
        weights: For each head by name, its weight on frame 0, 1, ..., all rows of one length.
        first: The first frame to draw; the weights before it still count for the shading.
        title: Above the top panel.

    Raises:
        SettingError: If there is no head, the rows do not fit each other or the chorale, a weight
            is no number or negative, or ``first`` lies behind the query's moment.

    Example:
        >>> piece = Chorale(pitches=np.full((16, 4), 60))
        >>> attention_roll(piece, {"head 0": [0.1, 0.7, 0.2]})
        Figure('Where the heads look, seen from frame 3: head 0 most at 2 frames back (0.70)')
    """
    rows, now = _checked(chorale, weights, first)
    last = min(len(chorale), now + 1)
    canvas, top = empty_plot(title, "", "", size=(8.0, 0.6 + _PANEL * len(rows)))
    top.remove()
    panels = canvas.subplots(len(rows), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    canvas.suptitle(plain(title).replace("$", r"\$"), x=0.01, ha="left")
    told = []
    for axes, (name, row) in zip(panels, rows.items(), strict=True):
        _draw_notes(axes, chorale, first, last)
        heaviest = int(row.argmax()) if now else 0
        largest = float(row[heaviest]) if now else 0.0
        shades = row / largest if largest > 0 else row
        for frame in range(first, now):
            if shades[frame] > 0.01:  # fainter than this nobody sees
                colour = OKABE_ITO["orange"]
                axes.axvspan(frame, frame + 1, color=colour, alpha=float(shades[frame]), lw=0)
        axes.axvline(now, color="black", linewidth=2)  # the query's moment
        back = now - heaviest
        words = f"most at {back} frame{'s' * (back != 1)} back ({largest:.2f})"
        axes.set_title(f"{plain(name)}: {words}".replace("$", r"\$"), loc="left", fontsize=10)
        told.append(f"{plain(name)} {words}")
    _label(panels, chorale, first, last)
    return Figure(canvas, f"{plain(title)}, seen from frame {now}: {', '.join(told)}")


def _checked(
    chorale: Chorale, weights: Mapping[str, Row], first: int
) -> tuple[dict[str, np.ndarray], int]:
    """Turn every row into numbers, and tell the query's moment."""
    rows = {name: np.asarray(row, dtype=float) for name, row in weights.items()}
    if not rows:
        raise SettingError("there is no head to draw; give weights such as {'head 0': [0.2, 0.8]}")
    lengths = {row.shape for row in rows.values()}
    if len(lengths) > 1 or len(next(iter(lengths))) != 1:
        raise SettingError(
            f"every head needs one weight for each past frame, got shapes {sorted(lengths)}"
        )
    now = len(next(iter(rows.values())))
    if now > len(chorale):
        raise SettingError(
            f"{now} weights for a piece of {len(chorale)} frames; leave out the future, and the "
            "start row, which is no frame"
        )
    if not 0 <= first <= now:
        raise SettingError(f"first must lie in 0 ... {now}, the query's moment, got {first}")
    for name, row in rows.items():
        if not (np.isfinite(row).all() and (row >= 0).all()):
            raise SettingError(f"the weights of {plain(name)!r} must be numbers from 0 up")
    return rows, now


def _draw_notes(axes: "Axes", chorale: Chorale, first: int, last: int) -> None:
    """Draw one bar a note in its voice's colour; what lies outside the window is cut off."""
    for voice, name in enumerate(VOICES):
        for begin, length, pitch in chorale.notes(voice):
            start, end = max(begin, first), min(begin + length, last)
            if start < end:
                width = end - start - 0.15  # a gap parts notes that repeat a pitch
                axes.barh(pitch, width, left=start, height=1.6, color=VOICE_COLOURS[name], zorder=2)


def _label(panels: Sequence["Axes"], chorale: Chorale, first: int, last: int) -> None:
    """Name bars and pitches; a pickup has no number."""
    is_pickup = bool(len(chorale)) and chorale.beats[0] > 0
    edges = bar_edges(chorale)[:-1]
    numbered = {edge: number for number, edge in enumerate(edges, start=0 if is_pickup else 1)}
    shown = [edge for edge, number in numbered.items() if number > 0 and first <= edge < last]
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlim(first, last)
        for edge in shown:
            axes.axvline(edge, color="#888888", linewidth=0.8, zorder=1)
        lowest, highest = (int(edge) for edge in axes.get_ylim())
        octaves = [pitch for pitch in range(lowest, highest + 1) if pitch % 12 == 0]
        axes.set_yticks(octaves, [pitch_name(pitch) for pitch in octaves])
    panels[-1].set_xticks(shown, [str(numbered[edge]) for edge in shown])
    panels[-1].set_xlabel("bar")

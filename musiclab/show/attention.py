"""Where a model attends: its attention weights, and a drawing of them on the piano roll."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.model import attention
from musiclab.music.chorale import VOICES, Chorale
from musiclab.show.colours import OKABE_ITO, VOICE_COLOURS
from musiclab.show.figure import Figure, empty_panels, label
from musiclab.show.html import plain
from musiclab.show.roll_drawing import numbered_bars, pitch_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = Sequence[float | int] | np.ndarray | Tensor  # one weight a frame
_PANEL = 1.7  # height in inches


def attention_of(run: Callable[[], object]) -> list[Float[Tensor, "batch heads q_seq k_seq"]]:
    """Collect every attention weight that takes part in a computation.

    Args:
        run: Calls a model, such as ``lambda: model(ids)``.

    Returns:
        One tensor a layer, in the order in which they ran; every row sums to 1.

    Raises:
        SettingError: If no layer of ``musiclab.model`` computed weights. The fused kernel, which
            training uses, keeps none.

    Example:
        >>> from musiclab.model import Transformer, TransformerConfig
        >>> model = Transformer(TransformerConfig(vocab_size=53, d_model=8, n_heads=2, n_layers=3))
        >>> weights = attention_of(lambda: model(torch.tensor([[1, 40, 44, 47]])))
        >>> len(weights), weights[0].shape
        (3, torch.Size([1, 2, 4, 4]))
    """
    found: list[Tensor] = []
    compute = attention.attention_weights

    def record(*arguments: Any, **named: Any) -> Tensor:
        found.append(compute(*arguments, **named))
        return found[-1]

    attention.attention_weights = record
    try:
        with torch.no_grad():
            run()
    finally:
        attention.attention_weights = compute
    if not found:
        raise SettingError(
            "no attention weights were computed; let run call a model of musiclab.model, outside "
            "fused_attention"
        )
    return found


def attention_roll(
    chorale: Chorale, weights: Mapping[str, Row], *, title: str = "What the heads attend to"
) -> Figure:
    """Draw attention on a piano roll, one panel a head.

    The query is the moment after the last weight; it is marked by a line, and the past frames are
    shaded, the heaviest of each head darkest.

    Args:
        chorale: The music; with n weights, frame n is the query's moment.
        weights: For each head by name, its weight on frame 0, 1, ..., all rows of one length.
        title: Above the top panel.

    Raises:
        SettingError: If there is no head, the rows do not fit each other or the chorale, or a
            weight is no number or negative.

    Example:
        >>> piece = Chorale(pitches=np.full((16, 4), 60))
        >>> attention_roll(piece, {"head 0": [0.1, 0.7, 0.2]}, title="A head")
        Figure('A head, seen from frame 3: head 0 most at 2 frames back (0.70)')
    """
    rows = _checked(chorale, weights)
    now = len(next(iter(rows.values())))
    last = min(len(chorale), now + 1)
    canvas, panels = empty_panels(title, len(rows), (8.0, 0.6 + _PANEL * len(rows)))
    described = []
    for axes, (name, row) in zip(panels, rows.items(), strict=True):
        _draw_notes(axes, chorale, last)
        largest = row.max(initial=0.0)
        for frame in range(now):
            if row[frame] > 0.01 * largest:  # fainter than this nobody sees
                shade = {"color": OKABE_ITO["orange"], "alpha": row[frame] / largest, "lw": 0}
                axes.axvspan(frame, frame + 1, **shade)
        axes.axvline(now, color="black", linewidth=2)  # the query's moment
        back = now - (int(row.argmax()) if now else 0)
        words = f"most at {back} frame{'s' * (back != 1)} back ({largest:.2f})"
        axes.set_title(label(f"{plain(name)}: {words}"), loc="left", fontsize=10)
        described.append(f"{plain(name)} {words}")
    _draw_scales(panels, chorale, last)
    return Figure(canvas, f"{plain(title)}, seen from frame {now}: {', '.join(described)}")


def _checked(chorale: Chorale, weights: Mapping[str, Row]) -> dict[str, np.ndarray]:
    """Turn every row into numbers."""
    rows = {name: np.asarray(row, dtype=float) for name, row in weights.items()}
    if not rows:
        raise SettingError("there is no head to draw; give weights such as {'head 0': [0.2, 0.8]}")
    shapes = sorted({row.shape for row in rows.values()})
    if len(shapes) > 1 or len(shapes[0]) != 1:
        raise SettingError(f"every head needs one weight for each past frame, got shapes {shapes}")
    (given,) = shapes[0]
    if given > len(chorale):
        raise SettingError(
            f"{given} weights for a piece of {len(chorale)} frames; leave out the future, and the "
            "start row, which is no frame"
        )
    for name, row in rows.items():
        if not (np.isfinite(row).all() and (row >= 0).all()):
            raise SettingError(f"the weights of {plain(name)!r} must be numbers from 0 up")
    return rows


def _draw_notes(axes: "Axes", chorale: Chorale, last: int) -> None:
    """Draw one bar a note in its voice's colour, up to a frame."""
    for voice, name in enumerate(VOICES):
        for start, length, pitch in chorale.notes(voice):
            if start < last:
                # A gap parts notes that repeat a pitch.
                width = min(length, last - start) - 0.15
                axes.barh(pitch, width, left=start, height=1.6, color=VOICE_COLOURS[name], zorder=2)


def _draw_scales(panels: Sequence["Axes"], chorale: Chorale, last: int) -> None:
    """Name the bars, but not a pickup, and each C."""
    bars = {frame: str(number) for number, frame in numbered_bars(chorale) if frame < last}
    for axes in panels:
        axes.set_xlim(0, last)
        for frame in bars:
            axes.axvline(frame, color="#888888", linewidth=0.8, zorder=1)
        lowest, highest = (int(edge) for edge in axes.get_ylim())
        octaves = [pitch for pitch in range(lowest, highest + 1) if pitch % 12 == 0]
        axes.set_yticks(octaves, [pitch_name(pitch) for pitch in octaves])
    panels[-1].set_xticks(list(bars), list(bars.values()))
    panels[-1].set_xlabel("bar")

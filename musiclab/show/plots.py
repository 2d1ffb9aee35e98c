"""Plots of bars, and of how the loss falls."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from musiclab.show.colours import SERIES_COLOURS
from musiclab.show.figure import Figure, empty_plot, label

Row = Sequence[float | int] | np.ndarray  # one number a bar


def plot_bars(
    names: Sequence[str],
    values: Row | Mapping[str, Row],
    *,
    title: str,
    x: str,
    y: str,
    alt: str = "",
) -> Figure:
    """Plot one bar a name, or where ``values`` has several rows, a group of bars a name.

    Args:
        names: Below the bars.
        values: One a name; or several such rows by name, shown in a legend.
        title: Above the plot.
        x: What the names are.
        y: What the values measure, with their unit.
        alt: The plot in words; by default its title, axes and number of bars.
    """
    rows = values if isinstance(values, Mapping) else {"": values}
    canvas, axes = empty_plot(title, x, y)
    places, width = np.arange(len(names)), 0.8 / max(1, len(rows))
    for number, (name, row) in enumerate(rows.items()):
        shift = (number - (len(rows) - 1) / 2) * width
        colour = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        axes.bar(places + shift, row, width=width, color=colour, label=label(name) or None)
    crowded = sum(len(str(name)) + 2 for name in names) > 100
    axes.set_xticks(places, [label(name, 30) for name in names], rotation=90 if crowded else 0)
    if any(rows):
        axes.legend(frameon=False)
    return Figure(canvas, alt or f"{title}: {y} for {len(names)} {x}s")


def plot_history(
    history: Any, *, floors: Mapping[str, float | int] | None = None, title: str = "Training"
) -> Figure:
    """Plot how the loss falls while a model trains.

    Args:
        history: Its ``training`` and ``validation`` are pairs of (step, nats per note).
        floors: What simpler models reach, in nats per note, drawn as lines with their names; see
            ``benchmark_floors``. Only for losses measured in the same way.
        title: Above the plot.

    Example:
        >>> from types import SimpleNamespace
        >>> plot_history(SimpleNamespace(training=[(0, 3.8), (50, 1.0)], validation=[]))
        Figure('Training: training from 3.800 to 1.000 nats per note')
    """
    canvas, axes = empty_plot(title, "training step", "nats per note")
    described = []
    # A marker besides the colour, so that colour is never alone.
    for number, (name, marker) in enumerate((("training", None), ("validation", "o"))):
        points = getattr(history, name)
        if len(points) > 0:
            steps, losses = np.asarray(points, dtype=float).T
            colour = SERIES_COLOURS[number]
            axes.plot(steps, losses, color=colour, marker=marker, markersize=4, label=name)
            described.append(f"{name} from {losses[0]:.3f} to {losses[-1]:.3f}")
    for name, floor in (floors or {}).items():
        axes.axhline(floor, color="#555555", linestyle="--", linewidth=1)
        where = axes.get_yaxis_transform()  # x as a share of the plot, y in nats
        axes.text(1.01, floor, f"{name} {floor:.3f}", transform=where, va="center", fontsize=9)
    if described:
        axes.legend(frameon=False)
    return Figure(canvas, f"{title}: {', '.join(described) or 'nothing yet'} nats per note")


def benchmark_floors() -> dict[str, float]:
    """Name three steps of the JSB Chorales ladder, in nats per note on valid."""
    from musiclab.music.corpus.table import LADDER

    names = {
        "bigram within each voice": "bigram",
        "Kneser-Ney, order 8, transposed": "Kneser-Ney",
        "the same, copying from the piece": "best by counting",
    }
    return {names[rung.model]: rung.valid for rung in LADDER if rung.model in names}

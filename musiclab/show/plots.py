"""Plots with axes in musical words."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from musiclab.errors import SettingError
from musiclab.music.chorale import REST
from musiclab.show.colours import OKABE_ITO
from musiclab.show.figure import Figure, empty_plot
from musiclab.show.html import plain
from musiclab.show.roll_drawing import pitch_name

# In the order in which a plot takes them; yellow is left out, too pale for lines on white.
SERIES_COLOURS = tuple(
    OKABE_ITO[name] for name in ("blue", "vermilion", "green", "purple", "orange", "sky blue")
)

Row = Sequence[float | int] | np.ndarray  # one number a bar


@runtime_checkable
class HasLosses(Protocol):
    """What can be plotted as a history: pairs of (step, nats per note), in the order of steps."""

    training: Any
    validation: Any


def plot_history(
    history: HasLosses, *, floors: Mapping[str, float | int] | None = None, title: str = "Training"
) -> Figure:
    """Plot how the loss falls while a model trains.

    Args:
        history: What training recorded.
        floors: What simpler models reach, in nats per note, drawn as lines with their names; see
            ``benchmark_floors``. Only for losses measured in the same way.
        title: Above the plot.

    Example:
        >>> from types import SimpleNamespace
        >>> plot_history(SimpleNamespace(training=[(0, 3.8), (50, 1.0)], validation=[]))
        Figure('Training: training from 3.800 to 1.000 nats per note')
    """
    canvas, axes = empty_plot(title, "training step", "nats per note")
    told = []
    for name, points in (("training", history.training), ("validation", history.validation)):
        if len(points) == 0:
            continue
        steps, losses = np.asarray(points, dtype=float).T
        is_valid = name == "validation"
        # The number of the colour in the palette, and a marker, so that colour is never alone.
        colour, marker = SERIES_COLOURS[is_valid], "o" if is_valid else None
        axes.plot(steps, losses, color=colour, marker=marker, markersize=4, label=name)
        told.append(f"{name} from {losses[0]:.3f} to {losses[-1]:.3f}")
    for name, floor in (floors or {}).items():
        axes.axhline(floor, color="#555555", linestyle="--", linewidth=1)
        where = axes.get_yaxis_transform()  # x as a share of the plot, y in nats
        axes.text(1.01, floor, f"{name} {floor:.3f}", transform=where, va="center", fontsize=9)
    if told:
        axes.legend(frameon=False)
    return Figure(canvas, f"{title}: {', '.join(told) or 'nothing yet'} nats per note")


def benchmark_floors() -> dict[str, float]:
    """Name three steps of the JSB Chorales ladder, in nats per note on valid."""
    from musiclab.music.benchmark import LADDER

    names = {
        "bigram within each voice": "bigram",
        "Kneser-Ney, order 8, transposed": "Kneser-Ney",
        "the same, copying from the piece": "best by counting",
    }
    return {names[rung.model]: rung.valid for rung in LADDER if rung.model in names}


def plot_distribution(
    pitches: Sequence[int] | np.ndarray,
    probabilities: Row | Mapping[str, Row],
    *,
    title: str = "Which note comes next?",
    smallest: float = 0.001,
) -> Figure:
    """Plot the probabilities of the next note, one bar a pitch.

    Args:
        pitches: MIDI numbers, -1 for a rest.
        probabilities: One a pitch; or several such rows by name, such as one a temperature.
        title: Above the plot.
        smallest: Pitches below this probability in every row are left out.

    Raises:
        SettingError: If a row and the pitches differ in length.

    Example:
        >>> plot_distribution([60, 62, -1], [0.7, 0.25, 0.05])
        Figure('Which note comes next? Likeliest: C4 with 0.70')
    """
    rows = probabilities if isinstance(probabilities, Mapping) else {"": probabilities}
    table = {name: np.asarray(row, dtype=float) for name, row in rows.items()}
    for name, row in table.items():
        if row.shape != (len(pitches),):
            raise SettingError(
                f"{plain(name) or 'probabilities'} has {row.size} values for {len(pitches)} pitches"
            )
    kept = [
        place
        for place in np.argsort(pitches, kind="stable")
        if max(row[place] for row in table.values()) >= smallest
    ]
    names = ["rest" if pitches[i] == REST else pitch_name(int(pitches[i])) for i in kept]
    told = [
        f"{plain(name)}: ".removeprefix(": ")
        + f"{names[row[kept].argmax()]} with {row[kept].max():.2f}"
        for name, row in table.items()
        if kept
    ]
    return plot_bars(
        names,
        {name: row[kept] for name, row in table.items()},
        title=title,
        x="next note",
        y="probability",
        alt=f"{title} Likeliest: {', '.join(told)}",
    )


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
        alt: The plot in words; by default the title and the largest value.
    """
    rows = values if isinstance(values, Mapping) else {"": values}
    canvas, axes = empty_plot(title, x, y)
    places, width = np.arange(len(names)), 0.8 / max(1, len(rows))
    for number, (label, row) in enumerate(rows.items()):
        shift = (number - (len(rows) - 1) / 2) * width
        colour = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        shown = plain(label).replace("$", r"\$") or None
        axes.bar(places + shift, row, width=width, color=colour, label=shown)
    crowded = sum(len(str(name)) + 2 for name in names) > 100
    labels = [plain(name, longest=30).replace("$", r"\$") for name in names]
    axes.set_xticks(places, labels, rotation=90 if crowded else 0)
    if any(rows):
        axes.legend(frameon=False)
    return Figure(canvas, alt or f"{title}: {y} for {len(names)} {x}s")

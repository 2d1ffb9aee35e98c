"""How the cost of a training step grows: ``python -m benchmarks scaling --out FOLDER``.

Time and memory against sequence length, batch, width and depth, one plot and one table for each,
beside the law that the architecture states.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.one_step import BASE, measure
from musiclab.show.figure import Figure, empty_plot
from musiclab.show.plots import SERIES_COLOURS

SLACK = 0.2  # of an exponent: fixed costs pull it down, caches that overflow push it up
Points = Sequence[tuple[int, float, float]]  # size, milliseconds, megabytes


@dataclass(frozen=True)
class Law:
    """How time and memory should grow with one size.

    Args:
        axis: What grows, in words.
        values: The sizes to measure.
        lowest: The smallest exponent: cost grows at least like ``size ** lowest``.
        highest: The largest.
        why: The reason, in a few words.
    """

    axis: str
    values: tuple[int, ...]
    lowest: float
    highest: float
    why: str

    @property
    def stated(self) -> str:
        """The law in words."""
        told = "n" if self.highest == 1 else "between n and n^2"
        return f"{told}: {self.why}"

    def holds(self, exponent: float) -> bool:
        """Tell whether a measured exponent fits."""
        return self.lowest - SLACK <= exponent <= self.highest + SLACK


LAWS: Mapping[str, Law] = {
    "seq": Law(
        "sequence length (positions)",
        (64, 128, 256, 512, 1024),
        *(1, 2),
        "every position alone costs the same; the pairs of positions in attention grow like n^2",
    ),
    "batch": Law("batch (pieces)", (2, 4, 8, 16, 32), 1, 1, "pieces do not meet"),
    "d_model": Law(
        "d_model",
        (64, 128, 256, 512),
        *(1, 2),
        "what flows grows like n, the weights like n^2",
    ),
    "n_layers": Law("layers", (2, 4, 8, 16, 32), 1, 1, "layers are alike"),
}


def run(out: Path | None = None, measure: Callable[..., tuple[float, float]] = measure) -> str:
    """Measure all sizes and compare with the laws; with a folder, also draw.

    Args:
        out: Where the plots go, as PNG; None draws none.
        measure: Gives milliseconds and megabytes for the sizes given by name.
    """
    parts = [
        f"Cost of one training step of the flat model (bf16, {BASE['threads']} thread, else "
        + ", ".join(f"{name} {BASE[name]}" for name in LAWS)
        + ")"
    ]
    for name, law in LAWS.items():
        points = [(value, *measure(**{name: value})) for value in law.values]
        parts.append(told(law, points))
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            path = draw(law, points).save(out / f"scaling_{name}.png")
            parts.append(f"  drawn: {path.name}")
    return "\n".join(parts)


def told(law: Law, points: Points) -> str:
    """Write one quantity's table and verdict."""
    lines = [f"\n{law.axis:<30}{'ms':>10}{'MB':>10}"]
    lines += [f"{size:<30}{taken:>10.1f}{held:>10.1f}" for size, taken, held in points]
    lines.append(f"  stated: grows like {law.stated}")
    for what, column in (("time", 1), ("memory", 2)):
        exponent = growth([(one[0], one[column]) for one in points])
        verdict = "as stated" if law.holds(exponent) else "NOT as stated"
        lines.append(f"  measured: {what} grows like n^{exponent:.2f}, {verdict}")
    return "\n".join(lines)


def growth(pairs: Sequence[tuple[float, float]]) -> float:
    """Fit ``cost = c * size ** exponent`` to the three largest sizes, where fixed costs hide least.

    Example:
        >>> growth([(1, 9.0), (2, 8.0), (4, 32.0), (8, 128.0)])
        2.0
    """
    sizes, costs = np.log(np.array(pairs[-3:], dtype=float)).T
    return round(float(np.polyfit(sizes, costs, 1)[0]), 6)


def draw(law: Law, points: Points) -> Figure:
    """Plot time and memory against the size, all on scales of powers."""
    sizes, taken, held = zip(*points, strict=True)
    canvas, axes = empty_plot(f"A training step against {law.axis}", law.axis, "milliseconds")
    right = axes.twinx()
    right.set_ylabel("megabytes at the peak")
    lines = [
        axes.plot(sizes, taken, "o-", color=SERIES_COLOURS[0], label="time (left)")[0],
        right.plot(sizes, held, "s--", color=SERIES_COLOURS[1], label="memory (right)")[0],
    ]
    for one in (axes, right):
        one.set_yscale("log", base=2)
        one.yaxis.set_major_formatter("{x:g}")
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.legend(handles=lines, frameon=False, loc="upper left")
    words = f"from {taken[0]:.0f} to {taken[-1]:.0f} ms, from {held[0]:.0f} to {held[-1]:.0f} MB"
    return Figure(canvas, f"A training step against {law.axis}, {sizes[0]} to {sizes[-1]}: {words}")

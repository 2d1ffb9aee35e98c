import io
from types import SimpleNamespace

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.show.plots import benchmark_floors, plot_bars, plot_history


def history(n=7):
    return SimpleNamespace(training=[(i, 3.0 - i / n) for i in range(n)], validation=[(3, 2.75)])


def test_history_draws_what_was_recorded_and_every_floor():
    figure = plot_history(history(), floors=benchmark_floors())
    axes = figure.canvas.axes[0]
    lines = {line.get_label(): line.get_xydata() for line in axes.lines}
    np.testing.assert_allclose(lines["training"], history().training)
    np.testing.assert_allclose(lines["validation"], history().validation)
    heights = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert heights == list(benchmark_floors().values()) == [0.935, 0.696, 0.428]


def test_an_empty_history_is_an_empty_plot():
    assert "nothing yet" in plot_history(SimpleNamespace(training=[], validation=[])).alt


def test_bars_of_several_rows_stand_side_by_side():
    figure = plot_bars(["a", "b"], {"x": [1, 2], "y": [3, 4], "z": [5, 6]}, title="t", x="u", y="v")
    spans = sorted(
        (bar.get_x(), bar.get_x() + bar.get_width()) for bar in figure.canvas.axes[0].patches
    )
    assert len(spans) == 6
    assert all(end <= start + 1e-9 for (_, end), (start, _) in zip(spans, spans[1:], strict=False))


def test_png_is_deterministic_and_alt_is_escaped(tmp_path):
    figure, twin = (plot_bars(["$<b>$"], [1], title="$x_", x="u", y="v", alt='"<b>') for _ in "ab")
    assert figure.png == twin.png and figure.png.startswith(b"\x89PNG")
    page = figure._repr_html_()
    assert "<b>" not in page and 'alt="&quot;&lt;b&gt;"' in page
    assert figure.save(tmp_path / "a.png").read_bytes() == figure.png
    with pytest.raises(SettingError, match="png"):
        figure.save(tmp_path / "a.pdf")


def test_a_plot_leaves_no_pyplot_figure_behind():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    plot_history(history()).canvas.savefig(io.BytesIO())
    assert pyplot.get_fignums() == before

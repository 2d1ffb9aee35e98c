import pytest
from musiclab.evaluate.benchmark_report import jsb_report

from musiclab.evaluate.likelihood import bits_per_frame, nats_per_note
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import LADDER


@pytest.fixture(scope="module")
def report(grid):
    return jsb_report(grid, progress=False)


def test_the_figures_are_those_of_nats_per_note(report, grid):
    valid = benchmark_pieces("valid", progress=False)
    everything = nats_per_note([piece for _, piece in valid], grid)
    sound = nats_per_note([piece for index, piece in valid if index not in (35, 74)], grid)
    test = nats_per_note([piece for _, piece in benchmark_pieces("test", progress=False)], grid)
    row = report.checkpoint
    assert (row.valid, row.valid_sound, row.test) == pytest.approx((everything, sound, test))
    assert len({everything, sound, test}) == 3


def test_floors_stand_below(report):
    uniform, unigram, bigram, repeat = report.measured[1:]
    assert uniform.valid > unigram.valid > bigram.valid > repeat.valid > 0.8
    assert bigram.valid != bigram.valid_sound


def test_the_kneser_ney_models_are_measured_when_asked(report, grid, monkeypatch):
    # In one key alone, which is quicker; `test_kneser_ney.py` has them as they are.
    monkeypatch.setattr("musiclab.evaluate.benchmark_report.in_every_key", list)
    more = jsb_report(grid, floors=True, progress=False)
    assert more.measured[:-2] == report.measured
    flat, by_relevance = more.measured[-2:]
    assert by_relevance.valid < flat.valid and by_relevance.test < flat.test
    assert [flat.model, by_relevance.model] == [rung.model for rung in LADDER[4:6]]


def test_every_measured_floor_has_its_quoted_twin(report):
    """One name for one model, so that the two tables can be compared."""
    quoted = [rung.model for rung in LADDER]
    assert [row.model for row in report.measured[1:]] == quoted[:4]
    text = str(report)
    assert text.index("measured here") < text.index("repeat the") < text.index("quoted, measured")


def test_what_is_missing_is_said(report):
    assert report.missing == {"train": (25, 67, 113, 170), "valid": (56,), "test": ()}
    assert report.counts == {"train": 224, "valid": 75, "test": 77}
    text = str(report)
    assert "train 25, 67, 113, 170; valid 56" in text
    assert "without valid 35 and 74" in text


def test_the_table_shows_the_figures(report):
    row, text = report.checkpoint, str(report)
    assert f"{row.valid:.4f}" in text and f"{bits_per_frame(row.test):.4f}" in text
    assert max(map(len, text.splitlines())) <= 100

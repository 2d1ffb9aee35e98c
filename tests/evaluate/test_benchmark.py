import json
from dataclasses import replace

import numpy as np
import pytest

from musiclab.errors import CheckpointError
from musiclab.evaluate.benchmark import jsb_report
from musiclab.evaluate.likelihood import bits_per_frame, nats_per_note
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import LADDER


@pytest.fixture(scope="module")
def report(grid):
    return jsb_report(grid, progress=False)


@pytest.fixture
def few(monkeypatch):
    """The first pieces of each split alone, so that nothing takes long."""
    pieces = {
        split: [(index, piece[:16]) for index, piece in benchmark_pieces(split, progress=False)]
        for split in ("train", "valid", "test")
    }
    kept = {"train": pieces["train"][:9], "test": pieces["test"][:3]}
    kept["valid"] = [one for one in pieces["valid"] if one[0] in (2, 35, 74, 75)]
    monkeypatch.setattr(
        "musiclab.evaluate.benchmark.benchmark_pieces", lambda split, progress: kept[split]
    )
    return kept


def test_the_figures_are_those_of_nats_per_note(report, grid):
    valid = benchmark_pieces("valid", progress=False)
    everything = nats_per_note([piece for _, piece in valid], grid)
    sound = nats_per_note([piece for index, piece in valid if index not in (35, 74)], grid)
    test = nats_per_note([piece for _, piece in benchmark_pieces("test", progress=False)], grid)
    row = report.tables[0].rows[0]
    assert (row.valid, row.valid_sound, row.test) == pytest.approx((everything, sound, test))
    assert len({everything, sound, test}) == 3


def test_floors_stand_below(report):
    uniform, unigram, bigram, repeat = report.tables[0].rows[1:]
    assert uniform.valid == pytest.approx(uniform.test, abs=1e-9)
    assert uniform.valid == pytest.approx(LADDER[0].valid, abs=0.001)
    assert uniform.valid > unigram.valid > bigram.valid > repeat.valid > 0.8
    assert bigram.valid != bigram.valid_sound


def test_the_kneser_ney_models_are_measured_when_asked(report, grid, monkeypatch):
    # In one key alone, which is quicker; `test_kneser_ney.py` has them as they are.
    monkeypatch.setattr("musiclab.evaluate.benchmark.in_every_key", list)
    (more,) = jsb_report(grid, floors=True, progress=False).tables
    assert more.rows[:-2] == report.tables[0].rows
    flat, by_relevance = more.rows[-2:]
    assert by_relevance.valid < flat.valid and by_relevance.test < flat.test
    assert [flat.model, by_relevance.model] == [rung.model for rung in LADDER[4:6]]


def test_every_measured_floor_has_its_quoted_twin(report):
    """One name for one model, so that the two tables can be compared."""
    quoted = [rung.model for rung in LADDER]
    assert [row.model for row in report.tables[0].rows[1:]] == quoted[:4]
    text = str(report)
    assert text.index("rebuilt") < text.index("repeat the") < text.index("quoted, measured")


def test_what_is_missing_is_said(report):
    assert report.missing == {"train": (25, 67, 113, 170), "valid": (56,), "test": ()}
    text = str(report)
    assert "train 25, 67, 113, 170; valid 56" in text and "75 valid and 77 test pieces" in text
    assert "without valid 35 and 74" in text


def test_the_table_shows_the_figures(report):
    row, text = report.tables[0].rows[0], str(report)
    assert f"{row.valid:.4f}" in text and f"{bits_per_frame(row.test):.4f}" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_canonical_file_is_measured_first(few, grid, tmp_path):
    rng = np.random.default_rng(1)
    given = {
        split: [rng.integers(40, 80, (frames, 4)).tolist() for frames in lengths]
        for split, lengths in (("train", [5]), ("valid", [3] * 34 + [9, 4, 2]), ("test", [8, 2]))
    }
    path = tmp_path / "canonical.json"
    path.write_text(json.dumps(given))
    report = jsb_report(grid, data=path, progress=False)
    canonical, rebuilt = report.tables
    arrays = {split: list(map(np.array, pieces)) for split, pieces in given.items()}
    first = canonical.rows[0]
    assert first.valid == pytest.approx(nats_per_note(arrays["valid"], grid), abs=1e-5)
    assert first.test == pytest.approx(nats_per_note(arrays["test"], grid), abs=1e-5)
    sound = arrays["valid"][:35] + arrays["valid"][36:]  # 35 by its place in the file
    assert first.valid_sound == pytest.approx(nats_per_note(sound, grid), abs=1e-5)
    assert rebuilt == jsb_report(grid, progress=False).tables[0]
    assert [row.model for row in canonical.rows] == [row.model for row in rebuilt.rows]
    text = str(report)
    assert "canonical.json: 37 valid and 2 test pieces" in text.splitlines()[0]
    assert text.index("canonical.json") < text.index("rebuilt from") < text.index("quoted")


def test_a_calibrated_checkpoint_is_measured_without_calibration_too(few, grid):
    calibrated = replace(grid, info={"figures": {"valid": 0.4, "temperature": 1.25}})
    first, second, *_ = jsb_report(calibrated, progress=False).tables[0].rows
    valid = [piece for _, piece in few["valid"]]
    assert first.valid == pytest.approx(nats_per_note(valid, grid))
    assert second.valid == pytest.approx(nats_per_note(valid, grid, temperature=0.8))
    assert "not calibrated" in second.model and first.model == "this checkpoint"
    other = jsb_report(replace(grid, info={"figures": {"valid": 0.4}}), progress=False)
    assert not any("calibrated" in row.model for row in other.tables[0].rows)


@pytest.mark.parametrize("temperature", [0, -1.0, float("nan"), "1"])
def test_an_impossible_temperature_is_refused(few, grid, temperature):
    broken = replace(grid, info={"figures": {"temperature": temperature}})
    with pytest.raises(CheckpointError, match="temperature"):
        jsb_report(broken, progress=False)

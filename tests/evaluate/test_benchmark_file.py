import json
import os

import numpy as np
import pytest

from musiclab.errors import ScoreError
from musiclab.evaluate.benchmark_file import read_benchmark_file

FRAME = [67, 64, 60, -1]
GOOD = {"train": [[FRAME]], "valid": [[FRAME] * 3, [FRAME] * 2], "test": [[FRAME, [0, 127, 5, 5]]]}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "Jsb16thSeparated.json"


def test_pieces_come_in_their_order(path):
    path.write_text(json.dumps(GOOD))
    read = read_benchmark_file(path)
    assert list(read) == ["train", "valid", "test"]
    assert [len(piece) for piece in read["valid"]] == [3, 2]
    assert np.array_equal(read["test"][0], [[67, 64, 60, -1], [0, 127, 5, 5]])
    assert read["test"][0].dtype == np.int64
    assert [piece.tolist() for piece in read_benchmark_file(str(path))["train"]] == GOOD["train"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"valid": []}, "valid: there is no piece"),
        ({"valid": {"0": [FRAME]}}, "must hold lists of pieces"),
        ({"valid": None}, "must hold lists of pieces"),
        ({"extra": []}, "must hold lists of pieces"),
        ({"test": [[FRAME], []]}, r"test: piece 1 must have"),
        ({"test": [FRAME]}, r"test: piece 0 must have"),
        ({"test": [7]}, r"test: piece 0 must have"),
        ({"test": [[FRAME, FRAME[:3]]]}, r"test: piece 0 must have"),
        ({"test": [[FRAME[:3]]]}, r"test: piece 0 must have"),
        ({"test": [[[60, 60, 60, 60.0]]]}, "whole MIDI numbers"),
        ({"test": [[[60, 60, 60, "60"]]]}, "whole MIDI numbers"),
        ({"test": [[[60, 60, 60, None]]]}, "whole MIDI numbers"),
        ({"test": [[[60, 60, 60, 10**30]]]}, "whole MIDI numbers"),
        ({"test": [[[60, 60, 60, True]]]}, "true or false"),
        ({"test": [[[60, 60, 60, 128]]]}, "holds 128"),
        ({"test": [[[60, 60, 60, -2]]]}, "holds -2"),
        ({"test": [[FRAME] * 5000]}, "5,000 frames"),
    ],
)
def test_another_form_is_refused_and_named(path, changed, message):
    path.write_text(json.dumps(GOOD | changed))
    with pytest.raises(ScoreError, match=message) as caught:
        read_benchmark_file(path)
    assert "Jsb16thSeparated.json" in str(caught.value) and len(str(caught.value)) <= 300


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"a"',
        "",
        '{"train": NaN}',
        "[" * 100_000,
        '{"test": [], "test": []}',
        "\xff",
        "1" * 9999,
    ],
)
def test_what_is_no_table_in_json_is_refused(path, text):
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ScoreError) as caught:
        read_benchmark_file(path)
    assert len(str(caught.value)) <= 300


def test_names_that_are_missing_are_refused(path):
    path.write_text(json.dumps({"train": [], "test": []}))
    with pytest.raises(ScoreError, match="has 'train', 'test'"):
        read_benchmark_file(path)


def test_a_file_that_is_too_large_is_refused_before_it_is_understood(path):
    with path.open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(ScoreError, match="larger than 10 MB"):
        read_benchmark_file(path)


def test_what_is_no_file_is_refused(path, tmp_path):
    for wrong in (path, tmp_path):
        with pytest.raises(ScoreError):
            read_benchmark_file(wrong)
    os.mkfifo(path)
    with pytest.raises(ScoreError, match="regular file"):
        read_benchmark_file(path)

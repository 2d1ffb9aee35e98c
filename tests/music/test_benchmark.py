"""The table of the benchmark says what its file says, and its facts hold."""

import pytest

from musiclab.errors import SettingError
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import (
    FAULTY_VALID,
    LADDER,
    LEAKED_TRAIN,
    NEAR_DUPLICATES,
    SPLITS,
    WHY_FAULTY,
    benchmark_table,
    extras_table,
    rows_of,
)


def test_table_has_the_canonical_sizes_and_order():
    sizes = {"train": 229, "valid": 76, "test": 77}
    for split, size in sizes.items():
        indices = [row.index for row in benchmark_table() if row.split == split]
        assert indices == list(range(size))


def test_five_pieces_are_missing_and_one_leak_is_left_out():
    missing = [(row.split, row.index) for row in benchmark_table() if not row.corpus_path]
    assert len(missing) == 5
    assert all(row.status == "unmatched" for row in benchmark_table() if not row.corpus_path)
    assert [len(rows_of(split)) for split in SPLITS] == [224, 75, 77]
    assert not {row.index for row in rows_of("train")} & set(LEAKED_TRAIN)


def test_faulty_pieces_are_explained_in_the_table():
    valid = {row.index: row for row in benchmark_table() if row.split == "valid"}
    assert set(WHY_FAULTY) == set(FAULTY_VALID)
    assert {
        index for index, row in valid.items() if "LEAK" in row.note or "corrupt" in row.note
    } == (set(FAULTY_VALID))


def test_leak_points_at_the_piece_that_is_left_out():
    noted = {row.index for row in benchmark_table() if row.split == "train" and "LEAK" in row.note}
    assert noted == set(LEAKED_TRAIN)


def test_no_corpus_file_stands_in_two_rows():
    paths = [row.corpus_path for row in benchmark_table() if row.corpus_path]
    paths += [row.corpus_path for row in extras_table()]
    assert len(set(paths)) == len(paths)


def test_near_duplicates_are_of_two_splits():
    for (one, _), (other, _), agreement in NEAR_DUPLICATES:
        assert one != other
        assert 0.7 < agreement < 1


def test_ladder_descends_and_names_its_sources():
    valid = [rung.valid for rung in LADDER]
    assert valid == sorted(valid, reverse=True)
    assert all(rung.source for rung in LADDER)


def test_benchmark_pieces_carry_their_canonical_index():
    lengths = {row.index: row.canonical_frames for row in benchmark_table() if row.split == "valid"}
    pieces = benchmark_pieces("valid", progress=False)
    assert len(pieces) == 75
    for index, pitches in pieces:
        assert pitches.shape == (lengths[index], 4)


def test_unknown_split_is_refused():
    with pytest.raises(SettingError, match="train, valid, test, got 'tset'"):
        benchmark_pieces("tset")  # type: ignore[arg-type]

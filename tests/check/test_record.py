"""What a learner has done is kept, shared by two notebooks, and never in the way."""

import json
import os
import subprocess
import sys

import pytest

from musiclab.check import hinting, overview
from musiclab.check.exercise import Exercise, Recall
from musiclab.check.record import Record, record
from musiclab.check.registry import EXERCISES, QUICK


@pytest.fixture
def path(tmp_path, monkeypatch):
    chosen = tmp_path / "somewhere" / "progress.json"
    monkeypatch.setenv("MUSICLAB_PROGRESS", str(chosen))
    return chosen


def test_it_is_kept(path):
    Record(path).note_passed("skew")
    Record(path).note_hint("rotate", 2)
    again = Record(path)
    assert again.passed() == {"skew"}
    assert again.last_hint("rotate")[0] == 2 and again.last_hint("skew") == (0, 0.0)
    assert record().path == path


def test_the_first_time_counts(path):
    Record(path).note_passed("skew")
    first = path.read_bytes()
    Record(path).note_passed("skew")
    assert path.read_bytes() == first


def test_two_notebooks_lose_nothing(path):
    source = (
        "import sys; from pathlib import Path; from musiclab.check.record import Record\n"
        "for n in range(20): Record(Path(sys.argv[1])).note_passed(f'{sys.argv[2]}-{n}')"
    )
    command = [sys.executable, "-c", source, str(path)]
    both = [subprocess.Popen([*command, name]) for name in ("one", "other")]
    assert [process.wait() for process in both] == [0, 0]
    assert len(Record(path).passed()) == 40


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b'{"passed": 3}', b'{"passed": {}, "hints": [1]}']
)
def test_a_damaged_file_is_set_aside(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    kept = Record(path)
    assert kept.passed() == set()
    kept.note_passed("skew")
    assert Record(path).passed() == {"skew"}
    assert path.with_suffix(".damaged.json").read_bytes() == content


def test_what_cannot_be_written_lasts_as_long_as_the_kernel(path, capsys):
    path.parent.write_text("a file, where a folder should be")
    kept = Record(path)
    kept.note_passed("skew")
    kept.note_passed("rotate")
    kept.note_hint("skew", 1)
    assert kept.passed() == {"skew", "rotate"} and kept.last_hint("skew")[0] == 1
    assert capsys.readouterr().out.count("until the kernel stops") == 1


@pytest.mark.skipif(os.name == "nt", reason="folders are protected otherwise")
def test_what_was_not_written_is_written_as_soon_as_it_can(path):
    path.parent.write_text("a file, where a folder should be")
    kept = Record(path)
    kept.note_passed("skew")
    path.parent.unlink()
    kept.note_passed("rotate")
    assert set(json.loads(path.read_text())["passed"]) == {"skew", "rotate"}


def test_hints_go_up_a_rung_at_a_time(path, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    exercise = EXERCISES["attention-weights"]
    for words in (*exercise.hints, exercise.explain, exercise.explain):
        now[0] += hinting.PAUSE + 1
        given = repr(hinting.hint("attention-weights"))
        assert words in given and "Try this first" not in given
        now[0] += hinting.PAUSE - 1
        again = repr(hinting.hint("attention-weights"))
        assert words in again and "Try this first" in again
        assert not any(character.isdigit() for character in again.replace(words, ""))


def test_solutions_are_shown_whole(path):
    for id, exercise in EXERCISES.items():
        text = repr(hinting.solution(id))
        assert exercise.name in text and "SOLUTION" not in text
    for id, quick in QUICK.items():
        assert repr(hinting.solution(id)), id
        assert not isinstance(quick, Exercise) and repr(hinting.hint(id))


def test_progress_shows_every_sheet_and_what_is_due(path):
    recall = QUICK["recall-06"]
    assert isinstance(recall, Recall)
    whole = overview.progress()
    assert set(whole.open) == {*EXERCISES, *QUICK} and not whole.done and not whole.review
    record().note_passed(recall.about)
    assert overview.progress().review == []
    record().note_passed("causal-mask")  # now the learner has come as far as notebook 6
    now = overview.progress()
    assert "recall-06" in now.review and "recall-06" in repr(now)
    assert recall.about in now.done and "causal-mask" not in now.open
    record().note_passed("recall-06")
    assert "recall-06" not in overview.progress().review
    for notebook in {one.notebook for one in EXERCISES.values()}:
        assert f"Sheet {notebook:02}: " in repr(now)

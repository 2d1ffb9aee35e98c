"""Grading: every kind of submission gets its marks and its reasons, and harms no other."""

import csv
import io
import json
import random
import re
from pathlib import Path

import pytest
from sheet_cells import cells_for
from submissions import KINDS, RIGHT, ROOT, make, notebook, right

from benchmarks.grading import _astray, tally
from musiclab.check import EXERCISES
from musiclab.check import grade as door
from musiclab.check.asking import Judge
from musiclab.check.grade import IMPORTS, grade, points
from musiclab.check.marks import Mark, Marks, as_csv, as_table
from musiclab.check.registry import QUICK
from musiclab.check.submission import parse
from musiclab.cli import main
from musiclab.errors import CheckFailed

SMALL = ("causal-mask", "split-heads", "recall-06")
SECONDS = 3.0  # instead of ten for what never ends
IDS = frozenset([*EXERCISES, *QUICK])


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """One submission of each kind, all graded in one go: (what was handed in, marks) by kind."""
    folder, rng = tmp_path_factory.mktemp("submissions"), random.Random(0)
    made = [make(kind, 6, rng, f"student{n}", SMALL) for n, kind in enumerate(KINDS)]
    for one in made:
        path = folder / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.text, encoding="utf-8")
    marks = {one.file: one for one in grade(folder, [6], seconds=SECONDS)}
    return {one.kind: (one, marks[one.path]) for one in made}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gets_its_marks_and_reasons(graded, kind):
    made, marks = graded[kind]
    assert _astray(made, marks) == []
    assert tally(made, marks) == (True, True, True, 0)


def test_nothing_is_left_of_what_submissions_did(graded):
    assert not (ROOT / "musiclab" / "defaced.txt").exists()
    assert not list(Path.cwd().glob("left"))


def test_a_false_pass_would_be_noticed():
    made = make("known mistakes", 6, random.Random(0), "ada", SMALL)
    all_right = {id: Mark(1, 1) for id in made.expected}
    wrong = [id for id, reasons in made.expected.items() if RIGHT not in reasons]
    found = tally(made, Marks("ada", made.path, all_right))
    assert found.false_passes == len(wrong) > 0 and not found.points and not found.named


def test_a_lost_point_without_a_reason_would_be_noticed():
    made = make("blank", 6, random.Random(0), "ada", SMALL)
    lost = {id: Mark(0, 1) for id in made.expected}
    assert not tally(made, Marks("ada", made.path, lost)).marked


def test_points_and_imports_are_those_of_the_sheets():
    for id in IDS:
        one = EXERCISES.get(id) or QUICK[id]
        (check,) = [cell for cell in cells_for(id) if "points" in cell.metadata.get("nbgrader", {})]
        assert points(one) == check.metadata.nbgrader.points
    assert right(6).top[-1].strip() == IMPORTS


@pytest.mark.parametrize("id", EXERCISES)
def test_a_solution_passes_where_the_right_function_is_locked_away(id, judge):
    asked = {"id": id, "source": EXERCISES[id].solution_text, "name": EXERCISES[id].name}
    asked |= {"file": "<it>", "folder": ".", "paths": [], "guarded": True}
    assert judge.ask(asked)["passed"]


@pytest.fixture(scope="module")
def judge():
    judge = Judge()
    yield judge
    judge.close()


def test_the_last_check_decides_which_definition_counts():
    texts = ["def causal_mask(q, k): return 1", 'check("causal-mask", causal_mask)']
    texts += ["def causal_mask(q, k): return 2"]
    submission = parse(texts, IDS)
    request = door._request(submission, Path(), {"causal-mask": EXERCISES["causal-mask"]})
    assert [step["answers"] for step in request["steps"]][1] == (("causal-mask", "causal_mask"),)
    assert [bool(step["binds"]) for step in request["steps"]] == [True, False, True]


def test_what_the_library_lends_later_never_replaces_the_own(tmp_path):
    sheet = right(6, ["causal-mask"])
    lent = "from musiclab.model.attention import causal_mask"  # as another exercise may need it
    cells = [sheet.checks["causal-mask"], sheet.solved["causal-mask"], lent]
    (tmp_path / "ada.ipynb").write_text(notebook([*sheet.top, *cells]))
    assert grade(tmp_path, [6])[0].marks["causal-mask"].reason == ""
    (tmp_path / "ada.ipynb").write_text(notebook([*sheet.top, lent]))
    assert grade(tmp_path, [6])[0].marks["causal-mask"].reason == "is the library's own function"


@pytest.mark.parametrize(
    "call",
    [
        'check("causal-mask", f)',
        'check(id="causal-mask", answer=f)',
        'result = musiclab.check.check("causal-mask", f)',
        'assert check("causal-mask", f).require().passed',
    ],
)
def test_checks_are_found_however_they_are_called(call):
    assert parse([call], IDS).steps[0].answers == (("causal-mask", "f"),)


def test_other_calls_are_no_checks():
    for call in ('hint("causal-mask")', 'check("no-such-id", f)', "check(id, f)"):
        assert parse([call], IDS).checked == set()


def test_magics_are_left_out_and_the_rest_is_kept():
    cell = "%matplotlib inline\n!ls\nfiles = !ls\na = 1\nhelp?\ntext = '''\n100% of it\n'''"
    assert {"a", "text"} <= parse([cell], IDS).bound
    assert parse(["%%time\nb = 2"], IDS).bound == {"b"}
    assert parse(["%%bash\nb = 2"], IDS).bound == set()


def test_broken_code_costs_only_itself():
    submission = parse(["a = 1\ndef f(:\n    pass\n\n@wraps\ndef g():\n    return 2"], IDS)
    assert submission.bound == {"a", "g"} and "@wraps" in submission.steps[-1].source
    assert "line" in submission.mentions("f-f", "f") and not submission.mentions("g-g", "g")


@pytest.mark.parametrize(
    "text",
    [
        'from musiclab.check import EXERCISES\nf = EXERCISES["causal-mask"].reference',
        "import musiclab.check.exercises.causal_mask as m\nf = m.solution",
        "text = str(solution('causal-mask'))\nf = eval(text)",
    ],
)
def test_who_takes_the_solution_is_seen_through_other_names(text):
    submission = parse([f"{text}\ndef causal_mask(*x): return f(*x)"], IDS)
    assert any(step.suspicious for step in submission.needed("causal-mask", "causal_mask"))


def test_to_look_at_a_solution_is_no_fault():
    submission = parse(["solution('causal-mask')", "def causal_mask(q, k): ..."], IDS)
    needed = submission.needed("causal-mask", "causal_mask")
    assert needed and not any(step.suspicious for step in needed)


SOME = {
    "a": Mark(2, 2),
    "recall-06": Mark(0, 1, "choice-c", "Not that one."),
}


def rows(layout, *every):
    return list(csv.reader(io.StringIO(as_csv(every, layout, "Exercises 6"))))


def test_plain_marks_have_a_column_a_question_and_all_reasons():
    head, row = rows("plain", Marks("ada", "ada.ipynb", SOME))
    assert head == ["student", "file", "a", "recall-06", "total", "out_of", "reasons"]
    assert row[2:6] == ["2", "0", "2", "3"] and "choice-c" in row[6]


def test_canvas_knows_students_by_the_number_in_the_file_name():
    head, most, row = rows("canvas", Marks("x", "lovelaceada_LATE_12_345_06_attention.ipynb", SOME))
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Exercises 6"]
    assert "Points Possible" in most[0] and most[-1] == "3"
    assert row[1] == "12" and row[-1] == "2"


def test_moodle_knows_participants_by_the_number_in_the_folder_name():
    one = Marks("Ada Lovelace_678_assignsubmission_file", "x/y.ipynb", SOME)
    (row,) = csv.DictReader(io.StringIO(as_csv([one], "moodle", "Exercises 6")))
    assert row["Identifier"] == "Participant 678" and row["Full name"] == "Ada Lovelace"
    assert row["Grade"] == "2" and row["Last modified (grade)"] == "-"
    assert "choice-c" in row["Feedback comments"]


@pytest.mark.parametrize("name", ["=1+1", "@x", "+cmd", "\tx"])
def test_a_name_is_never_a_formula(name):
    assert not re.match(r"[=+@\t]", rows("plain", Marks(name, "x", SOME))[1][0])


def test_the_table_names_every_student_and_reason():
    text = as_table([Marks("bob", "b", SOME), Marks("ada", "a", SOME)])
    assert text.index("ada") < text.index("bob") and text.count("recall-06: choice-c") == 2


def test_errors_say_what_to_do(tmp_path, capsys):
    for name, words in {"none": "no folder", "empty": "no submission", "packed": "unpack"}.items():
        folder = tmp_path / name
        if name != "none":
            folder.mkdir()
        if name == "packed":
            (folder / "all.zip").touch()
        with pytest.raises(CheckFailed, match=words):
            grade(folder)
    (tmp_path / "other.ipynb").write_text(notebook(["a = 1"]))
    with pytest.raises(CheckFailed, match="no file"):
        grade(tmp_path)
    assert main(["grade", str(tmp_path), "--out", str(tmp_path / "no" / "marks.csv")]) == 2
    assert "make it first" in capsys.readouterr().err


def test_the_command_grades_and_notes_a_wrong_sheet(tmp_path, capsys):
    folder, out = tmp_path / "in", tmp_path / "marks.csv"
    folder.mkdir()
    quick = ['my_answer = "b"', 'check("recall-06", my_answer)']
    (folder / "ada.ipynb").write_text(notebook(quick))
    (folder / "bob.py").write_text("\n".join(quick))
    (folder / "eve.ipynb").write_text(notebook(['check("recall-05", "a")']))
    (folder / "helper.py").write_text("a = 1")  # a notebook imports it; nobody handed it in
    assert main(["grade", str(folder), "--out", str(out)]) == 0
    found = {row["student"]: row for row in csv.DictReader(out.open(encoding="utf-8"))}
    assert {name: row["total"] for name, row in found.items()} == {
        "ada": "1", "bob": "1", "eve": "0",
    }  # fmt: skip
    assert "wrong sheet" in found["eve"]["reasons"]
    assert "causal-mask: not there" in capsys.readouterr().out


def test_old_notebooks_can_be_read(tmp_path):
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1\n", "b = 2"]}]}]}
    (tmp_path / "old.ipynb").write_text(json.dumps(old))
    from musiclab.check.submission import read

    assert read(tmp_path / "old.ipynb", IDS).bound == {"a", "b"}

"""Building twice gives the same bytes, and the check sees every way to drift."""

import shutil

import pytest
from build_sheets import SHEETS, main

NAME = "06_attention"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with one sheet: its pages are copied, so that none is run here."""
    folder = tmp_path_factory.mktemp("course") / "exercises"
    for page in (f"sources/{NAME}.py", "sources/_setup.py", f"solutions/{NAME}.ipynb"):
        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHEETS / page, folder / page)
    assert main([], folder) == 0
    return folder


@pytest.fixture
def sheets(built, tmp_path):
    """A copy of that folder, to change."""
    return shutil.copytree(built, tmp_path / "exercises")


def change(page, text, other):
    before = page.read_text(encoding="utf-8")
    assert text in before
    page.write_text(before.replace(text, other, 1), encoding="utf-8")


def test_the_courses_own_sheets_match():
    assert main(["--check"]) == 0


def test_building_again_changes_no_byte(sheets, capsys):
    pages = [page for page in sheets.rglob("*.*")]
    before = [page.read_bytes() for page in pages]
    assert main(["--check"], sheets) == 0
    assert main([], sheets) == 0
    assert [page.read_bytes() for page in pages] == before
    assert "nothing to do" in capsys.readouterr().out


def test_the_check_sees_every_page(sheets, capsys):
    change(sheets / f"{NAME}.ipynb", "your code here", "my code here")
    change(sheets / f"solutions/{NAME}.ipynb", "softmax(dim=-1)", "softmax(dim=-2)")
    change(sheets / "README.md", "●", "○")
    shutil.copy(sheets / f"{NAME}.ipynb", sheets / "07_other.ipynb")
    assert main(["--check"], sheets) == 1
    said = capsys.readouterr().out
    for fault in (
        f"{NAME}.ipynb is out of date",
        f"solutions/{NAME}.ipynb is out of date",
        "README.md is out of date",
        "07_other.ipynb has no source",
    ):
        assert fault in said


def test_an_unchanged_sheet_keeps_its_outputs_and_is_not_run(sheets):
    solutions = sheets / f"solutions/{NAME}.ipynb"
    change(solutions, "Visible checks passed", "Kept as it was")
    assert main([], sheets) == 0
    assert "Kept as it was" in solutions.read_text(encoding="utf-8")


def test_a_changed_statement_is_run_again(sheets):
    solutions = sheets / f"solutions/{NAME}.ipynb"
    change(solutions, "Visible checks passed", "Out of date")
    change(sheets / f"sources/{NAME}.py", "# Take", "# Now take")
    assert main(["--check"], sheets) == 1
    assert main([], sheets) == 0
    text = solutions.read_text(encoding="utf-8")
    assert "Now take" in text and "Out of date" not in text
    assert main(["--check"], sheets) == 0


def test_an_exercise_that_does_not_exist_is_named(sheets):
    change(sheets / f"sources/{NAME}.py", "{causal-mask}", "{casual-mask}")
    with pytest.raises(SystemExit, match=r"06_attention.py asks for \{casual-mask\}"):
        main([], sheets)

"""Every notebook stays small enough to read, to load and to run, and keeps the house rules."""

import re

import nbformat
import pytest

LARGEST = 1_500_000  # bytes
MOST_WORDS = 2_500
MOST_CODE_CELLS = 35
MOST_LINES = 20  # a code cell; better are 5


@pytest.fixture
def cells(notebook):
    return nbformat.read(notebook, as_version=4).cells


@pytest.fixture
def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


@pytest.fixture
def prose(cells):
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_size(notebook):
    assert notebook.stat().st_size <= LARGEST


def test_words(prose):
    assert len(prose.split()) <= MOST_WORDS


def test_number_of_code_cells(code):
    assert len(code) <= MOST_CODE_CELLS


def test_lines_of_each_cell(code):
    assert [cell.source for cell in code if len(cell.source.splitlines()) > MOST_LINES] == []


def test_no_error_is_saved(code):
    outputs = [output for cell in code for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []


def test_no_machine_path_is_saved(code):
    saved = "\n".join(str(cell.outputs) for cell in code)
    assert re.findall(r"(?<!\w)/(?:root|work|home|Users|tmp)/\S+", saved) == []


def test_imports_are_plain(code):
    forbidden = re.compile(r"sys\.path|from \S+ import \*|^\s*!\s*pip", re.MULTILINE)
    assert [cell.source for cell in code if forbidden.search(cell.source)] == []


def test_only_a_guarded_cell_installs(code):
    installing = [cell.source for cell in code if "pip" in re.findall(r"\w+", cell.source)]
    assert len(installing) <= 1
    assert all("google.colab" in source for source in installing)


def test_pictures_in_prose_have_a_description(prose):
    assert re.findall(r"!\[\s*\]\(", prose) == []


def test_pictures_in_outputs_have_a_description(code):
    html = "\n".join(
        "".join(output.data["text/html"])
        for cell in code
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    )
    pictures = re.findall(r"<img\b[^>]*>", html)
    assert [tag[:80] for tag in pictures if not re.search(r"\balt=[\"'][^\"']", tag)] == []

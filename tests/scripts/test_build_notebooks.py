"""Building twice gives the same bytes, and the check sees every way to drift."""

import importlib.util
import shutil
import sys

import nbformat
import pytest
from build_notebooks import COLAB, main, read_source
from IPython.core.interactiveshell import InteractiveShell

SOURCE = """# %% [markdown]
# # A small notebook

# %%
2 + 3


# %%
print("one")
print("two")

# %%
2 + 3

# %% [markdown]
# The end.
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder of notebooks with one source, built: starting a kernel takes a second."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "sources").mkdir()
    (folder / "sources" / "01_small.py").write_text(SOURCE)
    assert main([], folder) == 0
    return folder


@pytest.fixture
def course(built, tmp_path):
    """A copy of that folder, to change."""
    return shutil.copytree(built, tmp_path / "course")


def read(course):
    return nbformat.read(course / "01_small.ipynb", as_version=4)


def write(course, notebook):
    nbformat.write(notebook, course / "01_small.ipynb")


def test_cells_and_outputs(course):
    cells = read(course).cells
    assert [cell.cell_type for cell in cells] == ["markdown", "code", "code", "code", "markdown"]
    assert cells[1].outputs[0].data["text/plain"] == "5"
    assert cells[2].outputs[0].text == "one\ntwo\n"
    assert [cell.execution_count for cell in cells[1:4]] == [1, 2, 3]
    assert len({cell.id for cell in cells}) == 5  # the two equal cells too


def test_building_again_changes_no_byte(course):
    path = course / "01_small.ipynb"
    before = path.read_bytes()
    assert main([], course) == 0
    assert path.read_bytes() == before
    path.unlink()
    assert main([], course) == 0  # runs it
    assert path.read_bytes() == before


def test_unchanged_notebook_keeps_its_outputs_and_is_not_run(course):
    notebook = read(course)
    notebook.cells[1].outputs[0].data["text/plain"] = "kept"
    write(course, notebook)
    assert main([], course) == 0
    assert read(course).cells[1].outputs[0].data["text/plain"] == "kept"
    assert main(["--run-all"], course) == 0
    assert read(course).cells[1].outputs[0].data["text/plain"] == "5"


def test_new_cell_changes_no_other_id(course):
    before = [cell.id for cell in read(course).cells]
    source = course / "sources" / "01_small.py"
    source.write_text("# %%\nnew = 7\n\n" + SOURCE)
    assert main([], course) == 0
    assert [cell.id for cell in read(course).cells][1:] == before


def test_check_passes_on_what_was_built(course):
    assert main(["--check"], course) == 0


def edit_cell(notebook):
    notebook.cells[1].source = "2 + 4"


def edit_id(notebook):
    notebook.cells[1].id = "other"


def edit_metadata(notebook):
    notebook.metadata.kernelspec.name = "python3.11"


def edit_hash(notebook):
    notebook.metadata.musiclab.source_hash = "0"


def add_widget_state(notebook):
    notebook.metadata.widgets = {}


def add_timing(notebook):
    notebook.cells[1].metadata.execution = {"iopub.execute_input": "2026-01-01T00:00:00Z"}


def run_out_of_order(notebook):
    notebook.cells[1].execution_count = 41


def add_widget_output(notebook):
    data = {"text/plain": "x", "application/vnd.jupyter.widget-view+json": {"model_id": "a"}}
    notebook.cells[1].outputs.append(nbformat.v4.new_output("display_data", data=data))


@pytest.mark.parametrize(
    "edit",
    [
        edit_cell,
        edit_id,
        edit_metadata,
        edit_hash,
        add_widget_state,
        add_timing,
        run_out_of_order,
        add_widget_output,
    ],
)
def test_check_sees(edit, course):
    notebook = read(course)
    edit(notebook)
    write(course, notebook)
    assert main(["--check"], course) == 1
    assert main([], course) == 0  # building mends it
    assert main(["--check"], course) == 0


def test_check_sees_changed_source_missing_notebook_and_orphan(course, capsys):
    source = course / "sources" / "01_small.py"
    source.write_text(SOURCE + "# More.\n")
    assert main(["--check"], course) == 1
    (course / "01_small.ipynb").rename(course / "02_other.ipynb")
    assert main(["--check"], course) == 1
    said = capsys.readouterr().out
    assert "older than its source" in said
    assert "01_small.ipynb is missing" in said
    assert "02_other.ipynb has no source" in said


def test_unknown_name_is_refused(course):
    with pytest.raises(SystemExit, match="no source named 09_none"):
        main(["09_none"], course)


def test_error_in_a_cell_stops_the_build_and_keeps_the_old_notebook(course):
    before = (course / "01_small.ipynb").read_bytes()
    (course / "sources" / "01_small.py").write_text("# %%\n1 / 0\n")
    with pytest.raises(Exception, match="ZeroDivisionError"):
        main([], course)
    assert (course / "01_small.ipynb").read_bytes() == before


@pytest.mark.parametrize("installed", [True, False])
def test_the_cell_for_colab_says_when_the_install_failed(installed, monkeypatch, tmp_path):
    """IPython runs the cell as Colab would; what pip does is made up."""
    (tmp_path / "01_small.py").write_text(f"# %%\n{COLAB.splitlines()[0]}\n\n# %%\n1\n")
    cell = read_source(tmp_path / "01_small.py").cells[0].source
    shell, asked = InteractiveShell(), []
    shell.register_magic_function(asked.append, magic_name="pip")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "there" if installed else None)
    assert shell.run_cell(cell).success and not asked  # anywhere else it does nothing
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    ran = shell.run_cell(cell)
    assert ran.success == installed and "git+https://github.com/" in asked[0]
    assert installed or "Run this cell again" in str(ran.error_in_exec)

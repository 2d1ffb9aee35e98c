"""Every test here with an argument ``notebook`` runs once for each notebook of the course."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from lab_in_browser import find_chromium, running_lab

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def pytest_generate_tests(metafunc):
    if "notebook" in metafunc.fixturenames:
        paths = sorted(NOTEBOOKS.glob("*.ipynb"))
        metafunc.parametrize("notebook", paths, ids=[path.stem for path in paths])


@pytest.fixture
def notebook_folder():
    return NOTEBOOKS


@pytest.fixture
def printed(notebook_folder):
    """Give what the cell that holds ``words`` printed, and the descriptions of its plots."""

    def find(name, words):
        cells = nbformat.read(notebook_folder / f"{name}.ipynb", as_version=4).cells
        (cell,) = [one for one in cells if one.cell_type == "code" and words in one.source]
        return "\n".join(one.get("text") or one.data["text/plain"] for one in cell.outputs)

    return find


@pytest.fixture(scope="module")
def chromium():
    """The path of the system's Chromium or Chrome; where there is none, a skip that says so."""
    chromium = find_chromium()
    if chromium is None:
        message = "no Chromium or Chrome found: install it with the system's package manager"
        # On the CI machine nobody would notice a skipped test.
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return chromium


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """JupyterLab in a browser, on a copy of the notebooks: `with lab.open(name) as page: ...`."""
    folder = tmp_path_factory.mktemp("notebooks")
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, folder)
    with running_lab(folder, tmp_path_factory.mktemp("jupyter"), chromium) as running:
        yield running

"""The table of notebooks counts right, and a kernel that takes too much memory fails."""

import subprocess
import sys

import nbformat
import notebook_table
import numpy as np
import pytest
from notebook_facts import facts, load_measured, peak_megabytes, save_measured, table

from musiclab.show.sound import Sound

OPENING = """# 1 · One

> **Time:** about 45 minutes to read and listen, about 20 seconds to run on two processor cores.
"""


@pytest.fixture
def notebooks(tmp_path):
    """A folder with one notebook: 20 words, two code cells, three seconds of sound."""
    html = Sound(np.zeros(72_000), sample_rate=24_000)._repr_html_()
    sound = nbformat.v4.new_output("display_data", data={"text/html": html})
    cells = [
        nbformat.v4.new_markdown_cell(OPENING),
        nbformat.v4.new_code_cell("1 + 1"),
        nbformat.v4.new_code_cell("sound", outputs=[sound]),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, tmp_path / "01_one.ipynb")
    return tmp_path


def test_facts(notebooks):
    found = facts(notebooks / "01_one.ipynb")
    assert (found.words, found.code_cells) == (len(OPENING.split()), 2)
    assert (found.stated_reading, found.stated_run) == (45, 20)
    assert found.sound == pytest.approx(3 / 60, abs=0.002)
    assert found.reading == pytest.approx(found.words / 100 + 2 / 2 + found.sound)


def test_nothing_stated(notebooks):
    nbformat.write(nbformat.v4.new_notebook(), notebooks / "02_two.ipynb")
    found = facts(notebooks / "02_two.ipynb")
    assert (found.words, found.stated_reading, found.stated_run) == (0, None, None)


def test_measured_is_kept_for_each_notebook(notebooks):
    save_measured(notebooks, "01_one", 12.6, 345.4)
    save_measured(notebooks, "02_two", 1, 2)
    assert load_measured(notebooks)["01_one"] == {"run_seconds": 13, "peak_megabytes": 345}
    assert "| 20 | 13 | 345 |" in table(notebooks, load_measured(notebooks))


def test_peak_memory_keeps_what_was_given_back():
    """In a process of its own: a long test run has had higher peaks before."""
    wait = "print(flush=True); input()"
    code = f"{wait}; memory = bytearray(200_000_000); del memory; {wait}"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as process:
        process.stdout.readline()
        before = peak_megabytes(process.pid)
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
        after = peak_megabytes(process.pid)
        process.stdin.write("\n")
    assert before + 190 < after < before + 250


@pytest.mark.parametrize(("allowed", "errors"), [(1500, 0), (1, 1)])
def test_a_run_under_nbval_is_measured(notebooks, pytester, monkeypatch, allowed, errors):
    monkeypatch.setattr(notebook_table, "MOST_MEGABYTES", allowed)
    options = ("-p", "notebook_table", "--nbval-lax", "--nbval-current-env")
    result = pytester.inline_run(*options, notebooks / "01_one.ipynb")
    teardowns = [one for one in result.getreports() if getattr(one, "when", "") == "teardown"]
    assert sum(one.failed for one in teardowns) == errors
    (measured,) = (dict(one.user_properties) for one in teardowns if one.user_properties)
    assert 10 < measured["peak_megabytes"] < 1000

"""Build exercises/NN_name.ipynb, its solutions and the overview from exercises/sources.

A source is a Python file in the percent format, short because a cell ``{attention-weights}`` stands
for all that this exercise takes: see sheet_cells.py. The sheets are saved as they are given to a
learner, the solutions as they look when they have run.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from posixpath import normpath
from tempfile import TemporaryDirectory
from unittest.mock import patch

import nbformat
from build_notebooks import (
    as_text,
    chosen,
    code_cells,
    keep_outputs,
    read_source,
    run,
    tidy,
)
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from sheet_cells import ROOT, cells_for
from sheet_overview import overview

from musiclab.check.blanks import blank, solved

SHEETS = ROOT / "exercises"
LINK = re.compile(r"\]\((?!https?:|#)([^)\s]+)\)")
PLACE = re.compile(r"\{([\w-]+)\}")
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS\n.*?\n### END HIDDEN TESTS", re.DOTALL)
HOW_FAR = "## How far are you?\n\nAll sheets, and what to come back to."
COURSE = "musiclab-course/musiclab"


def main(arguments: list[str] | None = None, sheets: Path = SHEETS) -> int:
    """Build or check the named sheets, or all, and the overview; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="such as 06_attention (default: all)")
    parser.add_argument("--check", action="store_true", help="only tell what is out of date")
    parser.add_argument("--run-all", action="store_true", help="run unchanged solutions too")
    options = parser.parse_args(arguments)
    sources = chosen(sheets, options.names)
    if options.check:
        faults = drift(sources, sheets) + ([] if options.names else strays(sheets))
        print("\n".join(faults) or f"{len(sources)} sheets match their sources")
        return 1 if faults else 0
    for source in sources:
        print(f"{source.stem}: {build(source, run_again=options.run_all)}", flush=True)
    write(sheets / "README.md", overview(sheets))
    return 0


def source_notebook(source: Path, *, first: str = "Exercises") -> NotebookNode:
    """Return a sheet with everything in it: solutions between marks, hidden tests."""
    notebook = read_source(source)
    notebook.metadata.pop("musiclab")  # a sheet changes with its exercises, too
    cells = []
    for cell in notebook.cells:
        place = PLACE.fullmatch(cell.source.strip())
        cells += cells_in_place(place[1], source) if place else [cell]
    if first == "Exercises":
        cells.append(new_markdown_cell(HOW_FAR, id="progress-text"))
        cells.append(new_code_cell("progress()", id="progress"))
    cells[0].source = cells[0].source.replace("# Exercises", f"# {first}", 1)
    cells[0].source = cells[0].source.replace("{links}", links(source, first))
    notebook.cells = cells
    return notebook


def cells_in_place(name: str, source: Path) -> list[NotebookNode]:
    """Return the cells that ``{name}`` stands for; an unknown name stops the build."""
    if name == "setup":
        return read_source(source.parent / "_setup.py").cells
    try:
        return cells_for(name)
    except KeyError:
        sys.exit(f"{source.name} asks for {{{name}}}: musiclab/check/exercises has no {name}")


def links(source: Path, first: str) -> str:
    """Lead to the sheets before and after, the notebook, the badges and the overview."""
    names = [one.stem for one in chosen(source.parent.parent, [])]
    place, number = names.index(source.stem), int(source.stem[:2])
    up = "" if first == "Exercises" else "../"
    parts = [f"[← {first} {int(name[:2])}]({name}.ipynb)" for name in names[:place][-1:]]
    parts += [f"[{first} {int(name[:2])} →]({name}.ipynb)" for name in names[place + 1 :][:1]]
    parts.append(f"[Notebook {number}]({up}../notebooks/{source.stem}.ipynb)")
    parts += [f"[The sheet](../{source.stem}.ipynb)"] if up else badges(source.stem)
    return " · ".join([*parts, f"[All exercises]({up}README.md)"])


def badges(name: str) -> list[str]:
    """Link to where a sheet opens without installing anything."""
    page = f"exercises/{name}.ipynb"
    binder = f"https://mybinder.org/v2/gh/{COURSE}/main?urlpath=lab/tree/{page}"
    colab = f"https://colab.research.google.com/github/{COURSE}/blob/main/{page}"
    return [f"[Open in Binder]({binder})", f"[Open in Colab]({colab})"]


def away_from_home(text: str) -> str:
    """Make the links in a sheet's text lead to the course's home, for a copy in another folder.

    Example:
        >>> away_from_home("[it](../notebooks/06_attention.ipynb#a)")
        '[it](https://github.com/musiclab-course/musiclab/blob/main/notebooks/06_attention.ipynb#a)'
    """
    home = f"https://github.com/{COURSE}/blob/main/"
    return LINK.sub(lambda link: f"]({home}{normpath(f'exercises/{link[1]}')})", text)


def blank_notebook(source: Path) -> NotebookNode:
    """Return a sheet as a learner gets it."""
    notebook = source_notebook(source)
    for cell in code_cells(notebook):
        cell.source = blank(HIDDEN.sub("", cell.source))
    return notebook


def solved_notebook(source: Path) -> NotebookNode:
    """Return a sheet with every exercise solved, for the folder below; it has not run yet."""
    notebook = source_notebook(source, first="Solutions")
    for cell in code_cells(notebook):
        if HIDDEN.search(cell.source):
            cell.metadata.tags = ["nbval-check-output"]  # `make test` holds it to having passed
        cell.source = solved(HIDDEN.sub("", cell.source))
    for cell in notebook.cells[1:]:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("](../", "](../../")
    return notebook


def build(source: Path, *, run_again: bool = False) -> str:
    """Write a sheet and its solutions, run only if they changed; say what was done."""
    sheet, solutions = targets(source)
    solutions.parent.mkdir(exist_ok=True)
    notebook, old = solved_notebook(source), read(solutions)
    keep = same_cells(old, notebook) and not run_again
    if keep:
        keep_outputs(notebook, old)
    else:
        with no_progress():
            run(notebook, folder=solutions.parent)
    tidy(notebook)
    changed = [
        write(sheet, as_text(blank_notebook(source))),
        write(solutions, as_text(notebook)),
    ]
    return "nothing to do" if not any(changed) else "outputs kept" if keep else "run"


def same_cells(old: NotebookNode | None, notebook: NotebookNode) -> bool:
    """Tell whether a saved sheet says the same: what a check says may follow the statement."""
    if old is None:
        return False
    return [cell.source for cell in old.cells] == [cell.source for cell in notebook.cells]


@contextmanager
def no_progress() -> Iterator[None]:
    """Keep what passes here out of the author's own progress."""
    with TemporaryDirectory() as folder, patch.dict(os.environ, MUSICLAB_PROGRESS=f"{folder}/p"):
        yield


def drift(sources: list[Path], sheets: Path) -> list[str]:
    """Say which pages are not what sources and exercises would give."""
    wanted = {}
    for source in sources:
        sheet, solutions = targets(source)
        wanted[sheet] = as_text(blank_notebook(source))
        notebook, old = solved_notebook(source), read(solutions)
        if same_cells(old, notebook):
            keep_outputs(notebook, old)
            tidy(notebook)
        wanted[solutions] = as_text(notebook)
    return [
        f"{page.relative_to(sheets)} is out of date, or edited by hand: run `make notebooks`"
        for page, text in wanted.items()
        if not page.exists() or page.read_text(encoding="utf-8") != text
    ]


def strays(sheets: Path) -> list[str]:
    """Name the notebooks that have no source, and the overview where it is out of date."""
    known = {page for source in chosen(sheets, []) for page in targets(source)}
    found = [*sheets.glob("*.ipynb"), *sheets.glob("solutions/*.ipynb")]
    faults = [f"{page.relative_to(sheets)} has no source" for page in sorted({*found} - known)]
    page = sheets / "README.md"
    if not page.exists() or page.read_text(encoding="utf-8") != overview(sheets):
        faults.append("README.md is out of date: run `make notebooks`")
    return faults


def targets(source: Path) -> tuple[Path, Path]:
    """Return the paths of the sheet and of its solutions."""
    folder, name = source.parent.parent, f"{source.stem}.ipynb"
    return folder / name, folder / "solutions" / name


def read(page: Path) -> NotebookNode | None:
    """Return a saved notebook, if there is one."""
    return nbformat.read(page, as_version=4) if page.exists() else None


def write(page: Path, text: str) -> bool:
    """Write a page unless it says so already; tell whether it was written."""
    if page.exists() and page.read_text(encoding="utf-8") == text:
        return False
    page.write_text(text, encoding="utf-8", newline="\n")
    return True


if __name__ == "__main__":
    sys.exit(main())

"""Build notebooks/NN_name.ipynb from notebooks/sources/NN_name.py, and run what changed.

A source is a Python file with ``# %%`` before every cell (jupytext's py:percent format). A
notebook whose code is unchanged is not run again: its outputs are kept, so that building twice
gives the same bytes. After a change in the library, ``--run-all`` makes the outputs anew.
"""

import argparse
import hashlib
import sys
import time
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from notebook_facts import NOTEBOOKS, peak_megabytes, save_measured

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
# In a source its first line stands for the cell. A %pip that fails raises nothing: hence the look.
COLAB = """\
# On Colab this installs musiclab; anywhere else it does nothing.
import importlib.util
import sys

if "google.colab" in sys.modules:
    print("Installing musiclab: about a minute ...")
    %pip install --quiet "musiclab @ git+https://github.com/musiclab-course/musiclab"
    importlib.invalidate_caches()
    if importlib.util.find_spec("musiclab") is None:
        raise RuntimeError(
            "musiclab is not installed; the lines above say why. Run this cell again. If that does "
            "not help: Runtime > Disconnect and delete runtime, then begin again from the top."
        )"""


def main(arguments: list[str] | None = None, notebooks: Path = NOTEBOOKS) -> int:
    """Build or check the named notebooks, or all; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="such as 00_hear_it_first (default: all)")
    parser.add_argument("--check", action="store_true", help="only tell what is out of date")
    parser.add_argument("--run-all", action="store_true", help="run unchanged notebooks too")
    options = parser.parse_args(arguments)
    sources = chosen(notebooks, options.names)
    if options.check:
        faults = [fault for source in sources for fault in drift(source)]
        faults += [] if options.names else orphans(notebooks)
        print("\n".join(faults) or f"{len(sources)} notebooks match their sources")
        return 1 if faults else 0
    for source in sources:
        print(f"{source.stem}: {build(source, run_again=options.run_all)}", flush=True)
    return 0


def chosen(notebooks: Path, names: list[str]) -> list[Path]:
    """Return the sources of the named notebooks, or of all."""
    files = sorted((notebooks / "sources").glob("[0-9]*.py"))
    sources = {path.stem: path for path in files}
    wanted = [Path(name).stem for name in names] or list(sources)
    if unknown := [name for name in wanted if name not in sources]:
        sys.exit(f"no source named {unknown[0]}; there are: {', '.join(sources)}")
    return [sources[name] for name in wanted]


def target(source: Path) -> Path:
    """Return the path of the notebook that ``source`` becomes."""
    return source.parent.parent / f"{source.stem}.ipynb"


def build(source: Path, *, run_again: bool = False) -> str:
    """Write the notebook, run only where its code changed; return what was done."""
    notebook, path = read_source(source), target(source)
    old = nbformat.read(path, as_version=4) if path.exists() else None
    keep = same_code(old, notebook) and not run_again
    if keep:
        keep_outputs(notebook, old)
    else:
        save_measured(path.parent, path.stem, *run(notebook, folder=path.parent))
    tidy(notebook)
    text = as_text(notebook)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return "nothing to do"
    path.write_text(text, encoding="utf-8", newline="\n")
    return "outputs kept" if keep else "run"


def drift(source: Path) -> list[str]:
    """Say in which way a notebook is not what its source would give, if at all."""
    path = target(source)
    if not path.exists():
        return [f"{path.name} is missing: run `make notebooks`"]
    notebook, old = read_source(source), nbformat.read(path, as_version=4)
    if source_hash(old) != source_hash(notebook):
        return [f"{path.name} is older than its source: run `make notebooks`"]
    if same_code(old, notebook):
        keep_outputs(notebook, old)
        tidy(notebook)
    if as_text(notebook) != path.read_text(encoding="utf-8"):
        return [f"{path.name} was edited by hand: edit sources/{source.name}, `make notebooks`"]
    return []


def orphans(notebooks: Path) -> list[str]:
    """Name the notebooks that have no source."""
    sources = {path.stem for path in (notebooks / "sources").glob("*.py")}
    found = sorted(notebooks.glob("*.ipynb"))
    return [f"{path.name} has no source" for path in found if path.stem not in sources]


def read_source(source: Path) -> NotebookNode:
    """Turn a py:percent file into a notebook without outputs, with ids that never vary."""
    text = source.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        if cell.source == COLAB.partition("\n")[0]:
            cell.source = COLAB
        # From the content, so that a new cell changes no other cell's id.
        content = f"{cell.cell_type}\n{cell.source}".encode()
        digest = hashlib.sha256(content).hexdigest()[:12]
        seen[digest] += 1
        cell.metadata.pop("lines_to_next_cell", None)  # blank lines mean nothing in a notebook
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": KERNEL,
            "language_info": {"name": "python"},
            "musiclab": {"source_hash": hashlib.sha256(text.encode()).hexdigest()},
        }
    )
    return notebook


def source_hash(notebook: NotebookNode) -> str | None:
    """Return the fingerprint of the source that a notebook was built from."""
    return notebook.metadata.get("musiclab", {}).get("source_hash")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def same_code(old: NotebookNode | None, notebook: NotebookNode) -> bool:
    """Tell whether a notebook would run as the one that was saved, if any, did."""
    if old is None:
        return False
    return [cell.source for cell in code_cells(old)] == [
        cell.source for cell in code_cells(notebook)
    ]


def keep_outputs(notebook: NotebookNode, old: NotebookNode) -> None:
    """Copy the outputs of ``old``, which has the same code."""
    for cell, before in zip(code_cells(notebook), code_cells(old), strict=True):
        cell.outputs = before.outputs


def run(notebook: NotebookNode, folder: Path) -> tuple[float, float]:
    """Run every cell in ``folder``, as a learner would; an error stops the build.

    Returns:
        How many seconds that took, and how many megabytes the kernel held at most.
    """
    resources = {"metadata": {"path": str(folder)}}
    megabytes = 0.0

    def look_at_the_kernel(**_: object) -> None:
        nonlocal megabytes
        megabytes = max(megabytes, peak_megabytes(client.km.provisioner.pid))

    client = NotebookClient(
        notebook,
        timeout=600,  # seconds a cell
        kernel_name=KERNEL["name"],
        resources=resources,
        coalesce_streams=True,  # how many pieces a text arrives in is chance
        record_timing=False,
        store_widget_state=False,  # it would embed every sound twice
        on_cell_executed=look_at_the_kernel,
    )
    start = time.perf_counter()
    client.execute()
    seconds = time.perf_counter() - start
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = nbformat.from_dict({"name": "python"})
    return seconds, megabytes


def tidy(notebook: NotebookNode) -> None:
    """Number the cells in order and drop what means nothing in a saved notebook."""
    for number, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = number
        cell.metadata.pop("execution", None)
        cell.outputs = [output for output in cell.outputs if survives(output)]
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET, None)
            if "execution_count" in output:
                output.execution_count = number


def survives(output: NotebookNode) -> bool:
    """Tell whether anything but a live widget's description is in an output."""
    data = output.get("data", {})
    return not (WIDGET in data and set(data) <= {WIDGET, "text/plain"})


def as_text(notebook: NotebookNode) -> str:
    """Write a notebook down: keys sorted, one spelling, a newline at the end."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


if __name__ == "__main__":
    sys.exit(main())

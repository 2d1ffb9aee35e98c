"""Make an nbgrader course of the sheets, for those who grade with nbgrader.

It is a folder with the sources of all sheets, solutions and hidden tests in them, and settings
that keep even the exchange inside it. nbgrader itself is not needed to make it.
"""

import argparse
import sys
from pathlib import Path

from build_sheets import SHEETS, as_text, away_from_home, chosen, source_notebook

END = "\n### END HIDDEN TESTS"
SETTINGS = """\
c = get_config()  # noqa: F821 (nbgrader reads this file)

c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = {course!r}
c.Exchange.root = {root!r} + "/exchange"
# A gap of a sheet, as musiclab writes it, so that its checks know what is not begun.
c.ClearSolutions.code_stub = {{"python": "...  # your code here"}}
# A check takes ten seconds at most; a cell of the learner's may take longer.
c.Execute.timeout = 120
"""
NEXT = """\
{count} sheets in {folder}/source. Go there, and for a sheet such as {sheet}:
    nbgrader generate_assignment {sheet}
    nbgrader release_assignment {sheet}
    nbgrader collect {sheet}
    nbgrader autograde {sheet}
    nbgrader generate_feedback {sheet}
    nbgrader release_feedback {sheet}
    nbgrader export"""


def main(arguments: list[str] | None = None) -> int:
    """Make the folder; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument("names", nargs="*", help="such as 06_attention (default: all)")
    parser.add_argument("--course", default="musiclab", help="what the exchange calls it")
    options = parser.parse_args(arguments)
    if options.folder.exists() and any(options.folder.iterdir()):
        print(f"{options.folder} is not empty; name a new folder", file=sys.stderr)
        return 2
    sources = chosen(SHEETS, options.names)
    make(options.folder, sources, options.course)
    told = {"count": len(sources), "folder": options.folder, "sheet": sources[0].stem}
    print(NEXT.format(**told))
    return 0


def make(folder: Path, sources: list[Path], course: str) -> None:
    """Write the settings, and each sheet into a folder of its own."""
    for source in sources:
        page = folder / "source" / source.stem / f"{source.stem}.ipynb"
        page.parent.mkdir(parents=True)
        notebook = source_notebook(source)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = away_from_home(cell.source)
            # nbgrader takes what a test shows for its grade: a test that passes shows nothing.
            cell.source = cell.source.replace(f".require(){END}", f".require();{END}")
        page.write_text(as_text(notebook), encoding="utf-8", newline="\n")
    (folder / "exchange").mkdir()
    (folder / "exchange").chmod(0o777)  # nbgrader asks for that
    settings = SETTINGS.format(root=str(folder.resolve()), course=course)
    (folder / "nbgrader_config.py").write_text(settings, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())

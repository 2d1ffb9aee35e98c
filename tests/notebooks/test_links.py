"""Every link inside the course leads somewhere, and every exercise is linked where it belongs."""

import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from musiclab.check import EXERCISES

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "exercises/README.md")]
README = ROOT / "exercises" / "README.md"
SHEETS = [*ROOT.glob("exercises/*.ipynb"), *ROOT.glob("exercises/solutions/*.ipynb")]
LINK = re.compile(r"(?<!`)\[[^]]*\]\(([^)\s]+)\)")
HOME = re.compile(
    r"https://(?:mybinder|colab|github)\S*musiclab/\S*?((?:notebooks|exercises)/\w+\.ipynb)"
)


def prose(page):
    """Return the Markdown of a page or of a notebook."""
    if page.suffix != ".ipynb":
        return page.read_text(encoding="utf-8")
    cells = nbformat.read(page, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def anchors(text):
    """Name the headings of a page as code hosts and JupyterLab do."""
    headings = re.findall(r"^#+\s+(.+)$", text, flags=re.MULTILINE)
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)|`", r"\1", heading).strip() for heading in headings]
    slugs = {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-").lower() for heading in plain}
    return slugs | {heading.replace(" ", "-") for heading in plain}


def dead_links(page, text):
    """Return the links of ``text``, as it stands in ``page``, that lead nowhere."""
    dead = []
    for link in LINK.findall(text):
        if at_home := HOME.fullmatch(link):
            target, anchor = ROOT / at_home[1], ""
        elif link.startswith(("http:", "https:", "mailto:")):
            continue
        else:
            path, _, anchor = unquote(link).partition("#")
            target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(prose(target))):
            dead.append(link)
    return dead


def test_links_of_notebooks(notebook):
    assert dead_links(notebook, prose(notebook)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_pages(page):
    assert dead_links(page, prose(page)) == []


@pytest.mark.parametrize("link", ["nowhere.ipynb", "../README.md#no-such-place", "#nor-here"])
def test_dead_link_is_found(link):
    assert dead_links(README, f"# Here\n\n[there]({link})") == [link]


def test_notebook_of_another_name_is_found():
    link = "https://mybinder.org/v2/gh/x/musiclab/main?urlpath=lab/tree/notebooks/99_no.ipynb"
    assert dead_links(README, f"[there]({link})") == [link]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda page: "/".join(page.parts[-2:]))
def test_links_of_sheets(sheet):
    assert dead_links(sheet, prose(sheet)) == []


def test_every_exercise_is_linked_once(notebook):
    sheet = re.escape(f"../exercises/{notebook.name}")
    linked = re.findall(rf"> \*\*Exercise\*\* \[([\w-]+)\]\({sheet}#\1\): \S", prose(notebook))
    number = int(notebook.stem[:2])
    assert sorted(linked) == sorted(one.id for one in EXERCISES.values() if one.notebook == number)

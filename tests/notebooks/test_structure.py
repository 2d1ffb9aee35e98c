"""Every notebook is built alike: opening box, navigation, questions with answers, closing."""

import re

import nbformat
import pytest
from notebook_facts import NOTEBOOKS, facts, load_measured

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
MOST_SECONDS = 90
ROUNDING = 5  # minutes


@pytest.fixture
def cells(notebook):
    return nbformat.read(notebook, as_version=4).cells


@pytest.fixture
def prose(cells):
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.fixture
def counted(notebook):
    return facts(notebook)


def title(name):
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return cells[0].source.partition("\n")[0].removeprefix("# ")


def test_title_has_the_number(notebook):
    assert title(notebook.stem).startswith(f"{int(notebook.stem[:2])} · ")


def test_opening_box(cells):
    box = [line for line in cells[0].source.splitlines() if line.startswith(">")]
    assert any("**You will**" in line for line in box)
    assert 3 <= sum(line.startswith("> - ") for line in box) <= 5
    for words in ("**You need**", "**Time:**", "**You will hear**"):
        assert any(line.startswith(f"> {words}") for line in box), words


def test_leads_to_its_neighbours(notebook, prose):
    place = NAMES.index(notebook.stem)
    links = []
    if place > 0:
        links.append(f"[← {title(NAMES[place - 1])}]({NAMES[place - 1]}.ipynb)")
    if place + 1 < len(NAMES):
        links.append(f"[{title(NAMES[place + 1])} →]({NAMES[place + 1]}.ipynb)")
    for link in links:
        assert prose.count(link) == 2, link  # at the top and at the end


def test_leads_to_its_sheet(notebook, cells):
    number = int(notebook.stem[:2])
    link = f"[Exercises {number}](../exercises/{notebook.name})"
    assert (link in cells[0].source) == (number > 0)  # the first notebook has no sheet


def test_opens_in_binder_and_colab(notebook, cells):
    assert (
        f"[Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/{notebook.name})"
        in cells[0].source
    )  # noqa: E501
    assert (
        f"[Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/{notebook.name})"
        in cells[0].source
    )  # noqa: E501


def test_stated_running_time_is_the_measured_one(notebook, counted):
    measured = load_measured(NOTEBOOKS)[notebook.stem]["run_seconds"]
    assert measured <= counted.stated_run <= measured + 20
    assert counted.stated_run <= MOST_SECONDS


def test_stated_reading_time_is_the_counted_one(counted):
    assert abs(counted.stated_reading - counted.reading) <= ROUNDING


def test_median_cell_is_short(cells):
    lines = sorted(len(cell.source.splitlines()) for cell in cells if cell.cell_type == "code")
    assert lines[len(lines) // 2] <= 5


def test_nbval_compares_some_outputs(cells):
    code = [cell for cell in cells if cell.cell_type == "code"]
    checked = [cell for cell in code if "nbval-check-output" in cell.metadata.get("tags", [])]
    assert len(checked) >= 2
    assert all(cell.outputs for cell in checked)
    # As a comment behind a line of code nbval would not see it, and it is noise to a reader.
    assert [cell.source for cell in code if "NBVAL" in cell.source] == []


def test_sounds_early(notebook, cells):
    places = [
        place
        for place, cell in enumerate(cell for cell in cells if cell.cell_type == "code")
        if "data:audio/mpeg" in str(cell.get("outputs", ""))
    ]
    assert places, "nothing sounds"
    assert places[0] <= 4


def test_sections_are_numbered(notebook, prose):
    numbers = re.findall(r"^## (\d+)\.(\d+) ", prose, flags=re.MULTILINE)
    expected = [(str(int(notebook.stem[:2])), str(part + 1)) for part in range(len(numbers))]
    assert numbers == expected and len(numbers) >= 4


def test_asks_to_predict(prose):
    assert prose.count("**Predict:**") >= 2


def test_five_questions_with_every_answer_explained(prose):
    questions = prose.split("## Check yourself")[1].split("## Read on")[0]
    assert re.findall(r"^\*\*(\d)\.\*\* ", questions, flags=re.MULTILINE) == list("12345")
    for question in re.split(r"^\*\*\d\.\*\* ", questions, flags=re.MULTILINE)[1:]:
        answers = re.findall(r"<details><summary>[a-z]\) .+?</summary>(.+?)</details>", question)
        assert len(answers) == question.count("<details>") >= 2
        assert sum(answer.startswith("Yes") for answer in answers) == 1, question[:60]
        assert all(len(answer.split()) >= 4 for answer in answers), question[:60]


def test_closing(prose):
    lines = prose.split("## In three lines")[1].split("##")[0]
    assert lines.count("\n- ") == 3
    assert "](https://" in prose.split("## Read on")[1]
    assert "**What you can do now that you could not do before:**" in prose

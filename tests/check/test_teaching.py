"""The teacher's pages keep to the exercises and notebooks: minutes, points, mistakes, figures."""

import re

import pytest
import textstat
from sheet_cells import MINUTES_OF_ORDER, MINUTES_OF_RECALL, ROOT, notebook_source

from musiclab.check.grade import points
from musiclab.check.registry import EXERCISES, QUICK

PAGES = {page.stem: page.read_text(encoding="utf-8") for page in ROOT.glob("exercises/teaching/*")}
SHEETS = sorted({one.notebook for one in EXERCISES.values()})
ADVANCED = 14  # the first notebook that the term leaves out
QUICK_MINUTES = MINUTES_OF_ORDER + MINUTES_OF_RECALL


def minutes(number):
    return sum(one.minutes for one in EXERCISES.values() if one.notebook == number)


@pytest.mark.parametrize("number", SHEETS)
def test_each_sheet_states_its_minutes_and_points(number):
    every = [one for one in [*EXERCISES.values(), *QUICK.values()] if one.notebook == number]
    facts = (
        f"*{minutes(number)} minutes of exercises, {QUICK_MINUTES} of quick questions, "
        f"{sum(map(points, every))} points.*"
    )
    assert facts in sections()[number]


@pytest.mark.parametrize("number", SHEETS)
def test_each_sheet_names_mistakes_that_its_checks_know(number):
    named = re.findall(r"`([\w-]+): ([\w-]+)`", sections()[number])
    assert len(named) >= 4
    for id, mistake in named:
        assert EXERCISES[id].notebook == number
        assert mistake in EXERCISES[id].mistake_ids, f"{id}: {mistake}"


@pytest.mark.parametrize("number", SHEETS)
def test_each_sheet_has_questions_to_discuss(number):
    assert sections()[number].partition("To discuss:")[2].count("?") >= 2


def sections():
    parts = re.split(r"^## Sheet (\d+)", PAGES["sheets"], flags=re.MULTILINE)[1:]
    return {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}


def test_the_guide_counts_what_there_is():
    assert (
        f"There are {len(EXERCISES)} exercises and {len(QUICK)} quick questions" in PAGES["README"]
    )


def test_the_term_adds_up():
    rows = re.findall(r"^\| \d+ \| [\d, ]+ \| ([\d, ]+) \| (\d+) \|", PAGES["README"], re.MULTILINE)
    assert len(rows) == 12
    for sheets, stated in rows:
        numbers = [int(one) for one in sheets.split(",")]
        assert int(stated) == sum(minutes(one) + QUICK_MINUTES for one in numbers), sheets
    assert [int(n) for sheets, _ in rows for n in sheets.split(",")] == [
        n for n in SHEETS if n < ADVANCED
    ]


def test_the_workshop_takes_two_hours_and_its_exercises_their_minutes():
    table = PAGES["README"].partition("workshop of two hours")[2].partition("###")[0]
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", table, re.MULTILINE)
    assert sum(int(stated) for stated, _ in rows) == 120
    for stated, what in rows:
        for id in re.findall(r"Exercise `([\w-]+)`", what):
            assert int(stated) == EXERCISES[id].minutes, id


def test_exercises_that_the_guide_names_exist():
    for id in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", PAGES["README"].replace("your-id", "")):
        assert id in EXERCISES, id


@pytest.mark.parametrize(
    "row",
    re.findall(r"^\| (\d+) \| ([\d.]+) \| (.+?) \| (.+?) \|$", PAGES["figures"], re.MULTILINE),
)
def test_each_figure_stands_where_the_list_says(row):
    number, section, title, _ = row
    text = notebook_source(int(number)).read_text(encoding="utf-8")
    part = re.search(
        rf"^# ## {re.escape(section)} .*?(?=^# ## |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert part and title in part[0]


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_plain(name):
    prose = re.sub(r"```.*?```|^\|.*$|`[^`]*`|\[|\]\(.*?\)", "", PAGES[name], flags=re.S | re.M)
    assert textstat.flesch_kincaid_grade(prose) <= 9

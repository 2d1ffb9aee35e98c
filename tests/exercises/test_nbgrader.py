"""The cells carry what nbgrader needs, by the rules of its schema 3, and release as our sheets."""

import re

from build_sheets import HIDDEN, away_from_home
from sheet_cells import cells_for

from musiclab.check import EXERCISES
from musiclab.check.registry import QUICK

ROLES = {
    "read-only": {"grade": False, "solution": False, "locked": True, "task": False},
    "answer": {"grade": False, "solution": True, "locked": False, "task": False},
    "check": {"grade": True, "solution": False, "locked": True, "task": False},
}


def role(cell):
    """Return which role nbgrader gives to a cell; None if it leaves it alone."""
    if "nbgrader" not in cell.metadata:
        return None
    about = dict(cell.metadata.nbgrader)
    assert about.pop("schema_version") == 3
    assert about.pop("cell_type") == cell.cell_type
    assert re.fullmatch(r"[a-zA-Z0-9_\-]+", about.pop("grade_id"))
    points = about.pop("points", None)
    (name,) = [name for name, flags in ROLES.items() if flags == about]
    assert (points is not None) == (name == "check")
    assert points is None or points > 0
    return name


def test_no_two_cells_have_one_id(everything):
    ids = [cell.metadata.nbgrader.grade_id for cell in everything.cells if role(cell)]
    assert len(set(ids)) == len(ids)
    assert len({cell.id for cell in everything.cells}) == len(everything.cells)


def test_prose_is_read_only_and_answers_are_not(everything):
    roles = {(cell.cell_type, role(cell)) for cell in everything.cells}
    assert {("markdown", "read-only"), ("code", "answer"), ("code", "check")} <= roles
    assert not {("markdown", "answer"), ("markdown", "check")} & roles


def test_every_check_insists_out_of_sight(everything):
    checks = [cell.source for cell in everything.cells if role(cell) == "check"]
    for source in checks:
        in_sight = HIDDEN.sub("", source)
        assert source.splitlines()[2] == f"{in_sight}.require()"


def test_blank_sheets_have_the_same_cells(everything, blank):
    assert [(cell.id, role(cell)) for cell in everything.cells] == [
        (cell.id, role(cell)) for cell in blank.cells
    ]


def test_points_follow_difficulty():
    for one in [*EXERCISES.values(), *QUICK.values()]:
        (check,) = [cell for cell in cells_for(one.id) if role(cell) == "check"]
        expected = 2 * one.difficulty if one.id in EXERCISES else 1
        assert check.metadata.nbgrader.points == expected


def released(text):
    """Clear the solutions of a cell as nbgrader's own step does, with our words in their place."""
    kept, inside = [], False
    for line in text.splitlines():
        if "BEGIN SOLUTION" in line:
            assert not inside
            inside = True
            kept.append(re.match(r"\s*", line)[0] + "...  # your code here")
        elif "END SOLUTION" in line:
            assert inside
            inside = False
        elif not inside:
            kept.append(line)
    assert not inside and "...  # your code here" in "\n".join(kept)
    return "\n".join(kept)


def test_nbgrader_releases_what_our_sheets_give(everything, blank):
    pairs = [pair for pair in zip(everything.cells, blank.cells, strict=True) if role(pair[0])]
    for full, ours in pairs:
        if role(full) == "answer":
            theirs = released(full.source)
            # Where a solution replaces what stands above it, they leave a last line of three dots.
            assert theirs.removesuffix("\n...  # your code here") in (theirs, ours.source)
            assert theirs in (ours.source, f"{ours.source}\n...  # your code here")


def test_a_copy_elsewhere_leads_back_to_the_course(everything):
    """Every link of a sheet is to a place on the web once it is made for another folder."""
    for cell in everything.cells:
        if cell.cell_type == "markdown":
            links = re.findall(r"\]\(([^)\s]+)\)", away_from_home(cell.source))
            assert all(re.match(r"https://|#", link) and ".." not in link for link in links)

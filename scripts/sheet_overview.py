"""The overview of all exercises, exercises/README.md: one table, built from ``EXERCISES``."""

from pathlib import Path

from sheet_cells import MINUTES_OF_ORDER, MINUTES_OF_RECALL, dots, kind, notebook_title

from musiclab.check.exercise import Exercise
from musiclab.check.registry import EXERCISES

TOP = """# Exercises

Each notebook has a sheet of exercises: open it, write the function, and run the check below it. A
check says what your function does, by name, not only that it is wrong; `hint("attention-weights")`
gives a hint, and another when you come back; `progress()` shows how far you are. The sheets with
every exercise solved are in [solutions](solutions).

Difficulty and importance go up to five dots. All {every} take about {hours} hours; those *for
further practice* can wait. If your time is short, do the {few} of importance ●●●●●, in about
{few_hours} hours.
"""

BOTTOM = """
At the end of every sheet wait two quick ones: **lines in the wrong order** ({order} minutes), a
solution to put together, and **do you remember?** ({recall} minutes), a question about an earlier
notebook.

A *frame* is one 16th note; pitches are MIDI numbers, -1 is a rest. Shapes are written as in the
library: `Float[Tensor, "batch seq d_model"]` is a tensor of floats with three axes.
"""

COLUMNS = ("notebook", "exercise", "kind", "difficulty", "importance", "minutes", "why")


def overview(sheets: Path) -> str:
    """Write the overview of the exercises of ``sheets``."""
    pages = {int(page.stem[:2]): page.stem for page in sheets.glob("sources/[0-9]*.py")}
    every = [one for one in EXERCISES.values() if one.notebook in pages]
    few = [one for one in every if one.importance == 5]
    top = TOP.format_map(
        {"every": len(every), "hours": _hours(every), "few": len(few), "few_hours": _hours(few)}
    )
    rows = [COLUMNS, ("---", "---", "---", "---", "---", "---:", "---")]
    above = None
    for one in every:
        rows.append(_row(one, pages[one.notebook], first=one.notebook != above))
        above = one.notebook
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    bottom = BOTTOM.format(order=MINUTES_OF_ORDER, recall=MINUTES_OF_RECALL)
    return f"{top}\n{table}\n{bottom}"


def _hours(exercises: list[Exercise]) -> int:
    return round(sum(one.minutes for one in exercises) / 60)


def _row(one: Exercise, page: str, *, first: bool) -> tuple[str, ...]:
    sheet = f"[{notebook_title(one.notebook)}]({page}.ipynb)" if first else ""
    link = f"[{one.id}]({page}.ipynb#{one.id})"
    about = (kind(one), dots(one.difficulty), dots(one.importance), str(one.minutes), one.why)
    return (sheet, link, *about)

"""The cells that an exercise takes in a sheet: what to do, the answer, its check, a hint.

They carry the metadata by which nbgrader knows which cells are the learner's and which are marked.
"""

import re
from pathlib import Path
from urllib.parse import quote

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from musiclab.check.blanks import in_place_of, marked
from musiclab.check.exercise import Exercise, Order, Recall
from musiclab.check.registry import EXERCISES, QUICK

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = 3  # of nbgrader's metadata
HIDDEN = "### BEGIN HIDDEN TESTS\n{}.require()\n### END HIDDEN TESTS"
WIDE = 88  # characters of a signature that stays on one line
MINUTES_OF_ORDER, MINUTES_OF_RECALL = 4, 2


def cells_for(id: str) -> list[NotebookNode]:
    """Return the cells of an exercise or quick question, with solutions and hidden tests.

    Raises:
        KeyError: If there is none of this id.
    """
    if id in EXERCISES:
        return _exercise(EXERCISES[id])
    one = QUICK[id]
    return _order(one) if isinstance(one, Order) else _recall(one)


def _exercise(one: Exercise) -> list[NotebookNode]:
    text = (
        f"## {one.id}\n\n**{one.title}** · {facts(one)} · {section(one)}\n\n"
        f"*{one.why}*\n\n{one.statement}\n\n```python\n{laid_out(one.signature)}\n```"
    )
    cells = [_read_only(one.id, text)]
    if one.given:
        cells.append(_nbgrader(new_code_cell(one.given.strip()), f"{one.id}-given", locked=True))
    cells.append(_answer(one.id, marked(one)))
    cells.append(_check(one.id, one.name, points=2 * one.difficulty))
    cells.append(new_code_cell(f'# hint("{one.id}")', id=f"{one.id}-hint"))
    return cells


def _order(one: Order) -> list[NotebookNode]:
    lines = "\n".join(f"{n:2}  {line}" for n, line in enumerate(one.lines, start=1))
    text = (
        f"## {one.id}\n\n**Lines in the wrong order** · {MINUTES_OF_ORDER} minutes\n\n"
        f"Put in the right order, these lines are the body of `{EXERCISES[one.exercise].name}`. "
        "Some do not belong. Write down the numbers of those that do.\n\n"
        f"```python\n    {one.header}\n{lines}\n```"
    )
    start = "my_order = []  # the numbers of the lines, in order"
    return [
        _read_only(one.id, text),
        new_code_cell(f'order("{one.id}")', id=f"{one.id}-widget"),
        _answer(one.id, in_place_of(start, f"my_order = {list(one.right)}")),
        _check(one.id, "my_order", points=1),
    ]


def _recall(one: Recall) -> list[NotebookNode]:
    choices = "\n".join(f"- **{letter})** {text}" for letter, (text, _) in one.choices.items())
    about = f"**Do you remember?** · {MINUTES_OF_RECALL} minutes"
    text = f"## {one.id}\n\n{about}\n\n{one.question}\n\n{choices}"
    *most, last = (f'"{letter}"' for letter in one.choices)
    start = f"my_answer = ...  # {', '.join(most)} or {last}"
    return [
        _read_only(one.id, text),
        _answer(one.id, in_place_of(start, f'my_answer = "{one.right}"')),
        _check(one.id, "my_answer", points=1),
    ]


def facts(one: Exercise) -> str:
    """Say in a line what kind of exercise it is, how hard, how important, and how long."""
    difficulty, importance = dots(one.difficulty), dots(one.importance)
    facts = f"difficulty {difficulty} · importance {importance} · {one.minutes} minutes"
    return f"{kind(one)} · {facts}"


def kind(one: Exercise) -> str:
    """Say what kind of exercise it is, and whether the sheet can spare it."""
    return f"{one.kind}, *for further practice*" if one.further else one.kind


def dots(number: int) -> str:
    """Draw a number from 1 to 5.

    Example:
        >>> dots(2)
        '●●○○○'
    """
    return "●" * number + "○" * (5 - number)


def laid_out(signature: str) -> str:
    """Give a long signature a line for each argument.

    Example:
        >>> print(laid_out('f(x: Float[Tensor, "batch seq"], much: int) -> ' + 50 * "X"))
        f(
            x: Float[Tensor, "batch seq"],
            much: int,
        ) -> XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX
    """
    # A class has several calls: to make it, and to use it.
    calls = re.split(r"; |, a (?:class with|module that takes) | and (?=\w+\()", signature)
    return "\n".join(one if len(one) <= WIDE else _in_lines(one) for one in calls)


def _in_lines(call: str) -> str:
    whole = re.fullmatch(r"(\w+)\((.*)\)(.*)", call)
    if not whole:
        return call
    arguments = "".join(f"    {one},\n" for one in _arguments(whole[2]))
    return f"{whole[1]}(\n{arguments}){whole[3]}"


def _arguments(text: str) -> list[str]:
    """Split at the commas that stand in no bracket."""
    depth, parts = 0, [""]
    for letter in text:
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def section(one: Exercise) -> str:
    """Link to the section of the notebook that asks for an exercise, or to the notebook."""
    source = notebook_source(one.notebook)
    above, asked, _ = source.read_text(encoding="utf-8").partition(f"# > **Exercise** [{one.id}](")
    headings = re.findall(r"^# ## (\d+\.\d+ .+)$", above, flags=re.MULTILINE)
    page = f"../notebooks/{source.stem}.ipynb"
    if not asked or not headings:
        return f"[notebook {one.notebook}]({page})"
    anchor = quote(headings[-1].replace("`", "").replace(" ", "-"), safe="·,:?!'")
    return f"[section {headings[-1].split()[0]}]({page}#{anchor})"


def notebook_source(number: int) -> Path:
    """Return the source of the notebook of this number."""
    (found,) = (ROOT / "notebooks" / "sources").glob(f"{number:02}_*.py")
    return found


def notebook_title(number: int) -> str:
    """Return a notebook's title, with its number."""
    first_lines = notebook_source(number).read_text(encoding="utf-8").splitlines()[:2]
    return first_lines[1].removeprefix("# # ")


def _read_only(id: str, text: str) -> NotebookNode:
    return _nbgrader(new_markdown_cell(text), f"{id}-text", locked=True)


def _answer(id: str, text: str) -> NotebookNode:
    return _nbgrader(new_code_cell(text.rstrip()), id, solution=True)


def _check(id: str, name: str, points: int) -> NotebookNode:
    call = f'check("{id}", {name})'
    cell = new_code_cell(f"{call}\n{HIDDEN.format(call)}")
    return _nbgrader(cell, f"{id}-check", grade=True, locked=True, points=points)


def _nbgrader(cell: NotebookNode, id: str, **said: bool | int) -> NotebookNode:
    roles = {"grade": False, "solution": False, "locked": False, "task": False}
    about = {"schema_version": SCHEMA, "grade_id": id, "cell_type": cell.cell_type}
    cell.id = id
    cell.metadata["nbgrader"] = {**about, **roles, **said}
    return cell

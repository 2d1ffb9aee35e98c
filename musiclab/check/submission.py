"""Read a submission: its cells, the answers in them, and what each answer is made of.

Nothing is run here, and nothing but the code counts: no metadata, no names of cells or files.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from musiclab.errors import CheckFailed

LARGEST = 100_000_000  # bytes of one file
MOST_STEPS = 2_000
_CHECKS = re.compile(r"check$", re.IGNORECASE)
_SHELL = re.compile(r"^\s*([%!?]|[\w, ]+=\s*[%!])|\?\s*$")
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_RUN_ANYWAY = {"time", "timeit", "capture", "prun"}  # magics with Python below them
_FORBIDDEN = {"EXERCISES", "QUICK", "solution_text", "musiclab.check.exercises"}
_HIDDEN_PLACES = ("musiclab.check.exercises", "musiclab.check.registry", "musiclab.check.hinting")


@dataclass(frozen=True)
class Step:
    """One statement of a cell."""

    cell: int  # counted from 1
    source: str
    binds: frozenset[str]  # names that it gives a value to
    uses: frozenset[str]
    answers: tuple[tuple[str, str], ...] = ()  # the ids that it checks, and the expressions
    only_checks: bool = False  # nothing is left to run besides
    suspicious: bool = False  # it reaches for the solution


@dataclass
class Submission:
    """The statements of a submission that can be read, and the cells that cannot."""

    steps: list[Step] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)  # text, and what is wrong

    @cached_property
    def checked(self) -> set[str]:
        """The ids that it checks somewhere."""
        return {id for step in self.steps for id, _ in step.answers}

    @cached_property
    def bound(self) -> set[str]:
        """The names that it gives a value to."""
        return {name for step in self.steps for name in step.binds}

    def needed(self, id: str, name: str) -> list[Step]:
        """Return the steps that an answer is made of, as far as names tell."""
        wanted, found = {name}, []
        for step in self.steps:
            if any(id == one for one, _ in step.answers):
                found.append(step)
        wanted |= {used for step in found for used in step.uses}
        grown = True
        while grown:
            new = [step for step in self.steps if step.binds & wanted and step not in found]
            found += new
            grown = bool(new)
            wanted |= {used for step in new for used in step.uses}
        if name not in self.bound:  # who runs a text may bind it unseen
            found += [step for step in self.steps if step.suspicious and step not in found]
        return found

    def mentions(self, id: str, name: str) -> str:
        """Say what is wrong with the broken code that mentions an exercise; "" if none does."""
        sign = re.compile(rf"\b{re.escape(name)}\b|[\"']{re.escape(id)}[\"']")
        return next((wrong for text, wrong in self.broken if sign.search(text)), "")


def read(path: Path, ids: Iterable[str]) -> Submission:
    """Read a notebook or a Python file.

    Args:
        path: Of the file.
        ids: Of all exercises.

    Raises:
        CheckFailed: If it is no notebook, or too large; the message says why.
    """
    return parse(cells_of(path), frozenset(ids))


def cells_of(path: Path) -> list[str]:
    """Return the code cells of a notebook; of a Python file, one.

    Raises:
        CheckFailed: If it cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CheckFailed(f"the file is larger than {LARGEST // 1_000_000} MB")
        text = path.read_text(encoding="utf-8-sig")
        return [text] if path.suffix == ".py" else list(_code(json.loads(text)))
    except UnicodeDecodeError:
        raise CheckFailed("the file is not written in UTF-8") from None
    except OSError as error:
        raise CheckFailed(f"the file cannot be opened ({error.strerror})") from None
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        raise CheckFailed("the file is no notebook: its JSON is damaged") from None


def _code(notebook: Mapping[str, Any]) -> Iterator[str]:
    sheets = notebook.get("worksheets") or [notebook]  # notebooks of format 3 had sheets
    for cell in (cell for sheet in sheets for cell in sheet["cells"]):
        source = cell.get("source", cell.get("input", ""))
        if cell.get("cell_type") == "code":
            yield source if isinstance(source, str) else "".join(source)


def parse(cells: Sequence[str], ids: frozenset[str]) -> Submission:
    """Take cells apart into statements."""
    submission = Submission()
    for number, cell in enumerate(cells, start=1):
        for text in _readable(cell):
            try:
                tree = ast.parse(text)
                submission.steps += [_step(number, node, ids) for node in tree.body]
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
                submission.broken.append((text, f"{type(error).__name__}{line} of its code"))
    del submission.steps[MOST_STEPS:]
    return submission


def _readable(cell: str) -> list[str]:
    """Return a cell without magics; in blocks, if it cannot be read as a whole."""
    if (magic := _CELL_MAGIC.match(cell)) is not None:
        cell = cell.partition("\n")[2] if magic[1] in _RUN_ANYWAY else ""
    if _parses(cell):
        return [cell]
    # A command becomes `pass`, which keeps a block that holds nothing else whole.
    lines = [re.sub(r"\S.*", "pass", x, count=1) if _SHELL.search(x) else x for x in _lines(cell)]
    text = "\n".join(lines)
    return [text] if _parses(text) else _blocks(lines)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _parses(text: str) -> bool:
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        ast.parse(text)
        return True
    return False


def _blocks(lines: Sequence[str]) -> list[str]:
    """Cut where a line begins at the margin, so that what is broken costs only itself."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        begins = re.match(r"(?!else|elif|except|finally)[\w@]", line)
        decorated = blocks[-1] and blocks[-1][-1].startswith("@")
        if begins and not decorated:
            blocks.append([])
        blocks[-1].append(line)
    return ["\n".join(block) for block in blocks]


def _step(cell: int, node: ast.stmt, ids: frozenset[str]) -> Step:
    every = list(ast.walk(node))
    calls = [(one, _checked(one, ids)) for one in every if isinstance(one, ast.Call)]
    answers = tuple(told for _, told in calls if told)
    checks = {id(one) for one, told in calls if told}
    return Step(
        cell=cell,
        source=ast.unparse(node),
        binds=frozenset(_binds(node)),
        uses=frozenset(
            one.id for one in every if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
        ),
        # Inside a function an answer may be made of names that only the function has.
        answers=() if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else answers,
        only_checks=isinstance(node, ast.Expr) and id(node.value) in checks,
        suspicious=any(_reaches_for_the_solution(one, ids) for one in every),
    )


def _checked(call: ast.Call, ids: frozenset[str]) -> tuple[str, str] | None:
    """Return the id and the expression of ``check("id", expression)``."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    named = {one.arg: one.value for one in call.keywords}
    told = [*call.args, *(named[key] for key in ("id", "answer") if key in named)]
    if not _CHECKS.search(name) or len(told) != 2 or not isinstance(told[0], ast.Constant):
        return None
    return (told[0].value, ast.unparse(told[1])) if told[0].value in ids else None


def _binds(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
        return
    for one in ast.walk(node):
        if isinstance(one, (ast.FunctionDef, ast.ClassDef)):
            yield one.name
        elif isinstance(one, ast.alias):
            yield (one.asname or one.name).partition(".")[0]
        elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id


def _reaches_for_the_solution(node: ast.AST, ids: frozenset[str]) -> bool:
    if isinstance(node, ast.Call):  # solution("attention-weights"), whatever it is called
        first = node.args[0] if node.args else None
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        return name == "solution" and isinstance(first, ast.Constant) and first.value in ids
    if isinstance(node, ast.Name):
        return node.id in _FORBIDDEN
    if isinstance(node, ast.Attribute):
        return node.attr in _FORBIDDEN
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith(_HIDDEN_PLACES)
    if isinstance(node, ast.Import):
        return any(one.name.startswith(_HIDDEN_PLACES) for one in node.names)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.startswith(_HIDDEN_PLACES) or "check/exercises" in node.value
    return False

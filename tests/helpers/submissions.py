"""Submissions as learners hand them in, or as somebody does who means no good.

Each is made from a real sheet and its solutions, and says what marks it should get.
"""

import ast
import importlib.util
import inspect
import json
import random
import re
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from musiclab.check.exercise import Exercise
from musiclab.check.registry import EXERCISES, QUICK

ROOT = Path(__file__).resolve().parents[2]
ANY = "*"  # any named reason will do
RIGHT = ""  # all points


@dataclass
class Made:
    """A submission, and what it should get."""

    kind: str
    path: str  # below the folder of submissions
    text: str
    expected: dict[str, tuple[str, ...]]  # for each question the reasons that fit; ("",): right


@dataclass
class Sheet:
    """A sheet in parts, to be put together otherwise."""

    number: int
    top: list[str]  # the cells above the first exercise
    given: dict[str, str]  # code that stands above an answer
    blank: dict[str, str]
    solved: dict[str, str]
    checks: dict[str, str]
    stem: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    expected: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        """All questions."""
        return list(self.blank)

    @property
    def tasks(self) -> list[str]:
        """The questions that a function answers."""
        return [id for id in self.blank if id in EXERCISES]

    def cells(self) -> list[str]:
        """Return the code cells in their order."""
        cells = list(self.top)
        for id in self.ids:
            cells += [self.given[id]] if id in self.given else []
            cells += [self.answers[id], self.checks[id]]
        return cells

    def answer(self, id: str, text: str, *reasons: str) -> None:
        """Give another answer to one question."""
        self.answers[id], self.expected[id] = text, reasons


@cache
def _pages(number: int) -> tuple[str, list[Any], list[Any]]:
    (page,) = (ROOT / "exercises").glob(f"{number:02}_*.ipynb")
    pages = [page, page.parent / "solutions" / page.name]
    blank, solved = (json.loads(one.read_text(encoding="utf-8"))["cells"] for one in pages)
    return page.stem, blank, solved


def _sheet(number: int) -> dict[str, Any]:
    """Sort the code cells of a sheet by what they are for."""
    stem, blank, solved = _pages(number)
    parts: dict[str, Any] = {"number": number, "top": [], "stem": stem}
    parts |= {"given": {}, "blank": {}, "solved": {}, "checks": {}}
    for cell in blank:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if cell["cell_type"] != "code":
            continue
        if name in EXERCISES or name in QUICK:
            parts["blank"][name] = "".join(cell["source"])
        elif name.endswith("-given"):
            parts["given"][name.removesuffix("-given")] = "".join(cell["source"])
        elif name.endswith("-check"):
            parts["checks"][name.removesuffix("-check")] = "".join(cell["source"])
        elif not parts["blank"]:
            parts["top"].append("".join(cell["source"]))
    for cell in solved:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in parts["blank"] and cell["cell_type"] == "code":
            parts["solved"][name] = "".join(cell["source"])
    return parts


def right(number: int, keep: Collection[str] = ()) -> Sheet:
    """Return a sheet with every question answered as in the solutions; with some alone if asked."""
    parts = _sheet(number)
    if keep:
        each = {name: part for name, part in parts.items() if isinstance(part, dict)}
        parts |= {name: {x: part[x] for x in part if x in keep} for name, part in each.items()}
    expected = {id: (RIGHT,) for id in parts["blank"]}
    return Sheet(**parts, answers=dict(parts["solved"]), expected=expected)


def notebook(cells: list[str], **more: Any) -> str:
    """Write a notebook of code cells."""
    every = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": x} for x in cells]
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": every}
    for cell in every:
        cell["execution_count"] = None
    return json.dumps(whole | more)


def standing_alone(function: Any, module: ModuleType, name: str) -> str | None:
    """Write a function with all of its file that it needs; None if that leads to the exercises."""
    tree = ast.parse(inspect.getsource(module))
    binds = {node: _binds(node) for node in tree.body}
    if not any(function.__name__ in names for names in binds.values()):
        return None  # something made it
    wanted, kept = {function.__name__}, set()
    while new := {node for node in tree.body if binds[node] & wanted} - kept:
        kept |= new
        every = (one for node in new for one in ast.walk(node))
        wanted |= {one.id for one in every if isinstance(one, ast.Name)}
    text = "\n\n".join(ast.unparse(node) for node in tree.body if node in kept)
    if "musiclab.check" in text or "_parts" in text:
        return None
    return f"{text}\n\n{name} = {function.__name__}\n" if function.__name__ != name else text


def _binds(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(one.asname or one.name).partition(".")[0] for one in node.names}
    if isinstance(node, ast.Assign):
        return {one.id for one in node.targets if isinstance(one, ast.Name)}
    return set()


def mistakes(id: str) -> list[tuple[str, str]]:
    """Return known mistakes of an exercise, by id, each with a text that makes it."""
    one = EXERCISES[id]
    module = inspect.getmodule(one.solution)
    assert module
    found = []
    for name, mistake in zip(one.mistake_ids, one.mistakes, strict=True):
        text = standing_alone(mistake, module, one.name)
        own = one.reference.__name__
        imported = rf"\bimport\b.*\b({own}|{one.name})\b"  # the right function, or one of its name
        if text and f".{own}(" not in text and not re.search(imported, text):
            found.append((name, text))
    return found


def other_answers(id: str) -> list[str]:
    """Return right answers written in other ways."""
    number = EXERCISES[id].notebook
    module = _right_answers(number)
    texts = [standing_alone(one, module, EXERCISES[id].name) for one in module.RIGHT.get(id, [])]
    return [text for text in texts if text and "musiclab" not in text]


@cache
def _right_answers(number: int) -> ModuleType:
    path = ROOT / "tests" / "check" / "right_answers" / f"{number:02}.py"
    spec = importlib.util.spec_from_file_location(f"right_answers_{number:02}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # `inspect` looks for it there
    spec.loader.exec_module(module)
    return module


def header(id: str) -> str:
    """Return "def name(arguments):" or, for a class, what makes one that can be called."""
    one: Exercise = EXERCISES[id]
    return f"def {one.name}(*inputs, **named):"


Kind = Callable[[Sheet, random.Random], list[str] | str]
KINDS: dict[str, Kind] = {}


def kind(name: str) -> Callable[[Kind], Kind]:
    """Note a kind of submission; it changes a right sheet and returns its cells, or the file."""

    def note(make: Kind) -> Kind:
        KINDS[name] = make
        return make

    return note


def _victim(sheet: Sheet, rng: random.Random, body: str, *reasons: str) -> list[str]:
    """Give one question an answer that does something."""
    id = rng.choice(sheet.tasks)
    lines = "\n".join("    " + line for line in body.splitlines())
    sheet.answer(id, f"{header(id)}\n{lines}", *reasons)
    return sheet.cells()


def _with_cell(sheet: Sheet, rng: random.Random, text: str) -> list[str]:
    """Put a cell between others."""
    cells = sheet.cells()
    cells.insert(rng.randrange(len(sheet.top), len(cells)), text)
    return cells


@kind("right")
def _right(sheet, rng):
    return sheet.cells()


@kind("right, written otherwise")
def _otherwise(sheet, rng):
    for id in sheet.tasks:
        if texts := other_answers(id):
            sheet.answer(id, rng.choice(texts), RIGHT)
    return sheet.cells()


@kind("blank")
def _blank(sheet, rng):
    for id in sheet.ids:
        sheet.answer(id, sheet.blank[id], "not started")
    return sheet.cells()


@kind("half done")
def _half(sheet, rng):
    for id in rng.sample(sheet.ids, len(sheet.ids) // 2):
        sheet.answer(id, sheet.blank[id], "not started")
    return sheet.cells()


@kind("known mistakes")
def _mistakes(sheet, rng):
    for id in sheet.tasks:
        if known := mistakes(id):
            name, text = rng.choice(known)
            sheet.answer(id, text, name)
    return sheet.cells()


@kind("nonsense")
def _nonsense(sheet, rng):
    for id in sheet.ids:
        if id in EXERCISES:
            result = rng.choice(['"nonsense"', "[[1, 2], [3]]", "torch.zeros(3, 1, 4)", "-1e30"])
            sheet.answer(id, f"{header(id)}\n    return {result}", ANY)
        elif id.startswith("order"):
            numbers = rng.choice(["[99]", "[2, 2]", '"1, 2"', "[1]"])
            sheet.answer(id, f"my_order = {numbers}", ANY)
        else:
            sheet.answer(id, 'my_answer = "z"', "no-such-choice")
    return sheet.cells()


@kind("raises")
def _raises(sheet, rng):
    return _victim(sheet, rng, 'raise ValueError("what?")', "raised-ValueError", ANY)


@kind("BaseException")
def _base(sheet, rng):
    return _victim(sheet, rng, "raise BaseException", "raised-BaseException")


@kind("endless loop in an answer")
def _loop(sheet, rng):
    body = rng.choice(["while True:\n    pass", "while True:\n    try:\n        while True: pass\n"
                       "    except BaseException: pass"])  # fmt: skip
    return _victim(sheet, rng, body, "time-limit")


@kind("endless loop in a cell")
def _loop_cell(sheet, rng):
    return _with_cell(sheet, rng, "while True:\n    pass")


@kind("out of memory")
def _memory(sheet, rng):
    bodies = ["held = []\nwhile True:\n    held.append(bytearray(50_000_000))",
              "return torch.zeros(10**10)"]  # fmt: skip
    return _victim(sheet, rng, rng.choice(bodies), "memory-limit")


@kind("endless print")
def _print(sheet, rng):
    return _victim(sheet, rng, 'while True:\n    print("again")', "print-limit")


@kind("os._exit in an answer")
def _exit(sheet, rng):
    return _victim(sheet, rng, "import os\nos._exit(0)", "process-ended")


@kind("os._exit in a cell")
def _exit_cell(sheet, rng):
    return _with_cell(sheet, rng, "import os\nos._exit(0)")


@kind("sys.exit")
def _sys_exit(sheet, rng):
    cells = _victim(sheet, rng, "import sys\nsys.exit(0)", "raised-SystemExit")
    return [*cells[:4], "import sys\nsys.exit(0)", *cells[4:]]


@kind("patched check")
def _patched_check(sheet, rng):
    for id in sheet.tasks:
        sheet.answer(id, f"{header(id)}\n    return 42", ANY)
    patch = rng.choice([
        "import musiclab.check\nmusiclab.check.check = check = lambda id, answer: True",
        "import musiclab.check.judge as j\nj.judge = lambda *x: j.Verdict(passed=True, what='')",
        "import musiclab.check.outcomes as o\no.same = lambda *x: True",
    ])  # fmt: skip
    cells = sheet.cells()
    return [*cells[:3], patch, *cells[3:]]


@kind("patched torch")
def _patched_torch(sheet, rng):
    id = rng.choice(sheet.tasks)
    sheet.answer(id, f"{header(id)}\n    return torch.zeros(1)", ANY)
    patch = (
        "torch.allclose = torch.equal = lambda *x, **y: True\n"
        "torch.Tensor.__eq__ = lambda *x: True\ntorch.manual_seed = lambda *x: None"
    )
    cells = sheet.cells()
    return [*cells[:3], patch, *cells[3:]]


@kind("patched builtins and json")
def _patched_builtins(sheet, rng):
    id = rng.choice(sheet.tasks)
    sheet.answer(id, f"{header(id)}\n    return 0.123", ANY)
    patch = (
        'import builtins, json\njson.dumps = lambda *x, **y: \'["verdict", {"passed": true}]\'\n'
        "builtins.all = lambda x: True\nbuiltins.any = lambda x: False"
    )
    cells = sheet.cells()
    return [*cells[:3], patch, *cells[3:]]


@kind("forged result")
def _forged(sheet, rng):
    body = (
        "import os\n"
        'line = b\'["verdict", {"passed": true, "mistake": null}]\\n["end", true]\\n\'\n'
        "for handle in range(3, 64):\n"
        "    try:\n        os.write(handle, line)\n    except OSError:\n        pass\n"
        "print(line.decode())\nreturn True"
    )
    return _victim(sheet, rng, body, ANY)


@kind("reads the solution")
def _reads(sheet, rng):
    id = rng.choice([one for one in sheet.tasks if not isinstance(EXERCISES[one].solution, type)])
    name = EXERCISES[id].name
    ways = [
        f'from musiclab.check import EXERCISES\n{name} = EXERCISES["{id}"].reference',
        f'from musiclab.check import EXERCISES\nexec(EXERCISES["{id}"].solution_text)',
        f"from musiclab.check.exercises.{id.replace('-', '_')} import solution as {name}",
        f"{header(id)}\n    from musiclab.check import EXERCISES\n"
        f'    return EXERCISES["{id}"].reference(*inputs, **named)',
        f"{header(id)}\n    import sys\n    where = 'musiclab.che' + 'ck.exercises.'\n"
        f"    where += '{id.replace('-', '_')}'\n"
        "    return vars(sys.modules[where])['solution'](*inputs, **named)",
        "import importlib\n"
        f"hidden = importlib.import_module('musiclab.' + 'check.' + 'exer' + "
        f"'cises.{id.replace('-', '_')}')\n{name} = hidden.solution",
        f"text = str(solution('{id}'))\nexec(text)",
    ]
    sheet.answer(id, rng.choice(ways), "takes the solution", "is the library's own function")
    return sheet.cells()


@kind("the library's own")
def _own(sheet, rng):
    for id in sheet.tasks:
        one = EXERCISES[id].reference
        home, name = one.__module__, getattr(one, "__name__", "")
        module = inspect.getmodule(one)
        if home.startswith("musiclab.") and "check" not in home and hasattr(module, name):
            ours = EXERCISES[id].name
            text = f"from {home} import {name} as {ours}" if name != ours else (
                f"from {home} import {name}"
            )  # fmt: skip
            if rng.random() < 0.5 and not isinstance(one, type):
                text = (
                    f"import {home} as lib\n{header(id)}\n    return lib.{name}(*inputs, **named)"
                )
            sheet.answer(id, text, "takes the solution", "is the library's own function")
    return sheet.cells()


@kind("deleted cells")
def _deleted(sheet, rng):
    gone, unchecked = rng.sample(sheet.tasks, 2)
    sheet.answers[gone] = sheet.checks[gone] = ""
    sheet.expected[gone] = ("not there", "is the library's own function")
    sheet.checks[unchecked] = ""  # an answer without its check still counts
    sheet.top = sheet.top[:1]  # nor are the imports there
    return [cell for cell in sheet.cells() if cell]


@kind("copied cells")
def _copied(sheet, rng):
    cells = list(sheet.top)
    for id in sheet.ids:  # the blank is kept, the answer stands in a copy
        cells += [sheet.given[id]] if id in sheet.given else []
        cells += [sheet.blank[id], sheet.checks[id], sheet.answers[id], sheet.checks[id]]
    return cells


@kind("other order")
def _order(sheet, rng):
    cells = sheet.cells()
    pairs = [cells[n : n + 1] for n in range(len(sheet.top))]
    for id in sheet.ids:
        given = [sheet.given[id]] if id in sheet.given else []
        pairs.append([*given, sheet.answers[id], sheet.checks[id]])
    rng.shuffle(pairs)
    return [cell for pair in pairs for cell in pair]


@kind("checks above answers")
def _upside_down(sheet, rng):
    checks = [sheet.checks[id] for id in sheet.tasks]
    quick = [
        cell for id in sheet.ids if id in QUICK for cell in (sheet.answers[id], sheet.checks[id])
    ]
    answers = [cell for id in sheet.tasks for cell in (sheet.given.get(id, ""), sheet.answers[id])]
    return [*checks, *sheet.top, *answers, *quick]


@kind("renamed file")
def _renamed(sheet, rng):
    return sheet.cells()


@kind("wrong kernel")
def _kernel(sheet, rng):
    spec = {"name": "julia-1.9", "display_name": "Julia", "language": "julia"}
    return notebook(sheet.cells(), metadata={"kernelspec": spec, "language_info": {"name": "R"}})


@kind("no metadata")
def _bare(sheet, rng):
    cells = [{"cell_type": "code", "source": cell.splitlines(True)} for cell in sheet.cells()]
    return json.dumps({"cells": cells})


@kind("through Colab")
def _colab(sheet, rng):
    more = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}, "accelerator": "GPU"}
    return notebook(["!pip install -q musiclab", *sheet.cells()], metadata=more, nbformat_minor=0)


@kind("magics and commands")
def _magics(sheet, rng):
    cells = ["%%time\n" + cell if n > 2 else cell for n, cell in enumerate(sheet.cells())]
    return ["%matplotlib inline\n!ls -l\nfiles = !ls\nprint?", "%%bash\nexit 1", *cells]


@kind("syntax error")
def _syntax(sheet, rng):
    id = rng.choice(sheet.tasks)
    sheet.answer(id, f"{header(id)}\n    return (1 +", "syntax-error")
    return sheet.cells()


@kind("damaged file")
def _damaged(sheet, rng):
    sheet.expected = {id: ("unreadable",) for id in sheet.ids}
    return notebook(sheet.cells())[: rng.randrange(10, 3000)]


@kind("huge output")
def _huge(sheet, rng):
    whole = json.loads(notebook(sheet.cells()))
    said = {"output_type": "stream", "name": "stdout", "text": "all work and no play\n" * 500_000}
    whole["cells"][5]["outputs"] = [said]
    return json.dumps(whole)


@kind("infinite recursion")
def _recursion(sheet, rng):
    id = rng.choice(sheet.tasks)
    name = EXERCISES[id].name
    text = f"{header(id)}\n    return {name}(*inputs, **named)"
    sheet.answer(id, text, "raised-RecursionError", "process-ended")
    return sheet.cells()


@kind("thread left running")
def _thread(sheet, rng):
    text = (
        "import threading, subprocess\n"
        "def spin():\n    while True:\n        pass\n"
        "threading.Thread(target=spin, daemon=False).start()\n"
        "_ = subprocess.Popen(['sleep', '1000'], start_new_session=True)"
    )
    return _with_cell(sheet, rng, text)


@kind("writes files")
def _files(sheet, rng):
    text = (
        "import os, musiclab\nfrom pathlib import Path\n"
        "os.makedirs('left', exist_ok=True)\nos.chdir('left')\nPath('a.txt').write_text('b')\n"
        "try:\n    Path(musiclab.__file__).with_name('defaced.txt').write_text('c')\n"
        "except OSError:\n    pass"
    )
    return _with_cell(sheet, rng, text)


@kind("cell that raises")
def _cell_raises(sheet, rng):
    text = rng.choice(["1 / 0", "import no_such_module", "undefined_name", "raise BaseException"])
    return _with_cell(sheet, rng, text)


@kind("Python file")
def _python(sheet, rng):
    cells = [cell for cell in sheet.cells() if "%pip" not in cell]
    return "\n\n".join(f"# %%\n{cell}" for cell in cells)


@kind("asks the network")
def _network(sheet, rng):
    text = (
        "import urllib.request\n"
        "urllib.request.urlopen('http://192.0.2.1/', timeout=100)"  # an address for examples
    )
    return _with_cell(sheet, rng, text)


def make(
    name: str, number: int, rng: random.Random, student: str, keep: Collection[str] = ()
) -> Made:
    """Make a submission of a kind.

    Args:
        name: One of ``KINDS``.
        number: Of the sheet.
        rng: For what may be chosen.
        student: Whose it is; each has another.
        keep: The questions that the sheet shall have; by default all.
    """
    sheet = right(number, keep)
    cells = KINDS[name](sheet, rng)
    text = cells if isinstance(cells, str) else notebook(cells)
    suffix = ".py" if name == "Python file" else ".ipynb"
    path = rng.choice([
        f"{student}/ps{number}/{sheet.stem}{suffix}",  # as nbgrader collects
        f"{student}_{rng.randrange(10**4)}_{rng.randrange(10**6)}_{sheet.stem}-1{suffix}",  # Canvas
        f"{student}_{rng.randrange(10**6)}_assignsubmission_file/{sheet.stem}{suffix}",  # Moodle
    ])  # fmt: skip
    if name == "renamed file":
        path = f"{student} – homework (final) (2){suffix}"
    return Made(name, path, text, sheet.expected)


def some(count: int, sheets: list[int], seed: int = 0) -> Iterator[tuple[int, Made]]:
    """Make submissions of all kinds in turn, each with the number of its sheet."""
    rng = random.Random(seed)
    for n in range(count):
        number = sheets[n // len(KINDS) % len(sheets)]
        yield number, make(list(KINDS)[n % len(KINDS)], number, rng, f"student{n:03}")

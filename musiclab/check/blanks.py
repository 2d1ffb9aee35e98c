"""The text of an answer cell: what the learner starts from, what solves it, and both with marks.

What the learner writes stands between ``# BEGIN SOLUTION`` and ``# END SOLUTION``. Where the marks
are indented they are a gap in what surrounds them; at the margin, what is between them replaces
all that stands above.
"""

import ast
import inspect
import io
import re
import sys
import tokenize
from collections.abc import Callable
from types import CodeType
from typing import Any

from musiclab.check.exercise import Exercise

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
GAP = "...  # your code here"
_REGION = re.compile(rf"^([ \t]*){BEGIN}\n(.*?)^[ \t]*{END}\n?", re.MULTILINE | re.DOTALL)


def marked(exercise: Exercise) -> str:
    """Write the answer cell with its solution between marks."""
    text = _with_docstring(exercise, exercise.solution_text)
    if exercise.start is not None:
        return in_place_of(_with_docstring(exercise, _start_text(exercise)), text)
    return text if BEGIN in text else _with_marks(text)


def in_place_of(start: str, solution: str) -> str:
    """Set a solution, between marks, below what it replaces."""
    return f"{start.rstrip()}\n{BEGIN}\n{solution.rstrip()}\n{END}\n"


def blank(text: str) -> str:
    """Leave of a marked text what the learner is given.

    Example:
        >>> print(blank(in_place_of("a = []", "a = [1, 2]")))
        a = []
    """
    return _REGION.sub(lambda found: f"{found[1]}{GAP}\n" if found[1] else "", text).rstrip()


def solved(text: str) -> str:
    """Leave of a marked text what solves it.

    Example:
        >>> print(solved(in_place_of("a = []", "a = [1, 2]")))
        a = [1, 2]
    """
    replacement = next((found[2] for found in _REGION.finditer(text) if not found[1]), None)
    return (_REGION.sub(r"\2", text) if replacement is None else replacement).rstrip()


def as_given(exercise: Exercise, answer: Any) -> bool:
    """Tell whether an answer is still what the learner was given, gaps and all."""
    given = dict(vars(sys.modules[exercise.solution.__module__]))
    exec(blank(marked(exercise)), given)
    return _code(answer) == _code(given[exercise.name])


def _code(answer: Any) -> dict[str, Any]:
    """Return what Python made of a function, or of the methods of a class, by name."""
    parts = vars(answer) if isinstance(answer, type) else {"": answer}
    code = {name: getattr(part, "__code__", None) for name, part in parts.items()}
    return {name: _steps(one) for name, one in code.items() if isinstance(one, CodeType)}


def _steps(code: CodeType) -> tuple[Any, ...]:
    constants = [_steps(one) if isinstance(one, CodeType) else one for one in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, constants


def _start_text(exercise: Exercise) -> str:
    start: Callable[..., Any] | None = exercise.start
    assert start is not None
    text = inspect.getsource(start)
    return re.sub(rf"\b{start.__name__}\b", exercise.name, text, count=1)


def _with_docstring(exercise: Exercise, text: str) -> str:
    """Give a text the title as its docstring: its own may say how it is done, or what is wrong."""
    lines, node = text.splitlines(), _definition(text)
    if ast.get_docstring(node) is not None:
        first = node.body[0]
        del lines[first.lineno - 1 : first.end_lineno]
    title = exercise.title if exercise.title[-1] in ".?!" else f"{exercise.title}."
    header = _last_line_of_header(text, node)
    above_methods = isinstance(node, ast.ClassDef) and lines[header : header + 1] != [""]
    lines[header:header] = [f'    """{title}"""'] + [""] * above_methods
    return "\n".join(lines) + "\n"


def _with_marks(text: str) -> str:
    """Set marks around the body of a function, or of every method of a class."""
    lines, node = text.splitlines(), _definition(text)
    functions = [node] if isinstance(node, ast.FunctionDef) else node.body
    for function in reversed([one for one in functions if isinstance(one, ast.FunctionDef)]):
        begin = _last_line_of_header(text, function)
        given = [one for one in function.body[:2] if _is_given(one)]
        begin = max([begin, *(one.end_lineno or 0 for one in given)])
        indent = " " * function.body[0].col_offset
        lines.insert(function.end_lineno or 0, indent + END)
        lines.insert(begin, indent + BEGIN)
    return "\n".join(lines) + "\n"


def _is_given(statement: ast.stmt) -> bool:
    """Tell whether a statement is a docstring, or the call that begins every ``__init__``."""
    if not isinstance(statement, ast.Expr):
        return False
    return isinstance(statement.value, ast.Constant) or ast.unparse(statement).startswith("super()")


def _definition(text: str) -> ast.FunctionDef | ast.ClassDef:
    (node,) = ast.parse(text).body
    assert isinstance(node, (ast.FunctionDef, ast.ClassDef)), text
    return node


def _last_line_of_header(text: str, node: ast.FunctionDef | ast.ClassDef) -> int:
    """Return the number of the line on which ``def ...:`` or ``class ...:`` ends."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return next(
        token.start[0]
        for token in tokens
        if token.type == tokenize.NEWLINE and token.start[0] >= node.lineno
    )

"""What a learner is given: every gap closes to the solution, and nothing of it shows before."""

import ast
import sys

import pytest

from musiclab.check import EXERCISES
from musiclab.check.blanks import BEGIN, as_given, blank, in_place_of, marked, solved

every = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


def made(exercise, text):
    """Run an answer cell; return what it defines."""
    names = dict(vars(sys.modules[exercise.solution.__module__]))
    exec(text, names)
    return names[exercise.name]


@every
def test_solved_is_the_solution(exercise):
    text = solved(marked(exercise))
    assert "SOLUTION" not in text
    ours, solution = (ast.parse(one).body[0] for one in (text, exercise.solution_text))
    assert ast.get_docstring(ours).rstrip(".") == exercise.title
    ours.body.pop(0)
    if ast.get_docstring(solution):
        solution.body.pop(0)
    assert ast.dump(ours) == ast.dump(solution)


@every
def test_blank_is_as_given_and_the_solution_is_not(exercise):
    assert as_given(exercise, made(exercise, blank(marked(exercise))))
    assert not as_given(exercise, made(exercise, solved(marked(exercise))))
    for nothing in (None, ..., 3, print):
        assert not as_given(exercise, nothing)


@every
def test_no_line_of_the_solution_shows(exercise):
    given, filled = blank(marked(exercise)), solved(marked(exercise))
    hidden = marked(exercise).split(BEGIN)[1:]
    assert hidden and len(given) < len(filled) or exercise.start
    assert given.count("...  # your code here") == (0 if exercise.start else len(hidden))


def test_a_gap_at_the_margin_replaces_what_stands_above():
    text = in_place_of("a = []  # numbers", "a = [2, 1]")
    assert (blank(text), solved(text)) == ("a = []  # numbers", "a = [2, 1]")


def test_an_indented_gap_is_filled_in_place():
    text = f"def f(x):\n    y = 1\n    {BEGIN}\n    y += x\n    # END SOLUTION\n    return y\n"
    assert blank(text) == "def f(x):\n    y = 1\n    ...  # your code here\n    return y"
    assert solved(text) == "def f(x):\n    y = 1\n    y += x\n    return y"


@pytest.mark.parametrize("number", sorted({one.notebook for one in EXERCISES.values()}))
def test_what_is_given_leaves_the_learners_names_alone(number):
    sheet = [one for one in EXERCISES.values() if one.notebook == number]
    given = [line for one in sheet for line in ast.parse(one.given).body]
    means = {(name, ast.dump(line)) for line in given for name in names_bound(line)}
    names = [name for name, _ in means]
    assert not {one.name for one in sheet} & set(names)
    assert len(set(names)) == len(names), "one name means two things in this sheet"


def names_bound(line):
    """The names that an import, an assignment or a definition gives a meaning."""
    if isinstance(line, (ast.Import, ast.ImportFrom)):
        return [one.asname or one.name for one in line.names]
    if isinstance(line, ast.Assign):
        return [target.id for target in line.targets]
    return [line.name]

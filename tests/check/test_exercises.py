"""Every exercise: its mistakes are told apart, right answers pass, its words are plain."""

import inspect
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from plain_words import GRADE, LINE, WORDS, grade

from musiclab.check import EXERCISES
from musiclab.check.answering import made_from
from musiclab.check.bench import Bench
from musiclab.check.exercise import KINDS
from musiclab.check.judge import diagnose
from musiclab.check.quick import name_in, source_of
from musiclab.check.registry import QUICK
from musiclab.check.trial import try_on

ROOT = Path(__file__).parents[2]
SEEDS = (11, 12, 13)


@cache
def bench(id):
    """The exercise on fresh probes, the same for all tests."""
    return Bench(EXERCISES[id], SEEDS)


def verdict(id, answer):
    """Judge an answer in this process."""
    here = bench(id)
    return diagnose(here, [try_on(here.exercise, answer, probe) for probe in here.probes])


@cache
def texts(id):
    """All that an exercise says, by where it stands."""
    exercise = EXERCISES[id]
    said = {f"hint {n}": hint for n, hint in enumerate(exercise.hints, 1)}
    for function in (*exercise.mistakes, *exercise.properties):
        said[function.__name__] = inspect.getdoc(function) or ""
    return said


@pytest.fixture(scope="module")
def planted():
    """What `make mistakes` prints, by exercise; without the checks of shapes, which take long."""
    command = [sys.executable, "scripts/mistakes.py", "--seeds", "3", "--planted", "1"]
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True)
    blocks = re.split(r"^(?=\d\d )", done.stdout, flags=re.MULTILINE)
    return {block.split()[1]: block for block in blocks[1:]}


@pytest.mark.parametrize("id", EXERCISES)
def test_right_answers_pass_and_mistakes_are_called_by_their_own_names(planted, id):
    assert planted[id].split()[2] == "ok", planted[id]


@pytest.mark.parametrize("id", EXERCISES)
def test_an_empty_answer_is_not_begun_and_nothing_passes(id):
    def raises(*inputs, **settings):
        raise NotImplementedError

    def gap(*inputs, **settings):
        return ...

    def nothing(*inputs, **settings):
        return None

    assert verdict(id, raises).blank
    assert not verdict(id, gap).passed
    assert not verdict(id, nothing).passed


@pytest.mark.parametrize("id", EXERCISES)
def test_messages_are_short(id):
    here = bench(id)
    for mistake in here.exercise.mistakes:
        assert 0 < len(inspect.getdoc(mistake).splitlines()[0]) <= LINE, mistake.__name__
    for mistake in here.exercise.mistakes[::5]:  # with an example: that takes long
        said = diagnose(here, here.all_trials(mistake))
        message = " ".join((said.what, said.example, said.cause))
        assert said.example, mistake.__name__
        assert len(message.split()) <= WORDS, message


@pytest.mark.parametrize("id", EXERCISES)
def test_words_are_plain(id):
    for place, text in texts(id).items():
        assert text, place
        assert len(text.split()) <= WORDS, (place, len(text.split()))
        assert grade(text) <= GRADE, (place, grade(text), text)


@pytest.mark.parametrize("id", EXERCISES)
def test_numbers_are_in_range(id):
    exercise = EXERCISES[id]
    assert exercise.id == id
    assert exercise.kind in KINDS
    assert exercise.difficulty in range(1, 6) and exercise.importance in range(1, 6)
    assert exercise.minutes > 0
    assert exercise.name in exercise.signature


@pytest.mark.parametrize("number", sorted({one.notebook for one in EXERCISES.values()}))
def test_a_sheet_asks_for_three_to_five_of_every_kind(number):
    asked = [one for one in EXERCISES.values() if one.notebook == number and not one.further]
    assert 3 <= len(asked) <= 5
    assert {one.kind for one in asked} == set(KINDS)


def test_no_two_exercises_share_a_place():
    places = [(one.notebook, one.place) for one in EXERCISES.values()]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("id", [id for id in QUICK if id.startswith("recall")])
def test_recall_questions_look_two_notebooks_back(id):
    recall = QUICK[id]
    assert recall.about in EXERCISES
    assert EXERCISES[recall.about].notebook <= max(recall.notebook - 2, 1)  # none before the first
    assert recall.right in recall.choices and len(recall.choices) >= 3
    for text, says in recall.choices.values():
        assert text and grade(says) <= GRADE, says


@pytest.mark.parametrize("id", [id for id in QUICK if id.startswith("order")])
def test_lines_in_the_right_order_pass(id):
    order = QUICK[id]
    assert order.exercise in EXERCISES
    assert len(order.lines) > len(order.right), "there is no wrong line among them"
    assert list(order.right) != sorted(order.right), "they stand in order already"
    assert verdict(order.exercise, function(order, order.right)).passed


@pytest.mark.parametrize("id", [id for id in QUICK if id.startswith("order")])
def test_lines_in_another_order_do_not_pass(id):
    order = QUICK[id]
    for numbers in (order.right[::-1], sorted(order.right), range(1, len(order.lines) + 1)):
        try:
            answer = function(order, numbers)
        except SyntaxError:
            continue
        assert not verdict(order.exercise, answer).passed, numbers


def function(order, numbers):
    """Make the function of some lines, as the answer's process does."""
    source, exercise = source_of(order, numbers), EXERCISES[order.exercise]
    return made_from(source, exercise, f"<{order.id}>", name_in(order))

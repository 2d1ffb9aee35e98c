"""What is said first: not begun, then a known mistake, then what happened, then the kind."""

import math
import sys
from contextlib import nullcontext

import pytest
import torch
from toy_exercises import checked, toy

from musiclab.check.answering import is_blank, load_ahead
from musiclab.check.asking import pack
from musiclab.check.exercise import normal


def probes(rng):
    for length in (2, 5, 7):
        yield (normal(rng, length).sort().values.tolist(),)


def total(numbers):
    return math.fsum(numbers)


def last_left_out(numbers):
    """The last number is left out.

    Where does the loop end?
    """
    return math.fsum(numbers[:-1])


def sorts(numbers):
    """The numbers come back sorted, though nobody asked."""
    numbers.sort(reverse=True)
    return math.fsum(numbers)


def start(numbers):
    return math.fsum(numbers[1:-1])


def is_finite(result, numbers):
    """A sum of finite numbers is finite.

    Look for a division by 0.
    """
    return math.isfinite(result)


EXERCISE = toy(
    total,
    probes,
    signature="total(numbers)",
    mistakes=(last_left_out, sorts),
    properties=(is_finite,),
    start=start,
)


def test_right_answers_pass():
    for answer in (sum, lambda numbers: torch.tensor(numbers).double().sum(), total):
        said = checked(EXERCISE, answer)
        assert said.passed and said.mistake is None and not said.blank


def test_a_known_mistake_has_its_name_its_words_and_an_example():
    said = checked(EXERCISE, lambda numbers: sum(numbers[:-1]))
    assert said.mistake == "last-left-out"
    assert said.what == "The last number is left out."
    assert said.cause == "Where does the loop end?"
    assert said.example.startswith("For numbers = [") and "Yours: " in said.example


def test_what_a_mistake_does_to_its_inputs_belongs_to_it():
    def sorts_too(numbers):
        numbers.sort(key=lambda number: -number)
        return sum(numbers)

    def empties(numbers):
        return sum(numbers.pop() for _ in range(len(numbers)))

    assert checked(EXERCISE, sorts_too).mistake == "sorts"
    said = checked(EXERCISE, empties)
    assert said.mistake == "input-changed" and "`numbers`" in said.what
    assert "itself is right" in said.example


def raises_not_implemented(numbers):
    raise NotImplementedError("write it")


def gap(numbers):
    scaled = ...
    return scaled


def gap_in_the_middle(numbers):
    return sum(numbers) + ...


@pytest.mark.parametrize("answer", [raises_not_implemented, gap, gap_in_the_middle, start])
def test_what_is_not_begun_is_no_mistake(answer):
    said = checked(EXERCISE, answer)
    assert said.blank and not said.passed and said.mistake is None


def empty(x): ...


def with_docstring(x):
    """Say what to do."""


def passes(x):
    pass


def returns_a_gap(x):
    """Say what to do."""
    return ...


def identity(x):
    return x


def constant(x):
    return 0


def text(x):
    return "nothing"


def generates(x):
    yield


@pytest.mark.parametrize("answer", [None, ..., empty, with_docstring, passes, returns_a_gap])
def test_empty_bodies_are_blank(answer):
    assert is_blank(answer)


@pytest.mark.parametrize("answer", [identity, constant, text, generates, len, torch.nn.Linear])
def test_short_bodies_are_not_blank(answer):
    assert not is_blank(answer)


def test_an_exception_is_told_before_any_kind():
    said = checked(EXERCISE, lambda numbers: numbers[5])
    assert said.mistake == "raised-IndexError"
    assert said.raised == "IndexError: list index out of range" and said.frames
    assert "Yours" not in said.example and "numbers = [" in said.example
    said = checked(EXERCISE, lambda numbers: None if len(numbers) == 2 else numbers[7])
    assert said.mistake == "raised-IndexError"


def test_a_broken_rule_is_told_where_no_kind_fits():
    said = checked(EXERCISE, lambda numbers: math.inf if len(numbers) == 5 else sum(numbers))
    assert said.mistake == "kind-not-a-number"
    late = toy(total, probes, signature="total(numbers)", properties=(is_positive,))
    said = checked(late, lambda numbers: -abs(math.sin(sum(numbers))))
    assert said.mistake == "rule-is-positive"
    assert said.what == "The result is above 0." and said.cause == "Look at the signs."


def is_positive(result, numbers):
    """The result is above 0.

    Look at the signs.
    """
    return result > 0


def test_what_fits_nothing_is_still_shown():
    said = checked(EXERCISE, lambda numbers: math.sin(sum(numbers)) + 0.3 * len(numbers))
    assert said.mistake == "different" and "Right: " in said.example


class TestOpenQuestions:
    """Many results are right; the properties decide, and known mistakes have the first word."""

    def exercise(self):
        def grows(result, number):
            """The result is larger than the number."""
            return result > number

        def inputs(rng):
            yield (int(rng.integers(3, 9)),)
            yield (int(rng.integers(10, 20)),)

        def add(number):
            return number + 1

        def fixed(number):
            """Always the same."""
            return 100

        return toy(add, inputs, exact=False, properties=(grows,), mistakes=(fixed,))

    def test_another_right_answer_passes(self):
        assert checked(self.exercise(), lambda number: number * 2).passed

    def test_a_broken_property_is_named(self):
        said = checked(self.exercise(), lambda number: number - 1)
        assert said.mistake == "rule-grows" and "One that would do" in said.example

    def test_a_known_mistake_fails_although_all_properties_hold(self):
        assert checked(self.exercise(), lambda number: 100).mistake == "fixed"

    def test_what_the_properties_cannot_judge_does_not_pass(self):
        said = checked(self.exercise(), lambda number: "a text")
        assert not said.passed and said.mistake == "rule-grows"


@pytest.mark.parametrize(
    "asked, loaded",
    [
        ({"id": "training-step"}, True),
        ({"id": "layer-norm", "source": "torch.optim.Adam"}, True),
        ({"id": "layer-norm", "pickled": pack(lambda x: torch.optim.SGD([x]))}, True),
        ({"id": "layer-norm", "source": "torch.zeros"}, False),
    ],
)
def test_what_takes_seconds_to_load_is_loaded_ahead(asked, loaded, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # to import it is an error
    with pytest.raises(ImportError) if loaded else nullcontext():
        load_ahead(asked)


def above(numbers):
    return torch.tensor(numbers) > numbers[0]


def border_left_in(numbers):
    """The border counts as above.

    Is it?
    """
    return torch.tensor(numbers) >= numbers[0]


def test_a_known_mistake_is_known_in_numbers_of_another_kind():
    flags = toy(above, probes, mistakes=(border_left_in,))
    said = checked(flags, lambda numbers: border_left_in(numbers).float())
    assert said.mistake == "border-left-in" and "bool is asked for, not float" in said.cause
    said = checked(flags, lambda numbers: above(numbers).int())
    assert said.mistake == "kind-number-type"

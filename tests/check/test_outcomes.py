"""Results are compared by our rules: shape and kind of number count, not who holds them."""

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from musiclab.check.outcomes import Other, Raised, TooLarge, plain, same
from musiclab.check.trial import raised
from musiclab.check.wire import from_json, to_json

FLOATS = torch.tensor([[1.0, -2.5], [math.inf, math.nan], [0.0, 3.0]])
ALIKE = {
    "numpy": (FLOATS.numpy(), FLOATS),
    "lists of lists": (FLOATS.tolist(), FLOATS),
    "lists of tensors": ([row for row in FLOATS], FLOATS),
    "double precision": (FLOATS.double(), FLOATS),
    "half precision": (torch.tensor([0.1, 7.7]).half(), torch.tensor([0.1, 7.7])),
    "a view turned round": (FLOATS.flip(0).flip(0).T.T, FLOATS),
    "negative strides": (FLOATS.numpy()[::-1][::-1], FLOATS),
    "another width of integer": (torch.tensor([1, 2], dtype=torch.int32), torch.tensor([1, 2])),
    "a number as a tensor": (torch.tensor(2.5), 2.5),
    "a number as numpy's": (np.float32(2.5), 2.5),
    "a tensor as a number": (2.5, torch.tensor(2.5)),
    "a list for a tuple": ([1, [2, "a"]], (1, (2, "a"))),
    "a whole number for a float": (2, 2.0),
    "rounding": (torch.tensor([1.0, 1000.0]), torch.tensor([1.000001, 1000.001])),
    "no rows": ([], torch.zeros(0)),
    "keys in another order": ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
    "numbers in a list": ([torch.tensor(1), np.int64(2)], [1, 2]),
}
DIFFERENT = {
    "too far": (torch.tensor([1.0, 2.001]), torch.tensor([1.0, 2.0])),
    "transposed": (FLOATS.T, FLOATS),
    "flat": (FLOATS.flatten(), FLOATS),
    "an axis too many": (FLOATS[None], FLOATS),
    "float for int": (torch.tensor([1.0, 2.0]), torch.tensor([1, 2])),
    "int for float": (torch.tensor([1, 2]), torch.tensor([1.0, 2.0])),
    "int for bool": (torch.tensor([1, 0]), torch.tensor([True, False])),
    "True for 1": (True, 1),
    "1 for True": (1, True),
    "1.0 for 1": (1.0, 1),
    "not-a-number for a number": (math.nan, 0.0),
    "minus infinity for infinity": (-math.inf, math.inf),
    "infinity for a number": (torch.tensor([math.inf, 1.0]), torch.tensor([1e30, 1.0])),
    "a tensor for a list": (torch.tensor([1, 2]), [1, 2]),
    "one element missing": ([1, 2], [1, 2, 3]),
    "ragged lists": ([[1, 2], [3]], torch.tensor([[1, 2], [3, 4]])),
    "nothing": (None, torch.zeros(2)),
    "nothing for false": (None, False),
    "text for a number": ("2", 2),
    "a tensor for nothing": (torch.zeros(2), None),
    "a list for a text": ([], ""),
    "a key missing": ({"a": 1}, {"a": 1, "b": 2}),
    "a set for a list": ({1, 2}, [1, 2]),
}


@pytest.mark.parametrize("name", ALIKE)
def test_alike(name):
    yours, right = ALIKE[name]
    assert same(plain(yours), plain(right), 1e-5)


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name):
    yours, right = DIFFERENT[name]
    assert not same(plain(yours), plain(right), 1e-5)


class Liar(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class AlwaysEqual:
    def __eq__(self, other):
        return True

    __hash__ = None


def test_what_claims_to_be_equal_is_not_asked():
    assert not same(plain(Liar(3)), plain(4))
    assert not same(plain(AlwaysEqual()), plain(4))
    assert not same(plain([AlwaysEqual()]), plain([torch.zeros(2)]))
    assert plain(AlwaysEqual()) == Other("AlwaysEqual")


def test_a_result_is_a_copy():
    tensor = torch.zeros(3)
    kept = plain(tensor)
    tensor += 1
    assert kept.tolist() == [0, 0, 0]
    assert plain(torch.zeros(2, requires_grad=True)).requires_grad is False


@pytest.mark.parametrize("huge", [torch.zeros(1).expand(10**9), [[0] * 1000] * 3000])
def test_too_much_is_refused(huge):
    with pytest.raises(TooLarge):
        plain(huge)


def test_lists_in_themselves_are_refused():
    ring = []
    ring.append(ring)
    with pytest.raises(TooLarge):
        plain(ring)


@dataclass
class Point:
    x: int
    y: torch.Tensor


def test_dataclasses_and_modules_count_by_their_parts():
    assert same(plain(Point(1, torch.ones(2))), plain(Point(1, torch.ones(2))))
    assert not same(plain(Point(1, torch.ones(2))), plain(Point(1, torch.zeros(2))))
    layer = torch.nn.Linear(2, 3)
    before = plain(layer)
    assert same(plain(layer), before)
    with torch.no_grad():
        layer.bias += 1
    assert not same(plain(layer), before)


def caught(error):
    try:
        raise error
    except BaseException as caught:
        return raised(caught)


class OutOfRange(ValueError):
    pass


def test_exceptions_are_alike_by_type():
    assert same(caught(ValueError("mine")), caught(ValueError("another text")))
    assert same(caught(ValueError("plain")), caught(OutOfRange("right")))
    assert same(caught(OutOfRange("finer")), caught(ValueError("right")))
    assert not same(caught(IndexError("mine")), caught(ValueError("right")))
    assert not same(caught(Exception("anything")), caught(ValueError("right")))
    assert not same(3, caught(ValueError("right")))
    assert not same(caught(ValueError("mine")), 3)


def test_an_exception_shows_the_learners_lines_alone():
    names = {"layer": torch.nn.Linear(2, 3)}
    exec(compile("def answer(x):\n    return layer(x)\n", "<a cell>", "exec"), names)
    try:
        names["answer"](torch.zeros(7))
    except RuntimeError as error:
        found = raised(error)
    assert found.type == "RuntimeError" and "shape" in found.says
    assert found.frames[-1] == ("<a cell>", 2, "answer")
    assert all(file in ("<a cell>", __file__) for file, _, _ in found.frames)


numbers = st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.none() | st.text()
values = st.recursive(
    numbers,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.tuples(st.integers()), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_plain_data_survive_the_wire(value):
    value = plain(value)
    back = from_json(to_json(value))
    assert same(back, value) and type(back) is type(value)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.int8, torch.bool])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_tensors_survive_the_wire(kind, shape):
    tensor = plain(torch.ones(shape).to(kind))
    back = from_json(to_json(tensor))
    assert back.dtype == kind and torch.equal(back, tensor)


def test_other_things_survive_the_wire():
    for value in (Other("map"), Raised(("ValueError", "Exception"), "no", (("a.py", 3, "f"),))):
        assert from_json(to_json(value)) == value
    point = from_json(to_json(plain(Point(1, torch.ones(2)))))
    assert isinstance(point, SimpleNamespace) and point.x == 1
    assert from_json(to_json({1, 2})) == {1, 2}

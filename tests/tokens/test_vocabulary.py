"""The vocabulary: names to numbers and back, and a fingerprint that nothing escapes."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musiclab.errors import TokenError
from musiclab.tokens.vocabulary import Vocabulary, fingerprint

NAMES = st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=11).map(tuple)


@given(NAMES)
def test_index_is_the_inverse_of_tokens(names):
    vocabulary = Vocabulary(names)
    assert len(vocabulary) == len(names)
    assert [vocabulary.index[token] for token in vocabulary.tokens] == list(range(len(names)))


@given(NAMES, NAMES)
def test_fingerprints_differ_when_anything_differs(names, others):
    ours, theirs = fingerprint(names), fingerprint(others)
    assert (ours == theirs) == (names == others)
    assert len(ours) == 16 and int(ours, 16) >= 0


def test_fingerprint_knows_order_and_borders():
    words = [("ab", "c"), ("a", "bc"), ("abc",), ("a,b", "c"), *permutations(("a", "b", "c"))]
    assert len({fingerprint(each) for each in words}) == len(words)


def test_fingerprint_ignores_the_order_of_settings():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1}) != fingerprint({"a": 1})


@pytest.mark.parametrize("names", [("a", "b", "a"), ("a", ""), ("", "")])
def test_refuses_doubtful_names(names):
    with pytest.raises(TokenError):
        Vocabulary(names)


def test_is_immutable():
    vocabulary = Vocabulary(("a", "b"))
    with pytest.raises(AttributeError):
        vocabulary.tokens = ("c",)
    with pytest.raises(TypeError):
        vocabulary.index["c"] = 3

"""What is said when an answer stops or does not come back."""

import pytest
from plain_words import GRADE, LINE, grade

from musiclab.check import exceptions
from musiclab.check.exceptions import DEATHS, limit_met, stopped
from musiclab.check.outcomes import Raised


def test_every_end_is_explained_in_plain_words():
    for what, cause in DEATHS.values():
        assert len(what) <= LINE and grade(f"{what} {cause}") <= GRADE, (what, cause)
    for cause in exceptions._CAUSES.values():
        assert grade(cause) <= GRADE, (grade(cause), cause)


ENDS = {
    "raised-TypeError, wrong arguments": (
        Raised(("TypeError", "Exception"), "f() takes 1 positional argument but 2 were given"),
        "first line",
    ),
    "raised-TypeError, no function": (
        Raised(("TypeError", "Exception"), "'Tensor' object is not callable"),
        "without parentheses",
    ),
    "raised-RuntimeError": (
        Raised(("RuntimeError", "Exception"), "The size of tensor a (3) must match"),
        "Shapes do not fit",
    ),
    "raised-RuntimeError, view": (
        Raised(("RuntimeError", "Exception"), "view size is not compatible with shape"),
        "Use `reshape`",
    ),
    "raised-IndexError": (
        Raised(("IndexError", "Exception"), "The shape of the mask [2] at index 0"),
        "masked_fill",
    ),
    "raised-AttributeError": (
        Raised(("AttributeError", "Exception"), "'M' object has no attribute 'to_out'"),
        "as the statement says",
    ),
    "raised-OwnError": (Raised(("OwnError", "KeyError", "LookupError"), "a"), "no such key"),
    "raised-TypeError": (
        Raised(
            ("TypeError", "Exception"),
            "g() missing 1 required positional argument",
            (("a", 1, "f"),),
        ),
        "try them by hand",
    ),
    "memory-limit": (
        Raised(("RuntimeError", "Exception"), "can't allocate memory"),
        "larger than the inputs",
    ),
    "memory-limit, numpy": (Raised(("_ArrayMemoryError", "MemoryError"), "Unable"), "larger"),
}


@pytest.mark.parametrize("name", ENDS)
def test_exceptions_have_their_own_words(name):
    raised, words = ENDS[name]
    id, what, cause = stopped(raised)
    assert id == name.split(",")[0]
    assert words in cause and what.endswith(".") and len(what) <= 301


def test_other_results_meet_no_limit():
    assert limit_met(3) is None
    assert limit_met(Raised(("ValueError", "Exception"), "no")) is None

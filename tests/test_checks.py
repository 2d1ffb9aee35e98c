"""What the checks of settings let through, and the sentences that they refuse with."""

import math

import numpy as np
import pytest

from musiclab.checks import check_choice, check_number, check_whole
from musiclab.errors import ScoreError, SettingError


@pytest.mark.parametrize("value", [1, 5, 8])
def test_a_whole_number_in_range_comes_back(value):
    assert check_whole("voices", value, lowest=1, highest=8) == value


@pytest.mark.parametrize("value", [0, 9, 2.0, True, "3", None, math.nan, np.float64(3)])
def test_anything_else_is_no_whole_number(value):
    with pytest.raises(SettingError, match=r"voices must be .*of at least 1 and at most 8, got"):
        check_whole("voices", value, lowest=1, highest=8)


@pytest.mark.parametrize("value", [-math.inf, math.inf, math.nan, True, "1", None, 1j])
def test_a_number_must_be_finite_and_no_boolean(value):
    with pytest.raises(SettingError, match=r"tempo must be a finite number, got"):
        check_number("tempo", value)


def test_open_and_closed_ends():
    assert check_number("share", 0, lowest=0, below=1) == 0
    assert check_number("share", 1.0, above=0, highest=1) == 1.0
    for limits in ({"above": 0}, {"below": 0}, {"lowest": 0.1}, {"highest": -0.1}):
        with pytest.raises(SettingError, match="share must be"):
            check_number("share", 0, **limits)


def test_a_choice_is_by_value_and_type():
    assert check_choice("bars", 1, (1, 2)) == 1
    with pytest.raises(SettingError, match=r"bars must be 1 or 2, got True; count them"):
        check_choice("bars", True, (1, 2), remedy="count them")


def test_the_family_of_the_error_is_chosen_and_the_message_stays_short():
    with pytest.raises(ScoreError) as caught:
        check_whole("pitch", "x" * 1000, error=ScoreError)
    assert len(str(caught.value)) < 120

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.show.instruments import INSTRUMENTS, one_each, program_number

NAMES = ("soprano", "alto", "tenor")


def test_names_agree_with_general_midi():
    from pretty_midi.constants import INSTRUMENT_MAP

    known = {"choir": "Choir Aahs", "organ": "Church Organ", "strings": "String Ensemble 1"}
    known |= {"horn": "French Horn", "flute": "Flute", "cello": "Cello", "oboe": "Oboe"}
    assert {name: INSTRUMENT_MAP[INSTRUMENTS[name]] for name in known} == known


@pytest.mark.parametrize("wrong", ["kazoo", -1, 128, 1.0, True, None, "<script>"])
def test_unknown_instruments_are_refused(wrong):
    with pytest.raises(SettingError, match="instrument"):
        program_number(wrong)


def test_numpy_integers_are_numbers_too():
    assert program_number(np.int64(52)) == 52


def test_one_each_takes_one_for_all_a_list_or_names():
    assert one_each("levels", None, NAMES) == [None, None, None]
    assert one_each("levels", 0.5, NAMES) == [0.5, 0.5, 0.5]
    assert one_each("instruments", "choir", NAMES) == ["choir"] * 3
    assert one_each("instruments", ("choir", 19, 0), NAMES) == ["choir", 19, 0]
    assert one_each("levels", {"tenor": 0}, NAMES) == [None, None, 0]


@pytest.mark.parametrize("wrong", [[1.0, 1.0], {"bass": 1.0}])
def test_one_each_names_the_voices_when_something_does_not_fit(wrong):
    with pytest.raises(SettingError, match="soprano, alto, tenor"):
        one_each("levels", wrong, NAMES)

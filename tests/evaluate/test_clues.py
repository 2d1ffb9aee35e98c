import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.evaluate.baseline import columns_of
from musiclab.evaluate.clues import (
    BY_RELEVANCE,
    LONGEST,
    START,
    Clue,
    clues_from,
    read_clues,
    recent_clues,
)


@pytest.fixture
def columns(pieces):
    return columns_of(pieces[0])


def test_pitches_are_those_of_the_frames_before(columns):
    for back in (0, 1, 5, LONGEST):
        for voice in range(4):
            (seen,) = read_clues(columns, (Clue("pitch", voice, back),)).T
            assert (seen[:back] == START).all()
            assert (seen[back:] == columns[: len(columns) - back, voice]).all()


def test_held_and_earlier_look_back_from_the_last_pitch():
    sung = np.array([61, 61, 61, 63, 63, 0, 0, 0, 61])
    seen = read_clues(np.stack([sung] * 4, axis=1), clues_from("held earlier", voice=2))
    # Frame by frame: before frame 0 there is a long nothing.
    assert seen[1:, 0].tolist() == [1, 2, 3, 1, 2, 1, 2, 3]
    assert seen[:, 1].tolist() == [START, START, START, START, 61, 61, 63, 63, 63]


def test_held_and_earlier_reach_back_no_further_than_the_others():
    sung = np.array([[60]] + [[62]] * 30) * np.ones(4, dtype=int)
    seen = read_clues(sung, clues_from("held earlier", voice=0))
    assert seen[:, 0].max() == LONGEST
    assert seen[LONGEST, 1] == 60 and seen[LONGEST + 1, 1] == START


def test_places_in_the_beat(columns):
    seen = read_clues(columns, clues_from("beat bar", voice=0))
    assert seen[:18, 0].tolist() == [0, 1, 2, 3] * 4 + [0, 1]
    assert seen[:18, 1].tolist() == [*range(16), 0, 1]


def test_recent_clues_walk_back_through_the_stream(columns):
    stream = columns.reshape(-1)
    for voice in range(4):
        seen = read_clues(columns, recent_clues(voice, 7))
        assert seen[5].tolist() == stream[5 * 4 + voice - 1 : 5 * 4 + voice - 8 : -1].tolist()


def test_every_voice_asks_itself_first_and_where_in_the_beat_it_is():
    for voice, clues in enumerate(BY_RELEVANCE):
        assert clues[:2] == (Clue("pitch", voice, 1), Clue("beat", back=4))
        assert len(set(clues)) == len(clues)


@pytest.mark.parametrize(
    "text", ["X1", "S", "S-1", "S17", "s1", "melody", "S1.5", "S\N{SUPERSCRIPT TWO}"]
)
def test_a_word_that_is_no_clue_is_refused(text):
    with pytest.raises(SettingError):
        clues_from(text, voice=0)


@pytest.mark.parametrize(
    "wrong", [("chord", 0, 1), ("pitch", 4, 1), ("beat", 0, 12), ("beat", 0, 0)]
)
def test_a_wrong_clue_is_refused(wrong):
    with pytest.raises(SettingError):
        Clue(*wrong)


def test_clues_say_what_they_are():
    told = [str(clue) for clue in clues_from("B0 T2 held earlier bar", voice=1)]
    assert told[:2] == ["bass now", "tenor, 2 back"]
    assert told[2:] == ["how long alto holds", "alto's earlier pitch", "place in 16"]

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.evaluate.baseline import columns_of
from musiclab.evaluate.contexts import (
    BY_RELEVANCE,
    FARTHEST,
    START,
    Feature,
    features_from,
    previous_notes,
    read_features,
)


@pytest.fixture
def columns(pieces):
    return columns_of(pieces[0])


def test_pitches_are_those_of_the_frames_before(columns):
    for back in (0, 1, 5, FARTHEST):
        for voice in range(4):
            (seen,) = read_features(columns, (Feature("pitch", voice, back),)).T
            assert (seen[:back] == START).all()
            assert (seen[back:] == columns[: len(columns) - back, voice]).all()


def test_held_and_earlier_look_back_from_the_last_pitch():
    sung = np.array([61, 61, 61, 63, 63, 0, 0, 0, 61])
    seen = read_features(np.stack([sung] * 4, axis=1), features_from("held earlier", voice=2))
    # Frame by frame: before frame 0 there is a long nothing.
    assert seen[1:, 0].tolist() == [1, 2, 3, 1, 2, 1, 2, 3]
    assert seen[:, 1].tolist() == [START, START, START, START, 61, 61, 63, 63, 63]


def test_held_and_earlier_reach_back_no_further_than_the_others():
    sung = np.array([[60]] + [[62]] * 30) * np.ones(4, dtype=int)
    seen = read_features(sung, features_from("held earlier", voice=0))
    assert seen[:, 0].max() == FARTHEST
    assert seen[FARTHEST, 1] == 60 and seen[FARTHEST + 1, 1] == START


def test_places_in_the_beat(columns):
    seen = read_features(columns, features_from("beat bar", voice=0))
    assert seen[:18, 0].tolist() == [0, 1, 2, 3] * 4 + [0, 1]
    assert seen[:18, 1].tolist() == [*range(16), 0, 1]


def test_previous_notes_walk_back_through_the_stream(columns):
    stream = columns.reshape(-1)
    for voice in range(4):
        seen = read_features(columns, previous_notes(voice, 7))
        assert seen[5].tolist() == stream[5 * 4 + voice - 1 : 5 * 4 + voice - 8 : -1].tolist()


def test_every_voice_asks_itself_first_and_where_in_the_beat_it_is():
    for voice, features in enumerate(BY_RELEVANCE):
        assert features[:2] == (Feature("pitch", voice, 1), Feature("beat", back=4))
        assert len(set(features)) == len(features)


@pytest.mark.parametrize(
    "text", ["X1", "S", "S-1", "S17", "s1", "melody", "S1.5", "S\N{SUPERSCRIPT TWO}"]
)
def test_a_word_that_is_no_feature_is_refused(text):
    with pytest.raises(SettingError):
        features_from(text, voice=0)


@pytest.mark.parametrize(
    "wrong", [("chord", 0, 1), ("pitch", 4, 1), ("beat", 0, 12), ("beat", 0, 0)]
)
def test_a_wrong_feature_is_refused(wrong):
    with pytest.raises(SettingError):
        Feature(*wrong)


def test_features_say_what_they_are():
    told = [str(feature) for feature in features_from("B0 T2 held earlier bar", voice=1)]
    assert told[:2] == ["bass now", "tenor, 2 back"]
    assert told[2:] == ["how long alto holds", "alto's earlier pitch", "place in 16"]

from dataclasses import replace

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.sampling.plan import Plan
from musiclab.tokens.conditions import Conditions

ALL = Conditions(("remaining", "beat", "phase", "fermata", "mode"))


def column(ids, name):
    return ids[:, ALL.names.index(name)]


def test_a_plan_says_what_encoding_the_finished_piece_would_say(hymn):
    plan = Plan(bars=4, prompt=hymn, prompt_bars=2, fermatas=hymn.fermatas)
    assert np.array_equal(plan.ids(ALL), ALL.encode(hymn))
    assert np.array_equal(plan.beats, hymn.beats)


def test_what_is_left_open_is_unknown_but_the_prompts_part_is_told(hymn):
    ids = Plan(bars=4, prompt=hymn, prompt_bars=2, ending=False).ids(ALL)
    told = ALL.encode(hymn)
    assert np.array_equal(column(ids, "fermata")[:24], column(told, "fermata")[:24])
    assert (column(ids, "fermata")[24:] == 0).all()
    assert (column(ids, "remaining") == 0).all()
    assert (column(ids, "mode") == 2).all()
    assert np.array_equal(column(ids, "beat"), column(told, "beat"))


def test_without_prompt_the_plan_is_the_conditions_own():
    plan = Plan(bars=3, time_signature="3/4", pickup=4, mode="major")
    expected = ALL.plan(36, time_signature="3/4", pickup=4, mode="major")
    assert np.array_equal(plan.ids(ALL), expected)
    assert plan.beats[:6].tolist() == [8, 9, 10, 11, 0, 1]


def test_a_line_ends_every_so_many_bars():
    plan = Plan(bars=5, fermatas=2)
    assert np.flatnonzero(plan.line_ends).tolist() == [28, 29, 30, 31, 60, 61, 62, 63]


def test_beats_go_on_from_where_the_prompt_stops(hymn):
    # This prompt stops in the middle of a bar, and its last bars had another length.
    odd = replace(hymn.excerpt(0, 17), beats=np.arange(17) % 5)
    plan = Plan(bars=3, prompt=odd)
    assert plan.beats[:17].tolist() == odd.beats.tolist()
    assert plan.beats[17:22].tolist() == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *[({"bars": bars}, "^bars must be") for bars in (0, -1, 2.0, True, "8", None)],
        ({"time_signature": "4/0"}, "time signature '4/0'"),
        ({"time_signature": "waltz"}, "time signature 'waltz'"),
        ({"time_signature": "1000000000/1"}, "over 255 beats"),
        ({"bars": 1000, "time_signature": "6/4"}, "24000 frames .* ask for fewer"),
        ({"time_signature": 7}, "^time_signature must be text"),
        ({"pickup": 16}, "^pickup must be a whole number of at least 0 and at most 15"),
        ({"pickup": -1}, "^pickup must be"),
        ({"mode": "dorian"}, "^mode must be"),
        ({"mode": ["major"]}, "^mode must be"),
        ({"key": "H major"}, "^key must be one such as"),
        ({"key": 3}, "^key must be one such as"),
        ({"key": "D minor", "mode": "major"}, "a piece in D minor is not in major"),
        ({"ending": 1}, "^ending must be"),
        ({"fermatas": 0}, "^fermatas must be"),
        ({"fermatas": True}, "^fermatas must be"),
        ({"fermatas": [True] * 127}, "^fermatas must be"),
        ({"fermatas": [0] * 128}, "^fermatas must be"),
        ({"fermatas": "often"}, "^fermatas must be"),
        ({"prompt_bars": 2}, "prompt_bars needs a prompt"),
        ({"prompt": "bwv66.6"}, "read_chorale"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(SettingError, match=message):
        Plan(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "the prompt fills 48 frames and the whole piece has only 48"),
        ({"prompt_bars": 4}, "ask for more bars"),
        ({"prompt_bars": 0}, "^prompt_bars must be"),
        ({"prompt_bars": 5, "bars": 9}, "the prompt has 48 frames, 5 bars would be 60"),
        ({"prompt_bars": 2, "pickup": 0}, "pickup is the prompt's own"),
        ({"prompt_bars": 2, "time_signature": "3/4"}, "time_signature is the prompt's own"),
        ({"prompt": Chorale(pitches=np.empty((0, 4), int))}, "no frames"),
    ],
)
def test_prompts_that_do_not_fit_are_refused(hymn, options, message):
    with pytest.raises(SettingError, match=message):
        Plan(**{"bars": 4, "prompt": hymn, **options})


KEYS = Conditions(("phase", "key"))


def told_key(seed: int = 0, **options) -> int:
    """Plan, and return the one id of the key: 0 for none, 1 to 12 major, 13 to 24 minor."""
    ids = set(Plan(**options).ids(KEYS, seed=seed)[:, 1].tolist())
    assert len(ids) == 1
    return ids.pop()


def test_a_key_is_told_in_any_spelling():
    assert Plan(key="b flat major").key == "B- major"
    assert Plan(key="d minor").known_mode == "minor"
    assert told_key(key="d minor") == told_key(key="D minor", mode="minor") == 13 + 2
    assert told_key(key="A# major") == told_key(key="B- major") == 1 + 10


def test_without_a_wish_the_seed_draws_a_key_in_either_mode():
    drawn = [told_key(seed=seed) for seed in range(60)]
    assert min(drawn) > 0 and len(set(drawn)) > 8
    assert 15 < sum(key > 12 for key in drawn) < 45  # Bach's are in minor as often as in major


def test_a_mode_alone_is_told_as_a_key_that_the_seed_draws():
    drawn = [told_key(mode="minor", seed=seed) for seed in range(30)]
    assert all(key >= 13 for key in drawn) and len(set(drawn)) > 4
    assert drawn == [told_key(mode="minor", seed=seed) for seed in range(30)]
    assert all(0 < told_key(mode="major", seed=seed) < 13 for seed in range(30))
    assert Plan(mode="minor").ids(ALL)[:, ALL.names.index("mode")].tolist() == [2] * 128


def test_a_prompt_goes_on_in_its_own_key(hymn):
    given = {"bars": 4, "prompt": hymn, "prompt_bars": 2}
    assert told_key(**given) == told_key(**given, mode="minor") == 13 + 7
    assert told_key(**given, mode="major") == 1 + 10  # the relative of G minor
    assert told_key(**given, key="F major") == 1 + 5
    unknown = given | {"prompt": replace(hymn, key="")}
    for mode in (None, "minor"):
        guessed = {told_key(**unknown, mode=mode, seed=seed) for seed in range(9)}
        assert len(guessed) == 1 and 0 not in guessed  # heard in the first bars, not drawn
    assert guessed.pop() > 12


@pytest.mark.parametrize(
    ("asked", "name"),
    [({"mode": "minor"}, "mode"), ({"key": "G major"}, "key"), ({"fermatas": 2}, "fer")],
)
def test_what_a_model_was_never_told_it_cannot_obey(asked, name):
    with pytest.raises(SettingError, match=f"trained without the {name}"):
        Plan(**asked).ids(Conditions(("phase",)))

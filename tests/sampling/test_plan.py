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


def test_the_hash_changes_with_anything_in_the_first_bars(hymn):
    plan = Plan(bars=4, prompt=hymn, prompt_bars=2)
    louder = replace(hymn, tempo=99.0, title="other", fermatas=np.arange(48) >= 24)
    same = replace(louder, fermatas=np.where(np.arange(48) < 24, hymn.fermatas, True))
    assert Plan(bars=9, prompt=same, prompt_bars=2).prompt_hash == plan.prompt_hash
    changes = {
        "pitches": np.where(np.arange(48)[:, None] == 23, 60, hymn.pitches),
        "attacks": np.ones_like(hymn.attacks),
        "fermatas": ~hymn.fermatas,
        "beats": np.arange(48) % 12,
        "key": "G major",
        "time_signature": "6/8",
    }
    hashes = {
        Plan(bars=4, prompt=replace(hymn, **{name: value}), prompt_bars=2).prompt_hash
        for name, value in changes.items()
    }
    assert len(hashes | {plan.prompt_hash}) == 1 + len(changes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *[({"bars": bars}, "^bars must be") for bars in (0, -1, 1001, 2.0, True, "8", None)],
        ({"time_signature": "4/0"}, "time signature '4/0'"),
        ({"time_signature": "waltz"}, "time signature 'waltz'"),
        ({"time_signature": 7}, "^time_signature must be text"),
        ({"pickup": 16}, "^pickup must be a whole number from 0 to 15"),
        ({"pickup": -1}, "^pickup must be"),
        ({"mode": "dorian"}, "^mode must be"),
        ({"mode": ["major"]}, "^mode must be"),
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


@pytest.mark.parametrize(("asked", "name"), [({"mode": "minor"}, "mode"), ({"fermatas": 2}, "fer")])
def test_what_a_model_was_never_told_it_cannot_obey(asked, name):
    with pytest.raises(SettingError, match=f"never told the {name}"):
        Plan(**asked).ids(Conditions(("phase",)))

"""Conditions: against a frame-by-frame reading of the rules, and plan against encode."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from musiclab.errors import MusicLabError, SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.keys import transpose_key
from musiclab.tokens.conditions import Conditions

ALL = Conditions(("phase", "beat", "fermata", "mode", "key", "remaining"))
METRES = {"2/4": 8, "3/4": 12, "6/8": 12, "4/4": 16, "2/2": 16, "3/2": 24, "6/4": 24, "12/8": 24}

# One id for each (length of the bar, place in it), counted up from 2.
BEAT_IDS = {
    pair: 2 + number
    for number, pair in enumerate(
        (length, place) for length in (8, 12, 16, 24) for place in range(length)
    )
}

TONICS = ("C", "C#", "D", "E-", "E", "F", "F#", "G", "A-", "A", "B-", "B")
KEY_IDS = {
    f"{tonic} {mode}": 1 + number + twelve
    for mode, twelve in (("major", 0), ("minor", 12))
    for number, tonic in enumerate(TONICS)
}


def conditions_by_hand(chorale):
    """The rules, one frame at a time."""
    rows = []
    length = METRES.get(chorale.time_signature)
    for frame in range(len(chorale)):
        mode = chorale.key.split(" ")[-1]
        rows.append(
            [
                frame % 16,
                BEAT_IDS.get((length, int(chorale.beats[frame])), 1),
                2 if chorale.fermatas[frame] else 1,
                {"major": 1, "minor": 2}.get(mode, 0),
                KEY_IDS.get(transpose_key(chorale.key, 0), 0),
                1 + min((len(chorale) - frame - 1) // 4, 32),
            ]
        )
    return np.array(rows)


@pytest.mark.parametrize("time_signature", [*METRES, "5/4", "9/8", "3/16"])
@pytest.mark.parametrize("key", ["G major", "D- major", "F# minor", "d dorian", ""])
def test_encode_equals_the_rules_by_hand(time_signature, key, make_chorale):
    chorale = make_chorale(seed=1, frames=151)
    chorale = Chorale(
        pitches=chorale.pitches,
        fermatas=np.random.default_rng(2).random(151) < 0.3,
        beats=np.arange(5, 156) % METRES.get(time_signature, 7),
        time_signature=time_signature,
        key=key,
    )
    assert np.array_equal(ALL.encode(chorale), conditions_by_hand(chorale))


def test_encode_equals_the_rules_on_the_corpus(chorales):
    for chorale in chorales[::7]:
        ids = ALL.encode(chorale)
        assert np.array_equal(ids, conditions_by_hand(chorale)), chorale.source
        assert (ids < ALL.sizes).all() and (ids >= 0).all()


def test_places_outside_the_bar_count_as_another_metre(make_chorale):
    chorale = replace(make_chorale(0, frames=3), beats=np.array([-1, 15, 16]))
    assert ALL.encode(chorale)[:, 1].tolist() == [1, 2 + 8 + 12 + 15, 1]


def test_sizes_are_reached_and_never_passed():
    seen = [np.zeros(0, dtype=int)] * 6
    for time_signature, mode in product([*METRES, "5/4"], ("major", "minor", None)):
        for tonic in TONICS:
            ids = ALL.plan(
                151,
                time_signature=time_signature,
                key=f"{tonic} {mode}" if mode else None,
                fermatas=np.arange(151) % 5 == 0 if mode else None,
                ending=mode is not None,
            )
            seen = [np.union1d(one, ids[:, column]) for column, one in enumerate(seen)]
    for name, one, size in zip(ALL.names, seen, ALL.sizes, strict=True):
        missing = sorted(set(range(size)) - set(one.tolist()))
        assert one.max() == size - 1
        assert missing == ([0] if name == "beat" else []), name


@pytest.mark.parametrize("order", [("mode", "phase"), ("remaining",), (), ALL.names[::-1]])
def test_columns_follow_the_names(order, make_chorale):
    chorale, some = make_chorale(seed=3, frames=17), Conditions(order)
    columns = [ALL.names.index(name) for name in order]
    assert np.array_equal(some.encode(chorale), ALL.encode(chorale)[:, columns])
    assert some.sizes == tuple(ALL.sizes[column] for column in columns)
    plan = some.plan(7, mode="minor", ending=False)
    assert np.array_equal(plan, ALL.plan(7, mode="minor", ending=False)[:, columns])


@pytest.mark.parametrize(
    ("time_signature", "pickup", "mode"),
    list(product(["4/4", "3/4", "5/8"], [0, 4], ["major", "minor"])),
)
def test_a_plan_is_what_encode_says_of_the_finished_piece(time_signature, pickup, mode):
    bar = {"4/4": 16, "3/4": 12, "5/8": 10}[time_signature]
    fermatas = np.arange(53) > 47
    piece = Chorale(
        pitches=np.full((53, 4), 60),
        beats=np.array([(bar - pickup + frame) % bar for frame in range(53)]),
        fermatas=fermatas,
        time_signature=time_signature,
        key=f"E- {mode}",
    )
    asked = {"time_signature": time_signature, "pickup": pickup, "key": f"E- {mode}"}
    plan = ALL.plan(53, **asked, fermatas=fermatas)
    assert np.array_equal(plan, ALL.encode(piece))
    left_open = ALL.plan(53, time_signature=time_signature, pickup=pickup, ending=False)
    assert np.array_equal(left_open[:, :2], plan[:, :2]) and not left_open[:, 2:].any()


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_a_mode_alone_leaves_the_key_open(mode):
    plan = ALL.plan(7, mode=mode)
    assert (plan[:, 3] == KEY_IDS[f"C {mode}"] // 12 + 1).all() and not plan[:, 4].any()


@pytest.mark.parametrize("semitones", range(-6, 6))
def test_the_key_moves_with_the_piece(semitones, make_chorale):
    chorale = replace(make_chorale(seed=1, frames=5), key="G minor")
    ids = Conditions(("key",)).encode(chorale.transpose(semitones))
    assert (ids == 13 + (7 + semitones) % 12).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"frames": 0},
        {"frames": -3},
        {"pickup": -1},
        {"pickup": 16},
        {"time_signature": "3/4", "pickup": 12},
        {"time_signature": "common"},
        {"time_signature": "4/0"},
        {"time_signature": "1/64"},
        {"mode": "dorian"},
        {"key": "D dorian"},
        {"key": "minor"},
        {"key": "D minor", "mode": "major"},
        {"fermatas": np.zeros(12, dtype=bool)},
    ],
)
def test_plan_refuses_what_is_out_of_range(wrong):
    with pytest.raises(SettingError):
        ALL.plan(**{"frames": 13} | wrong)


@pytest.mark.parametrize("names", [("tempo",), ("phase", "phase"), ("phase", "")])
def test_refuses_unknown_and_double_names(names):
    with pytest.raises(MusicLabError):
        Conditions(names)

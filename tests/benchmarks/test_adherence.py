"""Adherence: hand-made pieces that obey or do not, and how often Bach passes each test."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import adherence
from benchmarks.adherence import (
    KEYS,
    Adherence,
    AdherenceReport,
    Share,
    adherence_report,
    measure_adherence,
)
from benchmarks.adherence_checks import (
    ends_on_held_chord,
    ends_on_tonic_chord,
    heard_metre,
    held_fermatas,
    is_in_key,
    is_in_mode,
)
from musiclab.checkpoint.load import Checkpoint
from musiclab.errors import SettingError
from musiclab.music.chorale import REST, Chorale
from musiclab.music.corpus import corpus
from musiclab.music.keys import tonic_pitch_class
from musiclab.singer.singer import Singer
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer

C, F, G7 = [72, 67, 64, 48], [72, 69, 65, 53], [71, 65, 62, 55]
C_MINOR = [72, 67, 63, 48]


def song(*chords, quarters: int = 1, **options) -> Chorale:
    """Strike each chord anew and hold it."""
    pitches = np.repeat(np.array(chords), 4 * quarters, axis=0)
    attacks = np.zeros(pitches.shape, dtype=bool)
    attacks[:: 4 * quarters] = True
    return Chorale(pitches=pitches, attacks=attacks, **options)


@pytest.fixture
def studio(grid) -> Checkpoint:
    """An untrained model that may be told anything, and does not care."""
    conditions = Conditions(("phase", "beat", "fermata", "key", "remaining"))
    config = replace(grid.model.config, condition_sizes=conditions.sizes, n_layers=1)
    model = Singer(config, grid.model.tables.pitches).eval()
    return replace(grid, model=model, conditions=conditions)


@pytest.mark.parametrize("semitones", range(-6, 6))
def test_the_key_is_heard_in_any_transposition(semitones):
    piece = song(C, G7, C, F, C, G7, C, G7, C).transpose(semitones)
    keys = [key for key in KEYS if is_in_key(piece, key)]
    tonic = semitones % 12
    assert keys == [k for k in KEYS if k.endswith("major") and tonic_pitch_class(k[:-6]) == tonic]
    assert is_in_mode(piece, "major") and not is_in_mode(piece, "minor")


@pytest.mark.parametrize(
    ("last", "key", "home"),
    [
        (C, "C major", True),
        (C, "C minor", True),  # a third that brightens the end of a piece in minor
        (C_MINOR, "C minor", True),
        (C_MINOR, "C major", False),
        (C, "A minor", False),
        ([72, 67, 64, 52], "C major", False),  # the third in the bass
        ([72, 67, 55, 48], "C major", False),  # no third
        ([76, 72, 64, 48], "C major", True),  # no fifth
        ([74, 67, 64, 48], "C major", False),  # a ninth
        ([72, 67, REST, 48], "C major", False),
        ([72, 67, 64, REST], "C major", False),
        ([72, REST, 64, 48], "C major", True),
    ],
)
def test_home_is_the_tonic_chord_with_its_root_in_the_bass(last, key, home):
    assert ends_on_tonic_chord(song(C, G7, last), key) is home


def test_rest_is_a_last_quarter_in_which_nothing_moves():
    piece = song(C, G7, C)
    assert ends_on_held_chord(piece)
    assert not ends_on_held_chord(piece.excerpt(0, 3))
    for frame in (9, 11):
        moved = piece.attacks.copy()
        moved[frame, 2] = True
        assert not ends_on_held_chord(replace(piece, attacks=moved))
    silent = piece.pitches.copy()
    silent[-1, 1] = REST
    assert not ends_on_held_chord(replace(piece, pitches=silent))


def test_a_fermata_is_held_by_a_chord_that_is_struck_together():
    piece, first = song(C, F, G7, C, F, C), np.arange(24) < 4
    assert held_fermatas(piece, first) == (1, 1)
    assert held_fermatas(piece, first | (np.arange(24) >= 20)) == (2, 2)
    assert held_fermatas(piece, np.arange(24) % 20 < 5) == (1, 2)  # one chord too many
    assert held_fermatas(piece, np.roll(first, 2)) == (0, 1)
    assert held_fermatas(piece, np.zeros(24, dtype=bool)) == (0, 0)
    assert held_fermatas(replace(piece, fermatas=first)) == (1, 1)
    longer = song(C, F, quarters=2)
    assert held_fermatas(longer, np.arange(16) // 4 == 2) == (1, 1)
    assert held_fermatas(longer, np.arange(16) // 4 == 3) == (0, 1)  # not struck, but lying over
    held = piece.attacks.copy()
    held[4, 0] = False  # the soprano's C lies over from the chord before
    assert held_fermatas(replace(piece, attacks=held), np.roll(first, 4)) == (1, 1)


@pytest.mark.parametrize(("metre", "quarters"), [("3/4", 3), ("4/4", 4)])
@pytest.mark.parametrize("pickup", [0, 1, 2])
def test_the_metre_is_heard_in_long_notes_and_new_basses(metre, quarters, pickup):
    chords = [C, F, G7, F, C, G7, F, G7, C]
    bar = np.repeat(np.array(chords), 4 * quarters, axis=0)
    attacks = np.zeros(bar.shape, dtype=bool)
    attacks[:: 4 * quarters] = True
    attacks[8 :: 4 * quarters, :3] = True  # one more, weaker beat, on the bass that stays
    piece = Chorale(pitches=bar, attacks=attacks)
    assert heard_metre(piece.excerpt(4 * pickup, len(piece))) == metre


def test_music_without_any_pulse_is_in_one_of_both():
    assert heard_metre(song(*[C] * 9)) in ("3/4", "4/4")
    assert heard_metre(Chorale(pitches=np.empty((0, 4), dtype=int))) in ("3/4", "4/4")


def test_bach_passes_most_of_the_time_and_chance_does_not():
    """What to hope for from a model, and what would be nothing."""
    pieces = corpus("train", progress=False)

    def share(adheres) -> float:
        return np.mean([adheres(piece) for piece in pieces])

    assert share(lambda one: is_in_key(one, one.key)) > 0.88
    assert share(lambda one: is_in_key(one.transpose(2), one.key)) < 0.05
    assert share(lambda one: is_in_mode(one, one.key.rpartition(" ")[2])) > 0.92
    assert share(lambda one: ends_on_tonic_chord(one, one.key)) > 0.85
    assert share(ends_on_held_chord) > 0.97
    for late, low, high in ((0, 0.93, 0.99), (8, 0.05, 0.2)):  # half a bar late
        moved = [held_fermatas(one, np.roll(one.fermatas, late)) for one in pieces]
        assert low < np.divide(*np.sum(moved, axis=0)) < high
    for metre, low in (("3/4", 0.97), ("4/4", 0.9)):
        heard = [heard_metre(one) == metre for one in pieces if one.time_signature == metre]
        assert np.mean(heard) > low


def test_every_request_has_a_row_and_bach_beside_it(studio, monkeypatch):
    small = {"KEYS": ("C major", "D minor"), "LINES": (1, 3), "BARS": 3, "MOST_CANDIDATES": 5}
    for name, value in small.items():
        monkeypatch.setattr(adherence, name, value)
    chords = (C, G7, C, F, C, G7, C, G7, C, G7, C, C)
    bach = [song(*chords, key="C major", fermatas=np.arange(48) >= 44)]
    rows = measure_adherence(bach, checkpoint=studio, copies=2)
    assert [row.what for row in rows] == [
        "heard in its key",
        "heard in major",
        "heard in minor",
        "ends on its tonic chord",
        "comes to rest at its end",
        "holds a chord under a fermata",
        "heard in 3/4",
        "heard in 4/4",
    ]
    assert [row.asked.among for row in rows] == [4, 2, 2, 4, 4, 4 * 2, 4, 4]
    assert [row.control.among for row in rows] == [4, 2, 2, 5, 5, 5 * 2, 4, 4]
    assert all(share.count <= share.among for row in rows for share in row[1:])
    assert rows[2].bach == rows[6].bach == Share(0, 0)  # this Bach wrote no minor and no waltz
    assert rows[0].bach == rows[3].bach == rows[5].bach == Share(1, 1)
    monkeypatch.setattr(adherence, "corpus", lambda split: bach)
    report = adherence_report(studio, copies=2)
    assert report.rows == tuple(rows) and str(report).count("\n") == 2 + len(rows)
    assert report.title.startswith("13 pieces of 3 bars by a model@")


def test_a_report_survives_an_empty_row():
    row = Adherence("nothing", Share(0, 0), Share(1, 3), Share(3, 3))
    words = str(AdherenceReport("", (row,))).splitlines()[-1].split()
    assert words == ["nothing", "-", "33", "%", "(6-79)", "100", "%", "(44-100)"]


def test_a_model_that_knows_no_keys_is_refused(grid):
    assert grid.tokenizer == GridTokenizer()
    with pytest.raises(SettingError, match="trained without the key"):
        measure_adherence([song(C)], checkpoint=grid)

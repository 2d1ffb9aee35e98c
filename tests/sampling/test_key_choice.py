"""The key of a piece that is still to be written: read, drawn, or taken from what is given."""

from collections import Counter

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.music.corpus import corpus
from musiclab.music.keys import sharps_of, tonic_pitch_class
from musiclab.sampling.key_choice import TONICS, check_key_and_mode, choose_key, draw_key, read_key


def number(key: str) -> tuple[int, str]:
    tonic, _, mode = key.partition(" ")
    return tonic_pitch_class(tonic), mode


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("D minor", "D minor"),
        ("  b MINOR ", "B minor"),
        ("bb major", "B- major"),
        ("B- major", "B- major"),
        ("b-flat major", "B- major"),
        ("e flat major", "E- major"),
        ("F#minor", "F# minor"),
        ("C sharp minor", "C# minor"),
        ("A-flat-major", "A- major"),
        ("a-minor", "A minor"),
        ("b-minor", "B minor"),
    ],
)
def test_a_key_is_read_as_people_write_it(text, key):
    assert read_key(text) == key
    assert sharps_of(key) is not None


def test_what_is_read_stays_as_it_is():
    names = {draw_key(mode, seed) for mode in TONICS for seed in range(300)}
    assert names == {read_key(name) for name in names}


@pytest.mark.parametrize(
    "wrong", ["", "H major", "D", "D dorian", "minor D", "D ## minor", 7, None]
)
def test_what_is_no_key_is_refused(wrong):
    with pytest.raises(SettingError, match="^key must be"):
        read_key(wrong)


def test_tonics_are_counted_from_bach():
    counted = Counter(number(piece.key) for piece in corpus("train", progress=False))
    for mode, pieces in TONICS.items():
        assert pieces == tuple(counted[tonic, mode] for tonic in range(12))


@pytest.mark.parametrize("mode", TONICS)
def test_keys_are_drawn_as_often_as_bach_chose_them(mode):
    drawn = Counter(number(draw_key(mode, seed)) for seed in range(3000))
    expected = np.array(TONICS[mode]) / sum(TONICS[mode])
    found = np.array([drawn[tonic, mode] for tonic in range(12)]) / 3000
    assert np.abs(found - expected).max() < 0.03
    both = Counter(number(draw_key(None, seed)) for seed in range(3000))
    share = sum(TONICS[mode]) / sum(map(sum, TONICS.values()))
    found = np.array([both[tonic, mode] for tonic in range(12)]) / 3000
    assert np.abs(found - share * expected).max() < 0.03
    pieces = np.repeat(np.arange(12), TONICS[mode])  # the tonic of each of Bach's
    for seed in (*range(300), 2**63 - 1):
        one = np.random.SeedSequence(seed).generate_state(1)[0] % len(pieces)
        assert number(draw_key(mode, seed)) == (pieces[one], mode)


@pytest.mark.parametrize(
    ("key", "mode", "own", "chosen"),
    [
        (None, None, "", None),
        (None, None, "D dorian", None),
        (None, None, "G major", "G major"),
        (None, "major", "G major", "G major"),
        (None, "minor", "G major", "E minor"),
        (None, "major", "B minor", "D major"),
        (None, "minor", "C major", "A minor"),
        ("F minor", None, "G major", "F minor"),
        ("F minor", "minor", "", "F minor"),
    ],
)
def test_what_is_asked_goes_before_what_is_given(key, mode, own, chosen):
    assert choose_key(key, mode, own, seed=3) == chosen


@pytest.mark.parametrize("own", ["", "D dorian"])
def test_a_mode_alone_draws_a_tonic(own):
    drawn = {choose_key(None, "minor", own, seed) for seed in range(40)}
    assert len(drawn) > 4 and all(key.endswith(" minor") for key in drawn)
    assert choose_key(None, "minor", own, 5) == draw_key("minor", 5)


def test_relatives_have_the_same_signature():
    for seed in range(60):
        for mode, other in (("major", "minor"), ("minor", "major")):
            key = draw_key(mode, seed)
            relative = choose_key(None, other, key, 0)
            assert relative.endswith(other)
            assert (sharps_of(relative) - sharps_of(key)) % 12 == 0


@pytest.mark.parametrize(("key", "mode"), [("D minor", "major"), (None, "dorian"), (None, 3)])
def test_what_does_not_fit_is_refused(key, mode):
    with pytest.raises(SettingError, match=r"mode must be|leave the mode out"):
        check_key_and_mode(key, mode)

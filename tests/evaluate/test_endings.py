"""Where a piece is at home, and whether it comes home; and that the question is no circle."""

import numpy as np
import pytest

from musiclab.evaluate.endings import Ending, ending_of
from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.music.chorale import REST
from musiclab.music.corpus import corpus
from musiclab.music.keys import SHARES, find_key, tonic_pitch_class

SCALE = [(72, 67, 64, 48), (74, 67, 65, 55), (72, 67, 64, 52), (72, 69, 65, 53)]  # in C major
DOMINANT = (71, 67, 62, 55)


def home_key(pitches):
    return find_key(pitches, with_ending=False)


def piece(*last):
    """Two bars and a half in C major, then these chords, a whole note each."""
    return np.repeat([*SCALE, *SCALE, *last], 16, axis=0)


def test_the_end_has_no_part_in_the_home_key():
    for chord in [(72, 67, 64, 48), (73, 68, 65, 49), (REST,) * 4]:
        assert home_key(piece(DOMINANT, chord)) == "C major"


@pytest.mark.parametrize(("semitones", "tonic"), [(-3, "A"), (0, "C"), (2, "D"), (7, "G")])
def test_the_home_key_moves_with_the_music(semitones, tonic):
    assert home_key(piece(DOMINANT) + semitones) == f"{tonic} major"


def test_minor_is_told_from_its_relative_major():
    sung = [(69, 64, 60, 45), (71, 64, 56, 52), (72, 64, 57, 45), (71, 68, 64, 52)]
    assert home_key(np.repeat(sung * 2, 16, axis=0)) == "A minor"


def test_the_home_key_of_very_short_music():
    assert home_key(np.array([SCALE[0]])) == "C major"
    assert home_key(np.array([(REST,) * 4, SCALE[0]])) == "C major"  # only its end sounds


def test_endings():
    home, minor = (72, 67, 64, 48), (72, 67, 63, 48)
    assert ending_of(piece(DOMINANT, home)) == Ending(True, True, 1, 0, 1, 0)
    assert not ending_of(piece(DOMINANT, minor)).on_tonic_chord
    assert ending_of(piece((74, 71, 65, 55), home)) == Ending(True, True, 1, 1, 0, 0)
    sixth = ending_of(piece(DOMINANT, (72, 69, 64, 48)))
    assert sixth.on_tonic and not sixth.on_tonic_chord
    assert ending_of(piece(DOMINANT, (72, 69, 64, 45))) == Ending()  # deceptive
    assert ending_of(np.full((5, 4), REST)) == Ending()
    held = ending_of(piece(DOMINANT, (71, 67, 64, 48)))  # the leading note stays to the last
    assert held == Ending(True, False, 1, 1, 1, 1)
    bare = ending_of(piece(DOMINANT, (72, 67, REST, 48)))  # neither major nor minor
    assert bare.on_tonic and not bare.on_tonic_chord and bare.leading_notes == 1


def test_a_piece_in_minor_may_end_in_major():
    sung = [(69, 64, 60, 45), (71, 64, 56, 52), (72, 64, 57, 45), (71, 68, 64, 52)] * 2
    for third in (60, 61):
        whole = np.repeat([*sung, (69, 64, third, 45)], 16, axis=0)
        assert ending_of(whole).on_tonic_chord


def test_the_shares_are_those_of_the_training_chorales():
    sums = {mode: np.zeros(12) for mode in SHARES}
    for one in corpus("train", progress=False):
        tonic, mode = one.key.split()
        heard = np.bincount(one.pitches[one.pitches != REST] % 12, minlength=12)
        sums[mode] += np.roll(heard / heard.sum(), -tonic_pitch_class(tonic))
    for mode, shares in SHARES.items():
        assert 100 * sums[mode] / sums[mode].sum() == pytest.approx(shares, abs=0.051)


@pytest.mark.parametrize("split", ["valid", "test"])
def test_nine_of_ten_home_keys_are_those_of_the_scores(split):
    pieces = corpus(split, progress=False)
    keys, found = (
        [(tonic_pitch_class(key.split()[0]), key.split()[1]) for key in names]
        for names in ([one.key for one in pieces], [home_key(one.pitches) for one in pieces])
    )
    assert np.mean([one == key for one, key in zip(found, keys, strict=True)]) > 0.88
    # So the share that ends on the tonic is about what the scores' own keys say: 0.88 and 0.90.
    by_score = np.mean(
        [one.pitches[-1, -1] % 12 == key[0] for one, key in zip(pieces, keys, strict=True)]
    )
    by_notes = voice_leading_counts(pieces).share_on_tonic
    assert by_notes == pytest.approx(by_score, abs=0.08)

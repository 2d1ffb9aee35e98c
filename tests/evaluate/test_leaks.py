import numpy as np
import pytest

from musiclab.errors import ScoreError, SettingError
from musiclab.evaluate.fingerprints import chords_of
from musiclab.evaluate.leaks import shared_passages, split_pieces
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.music.read import read_chorale


@pytest.fixture
def piece():
    """40 chords that last 1 to 3 frames, with rests."""
    rng = np.random.default_rng(5)
    chords = rng.integers(36, 80, (40, 4))
    chords[rng.random(chords.shape) < 0.1] = -1
    return np.repeat(chords, rng.integers(1, 4, 40), axis=0)


def others(number):
    rng = np.random.default_rng(6)
    return [rng.integers(36, 80, (30, 4)) for _ in range(number)]


def moved(piece, semitones):
    return np.where(piece == -1, -1, piece + semitones)


@pytest.mark.parametrize("semitones", [-5, 0, 7])
def test_a_twin_is_found_in_any_key(piece, semitones):
    right = others(2) + [moved(piece, semitones)]
    (found,) = shared_passages([piece], right)
    assert (found.left, found.right) == ("left 0", "right 2")
    assert (found.chords, found.share) == (40, 1.0)
    assert (found.semitones, found.left_frame, found.right_frame) == (semitones, 0, 0)


def test_a_passage_is_found_wherever_it_was_cut(piece):
    frames, chords = chords_of([piece])[0]
    start, end = frames[11], frames[30] - 1  # cut in the middle of the last chord
    (found,) = shared_passages([moved(piece[start:end], 3)], [piece])
    assert (found.chords, found.share, found.semitones) == (19, 1.0, -3)
    assert (found.left_frame, found.right_frame) == (0, start)


def test_only_passages_as_long_as_asked_are_found(piece):
    frames, _ = chords_of([piece])[0]
    part = piece[frames[4] : frames[13]]  # 9 chords
    assert [one.chords for one in shared_passages([part], [piece], shortest=9)] == [9]
    assert shared_passages([part], [piece], shortest=10) == []


def test_the_speed_does_not_matter(piece):
    (found,) = shared_passages([np.repeat(piece, 2, axis=0)], [piece])
    assert found.share == 1


def test_one_changed_note_breaks_a_passage_in_two(piece):
    frames, _ = chords_of([piece])[0]
    changed = piece.copy()
    changed[frames[25] : frames[26], 2] = 99
    (found,) = shared_passages([changed], [piece])
    assert (found.chords, found.left_frame) == (25, 0)  # the longer half


def test_the_same_chords_in_different_keys_are_no_passage(piece):
    """Each chord is one of the twin's, but they move differently: no ear would hear a copy."""
    frames, chords = chords_of([piece])[0]
    wandering = np.where(chords == -1, -1, chords + np.arange(40)[:, None] % 3)
    assert shared_passages([wandering], [piece]) == []


def test_rests_count(piece):
    silent = piece.copy()
    silent[:, 0] = -1
    assert shared_passages([silent], [piece]) == []


def test_silence_is_no_passage():
    silence = np.full((99, 4), -1)
    assert shared_passages([silence], [silence], shortest=2) == []


def test_the_longest_comes_first_and_each_pair_once(piece):
    left = [piece[:45], np.concatenate([piece, piece])]
    found = shared_passages(left, [piece], shortest=6)
    assert [one.left for one in found] == ["left 1", "left 0"]


def test_names_are_titles_or_what_is_given(piece):
    one = Chorale(pitches=piece, title="Hum")
    (found,) = shared_passages([one], [one])
    assert (found.left, found.right) == ("Hum", "Hum")
    assert str(found) == "Hum from frame 0 = Hum from frame 0: 40 chords, 100% of Hum"
    (found,) = shared_passages([one], [one.transpose(-2)], names=(["a"], ["b"]))
    assert str(found).endswith("b from frame 0: 40 chords, 100% of a, -2 semitones")
    with pytest.raises(SettingError, match="one name per piece"):
        shared_passages([one], [one], names=(["a", "b"], ["c"]))


def test_nonsense_is_refused(piece):
    with pytest.raises(SettingError, match="shortest"):
        shared_passages([piece], [piece], shortest=1)
    with pytest.raises(ScoreError):
        shared_passages([], [piece])


def test_a_cut_piece_is_found_though_no_parts_overlap(piece):
    half = len(piece) // 2
    other = others(3)
    left, right = [other[0], moved(piece[:half], 1)], [piece[half:], other[1]]
    assert shared_passages(left, right, shortest=6) == []
    whole = [other[0], other[1], piece]
    (found,) = split_pieces(left, right, whole)
    assert (found.piece, found.left, found.right) == ("piece 2", (1,), (0,))
    assert split_pieces(left, [other[1]], whole) == []
    titles = ["a", "b", "Hum"]
    titled = [Chorale(pitches=one, title=name) for one, name in zip(whole, titles, strict=True)]
    (named,) = split_pieces(left, right, titled)
    assert str(named) == "Hum: 1 parts on the left, 1 on the right"


def test_the_benchmark_is_clean_and_its_known_twin_is_found():
    train, valid = corpus("train", progress=False), corpus("valid", progress=False)
    assert not any(one.share > 0.5 for one in shared_passages(valid, train))
    (twin,) = [piece for piece in valid if piece.source == "bach/bwv253.mxl"]
    (found,) = shared_passages([twin], [read_chorale("bach/bwv414")])
    assert found.share > 0.5 and found.semitones == -2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from musiclab.errors import ScoreError
from musiclab.evaluate.memorisation import CopiedPassage, TrainingMemory
from musiclab.music.chorale import REST, Chorale


def random_piece(rng, chords, longest=4):
    """Chords of random notes and lengths, no two alike in a row."""
    return np.repeat(
        rng.integers(45, 76, (chords, 4)), rng.integers(1, longest + 1, chords), axis=0
    )


@pytest.fixture
def training(rng):
    return [random_piece(rng, chords) for chords in (17, 23, 2, 31)]


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize("semitones", [-5, 0, 1, 12])
def test_a_planted_passage_is_found_in_any_key(rng, training, semitones):
    begins = np.flatnonzero((np.diff(training[1], axis=0, prepend=-9) != 0).any(axis=1))
    first, last = begins[[4, 13]].tolist()  # 9 chords, 8 changes
    passage = training[1][first:last] + semitones
    own = random_piece(rng, 7), random_piece(rng, 11)
    piece = np.concatenate([own[0], passage, own[1]])
    longest = TrainingMemory(training).longest(piece)
    assert longest == CopiedPassage(
        changes=8,
        number=1,
        name="",
        frames=(len(own[0]), len(own[0]) + last - first),
        training_frames=(first, last),
        semitones=semitones,
    )


def test_the_music_at_both_places_is_the_same(rng, training):
    piece = np.concatenate([random_piece(rng, 5), training[3][10:40] - 3])
    longest = TrainingMemory(training).longest(piece)
    there, here = training[longest.number], piece
    chords = [
        np.unique(one, axis=0, return_index=True)
        for one in (
            here[slice(*longest.frames)] - longest.semitones,
            there[slice(*longest.training_frames)],
        )
    ]
    np.testing.assert_array_equal(chords[0][0], chords[1][0])


def slowly(piece, training):
    """Try every pair of places, chord by chord, in every key."""

    def chords_of(one):
        rows = one.tolist()
        return [row for i, row in enumerate(rows) if i == 0 or row != rows[i - 1]]

    longest = 0
    for other in training:
        ours, theirs = chords_of(piece), chords_of(other)
        for i in range(len(ours)):
            for j in range(len(theirs)):
                for up in range(-14, 15):
                    length = 0
                    while (
                        i + length < len(ours)
                        and j + length < len(theirs)
                        and ours[i + length] == [note + up for note in theirs[j + length]]
                    ):
                        length += 1
                    longest = max(longest, length - 1)
    return longest


@given(some.integers(0, 10**6))
def test_it_finds_what_trying_everything_finds(seed):
    rng = np.random.default_rng(seed)
    *training, piece = (
        rng.integers(60, 62, (frames, 4)) + rng.integers(5) for frames in (13, 7, 11)
    )
    assert TrainingMemory(training).longest(piece).changes == slowly(piece, training)


def test_how_long_chords_last_does_not_count(rng, training):
    faster = training[0][(np.diff(training[0], axis=0, prepend=-9) != 0).any(axis=1)]
    assert TrainingMemory(training).longest(faster).changes == 16


def test_no_passage_runs_from_one_piece_into_the_next(rng):
    whole = random_piece(rng, 21, longest=1)
    memory = TrainingMemory([whole[:9], whole[8:]])  # the second begins as the first ends
    longest = memory.longest(whole)
    assert (longest.changes, longest.number) == (12, 1)


def test_of_equal_passages_the_earliest_is_told(rng):
    piece = random_piece(rng, 11, longest=1)
    other = random_piece(rng, 3, longest=1)
    longest = TrainingMemory([piece[6:], piece[:5]]).longest(np.vstack([piece, other]))
    assert (longest.changes, longest.frames) == (4, (0, 5))


def test_keys_may_not_change_within_a_passage(rng):
    piece = random_piece(rng, 15, longest=1)
    moved = np.concatenate([piece[:6], piece[6:] + 2])
    assert TrainingMemory([piece]).longest(moved).changes == 8


def test_other_chords_between_the_same_basses_are_no_copy():
    low = np.array([[60, 55, 50, 45], [62, 55, 50, 47]])
    high = low + [1, 0, 0, 0]
    assert TrainingMemory([low]).longest(high) == CopiedPassage(0)


def test_rests_are_part_of_a_chord():
    piece = np.array([[60, REST, 50, 45], [62, 55, REST, 47], [REST, 55, 50, 40]])
    up = np.where(piece == REST, REST, piece + 3)
    assert TrainingMemory([piece]).longest(up).changes == 2
    assert TrainingMemory([piece]).longest(up).semitones == 3
    for note in (52, 60):  # 60 is what the first voice sings
        filled = np.where(piece == REST, note, piece)
        assert TrainingMemory([piece]).longest(filled).changes == 0


def test_it_names_the_piece():
    pitches = np.array([[60, 55, 50, 45], [62, 55, 50, 47]])
    other = np.array([[60, 55, 50, 45], [70, 56, 51, 48]])
    named = [Chorale(pitches=other, title="A"), Chorale(pitches=pitches, source="bach/b")]
    longest = TrainingMemory(named).longest(Chorale(pitches=pitches))
    assert (longest.number, longest.name) == (1, "bach/b")


def test_a_passage_goes_on_through_a_silence_in_the_same_key(rng):
    before, after = random_piece(rng, 5, longest=1), random_piece(rng, 4, longest=1)
    silence = np.full((2, 4), REST)
    piece = np.concatenate([before, silence, after])
    memory = TrainingMemory([piece])
    moved = np.concatenate([before + 2, silence, after + 2])
    assert memory.longest(moved).changes == 9
    torn = np.concatenate([before + 2, silence, after + 3])
    assert memory.longest(torn).changes == 5  # the last of them into the silence
    assert memory.longest(np.concatenate([silence, after])).changes == 3


def test_a_single_chord_has_no_change(training):
    assert TrainingMemory(training).longest(np.full((5, 4), 60)) == CopiedPassage(0)


def test_what_is_no_piece_is_refused(training):
    with pytest.raises(ScoreError):
        TrainingMemory([])
    with pytest.raises(ScoreError):
        TrainingMemory(training).longest(np.zeros((3, 2), int))

"""What is said of a melody: the same as a walk from note to note says, in every key."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musiclab.music.chorale import REST, Chorale
from musiclab.tokens.melody import LONGEST_NOTE, MELODY_SIZES, melody_columns

NOTES = st.tuples(st.integers(36, 83) | st.just(REST), st.integers(1, 40))


def sung(notes: list[tuple[int, int]]) -> Chorale:
    """Sing (pitch, frames) one after another; equal pitches are struck again."""
    pitches = np.full((sum(frames for _, frames in notes), 4), REST)
    attacks, now = np.zeros(pitches.shape, dtype=bool), 0
    for pitch, frames in notes:
        pitches[now : now + frames, 0] = pitch
        attacks[now, 0] = pitch != REST
        now += frames
    return Chorale(pitches=pitches, attacks=attacks)


def step(before: int, after: int) -> int:
    return 0 if REST in (before, after) else 25 + max(-24, min(24, after - before))


@given(st.lists(NOTES, min_size=1, max_size=9))
def test_columns_are_those_of_a_walk_from_note_to_note(notes):
    merged = []  # a rest after a rest is one rest
    for pitch, frames in notes:
        if merged and pitch == REST == merged[-1][0]:
            merged[-1] = (REST, merged[-1][1] + frames)
        else:
            merged.append((pitch, frames))
    expected = []
    for number, (pitch, frames) in enumerate(merged):
        before = merged[number - 1][0] if number else REST
        after = merged[number + 1][0] if number + 1 < len(merged) else REST
        for place in range(frames):
            held, left = min(place, LONGEST_NOTE), min(frames - 1 - place, LONGEST_NOTE)
            expected.append([held, left, step(before, pitch), step(pitch, after)])
    columns = melody_columns(sung(notes))
    assert columns.tolist() == expected
    assert (columns >= 0).all() and (columns < MELODY_SIZES).all()


def test_the_other_voices_and_the_key_do_not_matter():
    melody = sung([(60, 4), (64, 2), (64, 2), (REST, 3), (48, 33)])
    with_bass = melody.pitches.copy()
    with_bass[:, 3] = np.arange(44) % 7 + 50
    changed = Chorale(pitches=with_bass, attacks=melody.attacks)
    expected = melody_columns(melody).tolist()
    assert melody_columns(changed).tolist() == expected
    assert melody_columns(melody.transpose(5)).tolist() == expected

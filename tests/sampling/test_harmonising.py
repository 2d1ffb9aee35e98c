from dataclasses import replace

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.evaluate.voice_leading import OCTAVE, parallels
from musiclab.music.chorale import Chorale
from musiclab.music.notes import Note, NoteSequence
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.melody import as_melody
from musiclab.sampling.settings import RULES


@pytest.fixture(params=["harmoniser", "studio", "grid", "flat"])
def checkpoint(request):
    return request.getfixturevalue(request.param)


def few(checkpoint, count):
    """Follow few particles, with a model that needs any."""
    return {} if hasattr(checkpoint.model, "encode") else {"particles": count}


def test_the_melody_stays_note_for_note(checkpoint, hymn):
    five = few(checkpoint, 5)
    sung = harmonise(hymn, checkpoint=checkpoint, seed=3, **five)
    assert np.array_equal(sung.pitches[:, 0], hymn.pitches[:, 0])
    assert np.array_equal(sung.attacks[:, 0], hymn.attacks[:, 0])
    assert np.array_equal(sung.fermatas, hymn.fermatas)
    assert np.array_equal(sung.beats, hymn.beats)
    assert (sung.key, sung.time_signature, sung.tempo) == ("G minor", "3/4", 71.0)
    assert not np.array_equal(sung.pitches[:, 1:], hymn.pitches[:, 1:])
    assert sung == harmonise(hymn, checkpoint=checkpoint, seed=3, **five)
    other = harmonise(hymn, checkpoint=checkpoint, seed=4, **five)
    assert not np.array_equal(sung.pitches, other.pitches)


@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio"], indirect=True)
def test_only_the_soprano_is_heard(checkpoint, hymn):
    lower = np.where(hymn.pitches[:, 1:] > 0, hymn.pitches[:, 1:] - 1, -1)
    changed = Chorale(
        pitches=np.column_stack([hymn.pitches[:, 0], lower]),
        attacks=hymn.attacks,
        fermatas=hymn.fermatas,
        beats=hymn.beats,
        key=hymn.key,
        time_signature=hymn.time_signature,
    )
    three = few(checkpoint, 3)
    pieces = [harmonise(one, checkpoint=checkpoint, **three) for one in (hymn, changed)]
    assert np.array_equal(pieces[0].pitches, pieces[1].pitches)


CHANGES = [
    {"mode": "major"},
    {"ending": False},
    {"temperature": 0.3},
    {"rules": ["spacing", "crossing"]},
    {"fermatas": np.arange(48) % 12 < 10},
]


@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio"], indirect=True)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_setting_is_heard(checkpoint, hymn, change):
    two = few(checkpoint, 2)
    plain = harmonise(hymn, checkpoint=checkpoint, **two)
    changed = harmonise(hymn, checkpoint=checkpoint, **two, **change)
    assert not np.array_equal(plain.pitches, changed.pitches)
    assert np.array_equal(changed.fermatas, change.get("fermatas", hymn.fermatas))


def test_a_key_is_told_and_named(harmoniser, hymn):
    pieces = [harmonise(hymn, checkpoint=harmoniser, key=key) for key in (None, "B-flat major")]
    assert [piece.key for piece in pieces] == ["G minor", "B- major"]
    assert not np.array_equal(pieces[0].pitches, pieces[1].pitches)
    relative = harmonise(hymn, checkpoint=harmoniser, mode="major")
    assert replace(relative, source=pieces[1].source) == pieces[1]


@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio", "grid"], indirect=True)
def test_rules_bind_the_three_voices_and_never_the_melody(checkpoint, hymn):
    high = hymn.pitches.copy()
    high[:, 0] = np.where(np.arange(48) // 6 % 2, 82, 57)  # beyond any rule's range
    tune = replace(hymn, pitches=high)
    sung = harmonise(tune, checkpoint=checkpoint, rules=RULES, **few(checkpoint, 3))
    assert np.array_equal(sung.pitches[:, 0], high[:, 0])
    assert not parallels(sung.pitches) and not parallels(sung.pitches, OCTAVE)


def test_a_harmoniser_needs_no_particles(harmoniser, hymn):
    with pytest.raises(SettingError, match="needs no particles, got 8"):
        harmonise(hymn, checkpoint=harmoniser, particles=8)


@pytest.mark.parametrize("checkpoint", ["harmoniser", "grid"], indirect=True)
def test_progress_is_told(checkpoint):
    told, two = [], few(checkpoint, 2)
    on_frame = lambda done, total: told.append((done, total))  # noqa: E731
    harmonise([60] * 7, checkpoint=checkpoint, **two, on_frame=on_frame)
    assert told == [(done, 7) for done in range(1, 8)]


@pytest.mark.parametrize(
    ("melody", "asked", "message"),
    [
        ([-1, -1], {}, "no notes"),
        ([], {}, "0 numbers"),
        ([60, 128], {}, "the number 128"),
        ([60, -2], {}, "the number -2"),
        ([60.0], {}, "one MIDI number a frame"),
        (7, {}, "one MIDI number a frame"),
        ("C D E", {}, "one MIDI number a frame"),
        ([40, 60], {}, "the melody goes from pitch 40 to 60.* transpose it by 1 semitones"),
        ([30, 90], {}, "smaller range"),
        ([60] * 332, {}, "of 1 to 331 frames"),
        ([60], {"particles": 0}, "^particles must be"),
        ([60], {"mode": "locrian"}, "^mode must be"),
        ([60], {"temperature": -1}, "^temperature must be"),
        ([60], {"seed": 1.5}, "^seed must be"),
        ([60], {"fermatas": [True, True]}, "^fermatas must be"),
        ([60], {"rules": ["parallel"]}, "^rules must be"),
        ([60], {"key": "H major"}, "^key must be"),
        ([60], {"key": "D minor", "mode": "major"}, "leave the mode out"),
    ],
)
@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio"], indirect=True)
def test_what_cannot_be_is_refused(checkpoint, melody, asked, message):
    with pytest.raises(SettingError, match=message):
        harmonise(melody, checkpoint=checkpoint, **asked)


def test_a_model_that_was_never_told_the_mode_or_key_says_so(grid):
    with pytest.raises(SettingError, match="trained without the mode"):
        harmonise([60], checkpoint=grid, mode="minor")
    with pytest.raises(SettingError, match="trained without the fermatas"):
        harmonise([67] * 8, checkpoint=grid, fermatas=[True] * 8)
    with pytest.raises(SettingError, match="ending must be True or False, got 'no'"):
        harmonise([67] * 8, checkpoint=grid, ending="no")
    with pytest.raises(SettingError, match="trained without the key"):
        harmonise([60], checkpoint=grid, key="D minor")


def test_of_notes_the_highest_are_the_melody():
    notes = (
        Note(onset=0.0, duration=1.0, pitch=60),
        Note(onset=0.0, duration=2.0, pitch=48),
        Note(onset=1.0, duration=0.5, pitch=40),
        Note(onset=1.5, duration=0.5, pitch=62),
        Note(onset=2.25, duration=0.01, pitch=64),
        Note(onset=0.0, duration=4.0, pitch=99, is_drum=True),
    )
    melody = as_melody(NoteSequence(notes=notes, tempo=70.0, time_signatures=((0.0, "3/4"),)))
    assert melody.pitches[:, 0].tolist() == [60] * 4 + [48] * 2 + [62] * 2 + [-1, 64]
    assert (melody.pitches[:, 1:] == -1).all()
    assert (melody.tempo, melody.time_signature) == (70.0, "3/4")


def test_a_note_struck_twice_stays_two_notes():
    notes = tuple(Note(onset=onset, duration=0.5, pitch=60) for onset in (0.0, 0.5))
    assert np.flatnonzero(as_melody(NoteSequence(notes=notes)).attacks[:, 0]).tolist() == [0, 2]

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.notes import Note, NoteSequence
from musiclab.sampling.harmonise import harmonise
from musiclab.sampling.melody import as_melody


def test_the_melody_stays_note_for_note(checkpoint, hymn):
    sung = harmonise(hymn, checkpoint=checkpoint, seed=3, particles=5)
    assert np.array_equal(sung.pitches[:, 0], hymn.pitches[:, 0])
    assert np.array_equal(sung.attacks[:, 0], hymn.attacks[:, 0])
    assert np.array_equal(sung.fermatas, hymn.fermatas)
    assert np.array_equal(sung.beats, hymn.beats)
    assert (sung.key, sung.time_signature, sung.tempo) == ("G minor", "3/4", 71.0)
    assert not np.array_equal(sung.pitches[:, 1:], hymn.pitches[:, 1:])
    assert sung == harmonise(hymn, checkpoint=checkpoint, seed=3, particles=5)
    other = harmonise(hymn, checkpoint=checkpoint, seed=4, particles=5)
    assert not np.array_equal(sung.pitches, other.pitches)


def test_only_the_soprano_is_heard(studio, hymn):
    lower = np.where(hymn.pitches[:, 1:] > 0, hymn.pitches[:, 1:] - 1, -1)
    changed = Chorale(
        pitches=np.column_stack([hymn.pitches[:, 0], lower]),
        attacks=hymn.attacks,
        fermatas=hymn.fermatas,
        beats=hymn.beats,
        key=hymn.key,
        time_signature=hymn.time_signature,
    )
    pieces = [harmonise(one, checkpoint=studio, particles=3) for one in (hymn, changed)]
    assert np.array_equal(pieces[0].pitches, pieces[1].pitches)


@pytest.mark.parametrize("change", [{"mode": "major"}, {"ending": False}, {"temperature": 0.3}])
def test_every_setting_is_obeyed(studio, hymn, change):
    plain = harmonise(hymn, checkpoint=studio, particles=2)
    changed = harmonise(hymn, checkpoint=studio, particles=2, **change)
    assert not np.array_equal(plain.pitches, changed.pitches)


def test_fermatas_can_be_added(studio, hymn):
    fermatas = np.arange(48) % 12 > 9
    sung = harmonise(hymn, checkpoint=studio, particles=2, fermatas=fermatas)
    assert np.array_equal(sung.fermatas, fermatas)


def test_progress_is_told(grid):
    told = []
    harmonise(
        [60] * 7, checkpoint=grid, particles=2, on_frame=lambda done, total: told.append(done)
    )
    assert told == [1, 2, 3, 4, 5, 6, 7]


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
        ([60] * 332, {}, "pieces of 1 to 331 frames"),
        ([60], {"particles": 0}, "^particles must be"),
        ([60], {"mode": "locrian"}, "^mode must be"),
        ([60], {"temperature": -1}, "^temperature must be"),
        ([60], {"seed": 1.5}, "^seed must be"),
        ([60], {"fermatas": [True, True]}, "^fermatas must be"),
    ],
)
def test_what_cannot_be_is_refused(studio, melody, asked, message):
    with pytest.raises(SettingError, match=message):
        harmonise(melody, checkpoint=studio, **asked)


def test_a_model_that_was_never_told_the_mode_says_so(grid):
    with pytest.raises(SettingError, match="never told the mode"):
        harmonise([60], checkpoint=grid, mode="minor")


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

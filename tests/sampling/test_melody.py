"""A melody is the same in whatever form it comes, and can be had again from its text."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musiclab.errors import ScoreError, SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.export import write
from musiclab.music.notes import Note, NoteSequence
from musiclab.sampling.fitting import sung
from musiclab.sampling.melody import as_melody, melody_text

ABC = "X:1\nT:Tune\nM:3/4\nL:1/4\nQ:1/4=90\nK:Dm\nD | F G/A/ A | B2 A- | A2 D |]\n"
NAMES = "T:Tune\nM:3/4\nQ:90\nK:D minor\nD4:1 | F4 G4:0.5 A4 A4:1 | B-4:2 A4:3 D4:1"
PITCHES = [62, 65, 67, 69, 69, 70, 69, 62]
QUARTERS = [1, 1, 0.5, 0.5, 1, 2, 3, 1]
BEATS = [*range(8, 12), *range(12), *range(12), *range(12)]


def sequence(**facts) -> NoteSequence:
    """The same tune as notes."""
    onsets = np.cumsum([0, *QUARTERS])
    notes = [
        Note(onset=float(onset), duration=length, pitch=pitch)
        for onset, length, pitch in zip(onsets, QUARTERS, PITCHES, strict=False)
    ]
    return NoteSequence(notes=tuple(notes), tempo=90.0, title="Tune", **facts)


def told(tune: Chorale) -> list:
    """Everything that decides how a tune is harmonised, and how it sounds."""
    arrays = (tune.pitches, tune.attacks, tune.fermatas, tune.beats)
    return [*(one.tolist() for one in arrays), tune.key, tune.time_signature, tune.tempo]


def test_a_tune_is_the_same_in_every_form(tmp_path):
    tune = as_melody(NAMES)
    assert [pitch for *_, pitch in tune.notes(0)] == PITCHES
    assert [length / 4 for _, length, _ in tune.notes(0)] == QUARTERS
    assert tune.beats.tolist() == BEATS
    assert (tune.key, tune.time_signature, tune.title) == ("D minor", "3/4", "Tune")
    file = tmp_path / "tune.abc"
    file.write_text(ABC)
    forms = [
        ABC,
        ABC.partition("\n")[2],  # without its number
        file,
        str(file),
        sequence(key="D minor", pickup=1.0, time_signatures=((0.0, "3/4"),)),
        write(tune, tmp_path / "tune.mid"),
        write(tune, tmp_path / "tune.musicxml"),
        tune,
        melody_text(tune),
    ]
    for form in forms:
        assert told(as_melody(form)) == told(tune), form


@pytest.mark.parametrize(
    ("text", "pitches"),
    [
        ("G4:0.25 A4 rest:0.5 Bb4:0.25 b#3 c-5", [67, 69, -1, -1, 70, 60, 71]),
        ("C4, F#4", [60] * 4 + [66] * 4),  # in these octaves, names are quarters
        ("C4:1 C2:0.5", [60] * 4 + [36] * 2),
        ("C4 D2", [60] * 8 + [62] * 4),  # else it is ABC, whose digits are lengths in eighths
        ("C D2|E", [60] * 2 + [62] * 4 + [64] * 2),
        ("K:G F1", [66] * 2),
        ("M:2/4 L:1/16 K:D F C'", [66, 73]),
        ("K:Am\n^G4\nw: with words\nA4", [68] * 8 + [69] * 8),
        ("L:1/16 K:C E4 F4", [64] * 4 + [65] * 4),  # only ABC has a unit length
    ],
)
def test_text_is_names_or_abc(text, pitches):
    assert as_melody(text).pitches[:, 0].tolist() == pitches


def test_the_header_stands_on_one_line_or_on_many():
    body = "D4:1 F4 A4"
    heads = ("M:3/4 Q:90 K:D minor ", "M:3/4\nQ:1/4=90\nK:Dm\n", "K:D minor\nQ:90 M:3/4\n")
    tunes = [as_melody(head + body) for head in heads]
    assert tunes[0] == tunes[1] == tunes[2]
    assert (tunes[0].key, tunes[0].tempo, tunes[0].time_signature) == ("D minor", 90.0, "3/4")


def test_abc_without_a_key_has_none():
    assert as_melody("G2 A B c2").key == ""
    assert as_melody("K:C G2 A B c2").key == "C major"


def test_metre_and_tempo_change_in_a_tune():
    notes = sequence(
        pickup=1.0,
        time_signatures=((0.0, "3/4"), (4.0, "2/4"), (8.0, "6/8")),
        tempo_changes=((6.0, 50.0),),
    )
    tune = as_melody(notes)
    assert tune.beats.tolist() == [*BEATS[:16], *range(8), *range(8), *range(8)]
    assert tune.metre_changes == ((16, "2/4"), (32, "6/8"))
    assert tune.tempo_changes == ((24, 50.0),)
    assert as_melody(melody_text(tune)) == tune


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
    assert melody.left_out == ("notes below the melody were left out (1 of 5)",)
    assert melody.pitches[:, 0].tolist() == [60] * 4 + [48] * 2 + [62] * 2 + [-1, 64]
    assert (melody.pitches[:, 1:] == -1).all()
    assert (melody.tempo, melody.time_signature) == (70.0, "3/4")


def test_a_note_struck_twice_stays_two_notes():
    notes = tuple(Note(onset=onset, duration=0.5, pitch=60) for onset in (0.0, 0.5))
    assert np.flatnonzero(as_melody(NoteSequence(notes=notes)).attacks[:, 0]).tolist() == [0, 2]


def test_what_is_off_the_grid_is_told():
    notes = tuple(Note(onset=onset, duration=0.3, pitch=60) for onset in (0.0, 1 / 3, 2 / 3, 1.0))
    assert as_melody(NoteSequence(notes=notes)).left_out == (
        "notes off the grid were moved to the nearest 16th note (2 of 4)",
    )


@pytest.mark.parametrize(
    ("melody", "message"),
    [
        ("hello", "a melody as text is note names .*ABC.*path of a file; got 'hello'"),
        ("", "a melody as text is"),
        ("G4:9999 " * 9, "at most 20000 16th notes long"),
        ("G4:0", "does not last a whole number of 16th notes"),
        ("G4:0.3", "does not last a whole number of 16th notes"),
        ("rest:1", "the melody has no notes"),
        ("K:H major G4:1", 'key must be one such as "D minor"'),
        ("Q:fast G4:1", "a tempo is quarters a minute, such as Q:90"),
        ("A" * 100_001, "at most 100000 characters"),
        ([-1, -1], "no notes"),
        ([], "0 numbers"),
        ([60, 128], "the number 128"),
        ([60, -2], "the number -2"),
        (None, "must be a path, text, a Chorale, notes, or a row"),
    ],
)
def test_what_is_no_melody_is_refused(melody, message):
    with pytest.raises(SettingError, match=message) as error:
        as_melody(melody)
    assert len(str(error.value)) <= 300


def test_a_file_that_is_missing_or_no_music_is_called_by_its_name(tmp_path):
    with pytest.raises(ScoreError, match=r"'tune\.mid' does not exist"):
        as_melody("tune.mid")
    other = tmp_path / "G4"
    other.write_text("no music")
    with pytest.raises(ScoreError, match="is not a music file"):
        as_melody(str(other))


frames = st.integers(1, 60)


@settings(max_examples=60)
@given(st.data())
def test_the_text_of_a_melody_says_all_of_it(data):
    count = data.draw(frames)
    row = st.lists(st.integers(12, 120) | st.just(-1), min_size=count, max_size=count)
    flags = st.lists(st.booleans(), min_size=count, max_size=count)
    pitches = np.full((count, 4), -1)
    pitches[:, 0] = data.draw(row)
    if not (pitches != -1).any():
        pitches[0, 0] = 60
    attacks = np.zeros(pitches.shape, dtype=bool)
    attacks[:, 0] = data.draw(flags)
    bar, pickup = 12, data.draw(st.integers(0, 11))
    tune = Chorale(
        pitches=pitches,
        attacks=attacks,
        beats=(np.arange(count) - pickup) % bar,
        time_signature="3/4",
        key=data.draw(st.sampled_from(["", "B- major", "F# minor"])),
        tempo=data.draw(st.sampled_from([72.0, 100 / 3])),
        title=data.draw(st.sampled_from(["", "A tune: K:G, 100 %"])),
    )
    assert as_melody(melody_text(tune)) == tune


def test_a_melody_that_text_cannot_say_has_its_source():
    tune = as_melody("M:3/4 G4:2 | A4:1")
    early = replace(tune, beats=np.array([5, 0, 1, 0, 1, 2, 3, 0, 1, 2, 3, 4]), source="a.mid")
    assert melody_text(early) == "a.mid"
    assert melody_text(replace(early, source="musiclab a recipe")) == ""
    assert melody_text(replace(tune, source="bach/bwv66.6.mxl")) == "bach/bwv66.6.mxl"


@pytest.mark.parametrize(
    ("melody", "transpose", "shift"),
    [
        ("A3 A5", None, 0),
        ("C4 G5", "octave", 0),
        ("C3:1 C4", "octave", 12),
        ("C6 E6", "octave", -12),
        ("A5:1 B5", "fit", -4),
        ("G3:1 G4", "fit", 5),
        ("A3 A5", "fit", 0),  # too wide for comfort, and sung all the same
        ("C4 D4", 7, 7),
        ("C4 D4", -3, -3),
    ],
)
def test_a_melody_is_moved_as_asked(melody, transpose, shift):
    tune = replace(as_melody(melody), key="C major")
    moved, by = sung(tune, transpose)
    assert by == shift and moved == tune.transpose(shift)


@pytest.mark.parametrize(
    ("melody", "transpose", "message"),
    [
        ("A-3:1", None, 'goes from G#3 to G#3 and .* from A3 to A5; say transpose="octave"'),
        ("A5:1 B-5", None, "goes from A5 to B-5"),
        ("C4:1", 22, "moved by 22 semitones"),
        ("A3:1 B-5", "fit", "spans two octaves at most"),
        ("B3:1 A#5", "octave", 'say transpose="fit" or'),
        ("C4:1", "up", 'transpose must be "octave", "fit" or a number'),
        ("C4:1", 1.5, "transpose must be a whole number"),
    ],
)
def test_what_sopranos_cannot_sing_is_refused(melody, transpose, message):
    with pytest.raises(SettingError, match=message) as error:
        sung(as_melody(melody), transpose)
    assert len(str(error.value)) <= 300

"""Reading gives the same music by every way in, and tells what it changed."""

import json
import subprocess
import sys

import numpy as np
import pytest

from musiclab.errors import ScoreError
from musiclab.music.chorale import Chorale
from musiclab.music.export import write
from musiclab.music.from_midi import notes_from_midi
from musiclab.music.from_score import notes_from_score
from musiclab.music.notes import Note, NoteSequence
from musiclab.music.read import read_chorale, read_notes
from musiclab.music.serialise import from_dict, to_dict
from musiclab.music.to_midi import midi_from_notes


def test_notes_and_chorale_agree(tmp_path):
    """A chorale's notes and the notes read directly are the same, from a score and from MIDI."""
    chorale = read_chorale("bwv66.6")
    expected = sorted(
        (first / 4, length / 4, pitch)
        for voice in range(4)
        for first, length, pitch in chorale.notes(voice)
    )
    for notes in (read_notes("bwv66.6"), read_notes(write(chorale, tmp_path / "a.mid"))):
        assert sorted((n.onset, n.duration, n.pitch) for n in notes.notes) == expected
        assert [name.lower() for name in notes.part_names] == ["soprano", "alto", "tenor", "bass"]
        assert (notes.tempo, notes.time_signatures[-1][1]) == (chorale.tempo, "4/4")


def test_what_the_worker_changed_is_told(tmp_path):
    """A grace note is left out by the worker; the warning is given here."""
    path = tmp_path / "grace.krn"
    rows = ["**kern\t" * 3 + "**kern", "*M4/4\t" * 3 + "*M4/4", "4C\t4c\t4e\t4g", ".\t.\t.\t8aq"]
    path.write_text(
        "\n".join([*rows, "4D\t4d\t4f\t4a", "2C\t2c\t2e\t2g", "*-\t" * 3 + "*-"]) + "\n"
    )
    for read in (read_chorale, read_notes):
        with pytest.warns(UserWarning, match=r"grace\.krn'.*1 grace note"):
            assert any("grace" in notice for notice in read(path).left_out)


@pytest.mark.parametrize("repeats", ["expand", "", None])
def test_unknown_ways_to_repeat_are_refused(repeats):
    with pytest.raises(ScoreError, match="repeats must be") as caught:
        read_chorale("bwv66.6", repeats=repeats or "")
    assert '"expanded"' in str(caught.value)


def test_a_file_wins_over_the_corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    chorale = Chorale(pitches=np.tile([[72, 67, 64, 48]], (4, 1)))
    write(chorale, "bwv66.6.mid").rename("bwv66.6")
    assert len(read_chorale("bwv66.6")) == 4


def test_ties_chords_transposition_and_chord_symbols():
    from music21 import chord, harmony, instrument, note, stream, tie

    held, rest_of_it = note.Note("C4"), note.Note("C4")
    held.tie, rest_of_it.tie = tie.Tie("start"), tie.Tie("stop")
    part = stream.Part([instrument.Clarinet(), harmony.ChordSymbol("Cm")])
    part.append([held, rest_of_it, chord.Chord("E4 G4")])
    part.atSoundingPitch = False  # a clarinet in B flat sounds two semitones lower
    found = [(n.onset, n.duration, n.pitch, n.program) for n in notes_from_score(part).notes]
    assert found == [(0.0, 2.0, 58, 71), (2.0, 1.0, 62, 71), (2.0, 1.0, 65, 71)]


def test_changes_of_tempo_are_kept():
    sequence = NoteSequence(
        notes=(Note(onset=0.0, duration=8.0, pitch=60),), tempo=60.0, tempo_changes=((2.0, 90.0),)
    )
    assert sequence.seconds == 2 + 4
    again = notes_from_midi(midi_from_notes(sequence))
    assert (again.tempo, again.tempo_changes, again.left_out) == (60.0, ((2.0, 90.0),), ())
    assert again.seconds == 6


def test_music_survives_the_way_between_processes():
    """Numbers, names in any script and numbers that are not whole come back as they were."""
    notes = (Note(onset=1 / 3, duration=0.1, pitch=60, part=1, is_drum=True, program=7),)
    sequence = NoteSequence(
        notes=notes,
        part_names=("Скрипка", "b"),
        left_out=("told",),
        time_signatures=((0.0, "7/8"),),
    )
    assert from_dict(json.loads(json.dumps(to_dict(sequence)))) == sequence
    chorale = Chorale(pitches=np.full((3, 4), 60), key="G major", left_out=("told",), tempo=71.3)
    again = from_dict(json.loads(json.dumps(to_dict(chorale))))
    assert again == chorale and again.left_out == ("told",)


def test_reading_midi_needs_no_music21():
    code = "import sys, musiclab.music.read, musiclab.music.export\n"
    code += "assert not {'music21', 'pretty_midi', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

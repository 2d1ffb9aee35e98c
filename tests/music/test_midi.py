"""Chorales and notes must survive the way through MIDI."""

import warnings

import numpy as np
import pretty_midi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musiclab.errors import ScoreError
from musiclab.music.chorale import REST, VOICES, Chorale
from musiclab.music.from_midi import chorale_from_midi, load_midi, notes_from_midi
from musiclab.music.notes import Note, NoteSequence
from musiclab.music.to_midi import midi_bytes, midi_from_chorale, midi_from_notes


@st.composite
def chorales(draw):
    """Any notes and rests, repeated notes and pickups included; at least one note."""
    n_frames = draw(st.integers(5, 37))
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    pitches = generator.integers(57, 61, (n_frames, 4))  # few pitches, so that many repeat
    pitches[generator.random((n_frames, 4)) < 0.2] = REST
    pitches[n_frames - draw(st.integers(0, 5)) :] = REST  # silence at the end counts too
    pitches[0, 2] = 60
    metre = draw(st.sampled_from(["4/4", "3/4", "6/8", "2/2"]))
    chorale = Chorale(pitches=pitches, time_signature=metre, tempo=draw(st.floats(20, 300)))
    bar = chorale.frames_per_bar
    pickup = draw(st.integers(0, min(bar, n_frames) - 1))
    return Chorale(
        pitches=pitches,
        attacks=generator.random((n_frames, 4)) < 0.3,
        beats=(np.arange(n_frames) - pickup) % bar,
        time_signature=metre,
        tempo=chorale.tempo,
        key=draw(st.sampled_from(["", "G major", "F# minor", "E- major", "B- minor"])),
    )


def through_a_file(midi: pretty_midi.PrettyMIDI) -> pretty_midi.PrettyMIDI:
    return load_midi(midi_bytes(midi), "'test'")[0]


@given(chorales())
def test_a_chorale_survives_midi(chorale):
    midi = midi_from_chorale(chorale)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = chorale_from_midi(through_a_file(midi))
    np.testing.assert_array_equal(again.pitches, chorale.pitches)
    np.testing.assert_array_equal(again.attacks, chorale.attacks)
    np.testing.assert_array_equal(again.beats, chorale.beats)
    assert (again.key, again.time_signature) == (chorale.key, chorale.time_signature)
    assert again.tempo == pytest.approx(chorale.tempo, abs=0.01)


def test_long_pieces_do_not_drift():
    pitches = np.tile([[72, 67, 64, 48], [74, 67, 65, 50]], (1_009, 1))
    chorale = Chorale(pitches=pitches, tempo=173.0)
    np.testing.assert_array_equal(
        chorale_from_midi(through_a_file(midi_from_chorale(chorale))).pitches, pitches
    )


def test_tracks_are_the_voices_with_their_instruments():
    chorale = Chorale(pitches=np.tile([[72, 67, 64, 48]], (7, 1)), tempo=60.0)
    midi = midi_from_chorale(chorale, programs=(19, 52, 0, 43), tempo=120.0, velocity=99)
    assert tuple(track.name for track in midi.instruments) == VOICES
    assert [track.program for track in midi.instruments] == [19, 52, 0, 43]
    for track in midi.instruments:
        (note,) = track.notes  # seven held frames are one note
        assert (note.start, note.end, note.velocity) == (0, pytest.approx(7 / 8), 99)


def test_fermatas_do_not_change_the_midi():
    pitches = np.tile([[72, 67, 64, 48]], (8, 1))
    plain = midi_bytes(midi_from_chorale(Chorale(pitches=pitches)))
    assert plain == midi_bytes(
        midi_from_chorale(Chorale(pitches=pitches, fermatas=np.ones(8, dtype=bool)))
    )


@pytest.mark.parametrize(
    "setting", [{"programs": (1, 2)}, {"programs": (0, 0, 0, 128)}, {"tempo": 1.0}, {"velocity": 0}]
)
def test_impossible_settings_are_refused(setting):
    with pytest.raises(ScoreError):
        midi_from_chorale(Chorale(pitches=np.full((3, 4), 60)), **setting)


@given(st.lists(st.tuples(st.integers(0, 96), st.integers(1, 24), st.integers(0, 127),
                          st.integers(0, 2), st.integers(1, 127)),
                min_size=1, max_size=23, unique_by=lambda n: (n[0] // 24, n[2], n[3])))  # fmt: skip
def test_notes_survive_midi(drawn):
    notes = [
        # On a grid of 24ths, cut so that no two notes on one key of one part overlap.
        Note(
            onset=start / 24,
            duration=min(length, 24 - start % 24) / 24,
            pitch=pitch,
            part=part,
            program=(0, 40, 0)[part],
            velocity=velocity,
            is_drum=part == 2,
        )
        for start, length, pitch, part, velocity in drawn
    ]
    parts = sorted({note.part for note in notes})
    names = ("Klavier", "Скрипка", "drums")
    sequence = NoteSequence(
        notes=tuple(notes),
        tempo=90.0,
        time_signatures=((0.0, "3/4"), (6.0, "7/8")),
        part_names=names,
    )
    again = notes_from_midi(through_a_file(midi_from_notes(sequence)))

    def plain(piece, part_of):
        rows = [(n.onset, n.duration, n.pitch, part_of(n.part), n.velocity) for n in piece.notes]
        rows += [(n.program, n.is_drum, 0, part_of(n.part), 0) for n in piece.notes]
        return sorted(rows)

    assert np.allclose(plain(again, lambda part: parts[part]), plain(sequence, lambda part: part))
    assert again.part_names == tuple(names[part] for part in parts)
    assert (again.tempo, again.time_signatures) == (90.0, sequence.time_signatures)


def four_tracks(*lines, names=("",) * 5):
    """Build MIDI at 60 quarters a minute from (start, end, pitch) in quarters."""
    midi = pretty_midi.PrettyMIDI(resolution=480, initial_tempo=60)
    for line, name in zip(lines, names, strict=False):
        track = pretty_midi.Instrument(0, name=name)
        track.notes = [pretty_midi.Note(80, pitch, start, end) for start, end, pitch in line]
        midi.instruments.append(track)
    return midi


HELD = [(0, 1, 60)]


def test_off_grid_notes_are_moved_and_told():
    midi = four_tracks([(0.06, 0.55, 72), (0.55, 1, 74)], HELD, HELD, HELD)
    with pytest.warns(UserWarning, match="2 of 5 notes were off"):
        chorale = chorale_from_midi(midi)
    assert chorale.pitches[:, 0].tolist() == [72, 72, 74, 74]
    assert "2 of 5" in chorale.left_out[0]


def test_an_ornament_too_fast_for_the_grid_is_told():
    midi = four_tracks([(0, 0.05, 72), (0.05, 0.1, 74), (0.25, 1, 72)], HELD, HELD, HELD)
    with pytest.warns(UserWarning, match="1 notes too short"):
        chorale_from_midi(midi)


def test_voices_are_found_by_name_or_by_height():
    lines = [[(0, 1, pitch)] for pitch in (48, 72, 64, 67)]
    midi = four_tracks(*lines, names=("Bass", "Soprano", "Tenor", "Alto"))
    assert chorale_from_midi(midi).pitches[0].tolist() == [72, 67, 64, 48]
    assert chorale_from_midi(four_tracks(*lines)).pitches[0].tolist() == [72, 67, 64, 48]


def test_chords_of_four_are_split_by_height():
    chords = [(0, 1, p) for p in (72, 67, 64, 48)] + [(1, 2, p) for p in (71, 67, 62, 43)]
    with pytest.warns(UserWarning, match="by height"):
        chorale = chorale_from_midi(four_tracks(chords))
    assert chorale.pitches[::4].tolist() == [[72, 67, 64, 48], [71, 67, 62, 43]]
    assert chorale.attacks.sum(axis=0).tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize(
    "lines",
    [
        [HELD],
        [HELD, HELD, HELD],
        [HELD] * 5,
        [HELD, HELD, HELD, [(0, 1, 48), (0, 1, 52)]],
    ],
)
def test_music_that_is_not_in_four_voices_is_refused(lines):
    with pytest.raises(ScoreError, match=f"{len(lines)} tracks with notes"):
        chorale_from_midi(four_tracks(*lines))


def test_tempo_and_metre_of_any_track_count(tmp_path):
    """Notation programs are not alone in writing them elsewhere than in the first track."""
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=96)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name="first")]))
    tempo = mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(75))
    metre = mido.MetaMessage("time_signature", numerator=3, denominator=4)
    on, off = mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=192)
    file.tracks.append(mido.MidiTrack([tempo, metre, on, off]))
    file.save(tmp_path / "a.mid")
    notes = notes_from_midi(load_midi((tmp_path / "a.mid").read_bytes(), "'a'")[0])
    assert (notes.tempo, notes.time_signatures) == (75.0, ((0.0, "3/4"),))
    assert notes.quarters == 2.0

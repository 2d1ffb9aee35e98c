"""A score read on the grid: ties, pickups, repeats, odd rhythms, and which part is which voice."""

import warnings
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from music21 import bar, chord, clef, converter, expressions, key, note, stream, tempo, tie
from music21.pitch import Pitch

from musiclab.errors import ScoreError
from musiclab.music.chorale import REST
from musiclab.music.from_score import chorale_from_score
from musiclab.music.heads import Head
from musiclab.music.keys import sharps_of, spell, tonic_name
from musiclab.music.metre import Bar, places_in_bar
from musiclab.music.voice_line import paint
from musiclab.music.voices import voice_of

NAMES = ("Soprano", "Alto", "Tenor", "Bass")


def part(notes, name=""):
    """Lay (pitch, quarters) pairs out in bars of 4/4; pitch None is a rest."""
    line = stream.Part()
    line.append(clef.TrebleClef())
    for pitch, quarters in notes:
        one = note.Rest() if pitch is None else note.Note(pitch)
        one.quarterLength = quarters
        line.append(one)
    whole = line.makeMeasures()
    whole.partName = name
    return whole


def score(soprano, names=NAMES):
    """Set a soprano over three long notes."""
    quarters = sum(length for _, length in soprano)
    lower = [[(67, quarters)], [(60, quarters)], [(48, quarters)]]
    return stream.Score(
        [part(notes, name) for notes, name in zip([soprano, *lower], names, strict=True)]
    )


def measures(*lengths, pitches=None):
    """Build four parts of one note a measure, with the lengths given in quarters."""
    parts = []
    for voice, name in enumerate(NAMES):
        line = stream.Part()
        line.partName = name
        for number, length in enumerate(lengths):
            measure = stream.Measure(number=number)
            pitch = (pitches[number] if pitches else 72) - 8 * voice
            measure.append(note.Note(pitch, quarterLength=length))
            line.append(measure)
        parts.append(line)
    return stream.Score(parts)


def all_measures(whole, number):
    return [list(one.getElementsByClass("Measure"))[number] for one in whole.parts]


def test_tied_notes_are_one_note():
    whole = measures(4, 4)
    for first, second in zip(all_measures(whole, 0), all_measures(whole, 1), strict=True):
        first.notes[0].tie, second.notes[0].tie = tie.Tie("start"), tie.Tie("stop")
    chorale = chorale_from_score(whole)
    assert np.flatnonzero(chorale.attacks.any(axis=1)).tolist() == [0]
    untied = chorale_from_score(measures(4, 4))
    assert np.flatnonzero(untied.attacks.all(axis=1)).tolist() == [0, 16]


def test_fermata_covers_a_tied_note_and_nothing_else():
    whole = measures(4, 4, 4)
    first, second = (all_measures(whole, number)[0].notes[0] for number in (0, 1))
    first.tie, second.tie = tie.Tie("start"), tie.Tie("stop")
    second.expressions.append(expressions.Fermata())
    assert np.flatnonzero(chorale_from_score(whole).fermatas).tolist() == list(range(32))


def test_soprano_fermatas_go_before_those_of_other_voices():
    whole = measures(2, 2)
    all_measures(whole, 0)[3].notes[0].expressions.append(expressions.Fermata())
    assert np.flatnonzero(chorale_from_score(whole).fermatas).tolist() == list(range(8))
    all_measures(whole, 1)[0].notes[0].expressions.append(expressions.Fermata())
    assert np.flatnonzero(chorale_from_score(whole).fermatas).tolist() == list(range(8, 16))


@pytest.mark.parametrize(
    ("lengths", "places"),
    [
        ((1, 4, 3, 1, 4, 3), (12, 0, 0, 12, 0, 0)),
        ((4, 2, 2, 4), (0, 0, 8, 0)),
        ((4, 1, 3, 4), (0, 0, 4, 0)),
        ((4, 1, 4, 3), (0, 12, 0, 0)),
        ((4, 3, 4), (0, 0, 0)),
        ((3,), (0,)),
    ],
)
def test_pickups_and_short_bars(lengths, places):
    beats = chorale_from_score(measures(*lengths)).beats
    starts = 4 * np.cumsum([0, *lengths[:-1]])
    assert tuple(beats[starts]) == places


@given(st.lists(st.integers(1, 12), min_size=1, max_size=7))
def test_places_count_on_within_every_bar(lengths):
    edges = np.cumsum([0, *lengths])
    bars = [Bar(int(a), int(b), 12) for a, b in pairwise(edges)]
    places = places_in_bar(bars, int(edges[-1]) + 5)
    assert ((0 <= places) & (places < 12)).all()
    for one in bars:
        assert (np.diff(places[one.first : one.last]) == 1).all()


def test_repeats_written_and_expanded():
    whole = measures(4, 4, 4, pitches=[72, 74, 76])
    for measure in all_measures(whole, 1):
        measure.rightBarline = bar.Repeat(direction="end")
    written = chorale_from_score(whole)
    expanded = chorale_from_score(whole, repeats="expanded")
    assert written.pitches[::16, 0].tolist() == [72, 74, 76]
    assert expanded.pitches[::16, 0].tolist() == [72, 74, 72, 74, 76]
    # The reference: music21 copying every note.
    reference = chorale_from_score(whole.expandRepeats())
    assert np.array_equal(expanded.pitches, reference.pitches)
    assert np.array_equal(expanded.attacks, reference.attacks)


def test_a_repeat_strikes_a_held_note_anew():
    whole = measures(4, 4, 4)
    for first, second in zip(all_measures(whole, 0), all_measures(whole, 1), strict=True):
        first.notes[0].tie, second.notes[0].tie = tie.Tie("start"), tie.Tie("stop")
        second.leftBarline = bar.Repeat(direction="start")
        second.rightBarline = bar.Repeat(direction="end")
    expanded = chorale_from_score(whole, repeats="expanded")
    assert np.flatnonzero(expanded.attacks[:, 0]).tolist() == [0, 32, 48]


def test_a_start_without_an_end_does_not_spoil_the_repeat_before_it():
    whole = measures(4, 4, pitches=[72, 74])
    for measure in all_measures(whole, 0):
        measure.rightBarline = bar.Repeat(direction="end")
    for measure in all_measures(whole, 1):
        measure.leftBarline = bar.Repeat(direction="start")
    assert chorale_from_score(whole, repeats="expanded").pitches[::16, 0].tolist() == [72, 72, 74]


@pytest.mark.filterwarnings("ignore")
def test_a_billion_repeats_are_left_as_written_and_told():
    whole = measures(4, 4)
    for measure in all_measures(whole, 1):
        measure.rightBarline = bar.Repeat(direction="end", times=1_000_000_000)
    chorale = chorale_from_score(whole, repeats="expanded")
    assert len(chorale) == 32
    assert "left as written" in chorale.left_out[0]


def test_triplets_move_to_the_nearest_frame_and_are_told():
    third = 1 / 3
    soprano = [(72, third), (74, third), (76, third), (77, 3)]
    with pytest.warns(UserWarning, match="3 notes off the 16th-note grid were moved"):
        chorale = chorale_from_score(score(soprano))
    assert chorale.pitches[:5, 0].tolist() == [72, 74, 74, 76, 77]  # onsets 0, 4/3 and 8/3
    assert "3 notes off" in chorale.left_out[0]


def test_a_note_too_short_is_told_not_dropped_in_silence():
    with pytest.warns(UserWarning, match="1 note too short"):
        chorale_from_score(score([(72, 0.125), (74, 0.125), (76, 3.75)]))


def test_a_short_note_before_a_rest_keeps_a_frame():
    told = Counter()
    line = paint([Head(0.0, 0.0625, 72)], lowest=False, told=told)
    assert line.pitches.tolist() == [72]
    assert told["too short"] == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(40, 80), st.integers(1, 40)), min_size=1, max_size=13))
def test_notes_off_the_grid_are_never_dropped_in_silence(line):
    onset, notes = 0.0, []
    for pitch, length in line:
        notes.append(Head(onset, onset + length / 32, pitch))
        onset += length / 32
    told = Counter()
    painted = paint(notes, lowest=False, told=told)
    assert painted.attacks.sum() + told["too short"] == len(notes)


def test_grace_notes_are_left_out_and_told():
    whole = score([(72, 4)])
    whole.parts[0].getElementsByClass("Measure")[0].insert(0, note.Note(74).getGrace())
    with pytest.warns(UserWarning, match="1 grace note was left out"):
        chorale = chorale_from_score(whole)
    assert set(chorale.pitches[:, 0]) == {72}


def test_chords_give_their_highest_note_and_in_the_bass_their_lowest():
    whole = score([(72, 4)])
    for index in (0, 3):
        measure = whole.parts[index].getElementsByClass("Measure")[0]
        old = measure.notes[0]
        measure.replace(old, chord.Chord([old.pitch.midi, old.pitch.midi + 5], quarterLength=4))
    with pytest.warns(UserWarning, match="2 notes that share a voice"):
        chorale = chorale_from_score(whole)
    assert chorale.pitches[0].tolist() == [77, 67, 60, 48]


def test_a_clean_score_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert chorale_from_score(score([(72, 2), (None, 2)])).left_out == ()


def test_rests_and_unequal_lengths():
    chorale = chorale_from_score(score([(72, 1), (None, 1), (74, 2)]))
    assert chorale.pitches[::4, 0].tolist() == [72, REST, 74, 74]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_voices_are_found_by_name_in_any_order(order):
    whole = score([(72, 4)])
    shuffled = stream.Score([list(whole.parts)[voice] for voice in order])
    assert chorale_from_score(shuffled).pitches[0].tolist() == [72, 67, 60, 48]


@pytest.mark.parametrize(
    "names",
    [("Sopran", "Alt", "Tenor", "Ba\u00df"), ("S.", "A.", "T.", "B."), ("s", "a", "t", "b")],
)
def test_german_and_short_names(names):
    assert [voice_of(name) for name in names] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "name", ["Bassoon", "Altblockfl\u00f6te", "Trumpet 1", "Timpani", "Solo", ""]
)
def test_instruments_are_no_voices(name):
    assert voice_of(name) is None


def test_four_unnamed_parts_go_by_height():
    chorale = chorale_from_score(score([(72, 4)], names=("", "", "", "")))
    assert chorale.pitches[0].tolist() == [72, 67, 60, 48]


def test_two_staves_of_two_voices_are_pulled_apart():
    staves = []
    for upper, lower in ((72, 67), (60, 48)):
        measure = stream.Measure(number=1)
        for number, pitch in enumerate((upper, lower), start=1):
            voice = stream.Voice([note.Note(pitch, quarterLength=4)], id=str(number))
            measure.insert(0, voice)
        staves.append(stream.Part([measure]))
    assert chorale_from_score(stream.Score(staves)).pitches[0].tolist() == [72, 67, 60, 48]


def test_a_duet_is_refused_with_what_was_found():
    duet = stream.Score([part([(72, 4)], "Violin I"), part([(60, 4)], "Violin II")])
    with pytest.raises(ScoreError, match=r"found 2 parts \(Violin I, Violin II\).*read_notes"):
        chorale_from_score(duet)


def test_two_sopranos_are_refused_until_the_first_is_chosen():
    names = ("Soprano 1", "Alto", "Tenor", "Bass")
    whole = score([(72, 4)], names)
    whole.insert(0, part([(70, 4)], "Soprano 2"))
    with pytest.raises(ScoreError, match='voices="S1ATB"'):
        chorale_from_score(whole)
    assert chorale_from_score(whole, voices="S1ATB").pitches[0, 0] == 72


def test_a_score_of_rests_is_a_chorale_of_rests():
    rests = stream.Score([part([(None, 4)], name) for name in NAMES])
    assert (chorale_from_score(rests).pitches == np.full((16, 4), REST)).all()


@pytest.mark.parametrize("settings_", [{"voices": "TTBB"}, {"repeats": "twice"}])
def test_unknown_settings_are_refused(settings_):
    with pytest.raises(ScoreError, match="got '(TTBB|twice)'"):
        chorale_from_score(score([(72, 4)]), **settings_)


@pytest.mark.parametrize(
    ("tonic", "mode", "line"),
    [("G", "major", "G A B c d e f# g d B G"), ("e", "minor", "E F# G A B c B d# e B E")],
)
def test_signature_and_notes_give_the_key(tonic, mode, line):
    parts = []
    for name in NAMES:
        one = converter.parse(f"tinyNotation: 4/4 {line}")
        one.partName = name
        one.recurse().getElementsByClass("Measure").first().insert(0, key.Key(tonic, mode))
        parts.append(one)
    assert chorale_from_score(stream.Score(parts)).key == f"{tonic.upper()} {mode}"


@given(st.integers(0, 127), st.integers(-7, 7))
def test_spelling_keeps_the_pitch(pitch, sharps):
    name, octave = spell(pitch, sharps)
    assert Pitch(name, octave=octave).ps == pitch


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("sharps", range(-7, 8))
def test_tonics_equal_music21(sharps, mode):
    reference = key.KeySignature(sharps).asKey(mode).tonic.name
    assert tonic_name(sharps, mode) == reference
    assert sharps_of(f"{reference} {mode}") == sharps


def test_tempo_and_title():
    whole = score([(72, 4)])
    assert chorale_from_score(whole, source="bach/bwv1.6.mxl").title == "BWV 1.6"
    assert chorale_from_score(whole).tempo == 80.0
    whole.parts[0].getElementsByClass("Measure")[0].insert(0, tempo.MetronomeMark(number=63))
    assert chorale_from_score(whole).tempo == 63.0

"""Note events: exact on the grid, told off the grid, forgiving on the way back."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musiclab.errors import SettingError, TokenError
from musiclab.music.notes import Note, NoteSequence
from musiclab.tokens.event_grid import METRES, TEMPOS, VELOCITIES, durations, nearest
from musiclab.tokens.events import EventTokenizer

COARSE, FINE = EventTokenizer(), EventTokenizer(steps_per_quarter=24)
both = pytest.mark.parametrize("tokenizer", [COARSE, FINE], ids=["12", "24"])


def notes(onsets, lengths, velocities):
    """Any notes with such times and velocities, drums among them."""
    built = st.builds(
        dict,
        onset=onsets,
        duration=lengths,
        pitch=st.integers(0, 127),
        part=st.integers(0, 3),
        velocity=velocities,
        program=st.sampled_from([0, 40, 127]),
        is_drum=st.booleans(),
    )
    return st.lists(built, max_size=13)


def loose_music():
    """Music that keeps to no grid."""
    metres = st.sampled_from(["4/4", "3/4", "7/8", "1/16", "4/2", "9/4", "5/32", "25/8"])
    return st.fixed_dictionaries(
        {
            "notes": notes(st.floats(0, 40), st.floats(0.001, 50), st.integers(1, 127)),
            "tempo": st.floats(1, 500),
            "time_signatures": st.lists(st.tuples(st.floats(0, 60), metres), max_size=4).map(tuple),
        }
    )


def gridded_music(tokenizer):
    """Music with a token for every value; the metre stands from the start."""
    steps = tokenizer.steps_per_quarter
    onsets = st.integers(0, 40 * steps).map(lambda step: step / steps)
    lengths = st.sampled_from(durations(steps)).map(lambda step: step / steps)
    return st.fixed_dictionaries(
        {
            "notes": notes(onsets, lengths, st.sampled_from(VELOCITIES)),
            "tempo": st.sampled_from(TEMPOS).map(float),
            "time_signatures": st.sampled_from(sorted(METRES)).map(lambda name: ((0.0, name),)),
        }
    )


def build(values):
    """Put together what a strategy drew."""
    return NoteSequence(**values | {"notes": tuple(Note(**note) for note in values["notes"])})


def values(music, *names):
    """The notes' values, in an order that does not depend on parts."""
    return sorted(tuple(getattr(note, name) for name in names) for note in music.notes)


@both
@given(drawn=loose_music())
def test_decode_of_encode_is_quantise(tokenizer, drawn):
    music = build(drawn)
    on_grid = tokenizer.quantise(music)
    assert tokenizer.decode(tokenizer.encode(music, quantise=True)) == on_grid
    assert tokenizer.quantise(on_grid) == on_grid
    # what is on the grid needs no leave to move
    assert np.array_equal(tokenizer.encode(on_grid), tokenizer.encode(music, quantise=True))


@both
@given(data=st.data())
def test_nothing_on_the_grid_is_lost(tokenizer, data):
    drawn = data.draw(gridded_music(tokenizer))
    for note in drawn["notes"]:
        note["program"] *= not note["is_drum"]
    music = build(drawn)
    again = tokenizer.decode(tokenizer.encode(music))
    names = ("onset", "duration", "pitch", "velocity", "program", "is_drum")
    assert values(again, *names) == values(music, *names)
    assert (again.tempo, again.time_signatures) == (music.tempo, music.time_signatures)


@both
@given(drawn=loose_music())
def test_quantise_moves_to_the_nearest(tokenizer, drawn):
    music = build(drawn)
    moved = tokenizer.quantise(music)
    step = 1 / tokenizer.steps_per_quarter
    onsets = [[note.onset for note in one.notes] for one in (moved, music)]
    assert np.allclose(*onsets, atol=step / 2 + 1e-9)
    allowed = [length * step for length in durations(tokenizer.steps_per_quarter)]
    for name, table in {"duration": allowed, "velocity": VELOCITIES}.items():
        ours = sorted(getattr(note, name) for note in moved.notes)
        theirs = sorted(getattr(note, name) for note in music.notes)
        for close, value in zip(ours, theirs, strict=True):
            assert abs(close - value) == pytest.approx(min(abs(one - value) for one in table))
    assert abs(moved.tempo - music.tempo) == min(abs(one - music.tempo) for one in TEMPOS)


def test_tables_hold_written_music_exactly():
    for steps in (12, 24):
        table = durations(steps)
        assert table == tuple(sorted(set(table))) and table[0] == 1 and table[-1] == 32 * steps
        written = [Fraction(1, unit) * dots for unit in (1, 2, 4) for dots in (1, Fraction(3, 2))]
        written += [2, 3, 4, 6, 8, Fraction(1, 3), Fraction(2, 3), Fraction(4, 3), Fraction(1, 6)]
        for length in [*written, Fraction(7, 4), Fraction(9, 4), Fraction(17, 2)]:
            if (length * steps).denominator == 1:
                assert length * steps in table, length
    for steps in (12, 24):
        assert all((quarters * steps) % 1 == 0 for quarters in METRES.values())
    for table in (VELOCITIES, TEMPOS):
        assert list(table) == sorted(set(table))
    assert {80, 127} < set(VELOCITIES) and {60, 80, 100, 120} < set(TEMPOS)


@pytest.mark.parametrize(
    "name",
    [
        "haydn/opus74no1/movement1.mxl",  # string quartet, a run of 32nds
        "joplin/maple_leaf_rag.mxl",  # piano, chords
        "chopin/mazurka06-2.krn",  # piano, triplets
        "schoenberg/opus19/movement2.mxl",  # piano
    ],
)
def test_real_scores_round_trip(name):
    from musiclab.music.read import read_notes

    music = read_notes(name)
    on_grid = COARSE.quantise(music)
    ids = COARSE.encode(music, quantise=True)
    assert COARSE.decode(ids) == on_grid
    assert np.array_equal(COARSE.encode(on_grid), ids)
    names = ("pitch", "program", "is_drum")
    assert values(on_grid, *names) == values(music, *names)
    onsets = [[note.onset for note in one.notes] for one in (music, on_grid)]
    finest = 1 / 24 if "haydn" in name else 0  # 16ths and triplets are exact
    assert np.allclose(*onsets, atol=finest + 1e-6, rtol=0)


@given(st.floats(-10, 500))
def test_nearest_equals_a_search_of_the_whole_table(value):
    assert nearest(TEMPOS, value) == min(TEMPOS, key=lambda one: (abs(one - value), one))


def test_reads_like_a_score():
    drum = Note(onset=0.0, duration=0.25, pitch=38, is_drum=True, part=2)
    viola = Note(onset=3.0, duration=0.5, pitch=55, program=41, velocity=64, part=1)
    melody = Note(onset=0.0, duration=1.5, pitch=72)
    bass = Note(onset=0.0, duration=2.0, pitch=48)  # longer, so it comes later in the music
    music = NoteSequence(
        notes=(drum, viola, melody, bass),
        tempo=92.0,
        time_signatures=((0.0, "3/4"), (3.0, "6/8")),
    )
    tokens = [COARSE.vocabulary.tokens[one] for one in COARSE.encode(music)]
    assert (
        tokens
        == (
            "start tempo-92 bar metre-3/4 position-0 program-0 pitch-48 velocity-80 duration-24 "
            "program-0 pitch-72 velocity-80 duration-18 "
            "program-drums pitch-38 velocity-80 duration-3 "
            "bar metre-6/8 position-0 program-41 pitch-55 velocity-64 duration-6 end"
        ).split()
    )
    assert COARSE.decode(COARSE.encode(music)) == music


def test_transposing_commutes_with_encoding():
    rng = np.random.default_rng(0)
    steps, pitches = rng.integers(0, 300, 101).tolist(), rng.integers(40, 80, 101).tolist()
    music = NoteSequence(
        notes=tuple(
            Note(onset=step / 12, duration=0.5, pitch=pitch)
            for step, pitch in zip(steps, pitches, strict=True)
        )
    )
    up = replace(music, notes=tuple(replace(note, pitch=note.pitch + 5) for note in music.notes))
    ids, first = COARSE.encode(music), COARSE.vocabulary.index["pitch-0"]
    is_pitch = (ids >= first) & (ids < first + 128)
    assert np.array_equal(np.where(is_pitch, ids + 5, ids), COARSE.encode(up))


NOTE = Note(onset=1.0, duration=1.0, pitch=60)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"onset": 1.01}, ["onset", "1.01", "pitch=60"]),
        ({"onset": 1.125}, ["onset", "1.125"]),  # a 32nd
        ({"duration": 33.0}, ["duration", "32.0"]),
        ({"duration": 0.03}, ["duration"]),
        ({"velocity": 77}, ["velocity", "76"]),
        ({"is_drum": True, "program": 25}, ["program", "25"]),
    ],
)
def test_encode_names_the_note_that_has_no_token(change, names):
    music = NoteSequence(notes=(NOTE, replace(NOTE, **change)))
    with pytest.raises(TokenError, match="quantise=True") as error:
        COARSE.encode(music)
    assert all(name in str(error.value) for name in names)
    COARSE.encode(music, quantise=True)


@pytest.mark.parametrize(
    "change",
    [
        {"tempo": 101.0},
        {"time_signatures": ((0.0, "9/4"),)},
        {"time_signatures": ((0.0, "4/4"), (3.0, "3/4"))},
        {"time_signatures": ((0.0, "4/4"), (5.0, "1/4"))},  # not on a barline of 4/4
        {"time_signatures": ((0.0, "4/4"), (4.001, "3/4"))},
        {"time_signatures": ((0.0, "3/4"), (0.0, "4/4"))},
    ],
)
def test_encode_names_the_tempo_or_metre_that_has_no_token(change):
    music = NoteSequence(notes=(NOTE,), **change)
    with pytest.raises(TokenError, match="quantise=True"):
        COARSE.encode(music)
    assert COARSE.decode(COARSE.encode(music, quantise=True)) == COARSE.quantise(music)


def test_a_metre_changes_at_a_barline_only():
    asked = ((0.0, "3/4"), (7.0, "4/4"), (8.0, "4/4"), (9.5, "2/4"), (90.0, "6/8"))
    music = COARSE.quantise(NoteSequence(notes=(NOTE,), time_signatures=asked))
    assert music.time_signatures == ((0.0, "3/4"), (6.0, "4/4"), (10.0, "2/4"), (90.0, "6/8"))


def test_32nds_need_the_fine_grid_and_then_are_exact():
    music = NoteSequence(notes=(replace(NOTE, onset=1.125, duration=0.125),))
    assert FINE.decode(FINE.encode(music)) == music


@pytest.mark.parametrize("far", [{"onset": 20_000.0}, {"onset": 1e300}, {"duration": 1e9}])
def test_encode_refuses_pieces_without_end(far):
    with pytest.raises(TokenError, match="20000 quarters"):
        COARSE.encode(NoteSequence(notes=(replace(NOTE, **far),)), quantise=True)


@pytest.mark.parametrize("metre", ["C", "4/0", "", "0/4", "-3/4", "2/4+3/4"])
def test_encode_refuses_what_is_no_time_signature(metre):
    with pytest.raises(TokenError, match="time signature"):
        COARSE.encode(NoteSequence(notes=(), time_signatures=((0.0, metre),)), quantise=True)


@both
@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1))
def test_decode_forgives_any_known_ids(tokenizer, seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):  # 2 x 50 x 10: 1,000 streams
        ids = rng.integers(0, tokenizer.vocab_size, rng.integers(0, 53))
        ids[(ids == tokenizer.end_id) & (rng.random() < 0.5)] = tokenizer.pad_id
        music = tokenizer.decode(ids)
        before_end = ids[: np.argmax(np.append(ids, tokenizer.end_id) == tokenizer.end_id)]
        names = [tokenizer.vocabulary.tokens[one] for one in before_end]
        assert len(music.notes) == sum(name.startswith("pitch") for name in names)
        # what was decoded is music like any other, and on the grid
        assert tokenizer.decode(tokenizer.encode(music)) == music


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ("pitch-60", [(0, 1, 60, 80, 0)]),  # everything left out
        ("bar position-6 pitch-60 bar pitch-62", [(0.5, 1, 60, 80, 0), (4, 1, 62, 80, 0)]),
        (
            "pitch-60 position-3 duration-24 velocity-4 pitch-62",
            [(0, 1, 60, 80, 0), (0.25, 1, 62, 80, 0)],
        ),
        ("duration-24 velocity-4 pitch-60 duration-6 velocity-8", [(0, 0.5, 60, 8, 0)]),
        ("program-9 pitch-60 pitch-64 velocity-4", [(0, 1, 60, 80, 9), (0, 1, 64, 4, 9)]),
        ("bar metre-3/4 bar pad start bar pitch-60 end pitch-62", [(6, 1, 60, 80, 0)]),
        ("bar bar metre-2/4 bar metre-2/4 position-90 pitch-60", [(13.5, 1, 60, 80, 0)]),
    ],
)
def test_decode_reads_nonsense_as_it_says(tokens, expected):
    music = COARSE.decode([COARSE.vocabulary.index[token] for token in tokens.split()])
    assert values(music, "onset", "duration", "pitch", "velocity", "program") == expected


def test_decode_takes_the_first_tempo_and_the_last_metre_of_a_bar():
    tokens = "tempo-60 bar tempo-80 metre-3/4 metre-2/4 bar metre-2/4 bar metre-6/8"
    music = COARSE.decode([COARSE.vocabulary.index[token] for token in tokens.split()])
    assert music.tempo == 60
    assert music.time_signatures == ((0.0, "2/4"), (4.0, "6/8"))


def test_decode_refuses_unknown_ids_and_shapes():
    for ids in ([COARSE.vocab_size], [-1], [5.0], [[5, 5]], ["bar"]):
        with pytest.raises(TokenError):
            COARSE.decode(ids)
    assert COARSE.decode([]).notes == ()


def test_settings_survive_a_checkpoint_and_fingerprints_differ():
    for tokenizer in (COARSE, FINE):
        again = EventTokenizer.from_dict(json.loads(json.dumps(tokenizer.to_dict())))
        assert again == tokenizer and again.fingerprint == tokenizer.fingerprint
    assert COARSE.fingerprint != FINE.fingerprint
    for wrong in ({}, {"kind": "events"}, {"kind": "grid", "steps_per_quarter": 12}):
        with pytest.raises(TokenError):
            EventTokenizer.from_dict(wrong)
    with pytest.raises(SettingError):
        EventTokenizer(steps_per_quarter=16)

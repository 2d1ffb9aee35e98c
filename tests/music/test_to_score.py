"""What is written as a score reads back as the same chorale."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from music21 import converter

from musiclab.music.chorale import REST, Chorale
from musiclab.music.corpus import corpus
from musiclab.music.from_score import chorale_from_score
from musiclab.music.metre import bar_edges, note_lengths
from musiclab.music.to_score import score_from_chorale

SAME = ("pitches", "attacks", "fermatas", "beats", "time_signature", "title", "tempo")
# Chosen for what is special in them: repeats, 3/4, a change of metre, 12/8, a stretched section,
# a final chord held on, fermatas in the lower voices, a pickup of an eighth.
SPECIAL = range(0, 75, 11)


def assert_same_music(one, other):
    for name in SAME:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@pytest.mark.parametrize("index", SPECIAL)
def test_corpus_pieces_survive(index):
    piece = corpus("valid", progress=False)[index]
    assert_same_music(chorale_from_score(score_from_chorale(piece)), piece)


def test_changes_of_metre_survive():
    pieces = {one.source: one for one in corpus(progress=False)}
    for source in (
        "bach/bwv27.6.mxl",
        "bach/bwv324.mxl",
    ):  # 4/4 then 3/2; a half bar at a line's end
        assert_same_music(chorale_from_score(score_from_chorale(pieces[source])), pieces[source])


def test_musicxml_survives(tmp_path):
    piece = corpus("valid", progress=False)[3]
    path = score_from_chorale(piece).write("musicxml", tmp_path / "piece.musicxml")
    assert_same_music(chorale_from_score(converter.parse(path, forceSource=True)), piece)


def random_chorale(frames, seed, metre, shift):
    random = np.random.default_rng(seed)
    changes = random.random((frames, 4)) < 0.3
    changes[0] = True
    pitches = random.integers(47, 83, (frames, 4))
    pitches[random.random((frames, 4)) < 0.2] = REST
    latest = np.maximum.accumulate(np.where(changes, np.arange(frames)[:, None], 0), axis=0)
    pitches = np.take_along_axis(pitches, latest, axis=0)
    pitches[-1][pitches[-1] == REST] = 60
    signature, bar = metre
    beats = (np.arange(frames) + shift % bar) % bar
    return Chorale(
        pitches=pitches,
        attacks=changes,
        beats=beats,
        time_signature=signature,
        title="T",
        key="E- major",
    )


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 53),
    st.integers(0, 2**32 - 1),
    st.sampled_from([("4/4", 16), ("3/4", 12), ("6/8", 12), ("5/16", 5)]),
    st.integers(0, 23),
)
def test_any_chorale_survives(frames, seed, metre, shift):
    chorale = random_chorale(frames, seed, metre, shift)
    read = chorale_from_score(score_from_chorale(chorale))
    assert_same_music(read, chorale)
    assert read.left_out == ()


@given(st.integers(0, 23), st.integers(1, 90))
def test_split_lengths_add_up(place, length):
    pieces = note_lengths(place, length)
    assert sum(pieces) == length
    assert set(pieces) <= {1, 2, 3, 4, 6, 8, 12, 16, 24, 32}


def test_every_bar_begins_where_the_count_breaks():
    piece = corpus("train", progress=False)[3]
    edges = bar_edges(piece)
    assert edges[0] == 0
    assert edges[-1] == len(piece)
    assert (piece.beats[edges[1:-1]] == 0).all()


def test_notes_lie_within_their_bars_and_parts_agree():
    whole = score_from_chorale(corpus("valid", progress=False)[3])
    assert [part.partName for part in whole.parts] == ["Soprano", "Alto", "Tenor", "Bass"]
    for part in whole.parts:
        bars = list(part.getElementsByClass("Measure"))
        for one, after in pairwise(bars):
            assert one.duration.quarterLength == after.offset - one.offset


def test_spelling_follows_the_key():
    flat = Chorale(pitches=np.full((16, 4), 63), key="E- major")
    sharp = Chorale(pitches=np.full((16, 4), 63), key="E minor")
    assert {one.pitch.name for one in score_from_chorale(flat).recurse().notes} == {"E-"}
    assert {one.pitch.name for one in score_from_chorale(sharp).recurse().notes} == {"D#"}


def test_an_unknown_key_is_written_without_signature():
    nameless = Chorale(pitches=np.full((16, 4), 60), key="nonsense")
    whole = score_from_chorale(nameless)
    assert not whole.recurse().getElementsByClass("KeySignature")
    again = chorale_from_score(whole)
    assert (again.key, again.title) == ("", "")

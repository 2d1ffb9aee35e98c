"""The last eight takes, and what is said of two of them."""

import numpy as np
import pytest

from musiclab.music.chorale import Chorale
from musiclab.show.studio.takes import MOST, Take, Takes, changed_cells, difference

PIECE = Chorale(pitches=np.full((8, 4), 60), title="Chorale in B-flat major")


def test_the_ninth_take_pushes_out_the_first():
    takes = Takes()
    for seed in range(MOST + 2):
        takes.add(PIECE, {"seed": seed})
    assert [take.number for take in takes.kept] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert [take.how["seed"] for take in takes.kept] == [2, 3, 4, 5, 6, 7, 8, 9]


def test_a_take_keeps_what_was_asked_for_then():
    how = {"seed": 1}
    take = Takes().add(PIECE, how)
    how["seed"] = 2
    assert take.words == "seed 1"


SIGNS = {
    "Chorale in B-flat major": "chorale-in-b-flat-major-take-3.mid",
    "O Haupt/../voll <Blut>": "o-haupt-voll-blut-take-3.mid",
    "C# \\ : * ?": "c-sharp-take-3.mid",
    "": "take-3.mid",
    "Ä & ß": "ä-ß-take-3.mid",
}


@pytest.mark.parametrize("title", SIGNS)
def test_a_file_is_named_after_its_piece(title):
    piece = Chorale(pitches=PIECE.pitches, title=title)
    assert Take(piece, {}, 3).file_name(".mid") == SIGNS[title]


def test_a_long_title_makes_no_endless_name():
    piece = Chorale(pitches=PIECE.pitches, title="word " * 100)
    assert len(Take(piece, {}, 3).file_name(".musicxml")) < 100


def test_what_is_as_usual_again_is_said_too():
    old, new = Take(PIECE, {"seed": 1, "top-k": "5"}, 1), Take(PIECE, {"seed": 1}, 2)
    expected = "Take 2 beside take 1: top-k as usual (was 5); 0 of 32 cells sound otherwise."
    assert difference(old, new) == expected


def test_pieces_made_in_other_ways_or_of_other_lengths_are_compared_too():
    longer = Chorale(pitches=np.full((12, 4), 60))
    old, new = Take(PIECE, {"seed": 1}, 1), Take(longer, {"harmonised": "a tune"}, 2)
    assert difference(old, new) == "Take 2 beside take 1: harmonised a tune; 12 frames (were 8)."


def test_a_note_struck_again_counts_as_changed():
    attacks = PIECE.attacks.copy()
    attacks[4, 2] = True
    struck = Chorale(pitches=PIECE.pitches, attacks=attacks)
    assert np.argwhere(changed_cells(PIECE, struck)).tolist() == [[4, 2]]

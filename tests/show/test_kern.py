"""What verovio makes of our **kern, read as a singer does: from lines, signs and signature."""

from collections import defaultdict
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest

from musiclab.music.chorale import Chorale
from musiclab.show.kern import kern_from_chorale
from musiclab.show.score import load_kern

MEI = "{http://www.music-encoding.org/ns/mei}"
ID = "{http://www.w3.org/XML/1998/namespace}id"
LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
SIGNS = {"ff": -2, "f": -1, "n": 0, "s": 1, "x": 2, "ss": 2}


def layout(chorale, staves=2):
    """Return the root of what verovio has laid out and draws."""
    toolkit = load_kern(kern_from_chorale(chorale, staves))
    toolkit.setOptions({"removeIds": False})
    return ElementTree.fromstring(toolkit.getMEI())


def sign(note):
    """Return the accidental that is drawn before a note, if any."""
    child = note.find(f"{MEI}accid")
    return note.get("accid") or (None if child is None else child.get("accid"))


def events(layer):
    """List (start in quarters from the barline, note) of a voice in a bar, and the bar's length."""
    now, found = Fraction(0), []
    for element in layer.iter():
        if element.tag in (f"{MEI}note", f"{MEI}rest") and element.get("dur"):
            if element.tag == f"{MEI}note":
                found.append((now, element))
            length = Fraction(8 if element.get("dur") == "breve" else 4, 1)
            if element.get("dur") != "breve":
                length /= int(element.get("dur"))
            now += length * (Fraction(3, 2) if element.get("dots") == "1" else 1)
    return found, now


def read(root):
    """Return (staff, layer) -> list of (start in quarters, MIDI pitch, stem, starts a note)."""
    stops = {tie.get("endid")[1:] for tie in root.iter(f"{MEI}tie")}
    (signature,) = {sig.get("sig", "0") for sig in root.iter(f"{MEI}keySig")} or {"0"}
    n_signs, kind = int(signature.rstrip("sf")), signature[-1]
    letters = "fcgdaeb"[:n_signs] if kind == "s" else "beadgcf"[:n_signs]
    in_key = dict.fromkeys(letters, 1 if kind == "s" else -1)
    found, bar_start, carried = defaultdict(list), Fraction(0), {}
    for measure in root.iter(f"{MEI}measure"):
        longest = Fraction(0)
        for staff in measure.iter(f"{MEI}staff"):
            notes = []
            for layer in staff.iter(f"{MEI}layer"):
                here, length = events(layer)
                notes += [(when, layer.get("n"), note) for when, note in here]
                longest = max(longest, length)
            signs = {}
            for when, layer, note in sorted(notes, key=lambda one: one[0]):
                line = note.get("pname"), int(note.get("oct"))
                place = staff.get("n"), layer
                tied = note.get(ID) in stops
                if sign(note):
                    signs[line] = SIGNS[sign(note)]
                alter = signs.get(line, in_key.get(line[0], 0))
                if tied and when == 0 and not sign(note):
                    alter = carried[place]
                carried[place] = alter
                pitch = LETTERS[line[0]] + alter + 12 * (line[1] + 1)
                found[place].append((bar_start + when, pitch, note.get("stem.dir"), not tied))
        bar_start += longest
    return found


PLACES = [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")]


def assert_reads_back(chorale, staves=2):
    found = read(layout(chorale, staves))
    places = PLACES if staves == 2 else [(str(staff), "1") for staff in (1, 2, 3, 4)]
    for voice, place in enumerate(places):
        expected = [(first, pitch) for first, _, pitch in chorale.notes(voice)]
        starts = [(int(when * 4), pitch) for when, pitch, _, starts in found[place] if starts]
        assert starts == expected


@pytest.mark.parametrize("staves", [2, 4])
def test_a_singer_reads_every_note(chorale, staves):
    assert_reads_back(chorale, staves)


@pytest.mark.parametrize("seed", [2, 3, 5, 7, 11])
@pytest.mark.parametrize("staves", [2, 4])
@pytest.mark.parametrize("key", ["G major", "B- minor", "F# minor", ""])
def test_a_singer_reads_every_accidental(key, staves, seed):
    """Two voices on one staff, close together and chromatic: signs of one bind the other."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 6, size=(16, 4))
    columns = [np.repeat(random.integers(64, 69, size=16), lengths[:, v])[:29] for v in range(2)]
    columns += [np.repeat(random.integers(50, 55, size=16), lengths[:, v])[:29] for v in (2, 3)]
    columns = [np.pad(column, (0, 29 - len(column)), constant_values=-1) for column in columns]
    assert_reads_back(Chorale(pitches=np.stack(columns, axis=1), key=key), staves)


@pytest.mark.parametrize("metre", ["3/4", "6/8", "2/2", "5/16"])
def test_a_singer_reads_other_metres(metre):
    pitches = np.repeat(np.arange(60, 67), 7)[:, None] - np.array([0, 4, 12, 16])
    assert_reads_back(Chorale(pitches=pitches, time_signature=metre))


@pytest.mark.parametrize(("pitch", "needs_a_sign"), [(66, False), (65, True)])
def test_signs_stand_where_they_are_needed(pitch, needs_a_sign):
    """F sharp is in the signature of G major, F is not."""
    root = layout(Chorale(pitches=np.full((16, 4), pitch), key="G major"))
    assert any(map(sign, root.iter(f"{MEI}note"))) == needs_a_sign


def test_stems_are_those_of_a_hymn_book(chorale):
    found = read(layout(chorale))
    for (_, layer), notes in found.items():
        assert {stem for _, _, stem, _ in notes} == {"up" if layer == "1" else "down"}


@pytest.mark.parametrize(
    ("staves", "clefs", "names"),
    [
        (2, ["G2", "F4"], ["S A", "T B"]),
        (4, ["G2", "G2", "G2", "F4"], ["Soprano", "Alto", "Tenor", "Bass"]),
    ],
)
def test_clefs_names_and_bars(chorale, staves, clefs, names):
    root = layout(chorale, staves)
    found = [clef.get("shape") + clef.get("line") for clef in root.iter(f"{MEI}clef")]
    assert found == clefs
    assert [one.text for one in root.iter(f"{MEI}label")] == names
    assert [one.get("n") for one in root.iter(f"{MEI}measure")] == [None, "1", "2"]


def test_both_voices_fill_the_bar(chorale):
    for measure in layout(chorale).iter(f"{MEI}measure"):
        lengths = {events(layer)[1] for layer in measure.iter(f"{MEI}layer")}
        assert len(lengths) == 1


def test_a_tie_joins_what_the_barline_cuts():
    pitches = np.full((32, 4), 60)
    pitches[12:, 0] = 66  # F sharp, over the bar line at frame 16, then struck again
    attacks = np.zeros((32, 4), dtype=bool)
    attacks[20, 0] = True
    chorale = Chorale(pitches=pitches, attacks=attacks, key="C major")
    assert_reads_back(chorale)
    notes = [note for note in layout(chorale).iter(f"{MEI}note") if note.get("pname") == "f"]
    assert [sign(note) for note in notes] == ["s", None, "s"]

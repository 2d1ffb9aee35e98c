from collections import Counter
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest

from musiclab.music.chorale import Chorale
from musiclab.music.export import musicxml_bytes
from musiclab.music.to_score import score_from_chorale
from musiclab.show.two_staves import two_staves

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"flat-flat": -2, "flat": -1, "natural": 0, "sharp": 1, "double-sharp": 2}


def read_staves(document):
    """Read a score as a singer does: pitches from lines, signs and key signature alone.

    Returns (staff, voice) -> list of (start in quarters, MIDI pitch, stem), ties not merged.
    """
    found = {}
    for staff, part in enumerate(ElementTree.fromstring(document).iter("part")):
        signature, divisions, bar_start = {}, 1, Fraction(0)
        tied = {}  # what a tie carries over the bar line
        for measure in part.iter("measure"):
            divisions = int(measure.findtext("attributes/divisions", str(divisions)))
            fifths = measure.findtext("attributes/key/fifths")
            if fifths is not None:
                letters = "FCGDAEB"[: int(fifths)] if int(fifths) >= 0 else "FCGDAEB"[int(fifths) :]
                signature = dict.fromkeys(letters, 1 if int(fifths) > 0 else -1)
            now, longest, events = Fraction(0), Fraction(0), []
            for element in measure:
                if element.tag not in ("note", "backup", "forward"):
                    continue
                length = Fraction(int(element.findtext("duration")), divisions)
                if element.tag == "backup":
                    now -= length
                    continue
                if element.tag == "note":
                    events.append((now, element))
                now += length
                longest = max(longest, now)
            signs = {}
            for when, note in sorted(events, key=lambda one: one[0]):
                pitch = note.find("pitch")
                if pitch is None:
                    continue
                voice = note.findtext("voice")
                line = (pitch.findtext("step"), int(pitch.findtext("octave")))
                ties = {tie.get("type") for tie in note.findall("tie")}
                if note.find("accidental") is not None:
                    signs[line] = SIGNS[note.findtext("accidental")]
                alter = signs.get(line, signature.get(line[0], 0))
                if "stop" in ties and when == 0:
                    alter = tied[voice, line]
                if "start" in ties:
                    tied[voice, line] = alter
                midi = LETTERS[line[0]] + alter + 12 * (line[1] + 1)
                place = (bar_start + when, midi, note.findtext("stem"), frozenset(ties))
                found.setdefault((staff, voice), []).append(place)
            bar_start += longest
    return found


def merge_ties(notes):
    starts = [(when, midi) for when, midi, _, ties in notes if "stop" not in ties]
    return [(int(when * 4), midi) for when, midi in starts]


PLACES = [(0, "1"), (0, "2"), (1, "1"), (1, "2")]


def assert_reads_back(chorale):
    staves = read_staves(two_staves(musicxml_bytes(score_from_chorale(chorale))))
    for voice, place in enumerate(PLACES):
        expected = [(first, pitch) for first, _, pitch in chorale.notes(voice)]
        assert merge_ties(staves.get(place, [])) == expected


def test_a_singer_reads_every_note_from_two_staves(chorale):
    assert_reads_back(chorale)


# Not hypothesis: each piece takes music21 long, and making a failing one smaller takes minutes.
@pytest.mark.parametrize("seed", [2, 3, 5])
@pytest.mark.parametrize("key", ["G major", "B- minor", "F# minor", ""])
def test_a_singer_reads_every_accidental(key, seed):
    """Two voices on one staff, close together and chromatic: signs of one bind the other."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 6, size=(16, 4))
    columns = [np.repeat(random.integers(64, 69, size=16), lengths[:, v])[:29] for v in range(2)]
    columns += [np.repeat(random.integers(50, 55, size=16), lengths[:, v])[:29] for v in (2, 3)]
    columns = [np.pad(column, (0, 29 - len(column)), constant_values=-1) for column in columns]
    assert_reads_back(Chorale(pitches=np.stack(columns, axis=1), key=key))


def test_no_sign_is_written_twice(chorale):
    """Soprano and alto have one F sharp in the signature of G major, and need no sign for it."""
    pitches = np.full((16, 4), 66)
    document = two_staves(
        musicxml_bytes(score_from_chorale(Chorale(pitches=pitches, key="G major")))
    )
    assert b"<accidental" not in document
    pitches[:] = 65  # F natural: one sign a staff, though each has two voices
    document = two_staves(
        musicxml_bytes(score_from_chorale(Chorale(pitches=pitches, key="G major")))
    )
    assert document.count(b"<accidental") == 2


def test_stems_and_voices_are_those_of_a_hymn_book(chorale):
    staves = read_staves(two_staves(musicxml_bytes(score_from_chorale(chorale))))
    assert set(staves) == set(PLACES)
    for (_, voice), notes in staves.items():
        assert {stem for _, _, stem, _ in notes} == {"up" if voice == "1" else "down"}


def test_clefs_names_and_bars(chorale):
    root = ElementTree.fromstring(two_staves(musicxml_bytes(score_from_chorale(chorale))))
    clefs = [[one.text for one in clef] for clef in root.iter("clef")]
    assert clefs == [["G", "2"], ["F", "4"]]
    assert [name.text for name in root.iter("part-name")] == ["S A", "T B"]
    assert [len(part.findall("measure")) for part in root.iter("part")] == [3, 3]


def test_both_voices_fill_the_bar(chorale):
    root = ElementTree.fromstring(two_staves(musicxml_bytes(score_from_chorale(chorale))))
    for measure in root.iter("measure"):
        lengths = Counter()
        for note in measure.iter("note"):
            lengths[note.findtext("voice")] += int(note.findtext("duration"))
        assert lengths["1"] == lengths["2"] == int(measure.findtext("backup/duration"))


def test_a_tie_brings_its_sign_over_the_bar_line_and_no_further():
    pitches = np.full((32, 4), 60)
    pitches[12:, 0] = 66  # F sharp, over the bar line at frame 16, then struck again
    attacks = np.zeros((32, 4), dtype=bool)
    attacks[20, 0] = True
    chorale = Chorale(pitches=pitches, attacks=attacks, key="C major")
    document = two_staves(musicxml_bytes(score_from_chorale(chorale)))
    notes = [
        (note.find("accidental") is not None, [tie.get("type") for tie in note.findall("tie")])
        for note in ElementTree.fromstring(document).iter("note")
        if note.findtext("pitch/step") == "F"
    ]
    assert notes[:3] == [(True, ["start"]), (False, ["stop"]), (True, [])]

"""ABC and kern, read sign by sign: what should sound was worked out by hand from the text."""

import re
import warnings

import pytest

from musiclab.errors import ScoreError
from musiclab.music.guards.file_checks import kind_of
from musiclab.music.parse import parse
from musiclab.music.read import read_chorale, read_notes

HEAD = "X:1\nT:Test\nM:4/4\nL:1/4\nK:C\n"


def read(text: str, wanted: str = "notes", kind: str = "abc", **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse(text.encode(), kind, wanted, name="'test'", **settings)


def heard(text: str, kind: str = "abc") -> list[tuple[float, float, int]]:
    """List what sounds as (onset, length, pitch), in quarters."""
    return [(note.onset, note.duration, note.pitch) for note in read(text, kind=kind).notes]


def pitches(body: str) -> list[int]:
    return [pitch for _, _, pitch in heard(HEAD + body)]


def lengths(body: str) -> list[float]:
    return [round(length, 4) for _, length, _ in heard(HEAD + body)]


# --- ABC: pickups, bars, repeats ------------------------------------------------------------


@pytest.mark.parametrize(
    ("metre", "body", "pickup", "bars"),
    [
        ("3/4", "D|G B d|e2 d|B G A|G2|]", 1, (0, 1, 4, 7, 10)),
        ("4/4", "G,/A,/|C D E F|G4|]", 1, (0, 1, 5)),
        ("6/8", "z/A/|d/e/f/ d/e/f/|d3|]", 1, (0, 1, 4)),
        ("4/4", "G|c4|]", 1, (0, 1)),  # music21 itself needs two barlines
        ("2/4", "C D|E F|]", 0, (0, 2)),
    ],
)
def test_a_short_first_bar_is_a_pickup(metre, body, pickup, bars):
    text = HEAD.replace("4/4", metre) + body
    assert read(text).pickup == pickup
    four = "".join(f"V:{name}\n{body}\n" for name in "SATB")
    chorale = read(HEAD.replace("4/4", metre) + four, "chorale")
    first_beats = [int(chorale.beats[4 * quarter]) for quarter in bars]
    full = chorale.frames_per_bar
    assert first_beats == [(full - 4 * pickup) % full] + [0] * (len(bars) - 1)


def test_the_tune_with_a_pickup_begins_on_beat_3(tmp_path):
    path = tmp_path / "tune.abc"
    path.write_text("X:1\nT:T\nM:3/4\nL:1/4\nQ:1/4=90\nK:G\nD|G B d|e2 d|B G A|G2|]\n")
    notes = read_notes(path)
    assert (notes.pickup, notes.key, notes.tempo) == (1, "G major", 90)
    assert [note.onset for note in notes.notes[:3]] == [0, 1, 2]


@pytest.mark.parametrize(
    ("body", "order"),
    [
        ("|:C4|D4:|E4|]", "CDCDE"),
        ("C4|D4:|E4|]", "CDCDE"),
        ("|:C4|1 D4:|2 E4|]", "CDCE"),
        ("|:C4|[1 D4:|[2 E4|]", "CDCE"),
        ("|:C4|[1 D4|E4:|[2 F4|G4|]", "CDECFG"),
        ("|:C4::D4:|", "CCDD"),
        ("|:C4:||:D4:|", "CCDD"),
        ("C4|D4!fine!|E4!D.C.!|]", "CDECD"),
        ('C4|!fine!D4|E4"^D.C. al Fine"|]', "CDECD"),
    ],
)
def test_repeats_are_played(body, order):
    text = HEAD + "".join(f"V:{name}\n{body}\n" for name in "SATB")
    tune = read(text, "chorale", repeats="expanded").pitches[::16, 0]
    assert [{60: "C", 62: "D", 64: "E", 65: "F", 67: "G"}[pitch] for pitch in tune] == list(order)


# --- ABC: voices ----------------------------------------------------------------------------

LINES = {"1": "c B c2|c4|]", "2": "G G G2|G4|]", "3": "E D E2|E4|]", "4": "C, G,, C,2|C,4|]"}
LAYOUTS = {
    "in brackets": "".join(f"[V:{n}] {line}\n" for n, line in LINES.items()),
    "on a line of its own": "".join(f"V:{n}\n{line}\n" for n, line in LINES.items()),
    "named in the header": "".join(f"V:{n} clef=treble\n" for n in LINES)
    + "".join(f"[V:{n}]{line}\n" for n, line in LINES.items()),
    "in turns": "".join(f"[V:{n}] {line.split('|')[0]}|\n" for n, line in LINES.items())
    + "".join(f"[V:{n}] {line.split('|', 1)[1]}\n" for n, line in LINES.items()),
    "all on one line": "".join(f"[V:{n}] {line} " for n, line in LINES.items()),
    "called by letters": "".join(
        f"V:{name} nm={name}\n{line}\n" for name, line in zip("SATB", LINES.values(), strict=True)
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_voices_stand_side_by_side(layout):
    notes = read(HEAD + LAYOUTS[layout])
    assert len(notes.part_names) == 4 and notes.quarters == 8 and len(notes.notes) == 16
    chorale = read(HEAD + LAYOUTS[layout], "chorale")
    assert chorale.pitches[::8].tolist() == [
        [72, 67, 64, 48],
        [72, 67, 64, 48],
        [72, 67, 64, 48],
        [72, 67, 64, 48],
    ]
    assert chorale.pitches[4].tolist() == [71, 67, 62, 43]


def test_names_and_octaves_of_voices():
    text = 'V:1 name="Flute"\nc4|\nV:2 clef=bass octave=-1\nc4|\nV:3 clef=treble-8\nc4|\n'
    notes = read(HEAD + text)
    assert notes.part_names == ("Flute", "", "")
    assert [note.pitch for note in sorted(notes.notes, key=lambda n: n.part)] == [72, 60, 60]


def test_a_voice_may_be_laid_over_another():
    assert heard(HEAD + "C4&E2 F2|G4|]") == [(0, 2, 64), (0, 4, 60), (2, 2, 65), (4, 4, 67)]


# --- ABC: notes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("^F F f F|F4|]", [66, 66, 78, 66, 65]),  # to the barline, in every octave
        ("^F4-|F F ^F F|]", [66, 65, 66, 66]),  # a tie carries it over the barline, once
        ("[K:D]F C|[K:Bb]B E|]", [66, 61, 70, 63]),
        ("[K:D dorian]B F|[K:Am]G|[K:Amix]G C|[K:F#m]G|[K:none]F|]", [71, 65, 67, 67, 61, 68, 65]),
        ("[K:Hp]f c g|[K:D ^g _b]G B F|]", [78, 73, 79, 68, 70, 66]),
        ("C, C c c' __B ^^c|]", [48, 60, 72, 84, 69, 74]),
        ('"Am"[CE]2 !trill!.D ~E {g}F (GA)|% C D E\nw: la le\nc\\\nd|]', None),
    ],
)
def test_pitches(body, expected):
    assert pitches(body) == (expected or [60, 64, 62, 64, 65, 67, 69, 72, 74])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("C2 D/ E/2 F// G3/2|]", [2, 0.5, 0.5, 0.25, 1.5]),
        ("C>D E<F G>>A|]", [1.5, 0.5, 0.5, 1.5, 1.75, 0.25]),
        ("(3CDE (3:2:2F2G A|]", [0.6667, 0.6667, 0.6667, 1.3333, 0.6667, 1]),
        ("C4-|C2 D2-|D4-|D|]", [6, 7]),
        ("[CE]4-|[CE]4|[C2E2]2 [CE]/|]", [8, 8, 4, 4, 0.5, 0.5]),
        ("[L:1/8]C2 [M:3/4][L:1/2]D|]", [1, 2]),
    ],
)
def test_lengths(body, expected):
    assert lengths(body) == expected


def test_rests_take_their_time():
    assert [onset for onset, _, _ in heard(HEAD + "C4|Z2|x2 D z|E4|]")] == [0, 14, 16]


@pytest.mark.parametrize(
    ("field", "tempo"),
    [("Q:1/4=90", 90), ("Q:3/8=60", 90), ('Q:"Fast" 1/2=40', 80), ("Q:100", 50), ("Q:slow", 100)],
)
def test_tempo(field, tempo):
    assert read(f"X:1\nL:1/8\n{field}\nK:C\nC D|E F|]").tempo == tempo


def test_a_tune_needs_no_header():
    """The usual unit is an 8th, in short bars a 16th."""
    assert heard("G2 A B c2|") == [(0, 1, 67), (1, 0.5, 69), (1.5, 0.5, 71), (2, 1, 72)]
    assert heard("M:2/4\nK:C\nC4 D|")[0] == (0, 1, 60)


def test_what_is_not_understood_is_told():
    assert read(HEAD + "C D ? #|]").left_out == (
        "2 ABC signs were not understood and left out; the first is '?'",
    )
    assert "the first is 'M:99999/4'" in read(HEAD.replace("4/4", "99999/4") + "C|]").left_out[0]
    assert "1 grace note was left out" in read(HEAD + "{g}C4|]").left_out
    assert "the order of parts AAB is not played" in read("P:AAB\n" + "C4|D4|]").left_out


# --- several pieces in a file ---------------------------------------------------------------

BOOK = "%abc\nM:3/4\nX:5\nT:First\nL:1/4\nK:C\nC D E|\n\nX:7\nT:Second\nM:2/4\nL:1/4\nK:G\nG F|\n"


def test_a_tunebook_offers_a_choice(tmp_path):
    path = tmp_path / "book.abc"
    path.write_text(BOOK)
    assert kind_of(BOOK.encode(), "'b'") == "abc"
    with pytest.raises(
        ScoreError, match=r"holds 2 pieces \(#5 First, #7 Second\).*path, such as #7"
    ):
        read_notes(path)
    assert [note.pitch for note in read_notes(f"{path}#5").notes] == [60, 62, 64]
    second = read_notes(f"{path}#7")
    assert (second.title, second.key, second.source) == ("Second", "G major", f"{path}#7")
    with pytest.raises(ScoreError, match="holds 2 pieces"):
        read_notes(f"{path}#6")
    assert read_notes(f"{path}#5").time_signatures == ((0, "3/4"),)  # said once for the whole book


def test_many_tunes_make_a_short_message():
    book = "".join(f"X:{n}\nT:A very long title of a tune {n}\nK:C\nC|\n" for n in range(300))
    with pytest.raises(ScoreError, match="holds 300 pieces") as caught:
        read(book)
    assert len(str(caught.value)) <= 300
    assert read(book, piece="42").title.endswith("42")
    twice = "X:1\nT:a\nK:C\nC|\nX:1\nT:b\nK:C\nD|\n"  # then its place in the file counts
    assert read(twice, piece="2").title == "b"


def test_movements_of_a_kern_file():
    whole = SPLIT + SPLIT.replace("2C\t2cc", "2D\t2dd")
    with pytest.raises(ScoreError, match=r"holds 2 pieces \(#1, #2\)"):
        read(whole, kind="kern")
    assert read(whole, kind="kern", piece="2").notes[-1].pitch == 74


# --- kern -----------------------------------------------------------------------------------

SPLIT = """**kern\t**kern
*clefF4\t*clefG2
*M2/4\t*M2/4
=1\t=1
*\t*^
2C\t4cc\t2e
.\t4dd\t.
*\t*v\t*v
=2\t=2
*\t*^
*\t*^\t*
2F\t4ff\t4a\t2cc
.\t4gg\t4b\t.
*\t*v\t*v\t*
*\t*v\t*v
=3\t=3
2C\t2cc
==\t==
*-\t*-
"""


def test_a_column_may_split_again():
    assert heard(SPLIT, "kern") == [
        (0, 1, 72), (0, 2, 48), (0, 2, 64), (1, 1, 74),
        (2, 1, 69), (2, 1, 77), (2, 2, 53), (2, 2, 72), (3, 1, 71), (3, 1, 79),
        (4, 2, 48), (4, 2, 72),
    ]  # fmt: skip
    voices = {note.voice for note in read(SPLIT, kind="kern").notes if note.onset == 2}
    assert voices == {0, 1, 2}


def test_columns_split_in_mid_bar_join_three_at_once_and_change_places():
    text = "**kern\t**kern\n*M4/4\t*M4/4\n4C\t4c\n*\t*^\n4D\t4d\t4f\n*\t*\t*^\n4E\t4e\t4g\t4b\n"
    text += "*\t*v\t*v\t*v\n*x\t*x\n4cc\t4F\n=\t=\n*-\t*-\n"
    assert heard(text, "kern") == [
        (0, 1, 48), (0, 1, 60), (1, 1, 50), (1, 1, 62), (1, 1, 65),
        (2, 1, 52), (2, 1, 64), (2, 1, 67), (2, 1, 71), (3, 1, 53), (3, 1, 72),
    ]  # fmt: skip
    parts = {note.pitch: note.part for note in read(text, kind="kern").notes}
    assert parts[72] == parts[60] == 0 and parts[53] == parts[48] == 1  # lowest staff first


def test_a_column_that_has_changed_places_still_says_the_metre():
    text = "**kern\n*M2/4\n4c\n*^\n4d\t4f\n=\t=\n*x\t*x\n2e\t2g\n*v\t*v\n=\n*M3/4\n2.c\n==\n*-\n"
    assert read(text, kind="kern").time_signatures == ((0, "2/4"), (4, "3/4"))


def test_columns_of_other_kinds_come_and_go():
    text = "**kern\t**dynam\t**text\n*M2/4\t*\t*\n4c\tp\tla\n*+\t*\t*\n"
    text += "*\t**kern\t*\t*\n4d\t4g\t.\tle\n=\t=\t=\t=\n2e\t2b\tf\t.\n*-\t*-\t*-\t*-\n"
    notes = [(0, 1, 60), (1, 1, 62), (1, 1, 67), (2, 2, 64), (2, 2, 71)]
    assert heard(text, "kern") == notes


def test_ties_chords_and_graces_of_kern():
    text = "**kern\n*M2/4\n8ccq\n[4c 4e\n_4c 4g\n=\n4c]\n8.d;L\n16rJ\n==\n*-\n"
    assert heard(text, "kern") == [(0, 1, 64), (0, 3, 60), (1, 1, 67), (3, 0.75, 62)]
    assert read(text, kind="kern").left_out == ("1 grace note was left out",)


def test_kern_signs_that_are_no_notes_are_told():
    whole = read(SPLIT.replace("2F\t", "zzz\t"), kind="kern")
    told = "1 kern sign was not understood and left out; the first is 'zzz' in line 12"
    assert len(whole.notes) == 11 and whole.left_out == (told,)
    with pytest.raises(ScoreError, match="3 columns in line 7 where 2|2 columns in line 7 where 3"):
        read(SPLIT.replace(".\t4dd\t.", ".\t4dd"), kind="kern")
    order = read(SPLIT.replace("*M2/4\t*M2/4", "*>[A,A]\t*>[A,A]"), kind="kern").left_out
    assert order == ("the order of sections [A,A] is not played",)


def test_kern_says_key_tempo_names_and_pickup():
    text = '!!!OTL: A song\n**kern\n*I"Viola\n*k[f#]\n*e:\n*M3/4\n*MM72\n4B\n=1\n4e\n4f#\n4g\n=2\n'
    notes = read(text + "2.e\n==\n*-\n", kind="kern")
    assert (notes.title, notes.key, notes.tempo, notes.pickup) == ("A song", "E minor", 72, 1)
    assert notes.part_names == ("Viola",) and notes.time_signatures == ((0, "3/4"),)


@pytest.mark.parametrize("name", ["chopin/mazurka06-2.krn", "bach/bwv277.krn"])
def test_real_kern_loses_no_note(name):
    """Every token that begins a note is heard: those that tie onwards, rests and graces are not."""
    from music21 import corpus

    text = corpus.getWork(name).read_text(encoding="latin-1")
    rows = (line.split("\t") for line in text.splitlines() if line[:1] not in "*!=")
    heads = [head for row in rows for cell in row for head in cell.split()]
    notes = [head for head in heads if re.search(r"\d\.*[a-gA-G]", head)]  # no words, no dynamics
    struck = [head for head in notes if not set(head) & set("r]_qQ")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(read_notes(name).notes) == len(struck)


def test_read_chorale_takes_inline_voices(tmp_path):
    path = tmp_path / "hymn.abc"
    path.write_text(HEAD + LAYOUTS["in brackets"])
    assert read_chorale(path).pitches[0].tolist() == [72, 67, 64, 48]

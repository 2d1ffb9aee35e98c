"""What notebook 21 says holds, by what its cells printed; and other collections go the same way."""

import csv
import re
import warnings
from pathlib import Path

import nbformat
import pytest
from music21 import corpus

from musiclab.checkpoint.load import SHIPPED
from musiclab.errors import MusicLabError
from musiclab.music import Note, NoteSequence, read_notes, write

NAME = "21_capstone"
# A tunebook, folk songs, masses, a quartet, a rag, old songs in two and three parts.
COLLECTIONS = ("airdsAirs", "essenFolksong", "palestrina", "haydn", "joplin", "trecento")


def numbers(text):
    return [float(one.replace(",", "")) for one in re.findall(r"[-+]?\d[\d,]*\.?\d*", text)]


@pytest.fixture
def run(notebook_folder):
    """Run the cells that hold some words, one after another, among the names of ``space``."""
    cells = nbformat.read(notebook_folder / f"{NAME}.ipynb", as_version=4).cells

    def run(space, *wanted):
        for words in ("import csv", "from musiclab import", *wanted):
            (code,) = [c.source for c in cells if c.cell_type == "code" and words in c.source]
            exec(code, space)
        return space

    with warnings.catch_warnings():
        yield run


READING = ("def jobs_of", "def steps_of", "def families")
TOKENS = ("tokenizer = EventTokenizer", "used = tokens", "def shorten", "rows = [")


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_another_collection_comes_back_note_for_note(run, collection, capsys):
    space = run({"FOLDER": ""}, *READING)
    files = sorted(map(Path, corpus.getComposer(collection)), key=lambda one: one.stat().st_size)
    found = [job for path in files[:2] for job in space["jobs_of"](path)[:3]]
    pieces = [read() for _, read in found]
    assert all(piece.notes for piece in pieces)
    tunes = [len(re.findall(rb"^X:", one.read_bytes(), re.M)) or 1 for one in files[:2]]
    assert len(pieces) == sum(min(3, many) for many in tunes)  # a tunebook is cut up
    space["pieces"] = pieces
    run(space, *TOKENS)
    many = len(pieces[::5])
    assert f"{many} of {many} that were tried come back" in capsys.readouterr().out
    rows = zip(space["rows"], space["encoded"], strict=True)
    assert all(space["decode"](a).notes == space["tokenizer"].decode(b).notes for a, b in rows)
    assert len(space["families"](pieces)) == len(pieces)


def test_a_folder_of_ones_own(run, tmp_path):
    scale = [Note(onset=float(n), duration=1.0, pitch=60 + 2 * n) for n in range(8)]
    write(NoteSequence(notes=tuple(scale)), tmp_path / "scale.mid")
    (tmp_path / "two.abc").write_text("X:1\nT:One\nK:C\nCDEF|\n\nX:2\nT:Two\nK:G\nGABc|\n")
    (tmp_path / "list.txt").write_text("milk, eggs")
    space = run({"FOLDER": str(tmp_path)}, *READING)
    jobs = [job for path in sorted(tmp_path.iterdir()) for job in space["jobs_of"](path)]
    read = {}
    for name, job in jobs:
        try:
            read[name] = [note.pitch for note in job().notes]
        except MusicLabError as error:
            read[name] = str(error)
    assert read.pop("scale.mid") == [note.pitch for note in scale]
    assert "list.txt" in read.pop("list.txt")
    assert read == {"two.abc#1": [60, 62, 64, 65], "two.abc#2": [67, 69, 71, 72]}


def test_a_page_fetches_nothing_and_a_title_stays_a_title(run):
    space = run({"TEMPO": 100}, "def beginning", "def concert_page")
    chord = [
        Note(onset=float(n // 6), duration=1.0, pitch=60 + n) for n in range(12)
    ]  # six at once
    alone = NoteSequence(notes=tuple(chord[::6]), title="<script>alert(1)</script>")
    together = NoteSequence(notes=tuple(chord), title="All & sundry")
    page = space["concert_page"]("<i>Us</i>", [(alone, "<b>loud</b>"), (together, "many")])
    assert not re.search(r"<(script|i|b)\b", page) and page.count("<audio") == 2
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert addresses and all(one.startswith("data:") for one in addresses)


def test_21_one_reel_stands_there_under_two_names(run):
    names = ("TeetotalersReel", "AcaciaReel", "TemperanceReel")
    pieces = [read_notes(f"ryansMammoth/{name}.abc") for name in names]
    assert run({}, "def steps_of", "def families")["families"](pieces) == [0, 1, 0]


def test_21_most_tunes_lose_nothing_and_grace_notes_go_first(printed):
    tried, refused, read, touched, *_ = numbers(printed(NAME, "lost, touched ="))
    assert tried == read + refused and 0.2 < touched / read < 0.35
    kinds = re.findall(r"lost: (\w+ ?\w*)", printed(NAME, "lost, touched ="))
    assert kinds[0] == "grace note"


def test_21_one_tune_in_six_has_a_relative(printed):
    related, of, *_ = numbers(printed(NAME, "family = families"))
    assert 0.15 < related / of < 0.2
    assert "families on both sides: 0\n" in printed(NAME, "both = {")


def test_21_relatives_help_who_remembers_and_nobody_else(printed):
    text = printed(NAME, "def nats_of")
    rows = re.findall(r"(\w+) +(\d+) (judge|other)s: gain (\S+) .*?\((\S+) to (\S+) over", text)
    found = {(who, kind): tuple(map(float, rest)) for who, _, kind, *rest in rows}
    gain, low, _ = found["counting", "judge"]
    assert gain > 0.5 and low > 0.3
    assert abs(found["counting", "other"][0]) < 0.02
    assert abs(found["Transformer", "judge"][0]) < 0.1


def test_21_new_tunes_copy_no_more_than_old_ones_share(printed):
    median, most, control, control_most, over, *_ = numbers(printed(NAME, "def longest_copy"))
    assert median < control and most <= control_most and over == 0


def test_21_after_300_steps_counting_is_ahead():
    nats, notes = {"clean": 0.0, "counting clean": 0.0}, {"clean": 0, "counting clean": 0}
    with (SHIPPED / "experiments" / "capstone_tunes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["arm"] in nats:
                nats[row["arm"]] += float(row["nats"])
                notes[row["arm"]] += int(row["notes"])
    clean, counting = (nats[arm] / notes[arm] for arm in ("clean", "counting clean"))
    assert clean > counting + 0.5


def test_21_after_1500_steps_the_model_wins_and_both_together_do_better(printed):
    rows = dict(
        re.findall(r"^(the model|counting|half and half) +(.*)$", printed(NAME, "by_both"), re.M)
    )
    figures = {name: numbers(text.replace("by ", "")) for name, text in rows.items()}
    model, *_, low, high = figures["the model"]
    assert 0.3 < low < 0.4 < high < 0.6
    assert model - 0.05 < figures["half and half"][0] < model

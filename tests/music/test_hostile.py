"""No file may hang, crash or fool the readers: it loads, or one sentence says what is wrong.

``MUSICLAB_SOAK=50`` multiplies the number of damaged files that are tried.
"""

import io
import os
import random
import signal
import struct
import warnings
import zipfile
from importlib import import_module

import numpy as np
import pytest
from soak import SOAK

from musiclab.errors import ScoreError
from musiclab.music.chorale import REST, Chorale
from musiclab.music.from_midi import chorale_from_midi, load_midi, notes_from_midi
from musiclab.music.guards.file_checks import kind_of
from musiclab.music.parse import parse, parse_apart
from musiclab.music.read import read_chorale, read_notes
from musiclab.music.to_midi import midi_bytes, midi_from_chorale, midi_from_notes

# --- small sound files of each kind ---------------------------------------------------------


def sound_chorale() -> Chorale:
    pitches = np.repeat([[72, 67, 64, 48], [74, 67, 62, 47], [72, 67, 64, 48]], 4, axis=0)
    return Chorale(pitches=pitches)


def sound_midi() -> bytes:
    return midi_bytes(midi_from_chorale(sound_chorale()))


def musicxml(extra: str = "", notes: int = 4, head: str = "") -> bytes:
    """Four parts of whole-bar quarters; ``extra`` goes into the first bar of each."""
    note = "<note><pitch><step>{}</step><octave>4</octave></pitch><duration>1</duration></note>"
    attributes = "<attributes><divisions>1</divisions><time><beats>4</beats>"
    attributes += "<beat-type>4</beat-type></time></attributes>"
    part = '<score-part id="P{}"><part-name>{}</part-name></score-part>'
    names = "".join(part.format(i, i) for i in "1234")
    parts = "".join(
        f'<part id="P{i}"><measure number="1">{attributes}{note.format(step) * notes}{extra}'
        "</measure></part>"
        for i, step in zip("1234", "GECA", strict=True)
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>{head}<score-partwise version="4.0">'
    return f"{text}<part-list>{names}</part-list>{parts}</score-partwise>".encode()


CONTAINER = '<container><rootfiles><rootfile full-path="{}"/></rootfiles></container>'


def mxl(root: str = "score.xml", **entries: bytes) -> bytes:
    """Pack entries (``_`` in a name stands for a dot) behind a container that names ``root``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("_", "."), data)
        archive.writestr("META-INF/container.xml", CONTAINER.format(root))
    return file.getvalue()


KERN = b"**kern\t**kern\t**kern\t**kern\n*M4/4\t*M4/4\t*M4/4\t*M4/4\n=1\t=1\t=1\t=1\n"
KERN += b"4C\t4c\t4e\t4g\n4D\t4d\t4f\t4a\n2C\t2c\t2e\t2g\n==\t==\t==\t==\n*-\t*-\t*-\t*-\n"
ABC = b"X:1\nT:Test\nM:4/4\nL:1/4\nK:C\n"
ABC += b"V:1\nc d c2|\nV:2\nG G G2|\nV:3\nE F E2|\nV:4\nC B, C2|\n"
SOUND = {
    "midi": sound_midi(),
    "musicxml": musicxml(),
    "mxl": mxl(score_xml=musicxml()),
    "abc": ABC,
    "kern": KERN,
}


def track(body: bytes) -> bytes:
    return b"MTrk" + struct.pack(">L", len(body)) + body


def midi(*bodies: bytes, form: int = 1, division: int = 480, promised: int | None = None) -> bytes:
    count = len(bodies) if promised is None else promised
    header = b"MThd" + struct.pack(">LHHH", 6, form, count, division)
    return header + b"".join(map(track, bodies))


END = b"\0\xff\x2f\0"
SLOW = b"\0\xff\x51\x03\xff\xff\xff"  # a quarter lasts 16.8 seconds
NOTE = b"\0\x90\x3c\x50\x60\x80\x3c\0"  # middle C for 96 ticks


# --- what must load -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SOUND)
def test_sound_files_load_whatever_their_name(tmp_path, kind):
    path = tmp_path / "no suffix"
    path.write_bytes(SOUND[kind])
    assert kind_of(SOUND[kind], "'test'") == kind
    chorale = read_chorale(path)
    assert (chorale.pitches != REST).all() and chorale.source == str(path)
    assert len(read_notes(path).notes) in (10, 12, 16)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_musicxml_in_other_encodings(encoding):
    data = musicxml().decode().replace("UTF-8", encoding[:6].rstrip("-")).encode(encoding)
    assert kind_of(data, "'test'") == "musicxml"
    assert len(parse(data, "musicxml", "notes", name="'test'").notes) == 16


def test_the_container_chooses_the_score():
    """A decoy before the score is not read."""
    data = mxl("real.xml", decoy_xml=musicxml(notes=1), real_xml=musicxml(notes=3))
    assert len(parse(data, "mxl", "notes", name="'test'").notes) == 12


def test_corpus_names():
    assert read_chorale("bwv66.6") == read_chorale("bach/bwv66.6.mxl")
    assert read_chorale("bwv66.6").source == "bach/bwv66.6.mxl"
    for name in ("bach", "no such work", "../bwv66.6", "bach/bwv66.6\0", "", "~"):
        with pytest.raises(ScoreError):
            read_chorale(name)


def test_padding_and_unpromised_tracks_are_bearable():
    assert len(load_midi(midi(NOTE + END) + b"\0" * 9, "'a'")[0].instruments) == 1
    assert len(load_midi(midi(NOTE + END, NOTE + END, promised=1), "'a'")[0].instruments) == 2


def test_notes_without_end_are_told(tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(midi(NOTE + b"\0\x90\x40\x50" + END))
    with pytest.warns(UserWarning, match="1 of 2 notes have no length or no end"):
        assert len(read_notes(path).notes) == 1


RESTS = "<note><rest/><duration>4</duration></note>"
DRUM_NOTE = NOTE.replace(b"\x90", b"\x99").replace(b"\x80", b"\x89")
SILENT = {
    "no MIDI notes": midi(END),
    "no MIDI tracks": midi(),
    "no XML notes": musicxml(notes=0),
    "only rests": musicxml(RESTS, notes=0),
    "only XML drums": musicxml(RESTS.replace("rest", "unpitched"), notes=0),
    "no ABC notes": b"X:1\nT:Empty\nK:C\n",
    "ABC rests": b"X:1\nT:Rests\nK:C\nz8|\n",
    "kern rests": b"**kern\n4r\n4r\n*-\n",
}


@pytest.mark.parametrize("name", SILENT)
def test_a_file_without_notes_loads_and_says_so(tmp_path, name):
    path = tmp_path / "silent"
    path.write_bytes(SILENT[name])
    with pytest.warns(UserWarning, match="there is no note"):
        assert read_notes(path).notes == ()


def test_rests_of_four_voices_are_a_chorale_of_rests(tmp_path):
    path = tmp_path / "rests.xml"
    path.write_bytes(SILENT["only rests"])
    with pytest.warns(UserWarning, match="there is no note"):
        assert (read_chorale(path).pitches == REST).all()
    path.write_bytes(SILENT["no MIDI notes"])
    with pytest.raises(ScoreError, match="no notes for four voices$"):
        read_chorale(path)


def test_drums_are_told_from_silence(tmp_path):
    path = tmp_path / "drums"
    path.write_bytes(midi(DRUM_NOTE + END))
    assert read_notes(path).notes[0].is_drum
    with pytest.raises(ScoreError, match="no notes for four voices, only drums"):
        read_chorale(path)
    path.write_bytes(SILENT["only XML drums"])
    with pytest.warns(UserWarning, match="4 notes without a pitch were left out"):
        read_notes(path)


IMPOSSIBLE = {
    "1,000 sharps": musicxml().replace(b"<time>", b"<key><fifths>1000</fifths></key><time>"),
    "tempo 10^9": musicxml('<direction><sound tempo="1000000000"/></direction>'),
    "tempo 2": musicxml('<direction><sound tempo="2"/></direction>'),
    "MIDI tempo 0": midi(b"\0\xff\x51\x03\0\0\0" + NOTE + END),
    "MIDI metre 0": midi(b"\0\xff\x58\x04\0\x02\x18\x08" + NOTE + END),
    "MIDI metre 4/2^255": midi(b"\0\xff\x58\x04\x04\xff\x18\x08" + NOTE + END),
    "MIDI key of 100 flats": midi(b"\0\xff\x59\x02\x9c\0" + NOTE + END),
    "kern metre": KERN.replace(b"*M4/4", b"*M99999/4"),
    "kern token": KERN.replace(b"4D\t", b"zzz\t"),
    "kern tempo": KERN.replace(b"*M4/4", b"*MM1000000"),
    "ABC metre": ABC.replace(b"M:4/4", b"M:4/3"),
    "ABC tempo": ABC.replace(b"L:1/4", b"L:1/4\nQ:1/4=2"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_values_are_told(tmp_path, name):
    path = tmp_path / "odd"
    path.write_bytes(IMPOSSIBLE[name])
    with pytest.warns(UserWarning, match="impossible|not understood"):
        notes = read_notes(path)
    assert notes.notes and notes.tempo in (100, 120) and notes.time_signatures == ((0, "4/4"),)


@pytest.mark.parametrize(
    ("beats", "unit", "read_as"),
    [("3+2+3", "8", "8/8"), ("2+2+3", "8", "7/8"), ("3+2", "4", "5/4")],
)
def test_composite_metres_are_added_up(beats, unit, read_as):
    data = musicxml().replace(b"<beats>4", f"<beats>{beats}".encode())
    data = data.replace(b"<beat-type>4", f"<beat-type>{unit}".encode())
    notes = parse(data, "musicxml", "notes", name="'test'")
    assert (
        notes.time_signatures == ((0, read_as),) and f"was read as {read_as}" in notes.left_out[0]
    )
    assert midi_bytes(midi_from_notes(notes))  # so it can be written, and heard


def test_the_slowest_tempo_of_midi_can_be_used():
    notes = notes_from_midi(load_midi(midi(SLOW + NOTE + END), "'slow'")[0])
    assert notes.tempo == pytest.approx(60 / 16.777215, abs=0.01)
    again = notes_from_midi(load_midi(midi_bytes(midi_from_notes(notes)), "'again'")[0])
    assert again.tempo == notes.tempo and again.notes == notes.notes


@pytest.mark.parametrize("entry", ["\u00dcbung.xml", "\u4e8c\u80e1/\u66f2.musicxml", "plain.xml"])
@pytest.mark.parametrize("says_so", [True, False])
def test_names_in_a_container_are_utf8(entry, says_so):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, musicxml())
        archive.writestr("META-INF/container.xml", CONTAINER.format(entry))
    data = bytearray(file.getvalue())
    for mark, flags in ((b"PK\1\2", 9), (b"PK\3\4", 7)):
        place = -1
        while not says_so and (place := data.find(mark, place + 1)) >= 0:
            data[place + flags] &= ~8  # the flag that says "UTF-8"
    assert len(parse(bytes(data), "mxl", "notes", name="'test'").notes) == 16


@pytest.mark.parametrize("metre", ["1000000000/1", "256/4", "1000000000/16000000"])
def test_a_bar_has_255_beats_at_most(metre):
    with pytest.raises(ScoreError, match="has over 255 beats"):
        Chorale(pitches=np.full((4, 4), 60), time_signature=metre)
    assert Chorale(pitches=np.full((4, 4), 60), time_signature="255/16").frames_per_bar == 255


HASTY = {
    "a long note": ABC.replace(b"c2|", b"c99999|"),
    "a longer one": ABC.replace(b"c2|", b"c9999999999|"),
    "many bars of rest": ABC.replace(b"c2|", b"Z99999|"),
    "many notes": ABC + b"c/8" * 60_000,
    "a high note": ABC.replace(b"c2|", b"c" + b"'" * 999 + b"|"),
    "a long kern note": KERN.replace(b"4D\t", b"1%999999999D\t"),
    "many kern notes": b"**kern\n" + b"64c\n" * 60_000 + b"*-\n",
}


@pytest.mark.parametrize("name", HASTY)
def test_absurd_texts_are_refused_for_what_they_are(monkeypatch, name):
    """music21 is not asked: the text alone says it."""
    data = HASTY[name]
    monkeypatch.setattr("music21.converter.Converter", lambda: pytest.fail("music21 was asked"))
    with pytest.raises(ScoreError, match="limit of|beyond any real one|outside MIDI's range"):
        parse(data, "abc" if data.startswith(b"X") else "kern", "notes", name="'test'")


# --- what must be refused at the door -------------------------------------------------------


def refused(path, match: str) -> None:
    """Both readers refuse the file in one sentence that names it."""
    for read in (read_chorale, read_notes):
        with pytest.raises(ScoreError, match=match) as caught:
            read(path)
        message = str(caught.value)
        assert os.path.basename(path)[-60:] in message and "\n" not in message, message
        assert len(message) <= 300
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


TALKATIVE = {
    "parts": b"X:1\nK:C\n"
    + b"".join(b'V:%d nm="%s"\nC|\n' % (n, b"flute " * 90) for n in range(9)),
    "tracks": midi(*[b"\0\xff\x03\x7f" + b"x" * 127 + NOTE + b"\0\x90\x3c\x50" + NOTE + END] * 9),
    "a tunebook": "".join(f"X:{n}{n}\nT:{'la ' * 90}\nK:C\nC|\n" for n in range(99)).encode(),
    "columns": KERN.replace(b"4D\t", b""),
    "not XML": b"<" + b"x" * 900 + b" " + b"&" * 900,
    "encoding": musicxml().replace(b"UTF-8", b"U" * 900),
    "metre": musicxml().replace(b"<beats>4", b"<beats>" + b"9" * 900),
    "root": b"<" + b"x" * 900 + b"></" + b"x" * 900 + b">",
    "entry": mxl("x" * 900),
    "text": b"\0",
    "nothing": b"",
}


@pytest.mark.parametrize("name", TALKATIVE)
def test_messages_are_short(tmp_path, name):
    """However long the names in a file are, and its own."""
    folder = tmp_path / ("a long name " * 20)
    folder.mkdir()
    path = folder / ("and \x1b\x07 another one" * 9)
    path.write_bytes(TALKATIVE[name])
    with pytest.raises(ScoreError) as caught:
        read_chorale(path)
    assert len(str(caught.value)) <= 300 and str(caught.value).isprintable(), str(caught.value)


def test_missing_folder_pipe_empty_and_device(tmp_path):
    refused(tmp_path / "missing.mid", "does not exist")
    refused(tmp_path, "folder|regular")
    os.mkfifo(tmp_path / "pipe.mid")
    refused(tmp_path / "pipe.mid", "not a regular file")
    (tmp_path / "link.mid").symlink_to("/dev/zero")
    refused(tmp_path / "link.mid", "not a regular file")
    (tmp_path / "broken.mid").symlink_to(tmp_path / "nowhere")
    refused(tmp_path / "broken.mid", "does not exist")
    (tmp_path / "empty.mid").write_bytes(b"")
    refused(tmp_path / "empty.mid", "is empty")


@pytest.mark.parametrize("data", [b"Dear diary", b"\x89PNG\r\n\x1a\n" + bytes(99), b"\0" * 50])
def test_other_files_are_refused_by_content(tmp_path, data):
    path = tmp_path / "renamed.mid"
    path.write_bytes(data)
    refused(path, "MusicXML, MIDI, ABC or Humdrum kern")


def test_too_large_a_file(tmp_path):
    path = tmp_path / "large.mid"
    with path.open("wb") as file:
        file.write(b"MThd")
        file.truncate(10_000_001)  # a hole: large, but takes no room on the disk
    refused(path, "larger than 10 MB")


def test_binary_called_kern(tmp_path):
    path = tmp_path / "a.krn"
    path.write_bytes(b"**kern\n" + random.Random(1).randbytes(500))
    refused(path, "MusicXML, MIDI, ABC or Humdrum kern")


# --- MIDI -----------------------------------------------------------------------------------

LONG = b"\xff\xff\xff\x7f"  # the longest delta: 2^28 - 1 ticks
HOSTILE_MIDI = {
    "one huge delta": (midi(b"\0\x90\x3c\x50" + LONG + b"\x80\x3c\0" + END), "limit"),
    "194 days": (midi(SLOW + b"\0\x90\x3c\x50\xff\xff\x7f\x80\x3c\0" + END, division=1), "limit"),
    "three hours": (midi(SLOW + b"\0\x90\x3c\x50\x86\x00\x80\x3c\0" + END, division=1), "seconds"),
    "notes that never end": (midi(b"\0\x90\x3c\x50" + END), "no notes"),
    "type 2": (midi(NOTE + END, form=2), "type 2"),
    "film frames": (midi(NOTE + END, division=0xE728), "film frames"),
    "no division": (midi(NOTE + END, division=0), "beats"),
    "promises tracks": (midi(NOTE + END, promised=5), "promises 5 tracks and has 1"),
    "lies of its header": (b"MThd\xff\xff\xff\xf0" + midi(NOTE + END)[8:], "cut short|promises"),
    "lies of a track": (midi(NOTE + END).replace(b"\0\0\0\x0c", b"\x7f\0\0\0"), "cut short"),
    "lies of a text": (midi(b"\0\xff\x01" + LONG + NOTE), "cut short"),
    "F1 bytes": (midi(b"\0\xf1\x01" * 9 + END), "no MIDI file allows"),
    "a wild byte": (midi(b"\0\x90\x3c\xff" + END), "no MIDI message allows"),
    "no status": (midi(b"\0\x3c\x50" + END), "no MIDI file allows"),
    "300 tracks": (midi(*[NOTE + END] * 300), "more than 256 tracks"),
}


@pytest.mark.parametrize("name", HOSTILE_MIDI)
def test_hostile_midi(tmp_path, name):
    data, match = HOSTILE_MIDI[name]
    path = tmp_path / "hostile.mid"
    path.write_bytes(data)
    refused(path, match)


def test_a_million_notes(tmp_path):
    path = tmp_path / "million.mid"
    path.write_bytes(midi(b"\0\x90\x3c\x50" + b"\1\x3c\0\0\x3c\x50" * 1_000_000 + END))
    refused(path, "more than")


@pytest.mark.parametrize("event", [b"\0\xb0\x07\x40", b"\0\xff\x51\x03\x07\xa1\x20"])
def test_masses_of_other_events_do_no_harm(event):
    """Controllers are passed over; masses of tempo changes are refused."""
    data = midi(event * 50_001 + NOTE + END)
    try:
        assert sum(len(one.notes) for one in load_midi(data, "'a'")[0].instruments) == 1
    except ScoreError as error:
        assert "events" in str(error) and event[1] == 0xFF


def test_midi_cut_anywhere(tmp_path):
    """Every proper beginning of a MIDI file is refused."""
    for length in range(1, len(SOUND["midi"])):
        with pytest.raises(ScoreError):
            data = SOUND["midi"][:length]
            kind_of(data, "'cut'")
            load_midi(data, "'cut'")


# --- MusicXML and its container -------------------------------------------------------------

ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
ENTITIES += "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
FORWARD = '<barline location="right"><repeat direction="{}" times="{}"/></barline>'
WORD = "<direction><direction-type><words>&i;</words></direction-type></direction>"
HOSTILE_XML = {
    "entity bomb": (musicxml(WORD, head=f"{ENTITIES}]>"), "entities"),
    "external entity": (
        musicxml(WORD, head='<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'),
        "entities",
    ),
    "a billion times": (musicxml(FORWARD.format("backward", 10**9)), "1000000000"),
    "many times": (musicxml(FORWARD.format("backward", "many")), "many"),
    "99,999 beats a bar": (musicxml().replace(b"<beats>4", b"<beats>99999"), "'99999'"),
    "no beats a bar": (musicxml().replace(b"<beats>4", b"<beats>0"), "from 1 to 255"),
    "octave 10^6": (musicxml().replace(b"<octave>4", b"<octave>1000000"), "outside MIDI's range"),
    "transposed by 10^9": (
        musicxml().replace(
            b"<time>", b"<transpose><chromatic>1000000000</chromatic></transpose><time>"
        ),
        "outside MIDI's range",
    ),
    "50,001 notes": (musicxml("<note/>" * 50_001), "notes, more than the limit of 50,000"),
    "a web page": (b"<html><body>Not found</body></html>", "no score"),
    "broken": (musicxml()[:-9], "well-formed"),
    "late declaration": (b"\n" + musicxml(), "well-formed"),
    "wrong encoding": (musicxml(head="<!-- caf\xe9 -->").decode().encode("latin-1"), "well-formed"),
    "unknown encoding": (musicxml().replace(b"UTF-8", b"UTF-99"), "well-formed"),
    "deep": (musicxml("<a>" * 5000 + "</a>" * 5000), "deeply"),
    "300 parts": (
        musicxml().replace(b"</part-list>", b'<score-part id="x"/>' * 300 + b"</part-list>"),
        "parts, more than the limit of 256",
    ),
    "step Q": (musicxml().replace(b"<step>G", b"<step>Q"), "cannot be understood"),
    "endless note": (musicxml().replace(b"<duration>1<", b"<duration>99999999<"), "quarter notes"),
}


@pytest.mark.parametrize("name", HOSTILE_XML)
def test_hostile_musicxml(name):
    data, match = HOSTILE_XML[name]
    assert kind_of(data, "'test'") == "musicxml"
    for wanted in ("chorale", "notes"):
        with pytest.raises(ScoreError, match=match) as caught:
            parse(data, "musicxml", wanted, name="'test'")
        assert "'test'" in str(caught.value)


@pytest.mark.parametrize("repeats", ["written", "expanded"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_lonely_repeat_signs_do_no_harm(repeats, direction):
    data = musicxml(FORWARD.format(direction, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chorale = parse(data, "musicxml", "chorale", name="'test'", repeats=repeats)
    assert len(chorale) in (16, 32)


def encrypted() -> bytes:
    data = bytearray(SOUND["mxl"])
    for mark, offset in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


HOSTILE_MXL = {
    "bomb": (mxl(score_xml=b"<score-partwise>" + b" " * 40_000_000), "unpacks to far more"),
    "bomb as container": (mxl(root=" " * 40_000_000), "unpacks to far more"),
    "ratio": (mxl(score_xml=musicxml(head=" " * 1_000_000)), "unpacks to far more"),
    "score missing": (mxl("elsewhere.xml", score_xml=musicxml()), "lacks the score"),
    "encrypted": (encrypted(), "packed in a way"),
    "many files": (mxl(**{f"f{i}": b"" for i in range(1001)}), "too many files"),
    "entities in the container": (mxl(f'"/>{ENTITIES}'), "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE_MXL)
def test_hostile_mxl(name):
    data, match = HOSTILE_MXL[name]
    with pytest.raises(ScoreError, match=match):
        parse(data, "mxl", "chorale", name="'test'")


def test_mxl_cut_anywhere():
    for length in range(4, len(SOUND["mxl"]), 7):
        with pytest.raises(ScoreError, match="damaged"):
            parse(SOUND["mxl"][:length], "mxl", "chorale", name="'test'")


def test_repeats_that_grow_too_much(monkeypatch):
    module = import_module("musiclab.music.from_score")
    whole = Chorale(pitches=np.full((16 * 9, 4), 60))
    monkeypatch.setattr(module, "chorale_from_score", lambda *_, **__: whole)
    with pytest.raises(ScoreError, match="grows from 4 to 36"):
        parse(musicxml(), "musicxml", "chorale", name="'test'", repeats="expanded")


# --- the worker -----------------------------------------------------------------------------


def apart(data: bytes = SOUND["musicxml"], **settings) -> Chorale:
    return parse_apart(data, "musicxml", "chorale", name="'test'", **settings)


def test_the_worker_answers_as_the_function_does():
    assert apart(source="s") == parse(
        SOUND["musicxml"], "musicxml", "chorale", name="'test'", source="s"
    )
    with pytest.raises(ScoreError, match="'test' has the metre '99999'"):
        apart(HOSTILE_XML["99,999 beats a bar"][0])


def test_the_worker_is_stopped_in_time(monkeypatch):
    monkeypatch.setattr("musiclab.music.parse.MAX_SCORE_WAIT", 0.05)
    with pytest.raises(ScoreError, match="longer than 0 seconds"):
        apart()


def test_the_worker_may_not_compute_for_ever(monkeypatch):
    """48,000 notes are within the limits, but take music21 half a minute."""
    monkeypatch.setattr("musiclab.music.parse.MAX_SCORE_WAIT", 300)  # the limit below counts
    monkeypatch.setattr("musiclab.music.parse.MAX_SCORE_SECONDS", 3)
    monkeypatch.setattr("musiclab.music.parse.MAX_PATIENCE", 1.0)
    with pytest.raises(ScoreError, match="'test' needs too much memory or time"):
        apart(musicxml(notes=12_000))


def test_the_worker_is_kept_small(monkeypatch):
    """A million empty elements want more memory than they are given."""
    monkeypatch.setattr("musiclab.music.parse.MAX_SCORE_WAIT", 300)  # the limit below counts
    monkeypatch.setattr("musiclab.music.parse.MAX_SCORE_MEMORY", 250_000_000)
    assert len(apart()) == 16
    flat = musicxml().replace(b"</part-list>", b"<a/>" * 2_000_000 + b"</part-list>")
    with pytest.raises(ScoreError, match="memory"):
        apart(flat)


def test_the_worker_imports_nothing_from_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("raise SystemExit('a student wrote this')")
    monkeypatch.chdir(tmp_path)
    assert len(apart()) == 16


def test_no_worker_no_reading(monkeypatch):
    monkeypatch.setattr("musiclab.music.guards.worker.sys.executable", "/nowhere/python")
    with pytest.raises(ScoreError, match="'test' cannot be read"):
        apart()


def test_pickles_on_disk_are_not_opened(tmp_path, monkeypatch):
    """music21 would unpickle a file that anybody can plant in the temporary folder."""
    monkeypatch.setattr("pickle.loads", lambda *_, **__: pytest.fail("unpickled"))
    monkeypatch.setattr("pickle.load", lambda *_, **__: pytest.fail("unpickled"))
    monkeypatch.setattr("music21.converter.thaw", lambda *_, **__: pytest.fail("thawed"))
    assert len(parse(SOUND["kern"], "kern", "chorale", name="'test'")) == 16
    assert len(read_chorale("bwv66.6")) > 0


# --- damage at random -----------------------------------------------------------------------


def damaged(data: bytes, seed: int) -> bytes:
    """Flip, cut, double or overwrite a few bytes."""
    dice, out = random.Random(seed), bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 5, 20])):
        if not out:
            break
        place = dice.randrange(len(out))
        length = dice.choice([1, 1, 2, 4, 16])
        action = dice.randrange(5)
        if action == 0:
            out[place] ^= 1 << dice.randrange(8)
        elif action == 1:
            out[place : place + length] = dice.randbytes(length)
        elif action == 2:
            del out[place : place + length]
        elif action == 3:
            out[place:place] = out[place : place + length] * dice.choice([1, 3, 50])
        else:
            out[place : place + length] = dice.choice([b"\xff", b"\0", b"9", b"\x7f"]) * length
    return bytes(out)


def stop(*_) -> None:
    raise TimeoutError


def music_in(data: bytes):
    """Read notes and chorale in this process, stopped after two seconds.

    The worker would be stopped by the operating system; starting one for each file takes too
    long here. The alarm rings on, since music21 swallows the first one now and then.
    """
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2, 0.3)
    try:
        kind = kind_of(data, "'test'")
        if kind == "midi":
            loaded, _ = load_midi(data, "'test'")
            music = notes_from_midi(loaded)
            chorale_from_midi(loaded)
        else:
            music = parse(data, kind, "notes", name="'test'")
            parse(data, kind, "chorale", name="'test'")
        return music
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", SOUND)
def test_random_damage(kind):
    """A damaged file loads, with a note or a word on why not, or is refused by a ScoreError."""
    outcomes = {"read": 0, "refused": 0}
    for seed in range({"midi": 1000}.get(kind, 100) * SOAK):
        try:
            music = music_in(damaged(SOUND[kind], seed))
        except ScoreError:
            outcomes["refused"] += 1
        else:
            assert music.notes or music.left_out
            outcomes["read"] += 1
    assert all(outcomes.values()), outcomes  # else the damage is too light or too heavy to teach

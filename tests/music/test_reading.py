"""What other people's files say must arrive: every expected value here was worked out by hand."""

import io

import mido
import numpy as np
import pytest

from musiclab.errors import ScoreError
from musiclab.music import read
from musiclab.music.chorale import REST
from musiclab.music.export import write
from musiclab.music.from_notes import chorale_from_notes
from musiclab.music.metre import bar_edges
from musiclab.music.notes import Note, NoteSequence
from musiclab.music.parse import parse
from musiclab.music.repeats import BarSigns, played_order

pytestmark = pytest.mark.filterwarnings("ignore")

FIRST = "<attributes><divisions>4</divisions>{key}<time><beats>{beats}</beats>"
FIRST += "<beat-type>4</beat-type></time>{clef}</attributes>"
BACK = "<backup><duration>16</duration></backup>"


def n(pitch, duration, voice=1, tie="", chord=False):
    """Write a note such as "C5", or a rest "r", of so many 16ths.

    ``tie`` holds > for a start and < for a stop.
    """
    head = "<rest/>"
    if pitch != "r":
        alter = f"<alter>{pitch.count('#') - pitch.count('b')}</alter>"
        head = f"<pitch><step>{pitch[0]}</step>{alter}<octave>{pitch[-1]}</octave></pitch>"
    ties = '<tie type="stop"/>' * ("<" in tie) + '<tie type="start"/>' * (">" in tie)
    return (
        f"<note>{'<chord/>' * chord}{head}<duration>{duration}</duration>{ties}"
        f"<voice>{voice}</voice></note>"
    )


def words(text):
    return f"<direction><direction-type><words>{text}</words></direction-type></direction>"


def part(*bars, sharps=0, mode="<mode>major</mode>", beats=4, clef="", pickup=False):
    key = f"<key><fifths>{sharps}</fifths>{mode}</key>"
    bars = [FIRST.format(key=key, beats=beats, clef=clef) + bars[0], *bars[1:]]
    first = 0 if pickup else 1
    return "".join(
        f'<measure number="{k}">{bar}</measure>' for k, bar in enumerate(bars, start=first)
    )


def score(path, *parts, names=()):
    names = [*names, *[""] * (len(parts) - len(names))]
    listed = "".join(
        f'<score-part id="P{k}"><part-name>{name}</part-name></score-part>'
        for k, name in enumerate(names)
    )
    bodies = "".join(f'<part id="P{k}">{one}</part>' for k, one in enumerate(parts))
    text = f"<score-partwise><part-list>{listed}</part-list>{bodies}</score-partwise>"
    path = path / "a.musicxml"
    path.write_text(text)
    return path


def read_notes(path):
    """Read a file as ``musiclab.music.read_notes`` does, but in this process, which is quicker."""
    if path.suffix == ".mid":
        return read.read_notes(path)
    return parse(path.read_bytes(), "musicxml", "notes", name="'a'")


def read_chorale(path, repeats="written"):
    if path.suffix == ".mid":
        return read.read_chorale(path)
    return parse(path.read_bytes(), "musicxml", "chorale", name="'a'", repeats=repeats)


def heard(music):
    return [(note.onset, note.duration, note.pitch) for note in music.notes]


# --- ties ------------------------------------------------------------------------------------
LOW = BACK + n("C2", 8, 2, ">") + n("C2", 8, 2, "<")


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ([n("D3", 4, 1, ">") + n("D3", 4, 1, "<>") + n("D3", 8, 1, "<") + LOW],
         [(0, 4, 36), (0, 4, 50)]),
        ([n("r", 1) + n("D3", 3, 1, ">") + n("D3", 12, 1, "<") + LOW],
         [(0, 4, 36), (0.25, 3.75, 50)]),
        # One pitch in both voices: each tie stays in its own.
        ([n("D3", 8, 1, ">") + n("D3", 8, 1, "<") + BACK + n("D3", 8, 2) + n("D3", 8, 2)],
         [(0, 2, 50), (0, 4, 50), (2, 2, 50)]),
        ([n("D3", 8, 1, ">") + n("r", 8, 1) + BACK + n("r", 8, 2) + n("D3", 8, 2, "<")],
         [(0, 2, 50), (2, 2, 50)]),
        # Into a bar written in one voice, and a tie in one note of a chord only.
        ([n("E3", 16, 1) + BACK + n("C2", 16, 2, ">"),
          n("C2", 4, 1, "<") + n("E3", 4, 1, ">") + n("G3", 4, 1, chord=True) + n("E3", 8, 1, "<")],
         [(0, 4, 52), (0, 5, 36), (5, 1, 55), (5, 3, 52)]),
    ],
)  # fmt: skip
def test_ties_are_merged_within_a_voice_and_never_across(tmp_path, bars, expected):
    assert heard(read_notes(score(tmp_path, part(*bars)))) == expected


# --- repeats ---------------------------------------------------------------------------------
START, END = (
    f'<barline location="{side}"><repeat direction="{way}"/></barline>'
    for side, way in (("left", "forward"), ("right", "backward"))
)
SEGNO, CODA = (
    f"<direction><direction-type><{sign}/></direction-type></direction>"
    for sign in ("segno", "coda")
)


def ending(number, body, dots=""):
    begin = f'<barline location="left"><ending number="{number}" type="start"/></barline>'
    end = f'<barline location="right"><ending number="{number}" type="stop"/>{dots}</barline>'
    return begin + body + end


C, D, E, F, G, A = (n(f"{letter}5", 16) for letter in "CDEFGA")
DOTS = '<repeat direction="backward"/>'


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ([C, D, E + words("D.C.")], "CDECDE"),
        ([C, D + words("Fine"), E, F + words("D.C. al Fine")], "CDEFCD"),
        ([START + C, D + words("Fine") + END, E, F + words("D.C. al Fine")], "CDCDEFCD"),
        ([C, SEGNO + D, E + words("To Coda"), F, G + words("D.S. al Coda"), CODA + A], "CDEFGDEA"),
        ([C, START + SEGNO + D + words("To Coda"), ending(1, E, DOTS),
          ending(2, F + words("D.S. al Coda")), CODA + G], "CDEDFDG"),
        # Endings without dots; a first ending alone; two passes of one ending.
        ([C, ending(1, D), ending(2, E), F], "CDCEF"),
        ([START + C, ending(1, D, DOTS), E], "CDCE"),
        ([C, ending("1, 2", D, DOTS), ending(3, E)], "CDCDCE"),
        # To the coda by two coda signs, with a repeat in the coda.
        ([C + CODA, D + words("D.C. al Coda"), CODA + START + E + END], "CDCEE"),
        ([SEGNO + C, D + words("Fine"), E + words("D.S. al Fine"), F], "CDECD"),
    ],
)  # fmt: skip
def test_signs_are_played_out(tmp_path, bars, expected):
    path = score(tmp_path, *[part(*bars)] * 4)
    soprano = read_chorale(path, repeats="expanded").pitches[::16, 0]
    assert "".join("C D EF G A"[pitch - 72] for pitch in soprano) == expected
    written = [bar.split("<step>")[1][0] for bar in bars]
    assert [*"".join("C D EF G A"[p - 72] for p in read_chorale(path).pitches[::16, 0])] == written


def test_signs_that_lead_nowhere_are_left_as_written_and_told(tmp_path):
    path = score(tmp_path, *[part(C, D + words("D.S. al Fine"))] * 4)
    chorale = read_chorale(path, repeats="expanded")
    assert len(chorale) == 32
    assert any("no segno" in sentence for sentence in chorale.left_out)
    with pytest.raises(ScoreError, match="no coda"):
        played_order([BarSigns(to_coda=True), BarSigns(jump="capo")])


# --- who sings what --------------------------------------------------------------------------
def two(upper, lower, duration, voice=1):
    return n(lower, duration, voice) + n(upper, duration, voice, chord=True)


def test_chords_of_a_hymn_are_dealt_and_unisons_sung_twice(tmp_path):
    women = part(two("C5", "A4", 4), two("A4", "F4", 8) + two("Bb4", "F4", 8),
                 n("C5", 12) + "<backup><duration>12</duration></backup>" + n("F4", 12, 2),
                 pickup=True)  # fmt: skip
    men = part(two("C4", "F3", 4), two("C4", "F3", 8) + n("A3", 8),
               n("A3", 12) + "<backup><duration>12</duration></backup>" + n("F3", 12, 2),
               pickup=True)  # fmt: skip
    for parts in ((women, men), (men, women)):  # whichever staff is written first
        chorale = read_chorale(score(tmp_path, *parts))
        assert chorale.pitches[[0, 4, 12, 20]].tolist() == [
            [72, 69, 60, 53], [69, 65, 60, 53], [70, 65, 57, 57], [72, 65, 57, 53],
        ]  # fmt: skip
        assert (chorale.pitches != REST).all() and chorale.beats[0] == 12


def test_a_chord_that_holds_one_note_over(tmp_path):
    held = n("E4", 8, 1, ">") + n("G4", 8, 1, chord=True)
    women = part(held + n("E4", 8, 1, "<") + n("A4", 8, 1, chord=True))
    chorale = read_chorale(score(tmp_path, women, part(two("C4", "C3", 16))))
    assert chorale.pitches[::8].tolist() == [[67, 64, 60, 48], [69, 64, 60, 48]]
    assert chorale.attacks.sum(axis=0).tolist() == [2, 1, 1, 1]


def test_two_tunes_are_no_hymn(tmp_path):
    with pytest.raises(ScoreError, match="found 2 parts"):
        read_chorale(score(tmp_path, part(C, D), part(n("C3", 16), two("D3", "A2", 16))))


@pytest.mark.parametrize("names", [("", "", "", ""), ("", "Tenor", "", ""), ("I", "I", "V", "C")])
def test_four_parts_go_by_name_and_then_by_what_they_sing(tmp_path, names):
    bodies = [part(n(pitch, 16)) for pitch in ("C3", "E4", "G4", "C5")]
    chorale = read_chorale(score(tmp_path, *bodies, names=names))
    assert chorale.pitches[0].tolist() == [72, 67, 64, 48]


def test_clefs_go_before_pitches(tmp_path):
    high, low = (f"<clef><sign>{s}</sign><line>{k}</line></clef>" for s, k in (("G", 2), ("F", 4)))
    bodies = [part(n("C4", 16), clef=low), part(n("D4", 16), clef=low)]
    bodies += [part(n("A3", 16), clef=high), part(n("B3", 16), clef=high)]
    assert read_chorale(score(tmp_path, *bodies)).pitches[0].tolist() == [59, 57, 62, 60]


# --- MIDI ------------------------------------------------------------------------------------
def midi(path, *tracks, form=1):
    """Write tracks of (message, tick), 480 ticks a quarter."""
    file = mido.MidiFile(type=form, ticks_per_beat=480)
    for events in tracks:
        track, before = mido.MidiTrack(), 0
        for message, tick in events:
            track.append(message.copy(time=tick - before))
            before = tick
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    path = path / "a.mid"
    path.write_bytes(buffer.getvalue())
    return path


def strike(pitch, first, last, channel=0):
    on, off = (mido.Message(f"note_{way}", note=pitch, channel=channel) for way in ("on", "off"))
    return [(on, first), (off, last)]


def in_order(*strikes):
    """Sort events by tick, ends before beginnings."""
    return sorted(sum(strikes, []), key=lambda one: (one[1], one[0].type == "note_on"))


@pytest.mark.parametrize("channels", [(0, 1, 2, 3), (3, 2, 1, 0), (5, 1, 9 - 1, 0)])
def test_voices_of_one_track_go_by_what_they_sing_not_by_who_stops_first(tmp_path, channels):
    lengths = (1920, 960, 480, 240)  # the bass is silent first
    notes = zip((72, 67, 64, 48), lengths, channels, strict=True)
    path = midi(tmp_path, in_order(*[strike(p, 0, k, c) for p, k, c in notes]), form=0)
    assert read_chorale(path).pitches[0].tolist() == [72, 67, 64, 48]
    order = np.argsort(channels)
    assert [note.pitch for note in sorted(read_notes(path).notes, key=lambda n: n.part)] == [
        (72, 67, 64, 48)[voice] for voice in order
    ]


@pytest.mark.parametrize(
    ("strikes", "expected"),
    [
        # Two voices in unison on one channel: the long note is not cut off by the short ones.
        ([(0, 1920), (0, 480), (480, 960), (1200, 1920)],
         [(0, 1, 72), (0, 4, 72), (1, 1, 72), (2.5, 1.5, 72)]),
        # A key struck anew a moment before it is let go.
        ([(0, 500), (480, 960)], [(0, 500 / 480, 72), (1, 1, 72)]),
        ([(0, 480), (480, 960)], [(0, 1, 72), (1, 1, 72)]),
    ],
)  # fmt: skip
def test_one_key_struck_while_it_is_down(tmp_path, strikes, expected):
    path = midi(tmp_path, in_order(*[strike(72, *span) for span in strikes]))
    assert np.allclose(heard(read_notes(path)), expected)
    assert len({note.part for note in read_notes(path).notes}) == 1


def test_unisons_of_two_voices_survive_midi(tmp_path):
    quarters = n("C5", 4) + n("D5", 4) + n("C5", 4) + n("E5", 4)
    music = read_notes(score(tmp_path, part(quarters + BACK + n("C5", 16, 2))))
    assert (0, 4, 72) in heard(music)
    assert heard(read_notes(write(music, tmp_path / "b.mid"))) == heard(music)


def test_what_midi_says_beside_notes_is_told(tmp_path):
    pedal = mido.Message("control_change", control=64, value=127)
    bend, centre = (mido.Message("pitchwheel", pitch=pitch) for pitch in (300, 0))
    swell = mido.Message("control_change", control=11, value=90)
    events = [*in_order(strike(60, 0, 480)), (pedal, 480), (bend, 480), (centre, 490), (swell, 500)]
    path = midi(tmp_path, events)
    left_out = ("1 changes of loudness left out", "1 pitch bends left out")
    assert read_notes(path).left_out == (*left_out, "1 uses of the pedal left out")
    assert "pedal" in repr(read_notes(path))


# --- key, pickup, metre, tempo ---------------------------------------------------------------
def tempo(number):
    metronome = f"<beat-unit>quarter</beat-unit><per-minute>{number}</per-minute>"
    inner = f"<direction-type><metronome>{metronome}</metronome></direction-type>"
    return f"<direction>{inner}</direction>"


def metre(beats):
    time = f"<time><beats>{beats}</beats><beat-type>4</beat-type></time>"
    return f"<attributes>{time}</attributes>"


def all_of_it(path):
    bars = (n("A4", 4), tempo(120) + D, metre(2) + n("F5", 8), metre(4) + tempo(60) + D, n("D5", 8))
    return score(path, *[part(*bars, sharps=-1, mode="<mode>minor</mode>", pickup=True)] * 4)


def test_all_that_a_score_says(tmp_path):
    music = read_notes(all_of_it(tmp_path))
    assert (music.key, music.pickup) == ("D minor", 1.0)
    assert music.time_signatures == ((0.0, "4/4"), (5.0, "2/4"), (7.0, "4/4"))
    assert (music.tempo, music.tempo_changes) == (120.0, ((7.0, 60.0),))
    assert music.seconds == 7 * 0.5 + 6
    assert music.left_out == ()


@pytest.mark.parametrize("suffix", [".mid", ".musicxml"])
def test_all_of_it_is_written_and_read_again(tmp_path, suffix):
    music, chorale = read_notes(all_of_it(tmp_path)), read_chorale(all_of_it(tmp_path))
    again = read_notes(write(music, tmp_path / f"b{suffix}"))
    for name in ("key", "pickup", "time_signatures", "tempo", "tempo_changes"):
        assert getattr(again, name) == getattr(music, name), name
    assert heard(again) == heard(music)
    anew = read_chorale(write(chorale, tmp_path / f"c{suffix}"))
    assert bar_edges(anew) == bar_edges(chorale) == [0, 4, 20, 28, 44, 52]
    assert anew.metre_changes == chorale.metre_changes == ((20, "2/4"), (28, "4/4"))
    assert (anew.key, anew.tempo_changes) == ("D minor", ((28, 60.0),))
    assert anew.seconds == chorale.seconds == music.seconds


@pytest.mark.parametrize(
    ("sharps", "mode", "expected"),
    [
        (0, "<mode>minor</mode>", "A minor"),
        (-1, "", "D minor"),
        (2, "<mode>major</mode>", "D major"),
    ],
)
def test_a_signature_without_a_mode_leaves_it_to_the_notes(tmp_path, sharps, mode, expected):
    tune = "".join(n(pitch, 4) for pitch in ("D5", "E5", "F5", "E5", "D5", "C#5")) + n("D5", 8)
    assert read_notes(score(tmp_path, part(tune, sharps=sharps, mode=mode))).key == expected


def test_an_excerpt_begins_in_the_metre_and_tempo_that_hold_there(tmp_path):
    chorale = read_chorale(all_of_it(tmp_path)).excerpt(20, 44)
    assert (chorale.time_signature, chorale.metre_changes) == ("2/4", ((8, "4/4"),))
    assert (chorale.tempo, chorale.tempo_changes) == (120.0, ((8, 60.0),))


def test_dynamics_and_lost_notes_are_told(tmp_path):
    loud = "<direction><direction-type><dynamics><f/></dynamics></direction-type></direction>"
    music = read_notes(score(tmp_path, part(loud + C + loud)))
    assert music.left_out == ("2 dynamic marks were left out",)


# --- as four voices --------------------------------------------------------------------------
def test_notes_of_more_than_four_voices_are_not_drawn():
    chord = [Note(onset=0.0, duration=1.0, pitch=60 + k) for k in range(5)]
    with pytest.raises(ScoreError, match="quarter 0 more than 4 notes"):
        chorale_from_notes(NoteSequence(notes=tuple(chord)))
    drawn = chorale_from_notes(NoteSequence(notes=tuple(chord[:3])))
    assert drawn.pitches[0].tolist() == [62, 61, REST, 60]

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.music.chorale import VOICES, Chorale
from musiclab.show.colours import VOICE_COLOURS
from musiclab.show.html import ALONE
from musiclab.show.piano_roll import PianoRoll
from musiclab.show.roll_drawing import Marks, pitch_name, roll_geometry, roll_svg

SVG = "{http://www.w3.org/2000/svg}"


def bars_of(svg, voice):
    """The rectangles of one voice and their colour."""
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        bars = [one for one in group if one.get("class") == f"note {voice}"]
        if bars:
            return bars, group.get("fill")
    return [], None


def test_one_bar_a_note_in_its_place_and_colour(chorale):
    geometry = roll_geometry(chorale)
    svg = roll_svg(chorale, geometry)
    for voice, name in enumerate(VOICES):
        bars, colour = bars_of(svg, name)
        assert colour == VOICE_COLOURS[name]
        read = [
            (
                round((float(bar.get("x")) - geometry.left) / geometry.frame),
                round((float(bar.get("width")) + 1) / geometry.frame),
                geometry.highest - int((float(bar.get("y")) - geometry.top) // geometry.row),
            )
            for bar in bars
        ]
        assert read == chorale.notes(voice)


def test_voices_on_one_pitch_do_not_hide_each_other():
    svg = roll_svg(chorale := Chorale(pitches=np.full((7, 4), 60)), roll_geometry(chorale))
    spans = []
    for name in VOICES:
        (bar,), _ = bars_of(svg, name)
        spans.append((float(bar.get("y")), float(bar.get("y")) + float(bar.get("height"))))
    tops = [top for top, _ in spans]
    assert len(set(tops)) == 4  # later bars lie on the earlier ones, and each starts lower
    assert tops == sorted(tops)
    assert max(end for _, end in spans) - tops[0] <= roll_geometry(chorale).row


def test_bar_lines_beats_names_and_fermatas(chorale):
    geometry = roll_geometry(chorale)
    root = ElementTree.fromstring(roll_svg(chorale, geometry))
    lines = {path.get("stroke"): path.get("d").count("M") for path in root.iter(f"{SVG}path")}
    assert lines["#888"] == 4  # three bars have four edges
    assert lines["#ddd"] == 6  # 23 frames are six beats, the last of them begun
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert set(VOICES) | {"1", "2", "C4", "bar"} <= set(texts) and "0" not in texts
    fermatas = [one for one in root.iter(f"{SVG}g") if one.get("class") == "fermata"]
    assert len(fermatas) == 1


def test_every_bar_lies_inside_the_drawing():
    random = np.random.default_rng(3)
    chorale = Chorale(pitches=random.integers(0, 128, size=(29, 4)))
    geometry = roll_geometry(chorale)
    root = ElementTree.fromstring(roll_svg(chorale, geometry))
    for bar in root.iter(f"{SVG}rect"):
        if "note" in bar.get("class", ""):
            x, y, width, height = (float(bar.get(k)) for k in ("x", "y", "width", "height"))
            assert geometry.left <= x and x + width <= geometry.width
            assert geometry.top <= y and y + height <= geometry.bottom


@pytest.mark.parametrize("frames", [1, 16, 1001])
def test_long_pieces_become_wider_and_short_ones_do_not_stretch(frames):
    geometry = roll_geometry(Chorale(pitches=np.full((frames, 4), 60)))
    assert 3 <= geometry.frame <= 14
    assert geometry.width >= frames * 3
    assert geometry.width >= 640  # room for the legend


@pytest.mark.parametrize("frames", [0, 5])
def test_silence_can_be_drawn(frames):
    chorale = Chorale(pitches=np.full((frames, 4), -1))
    ElementTree.fromstring(PianoRoll(chorale, sound=False).svg)


def test_pitch_names_agree_with_pretty_midi():
    from pretty_midi import note_number_to_name

    assert all(pitch_name(pitch) == note_number_to_name(pitch) for pitch in range(128))


def test_browser_gets_what_it_needs_to_move(chorale):
    roll = PianoRoll(chorale, tempo=60)
    piece = roll.piece
    assert piece["n_frames"] == 23 and piece["beat"] == 4 and piece["has_sound"]
    assert piece["seconds_per_frame"] == pytest.approx(60 / 60 / 4)
    assert len(piece["notes"]) == sum(len(chorale.notes(voice)) for voice in range(4))
    assert roll.svg == piece["svg"]
    # The sound and the moving line last equally long.
    moved = piece["n_frames"] * piece["seconds_per_frame"]
    assert roll.sound.seconds == pytest.approx(moved + 2, abs=0.01)


def test_compound_metres_beat_in_their_unit():
    chorale = Chorale(pitches=np.full((12, 4), 60), time_signature="6/8")
    assert PianoRoll(chorale, sound=False).piece["beat"] == 2


def test_sound_waits_until_it_is_wanted(chorale, monkeypatch):
    from musiclab.show import sound as module

    calls, real = [], module.render
    monkeypatch.setattr(module, "render", lambda *a, **k: calls.append(1) or real(*a, **k))
    roll = PianoRoll(chorale)
    assert roll.mp3 == b"" and not calls
    roll._handle_custom_msg({"want": "sound"}, [])  # as the play button asks
    assert roll.mp3 == roll.sound.mp3 != b""
    roll._handle_custom_msg({"want": "sound"}, [])
    roll._repr_mimebundle_()
    assert len(calls) == 1


@pytest.mark.parametrize("message", ["sound", None, {}, {"want": "else"}, [1]])
def test_other_messages_are_ignored(chorale, message):
    roll = PianoRoll(chorale)
    roll._handle_custom_msg(message, [])
    assert roll.mp3 == b""


def test_update_swaps_music_and_drops_the_old_sound(chorale):
    roll = PianoRoll(chorale, levels={"bass": 0.0})
    roll.prepare_sound()
    before = roll.mp3
    roll.update(chorale.transpose(2), title="Higher")
    assert roll.mp3 == b"" and roll.piece["title"] == "Higher"
    assert roll.piece["svg"] == PianoRoll(chorale.transpose(2)).svg
    roll.prepare_sound()
    assert roll.mp3 not in (b"", before)
    assert roll.sound._levels == [1.0, 1.0, 1.0, 0.0]  # settings stay


def test_a_refused_update_leaves_the_old_music(chorale):
    roll = PianoRoll(chorale)
    piece = roll.piece
    with pytest.raises(SettingError):
        roll.update(Chorale(pitches=np.full((10_000, 4), 60)))
    assert roll.piece == piece and roll.chorale is chorale


def test_mimebundle_offers_widget_and_plain_page(chorale):
    data, _ = PianoRoll(chorale)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    page = data["text/html"]
    assert data["image/png"]
    # But for what lets one player sound at a time, nothing runs.
    assert not re.search(
        r"<(script|svg|object|iframe|button)|\son\w+=|https?:", page.replace(ALONE, "")
    )
    assert page.count("<audio controls") == 1 and page.count("<img") == 1
    assert "<b>" not in page and "Seven &lt;b&gt;bars" in page


def test_without_sound_there_is_no_player(chorale):
    roll = PianoRoll(chorale, sound=False)
    assert "<audio" not in roll.static_html() and not roll.piece["has_sound"]
    assert "Seven &lt;b&gt;bars" in roll.static_html()
    roll._handle_custom_msg({"want": "sound"}, [])
    assert roll.mp3 == b""


def test_surprise_is_a_tint_and_marks_are_outlines(chorale):
    geometry = roll_geometry(chorale)
    nats = np.zeros(chorale.pitches.shape)
    first, length, _ = chorale.notes(0)[1]
    nats[first, 0], nats[first + 1, 0] = 2.0, 1.0  # half of 6 in all
    outlined = np.zeros(nats.shape, dtype=bool)
    outlined[first + length - 1, 0] = True  # one frame marks its whole note
    drawn = roll_svg(chorale, geometry, Marks(nats=nats, outlined=outlined))
    bars, colour = bars_of(drawn, "soprano")
    assert bars[1].get("fill-opacity") == "0.54" and bars[0].get("fill-opacity") == "0.08"
    assert [bar.get("stroke") for bar in bars].count("black") == 1
    assert bars[1].get("stroke") == "black" and bars[0].get("stroke") == colour


def test_room_for_more_pitches_than_sound(chorale):
    roll = PianoRoll(chorale, span=(30, 90))
    assert roll_geometry(chorale, (30, 90)).lowest == 28
    assert roll.piece["bottom"] - roll.piece["top"] == (90 - 30 + 5) * roll.piece["row"]


def test_a_click_on_a_note_is_told(chorale):
    roll, clicked = PianoRoll(chorale), []
    roll._handle_custom_msg({"note": [0, 1]}, [])  # nobody listens
    roll.on_note = lambda *note: clicked.append(note)
    roll._handle_custom_msg({"note": [4, 2]}, [])
    assert clicked == [(4, 2)]


def test_a_change_of_sound_or_picture_says_so(chorale):
    roll = PianoRoll(chorale)
    roll.prepare_sound()
    heard = roll.mp3
    roll.update(chorale, change="picture", marks=Marks(nats=np.ones(chorale.pitches.shape)))
    assert roll.piece["change"] == "picture" and roll.mp3 == heard
    roll.settings["tempo"] = 120.0
    roll.update(chorale, change="sound")
    assert roll.piece["change"] == "sound" and roll.mp3 == b""
    assert roll.piece["seconds_per_frame"] == pytest.approx(60 / 120 / 4)


def test_alt_text_counts_the_notes(chorale):
    counts = [len(chorale.notes(voice)) for voice in range(4)]
    assert all(
        f"{n} {name}" in PianoRoll(chorale).alt for n, name in zip(counts, VOICES, strict=True)
    )


def test_titles_are_text_in_the_drawing_too(chorale):
    hostile = replace(chorale, title="</svg><script>alert(1)</script>")
    assert "<script" not in PianoRoll(hostile).svg + PianoRoll(hostile).static_html()


def test_script_loads_nothing_from_the_network():
    script = str(PianoRoll._esm)
    assert not re.search(r"https?:|\bimport\b|fetch\(|XMLHttpRequest|innerHTML|eval\(", script)
    assert "decodeAudioData" in script and 'role: "status"' in script

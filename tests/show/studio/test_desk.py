"""What all tabs share: takes to compare, the mixer, files, surprise, and Stop."""

import json

import numpy as np
import pytest

from musiclab.music.chorale import REST
from musiclab.music.read import read_chorale
from musiclab.sampling.expectation import expect
from musiclab.show.studio.worker import Stopped


@pytest.fixture
def sent(studio, monkeypatch):
    """What the roll sends to the page beside its state."""
    messages = []
    monkeypatch.setattr(
        studio.desk.roll, "send", lambda content, buffers=(): messages.append((content, buffers))
    )
    return messages


def test_the_sound_is_sent_while_the_piece_is_written(studio, sent):
    seen = []
    studio.desk.roll.observe(lambda change: seen.append(change["new"]), "piece")
    studio.composing.compose(listen=True)
    parts = [content for content, _ in sent if content["do"] == "part"]
    bar = 16 * 60 / (80 * 4)  # seconds
    assert [part["start"] for part in parts] == [0, bar, 2 * bar, 3 * bar]
    assert all(buffers[0][:3] in (b"ID3", b"\xff\xfb\x90") or buffers[0] for _, buffers in sent)
    assert [one["growing"] for one in seen] == [True] * (len(seen) - 1) + [False]
    assert (seen[0]["change"], seen[-1]["change"]) == ("music", "picture")


def test_without_a_listener_no_sound_is_made(studio, sent):
    studio.composing.compose()
    assert sent == []


def test_stop_ends_the_writing_and_the_old_piece_comes_back(studio, said, sent, monkeypatch):
    before, desk = studio.chorale, studio.desk

    def stop_now(*_):
        raise Stopped

    monkeypatch.setattr(desk.worker, "go_on", stop_now)
    studio.composing.bars.value = 16
    desk.work(studio.composing.compose)
    desk.worker.wait()
    assert studio.chorale is before is desk.roll.chorale and not desk.roll.piece["growing"]
    assert "Stopped" in said() and len(desk.takes.kept) == 1
    studio.desk.stop.click()
    assert sent[-1][0] == {"do": "pause"}


def test_takes_can_be_shown_again_and_compared(studio, said):
    desk, first = studio.desk, studio.chorale
    studio.composing.compose_another()
    second = studio.chorale
    assert first != second and "seed 6 (was 5)" in desk.compared.value
    desk.swap()
    assert studio.chorale is first and desk.roll.chorale is first
    assert desk.roll.piece["change"] == "sound"  # it goes on playing from the same place
    assert "seed 5 (was 6)" in desk.compared.value
    desk.swap()
    assert studio.chorale is second
    desk.menu.value = 1
    assert studio.chorale is first and "seed 5" in said()


def test_the_mixer_changes_the_sound_and_nothing_else(studio):
    desk, mixer = studio.desk, studio.desk.mixer
    mixer.instruments[3].value, mixer.tempo.value = "cello", 120.0
    assert desk.roll.piece["seconds_per_frame"] == pytest.approx(60 / 120 / 4)
    assert [one.program for one in desk.roll.sound._midi.instruments] == [0, 0, 0, 42]
    assert desk.roll.piece["change"] == "sound" and desk.roll.chorale is studio.chorale


@pytest.mark.parametrize(
    ("solo", "mute", "levels"),
    [
        ((), (), [1, 1, 1, 1]),
        ((), (2,), [1, 1, 0, 1]),
        ((1,), (), [0, 1, 0, 0]),
        ((1, 3), (3,), [0, 1, 0, 0]),
    ],
)
def test_solo_and_mute(studio, solo, mute, levels):
    mixer = studio.desk.mixer
    for voice in solo:
        mixer.solo[voice].value = True
    for voice in mute:
        mixer.mute[voice].value = True
    assert studio.desk.roll.sound._levels == levels


def test_the_files_hold_the_piece_at_the_tempo_that_is_heard(studio, tmp_path):
    studio.desk.mixer.tempo.value = 100.0
    for make in (studio.desk.midi_file, studio.desk.musicxml_file):
        name, content = make()
        assert name.startswith("chorale-") and "take-1" in name
        (tmp_path / name).write_bytes(content)
        read = read_chorale(tmp_path / name)
        frames = len(read)
        assert np.array_equal(read.pitches, studio.chorale.pitches[:frames])
        assert (studio.chorale.pitches[frames:] == REST).all() and read.tempo == pytest.approx(100)
    name, content = studio.desk.mp3_file()
    assert name.endswith("take-1.mp3") and content == studio.desk.roll.sound.mp3


def test_surprise_is_a_tint_of_the_models_own_nats(studio, model):
    desk = studio.desk
    plain = desk.roll.svg
    desk.tint.value = True
    nats = expect(studio.chorale, model).nats
    first, length, _ = studio.chorale.notes(0)[0]
    share = min(1.0, nats[first : first + length, 0].sum() / 6)
    assert f'fill-opacity="{0.08 + 0.92 * share:.2f}"' in desk.roll.svg
    desk.tint.value = False
    assert desk.roll.svg == plain


def test_a_click_on_a_note_shows_what_else_came_into_question(studio):
    desk = studio.desk
    desk.roll._handle_custom_msg({"note": [0, 1]}, [])
    assert desk.why.value == ""  # nobody asked why
    desk.tint.value = True
    desk.roll._handle_custom_msg({"note": [0, 1]}, [])
    assert "Alto, frame 0" in desk.why.value and "<img" in desk.why.value


def test_messages_of_strangers_are_escaped(studio):
    studio.desk.say_plainly("<script>x</script>")
    assert "<script>" not in studio.desk.status.value


def test_everything_that_is_sent_can_be_sent(studio):
    json.dumps(studio.desk.roll.piece)

"""A widget and its picture, and the download button; a browser test shows what they do there."""

import re
from base64 import b64decode

import ipywidgets
import pytest

from musiclab.show.piano_roll import PianoRoll
from musiclab.show.widgets import DownloadButton, Piano, Slider, WithPicture

VIEW = "application/vnd.jupyter.widget-view+json"


class Plain(WithPicture, ipywidgets.VBox):
    """A widget with nothing to see but a word."""

    def static_html(self):
        return "<b>still</b>"


@pytest.fixture
def shown(monkeypatch):
    """A function that returns the outputs which a notebook would keep of a widget."""
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, **kwargs: outputs.append(data))

    def show(widget):
        outputs.clear()
        widget._ipython_display_()
        return list(outputs)

    return show


@pytest.fixture
def jupyterlab(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "course.ipynb")
    monkeypatch.delenv("VSCODE_PID", raising=False)


def test_jupyterlab_gets_the_picture_as_an_output_of_its_own(shown, jupyterlab, chorale):
    for widget in (Plain(), PianoRoll(chorale)):
        live, still = shown(widget)
        assert set(live) == {VIEW}  # nothing beside it that another host would show twice
        assert VIEW not in still and widget.static_html() in still["text/html"]
        assert "<style>" in still["text/html"] and "run this cell" in still["text/html"]


@pytest.mark.parametrize("other", ["no server", "an editor"])
def test_other_hosts_get_both_in_one_output(shown, jupyterlab, monkeypatch, other):
    if other == "an editor":
        monkeypatch.setenv("VSCODE_PID", "1")
    else:
        monkeypatch.delenv("JPY_SESSION_NAME")
    (output,) = shown(Plain())
    assert {VIEW, "text/html", "text/plain"} == set(output)
    assert "<style>" not in output["text/html"]  # nothing there is hidden


def test_a_picture_goes_along_for_who_strips_html(shown, chorale):
    (output,) = shown(PianoRoll(chorale))
    assert b64decode(output["image/png"]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("made", "message", "buffers"),
    [(("a.mid", b"MThd"), {"name": "a.mid"}, [b"MThd"]), ("words", {"text": "words"}, ())],
)
def test_a_file_is_made_when_the_button_is_pressed(monkeypatch, made, message, buffers):
    calls, sent = [], []
    button = DownloadButton("Save", mime="audio/midi", make=lambda: calls.append(1) or made)
    monkeypatch.setattr(button, "send", lambda content, files=(): sent.append((content, files)))
    assert (button.get_state()["label"], button.get_state()["mime"]) == ("Save", "audio/midi")
    for stranger in (None, "content", {}, {"want": "else"}):
        button._handle_custom_msg(stranger, [])
    assert not calls
    button._handle_custom_msg({"want": "content"}, [])
    assert sent == [(message, buffers)]


def test_the_piano_tells_its_keys():
    played = []
    Piano(played.append)._handle_custom_msg({"key": 61}, [])
    assert played == [61]


@pytest.mark.parametrize("kind", [DownloadButton, Piano, PianoRoll, Slider])
def test_scripts_load_nothing_from_the_network(kind):
    script = str(kind._esm)
    assert "export default" in script
    assert not re.search(r"https?:|\bimport\b|fetch\(|XMLHttpRequest|innerHTML|eval\(", script)

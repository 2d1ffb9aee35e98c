"""A widget and its picture, and the download button; a browser test shows what they do there."""

from base64 import b64decode

import ipywidgets
import pytest

from musiclab.show.piano_roll import PianoRoll
from musiclab.show.widgets import DownloadButton, WithPicture

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


def test_it_carries_name_type_and_content():
    button = DownloadButton("Save", filename="a.mid", mime="audio/midi")
    assert button.content == b""
    button.content = b"MThd"
    synced = button.get_state()
    sent = {name: synced[name] for name in ("label", "filename", "mime", "content")}
    expected = {"label": "Save", "filename": "a.mid", "mime": "audio/midi", "content": b"MThd"}
    assert sent == expected

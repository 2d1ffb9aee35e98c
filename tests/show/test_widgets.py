"""The download button carries its file to the browser; what it does there, a browser test shows."""

from musiclab.show.widgets import DownloadButton


def test_it_carries_name_type_and_content():
    button = DownloadButton("Save", filename="a.mid", mime="audio/midi")
    assert button.content == b""
    button.content = b"MThd"
    synced = button.get_state()
    sent = {name: synced[name] for name in ("label", "filename", "mime", "content")}
    expected = {"label": "Save", "filename": "a.mid", "mime": "audio/midi", "content": b"MThd"}
    assert sent == expected

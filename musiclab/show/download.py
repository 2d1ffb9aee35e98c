"""A button that saves a file from the notebook to the learner's own computer."""

from pathlib import Path

import anywidget
import traitlets


class DownloadButton(anywidget.AnyWidget):
    """A button that gives the browser a file to save; disabled while there is nothing in it.

    The data go from the kernel to the browser, so this works on Binder and Colab too, where the
    kernel's disk is somebody else's.

    Args:
        label: What the button says.
        filename: What the browser calls the file.
        mime: Its type, such as "audio/midi".

    Example:
        >>> button = DownloadButton("MIDI", filename="chorale.mid", mime="audio/midi")
        >>> button.content = b"MThd"
    """

    _esm = Path(__file__).parent / "download.js"

    label = traitlets.Unicode().tag(sync=True)
    filename = traitlets.Unicode().tag(sync=True)
    mime = traitlets.Unicode().tag(sync=True)
    content = traitlets.Bytes().tag(sync=True)

    def __init__(self, label: str, *, filename: str, mime: str) -> None:
        super().__init__(label=label, filename=filename, mime=mime)

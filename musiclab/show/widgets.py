"""Widgets that leave a picture behind where they cannot run, and a button that saves a file."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets


class WithPicture:
    """A widget with a still version of itself, for notebooks that are only read."""

    _ipython_display_ = None  # ipywidgets 7 has one, which would show the widget alone

    def static_html(self) -> str:
        """Return what a reader sees where no widget can run: on a code host, in an export."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **settings: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Offer the widget, and beside it the still version."""
        # anywidget's, for every widget: it knows Colab, and ipywidgets 7 has none.
        bundle = anywidget.AnyWidget._repr_mimebundle_(self)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": self.static_html()}, metadata


class DownloadButton(anywidget.AnyWidget):
    """A button that gives the browser a file to save; disabled while ``content`` is empty.

    The data go from the kernel to the browser, so this works on Binder and Colab too, where the
    kernel's disk is somebody else's.
    """

    _esm = Path(__file__).parent / "download.js"

    label = traitlets.Unicode().tag(sync=True)
    filename = traitlets.Unicode().tag(sync=True)  # what the browser calls the file
    mime = traitlets.Unicode().tag(sync=True)  # its type, such as "audio/midi"
    content = traitlets.Bytes().tag(sync=True)

    def __init__(self, label: str, *, filename: str, mime: str) -> None:
        super().__init__(label=label, filename=filename, mime=mime)

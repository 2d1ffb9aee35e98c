"""Widgets that leave a picture behind where they cannot run, and a button that saves a file."""

import os
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

# In JupyterLab the still version is an output of its own, right below the widget's. It is shown
# only while the widget is dead, and then in place of "Error displaying widget". A widget whose
# kernel has gone stays visible, and says what to do.
_STYLE = """<style>
.jp-OutputArea-child:has(.jp-OutputArea-output > *) + .jp-OutputArea-child:has(.still-picture),
.jp-OutputArea-child:has(+ * .still-picture):not(:has(.jp-OutputArea-output > *)) { display: none }
.jp-OutputArea-output > .jupyter-widgets-disconnected::before {
  content: "Python was started anew and does not know this any more: run the cell again.";
  display: block; padding: 4px; color: #222; background: #ffe9b0;
}
.jupyter-widgets-disconnected .widget-button { pointer-events: none; opacity: 0.4 }
</style>"""
_NO_WIDER = {"max_width": "100%"}  # than the page of a phone
_HOW = "<p>For the controls, run this cell: click on it and press Shift and Enter.</p>"


class WithPicture:
    """A widget with a still version of itself, for notebooks that are only read."""

    def static_html(self) -> str:
        """Return what a reader sees where no widget can run: on a code host, in an export."""
        raise NotImplementedError

    def static_png(self) -> bytes | None:
        """Return a picture for hosts that strip HTML, if there is one."""
        return None

    def _repr_mimebundle_(self, **settings: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Offer the widget, and beside it the still version."""
        live, metadata = self._live()
        return {**live, **self._still()}, metadata

    def _ipython_display_(self) -> None:
        """Show the widget, and where JupyterLab will look for it again, the still version too.

        From one output, JupyterLab would take the widget even when it is dead.
        """
        from IPython.display import display  # only notebooks need it

        if _in_jupyterlab():
            live, metadata = self._live()
            live.pop("text/plain")
            display(live, metadata=metadata, raw=True)
            display(self._still(_STYLE), raw=True)
        else:
            data, metadata = self._repr_mimebundle_()
            display(data, metadata=metadata, raw=True)

    def _live(self) -> tuple[dict[str, Any], dict[str, Any]]:
        # anywidget's, for every widget: it knows Colab, and ipywidgets 7 has none.
        bundle = anywidget.AnyWidget._repr_mimebundle_(self)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return dict(data), metadata

    def _still(self, style: str = "") -> dict[str, Any]:
        html, png = self.static_html(), self.static_png()
        picture = {} if png is None else {"image/png": b64encode(png).decode()}
        html = f'<div class="still-picture">{style}{html}{_HOW}</div>'
        return {"text/plain": repr(self), "text/html": html, **picture}


def _in_jupyterlab() -> bool:
    """Tell whether Jupyter's own server started this kernel, and nobody else's page shows it."""
    elsewhere = "google.colab" in sys.modules or "VSCODE_PID" in os.environ
    return "JPY_SESSION_NAME" in os.environ and not elsewhere


class DownloadButton(anywidget.AnyWidget):
    """A button that gives the browser a file to save, made when it is pressed.

    The data go from the kernel to the browser, so this works on Binder and Colab too, where the
    kernel's disk is somebody else's.

    Args:
        label: On the button.
        mime: The file's type, such as "audio/midi".
        make: Returns the file's name and its content; or text, for the clipboard.
    """

    _esm = Path(__file__).parent / "download.js"

    label = traitlets.Unicode().tag(sync=True)
    mime = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, label: str, *, mime: str = "", make: Callable[[], tuple[str, bytes] | str]
    ) -> None:
        super().__init__(label=label, mime=mime)
        self.make = make
        self.on_msg(self._on_message)

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or content.get("want") != "content":
            return
        made = self.make()
        if isinstance(made, str):
            self.send({"text": made})
        else:
            self.send({"name": made[0]}, [made[1]])


class Slider(anywidget.AnyWidget):
    """A slider that a screen reader can name; its value changes when the handle is let go."""

    _esm = Path(__file__).parent / "slider.js"

    value = traitlets.Float().tag(sync=True)
    min = traitlets.Float().tag(sync=True)
    max = traitlets.Float().tag(sync=True)
    step = traitlets.Float().tag(sync=True)
    digits = traitlets.Int(help="shown after the point").tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(layout=_NO_WIDER, **settings)


class Piano(anywidget.AnyWidget):
    """A piano to play on with the mouse; ``on_key`` is called with each key's MIDI number."""

    _esm = Path(__file__).parent / "piano.js"

    reach = traitlets.List([60, 81], help="its lowest and its highest key").tag(sync=True)

    def __init__(self, on_key: Callable[[int], None]) -> None:
        super().__init__(layout=_NO_WIDER)
        self.on_msg(lambda _widget, content, _buffers: on_key(int(content["key"])))

"""Widgets that leave a picture behind where they cannot run: on a code host, in an export."""

from typing import Any

from ipywidgets import VBox


class BoxWithPicture(VBox):
    """A column of widgets with a still version of itself, for notebooks that are only read."""

    def static_html(self) -> str:
        """Return what a reader sees where no widget can run."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **settings: Any) -> Any:
        """Offer the widget, and beside it the still version."""
        bundle = super()._repr_mimebundle_(**settings)
        return None if bundle is None else {**bundle, "text/html": self.static_html()}

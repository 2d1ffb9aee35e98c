"""A notebook exported to HTML needs nothing from elsewhere to look and sound right."""

from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert import HTMLExporter

LOADED = {"src", "srcset", "poster", "data"}  # attributes that a browser fetches by itself


class Resources(HTMLParser):
    """Collect the addresses that a page fetches from elsewhere."""

    def __init__(self):
        super().__init__()
        self.remote = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            fetched = name in LOADED or (tag in ("link", "image", "use") and name.endswith("href"))
            if fetched and (value or "").strip().startswith(("http:", "https:", "//")):
                self.remote.append(value.strip())


def remote_resources(notebook):
    """Return what the exported page fetches, less what nbconvert puts on every page."""

    def found(exported):
        page, _ = HTMLExporter().from_notebook_node(exported)
        reader = Resources()
        reader.feed(page)
        return set(reader.remote)

    return found(notebook) - found(nbformat.v4.new_notebook())


def test_exported_notebook_fetches_nothing(notebook):
    assert remote_resources(nbformat.read(notebook, as_version=4)) == set()


def shown(html):
    output = nbformat.v4.new_output("display_data", data={"text/html": html})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("show", outputs=[output])])


@pytest.mark.parametrize(
    "html",
    [
        "<img src='https://music.invalid/a.png'>",
        "<script src='//music.invalid/a.js'></script>",
        "<link rel=stylesheet href='https://music.invalid/a.css'>",
        "<audio><source src='http://music.invalid/a.mp3'></audio>",
        "<svg><image xlink:href='http://music.invalid/a.svg'/></svg>",
        "<iframe src='https://music.invalid/'></iframe>",
    ],
)
def test_remote_resource_is_seen(html):
    assert remote_resources(shown(html))


def test_local_data_and_ordinary_links_pass():
    html = "<a href='https://music.invalid/'>x</a><audio src='data:audio/mpeg;base64,QUJD'></audio>"
    assert remote_resources(shown(html)) == set()


def test_remote_picture_in_prose_is_seen():
    cell = nbformat.v4.new_markdown_cell("![a](https://music.invalid/a.png)")
    assert remote_resources(nbformat.v4.new_notebook(cells=[cell]))

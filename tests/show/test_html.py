from html.parser import HTMLParser

import pytest

from musiclab.show.html import ALONE, audio, image, plain, wide_image

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)> '&\n\x00\u202e"


class Tags(HTMLParser):
    """Collect the tags of a page, as a browser would see them."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    "page",
    [make("image/png", b"x", HOSTILE) for make in (image, wide_image)] + [audio(b"ID3", HOSTILE)],
)
def test_titles_stay_text(page):
    tags = Tags(page)
    assert {tag for tag, _ in tags.found} <= {"figure", "figcaption", "audio", "img", "div"}
    shown = [value for _, attributes in tags.found for value in attributes.values() if value]
    assert plain(HOSTILE) in [*shown, tags.text]  # all of it, read back as text
    handlers = {
        n: v for _, attributes in tags.found for n, v in attributes.items() if n[:2] == "on"
    }
    assert set(handlers.values()) <= {ALONE.removeprefix('onplay="').removesuffix('"')}


def test_plain_is_one_short_line_without_control_characters():
    assert plain(" a\tb\r\n\x1b[31mc\u202e ") == "a b [31mc"
    assert plain("Ä" * 300, longest=7) == "ÄÄÄÄ..."

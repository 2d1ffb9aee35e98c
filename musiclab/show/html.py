"""Small pieces of HTML that survive everywhere: in untrusted, exported and dark notebooks.

A notebook that is not trusted loses scripts, inline drawings and most attributes; an ``<audio>``
or ``<img>`` that carries its data in its address survives.
"""

import base64
import unicodedata
from collections.abc import Sequence
from html import escape

# Two players never sound together, where a page may run scripts.
ALONE = (
    "onplay=\"for (const one of document.querySelectorAll('audio')) if (one !== this) one.pause()\""
)


def plain(text: object, longest: int = 200) -> str:
    r"""Make a text safe and short: one line, no control characters, at most ``longest`` characters.

    Titles, lyrics, part and token names come from files that anybody may have written.

    Example:
        >>> plain("Jesu,\n meine\x07 Freude")
        'Jesu, meine Freude'
    """
    visible = "".join(
        " " if character.isspace() else character
        for character in str(text)
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    line = " ".join(visible.split())
    return line if len(line) <= longest else line[: longest - 3] + "..."


def audio(mp3: bytes, title: str) -> str:
    """Show a player for MP3 data, with its title above."""
    name = escape(plain(title)) or "music"
    address = _data_address("audio/mpeg", mp3)
    player = f'<audio controls {ALONE} title="{name}" aria-label="{name}" src="{address}"></audio>'
    return captioned(title, player)


def image(mime: str, data: bytes, alt: str) -> str:
    """Show a picture on white, also on a dark page, described by ``alt`` for who cannot see it."""
    return (
        f'<img alt="{escape(plain(alt, longest=600))}" src="{_data_address(mime, data)}" '
        'style="background: white; max-width: 100%">'
    )


def wide_image(mime: str, data: bytes, alt: str) -> str:
    """Show a picture that scrolls on a narrow screen, where it would shrink until unreadable."""
    picture = image(mime, data, alt).replace("max-width: 100%", "min-width: 720px; max-width: 100%")
    return f'<div tabindex="0" style="overflow-x: auto">{picture}</div>'


def captioned(title: str, html: str) -> str:
    """Put a title above a piece of HTML, if there is one."""
    caption = f"<figcaption>{escape(plain(title))}</figcaption>" if plain(title) else ""
    return f'<figure style="margin: 0.3em 0">{caption}{html}</figure>'


def remarks(left_out: Sequence[str]) -> str:
    """Say what reading the music changed or left out; "" if nothing.

    Example:
        >>> remarks(["2 grace notes were left out"])
        ' (as read: 2 grace notes were left out)'
    """
    return f" (as read: {plain('; '.join(left_out))})" if left_out else ""


def status(html: str) -> str:
    """Make a message that a screen reader announces; ``html`` must be escaped already."""
    return f'<div role="status">{html}</div>'


def _data_address(mime: str, data: bytes) -> str:
    """Pack data into an address, so that it needs no file beside the notebook."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"

"""Small pieces of HTML that survive everywhere: in untrusted, exported and dark notebooks.

A notebook that the reader has not trusted loses scripts, inline drawings and most attributes; an
``<audio>`` or ``<img>`` that carries its data in its address survives.
"""

import base64
import unicodedata
from html import escape


def plain(text: object, longest: int = 200) -> str:
    r"""Make a title safe and short: one line, no control characters.

    Args:
        text: A title, lyric, part or token name, from a file that anybody may have written.
        longest: Characters to keep.

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


def data_address(mime: str, data: bytes) -> str:
    """Pack data into an address (``data:...``), so that it needs no file beside the notebook."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def audio(mp3: bytes, title: str) -> str:
    """Show a player for MP3 data, with its title above."""
    title = escape(plain(title))
    caption = f"<figcaption>{title}</figcaption>" if title else ""
    name = title or "music"
    return (
        f'<figure style="margin: 0.3em 0">{caption}<audio controls title="{name}" '
        f'aria-label="{name}" src="{data_address("audio/mpeg", mp3)}"></audio></figure>'
    )


def image(mime: str, data: bytes, alt: str) -> str:
    """Show a picture on white, also on a dark page, described by ``alt`` for who cannot see it."""
    return (
        f'<img alt="{escape(plain(alt, longest=600))}" src="{data_address(mime, data)}" '
        'style="background: white; max-width: 100%">'
    )

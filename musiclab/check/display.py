"""Show a text in a notebook as HTML and everywhere else as it is."""

import re
from dataclasses import dataclass
from html import escape

from musiclab.show.html import status


@dataclass(frozen=True)
class Part:
    """A paragraph of what is shown."""

    text: str
    style: str = ""  # "" for plain prose, "strong" for a headline, "code" for what Python shows
    folded: str = ""  # the line under which it is folded away; "" if it is in sight


class Shown:
    """Something that is shown: a mark, in words and as a coloured edge, and some paragraphs."""

    colour = "#0072B2"  # of the edge; the words say the same, so that nobody needs to see it

    def parts(self) -> list[Part]:
        """Return the paragraphs, from top to bottom."""
        raise NotImplementedError

    def below(self) -> str:
        """Return HTML to stand below them, such as players."""
        return ""

    def __repr__(self) -> str:
        return "\n".join(_as_text(part) for part in self.parts() if part.text)

    def _repr_html_(self) -> str:
        body = "".join(_as_html(part) for part in self.parts() if part.text)
        # Neither text nor background has a colour of its own: both follow a light or dark theme.
        style = f"border-left: 4px solid {self.colour}; padding: 0.1em 0.8em; max-width: 46em"
        return status(f'<div style="{style}">{body}{self.below()}</div>')


def _as_text(part: Part) -> str:
    if not part.folded:
        return part.text.replace("`", "") if part.style == "strong" else part.text
    return f"{part.folded}:\n" + "\n".join(f"    {line}" for line in part.text.splitlines())


def _as_html(part: Part) -> str:
    text = escape(part.text)
    if part.style == "code":
        html = f'<pre style="white-space: pre-wrap">{text}</pre>'
    else:
        text = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", text).replace("\n", "<br>")
        html = f"<p><b>{text}</b></p>" if part.style == "strong" else f"<p>{text}</p>"
    if part.folded:
        return f"<details><summary>{escape(part.folded)}</summary>{html}</details>"
    return html

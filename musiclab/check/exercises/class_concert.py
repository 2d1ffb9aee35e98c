"""class-concert: one page with everybody's tunes, which plays wherever it is opened."""

import base64
import re
from html import escape
from html.parser import HTMLParser

from musiclab.check.exercise import Exercise

SIGNS = ("Reel & Jig", "<b>Loud</b>", 'The "Hop"', "A < B", "Tom's <script>x()</script>")
PLAYER = '<audio controls src="{}"></audio>'


def probes(rng):
    """Yield a title and pieces with signs in their names that mean something in HTML."""
    for many in (1, 3, 4):
        texts = [f"{SIGNS[n]} {rng.integers(1000)}" for n in rng.permutation(len(SIGNS))]
        sounds = [rng.bytes(int(rng.integers(30, 60))) for _ in range(many)]
        notes = [f"<u>Tune {n}</u> of {rng.integers(99)}, {n} < 5 & so on" for n in range(many)]
        yield texts[-1], list(zip(texts[:many], notes, sounds, strict=True))


class Page(HTMLParser):
    """Gather what a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.shown = [], [], True
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        """Keep each tag with its attributes."""
        self.tags.append((tag, dict(attributes)))
        self.shown = tag not in ("style", "script", "title")

    def handle_endtag(self, tag):
        """Show again what follows a style or a title."""
        self.shown = True

    def handle_data(self, data):
        """Keep the text that is shown."""
        if self.shown:
            self.text.append(data)


def use(answer, title, pieces):
    """Say what a browser would show, play and fetch."""
    html = answer(title, list(pieces))
    if not isinstance(html, str):
        return {"a text": False}
    page = Page(html)
    text = " ".join("".join(page.text).split())
    players = [found for tag, found in page.tags if tag == "audio"]
    sources = [found.get("src") for tag, found in page.tags if tag in ("audio", "source")]
    sounds = [heard(one) for one in sources if one]
    wanted = [sound for *_, sound in pieces]
    addresses = [found.get(key) or "" for _, found in page.tags for key in ("src", "href")]
    addresses += re.findall(r"url\(([^)]*)\)|@import\s+(\S+)", html) and ["in a style"]
    tags = {tag for tag, _ in page.tags}
    metas = [found for tag, found in page.tags if tag == "meta"]
    right = [sound in sounds for sound in wanted]
    return {
        "a text": True,
        "begins as HTML": html.lstrip().lower().startswith("<!doctype html"),
        "says its letters are UTF-8": any("utf-8" in str(one).lower() for one in metas),
        "tags that came out of a name": bool({"script", "b"} & tags),
        "tags that came out of a note": "u" in tags,
        "fetches something": not all(one.startswith(("data:", "#")) for one in addresses if one),
        "asks another machine": any("//" in one[:9] for one in addresses),
        "players": len(players) == len(pieces),
        "players with buttons": all("controls" in one for one in players),
        "plays by itself": any("autoplay" in one for one in players),
        "are called audio/mpeg": all(
            one.startswith("data:audio/mpeg;base64,") for one in sources if one
        ),
        "sounds as Python shows bytes": any("base64,b'" in one for one in addresses),
        "sounds that are there": "all" if all(right) else "some" if any(right) else "none",
        "sounds in order": [one for one in sounds if one in wanted] == wanted,
        "shows the title": " ".join(title.split()) in text,
        "shows all names": all(name in text for name, *_ in pieces),
        "shows all notes": all(note in text for _, note, _ in pieces),
    }


def heard(address):
    """Return the bytes of an MP3 in a data address; None where it is none."""
    if not address.startswith("data:audio/mpeg;base64,"):
        return None
    try:
        return base64.b64decode(address.partition(",")[2], validate=True)
    except ValueError:
        return None


def solution(title, pieces):
    lines = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1>",
    ]
    for name, note, mp3 in pieces:
        address = "data:audio/mpeg;base64," + base64.b64encode(mp3).decode()
        lines.append(f"<h2>{escape(name)}</h2><p>{escape(note)}</p>")
        lines.append(f'<audio controls src="{address}"></audio>')
    return "\n".join(lines)


def inside(mp3, number):
    return "data:audio/mpeg;base64," + base64.b64encode(mp3).decode()


def build(name=escape, note=escape, head=None, address=inside, player=PLAYER, chosen=list):
    """Make a page that treats texts, sounds or its head in another way."""
    head = head or '<!doctype html><html lang="en"><meta charset="utf-8">'

    def concert(title, pieces):
        parts = [head, f"<title>{name(title)}</title><h1>{name(title)}</h1>"]
        for number, (one, about, mp3) in enumerate(chosen(pieces)):
            parts.append(f"<h2>{name(one)}</h2><p>{note(about)}</p>")
            parts.append(player.format(address(mp3, number)))
        return "".join(parts)

    return concert


def names_as_they_are(*inputs):
    """A name with a `<` in it becomes a tag: whoever names a tune can put a program on your page.

    `html.escape` turns such signs into harmless ones. Where must it stand?
    """
    return build(name=str)(*inputs)


def nothing_escaped(*inputs):
    """You escape neither names nor notes: whoever names a tune can put a program on your page.

    `html.escape` turns such signs into harmless ones. Every text from outside needs it.
    """
    return build(name=str, note=str)(*inputs)


def escaped_twice(*inputs):
    """You escape twice, and the reader sees `&amp;lt;` instead of a sign.

    Once, at the place where the text enters the page.
    """
    return build(lambda one: escape(escape(one)), lambda one: escape(escape(one)))(*inputs)


def signs_removed(*inputs):
    """You cut signs out of the names; the page should show them as they are.

    A tune may be called "A < B". `html.escape` keeps the sign and takes away its power.
    """
    return build(lambda one: re.sub("[<>&\"']", "", one))(*inputs)


def files_beside_the_page(*inputs):
    """Your players look for files beside the page; sent by mail, the page is silent.

    Put the sound into the address itself: `data:audio/mpeg;base64,...`.
    """
    return build(address=lambda mp3, number: f"tune{number}.mp3")(*inputs)


def sound_from_the_network(*inputs):
    """Your players fetch their sound from the network; offline, the page is silent.

    Put the sound into the address itself: `data:audio/mpeg;base64,...`.
    """
    return build(address=lambda mp3, number: f"https://example.org/{number}.mp3")(*inputs)


def called_something_else(*inputs):
    """You call your sounds by another name than `audio/mpeg`, which an MP3 has.

    Some browsers believe the name, and then cannot play it.
    """
    return build(address=lambda mp3, n: inside(mp3, n).replace("mpeg", "wav"))(*inputs)


def bytes_written_out(*inputs):
    """You write the bytes as Python shows them; a browser wants them in base64.

    `base64.b64encode(...)` gives bytes again. Which method makes text of them?
    """
    return build(address=lambda mp3, number: f"data:audio/mpeg;base64,{mp3.hex()}x")(*inputs)


def bytes_not_decoded(*inputs):
    """Your addresses begin with `b'`: they hold Python's way to show bytes.

    `base64.b64encode(...)` gives bytes. `.decode()` makes text of them.
    """
    encoded = base64.b64encode
    return build(address=lambda mp3, _: f"data:audio/mpeg;base64,{encoded(mp3)}")(*inputs)


def style_from_the_network(*inputs):
    """Your page fetches a style sheet; offline it looks broken, and each reader is counted.

    Write the few lines of style into the page.
    """
    link = '<link rel="stylesheet" href="https://example.org/style.css">'
    return build(head=f'<!doctype html><meta charset="utf-8">{link}')(*inputs)


def no_buttons(*inputs):
    """Your players have no buttons, so a browser does not show them.

    Which attribute of `<audio>` is missing?
    """
    return build(player='<audio src="{}"></audio>')(*inputs)


def plays_by_itself(*inputs):
    """Your tunes all start by themselves, and at the same time.

    Let the reader press play.
    """
    return build(player='<audio controls autoplay src="{}"></audio>')(*inputs)


def last_tune_only(*inputs):
    """Only the last tune is on your page.

    Do you set the text anew in the loop, rather than add to it?
    """
    return build(chosen=lambda pieces: pieces[-1:])(*inputs)


def backwards(*inputs):
    """The tunes come in the wrong order.

    A programme is played as it was planned.
    """
    return build(chosen=lambda pieces: pieces[::-1])(*inputs)


def no_letters_named(*inputs):
    """Your page does not say how its letters are written; an é may come out as two odd signs.

    `<meta charset=...>` belongs near the top.
    """
    return build(head="<!doctype html>")(*inputs)


def notes_left_out(*inputs):
    """The notes to the tunes are missing.

    A listener wants to know what they hear: who, from which model, what is new.
    """
    return build(note=lambda one: "")(*inputs)


def is_a_page(facts, *inputs):
    """Return one text that begins with `<!doctype html>` and names its letters, UTF-8."""
    return facts["a text"] and facts["begins as HTML"] and facts["says its letters are UTF-8"]


def texts_stay_texts(facts, *inputs):
    """No name and no note may become a tag of the page."""
    return not any(facts[f"tags that came out of a {what}"] for what in ("name", "note"))


def nothing_is_fetched(facts, *inputs):
    """Every `src` and `href` must carry its data itself: the page is opened offline."""
    return not facts["fetches something"]


def everybody_plays(facts, *inputs):
    """Each tune needs a player with buttons and its own sound, in order, and none starts alone."""
    right = facts["players"] and facts["players with buttons"] and not facts["plays by itself"]
    return right and facts["sounds that are there"] == "all" and facts["sounds in order"]


def all_is_shown(facts, *inputs):
    """The title, all names and all notes must be there to read, as they are."""
    return all(facts[f"shows {what}"] for what in ("the title", "all names", "all notes"))


EXERCISE = Exercise(
    id="class-concert",
    notebook=21,
    place=4,
    title="The class concert",
    kind="open",
    difficulty=3,
    importance=3,
    minutes=25,
    why="Music that nobody can open is not finished, and other people's words are not yours.",
    signature="class_concert(title: str, pieces: list[tuple[str, str, bytes]]) -> str",
    given="import base64\nfrom html import escape",
    statement=(
        "Everybody in class hands in a tune: its name, a note about it, and an MP3 as bytes. "
        "Return one HTML page for the concert. How it looks is up to you: colours, an order of "
        "the evening, thanks, a place to vote.\n\n"
        "Five rules, which the check tries. It begins with `<!doctype html>` and says that its "
        "letters are UTF-8. Names and notes are shown as they are, whatever signs they hold, and "
        "never become tags. It fetches nothing: each sound is in the page. Each tune has an "
        "`<audio>` with buttons, in the order given. None starts by itself. Leave `<b>`, `<u>` "
        "and `<script>` out, so that the check can tell your tags from theirs."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    properties=(is_a_page, texts_stay_texts, nothing_is_fetched, everybody_plays, all_is_shown),
    mistakes=(
        names_as_they_are,
        nothing_escaped,
        escaped_twice,
        signs_removed,
        files_beside_the_page,
        sound_from_the_network,
        called_something_else,
        bytes_written_out,
        bytes_not_decoded,
        style_from_the_network,
        no_buttons,
        plays_by_itself,
        last_tune_only,
        backwards,
        no_letters_named,
        notes_left_out,
    ),
    hints=(
        "Open the concert page of the notebook in an editor. How does the sound get into it? And "
        "what stands there where a title has a `<`?",
        "1. lines: the doctype, the charset, the title as a heading.\n"
        "2. For each tune: its name as a heading, its note, a player.\n"
        "3. Each text goes through html.escape, once.\n"
        "4. The address of a sound: data:audio/mpeg;base64, and the bytes in base64, as text.",
        "`address = 'data:audio/mpeg;base64,' + base64.b64encode(...).decode()`, then "
        "`f'<audio controls src=\"{...}\"></audio>'`, and `escape(...)` from `html`.",
    ),
    explain="A friend calls a tune `<script>x()</script>`. What happens on your page, and why?",
)

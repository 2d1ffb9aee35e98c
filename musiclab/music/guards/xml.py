"""Look through a MusicXML document before music21 does: no bombs, no absurd sizes."""

import io
import re
from xml.etree.ElementTree import ParseError

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import MAX_BEATS, MAX_REPEAT_TIMES, check_size

_ROOTS = ("score-partwise", "score-timewise")
_MAX_DEPTH = 100  # of elements inside elements; MusicXML needs about 15


def check_musicxml(data: bytes, name: str) -> int:
    """Refuse what is no sound MusicXML, and count the notes that are written in it.

    Raises:
        ScoreError: If the XML is malformed or hostile, is no score, has no notes or too many,
            or asks to be repeated too often. It calls the file ``name``.
    """
    from defusedxml import DefusedXmlException

    try:
        return _check(data, name)
    except ScoreError:
        raise
    except DefusedXmlException:
        raise ScoreError(
            f"{name} defines XML entities, which no score needs; export it again"
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        why = str(error)[:80]
        raise ScoreError(f"{name} is not well-formed XML ({why}); export it again") from None


def _check(data: bytes, name: str) -> int:
    from defusedxml import ElementTree

    depth, notes, rests, parts = 0, 0, 0, 0
    for event, element in ElementTree.iterparse(io.BytesIO(data), events=("start", "end")):
        if event == "end":
            depth -= 1
            notes += element.tag == "note"
            rests += element.tag == "note" and element.find("rest") is not None
            parts += element.tag == "score-part"
            if element.tag in ("beats", "beat-type"):
                _check_metre(element.text or "", name)
            element.clear()  # only counted, not kept
            continue
        if depth == 0 and element.tag not in _ROOTS:
            raise ScoreError(
                f"{name} is XML but no score (it holds <{element.tag[:40]}>); give it MusicXML"
            )
        depth += 1
        if depth > _MAX_DEPTH:
            raise ScoreError(f"{name} nests its XML too deeply for a score; export it again")
        if element.tag == "repeat":
            _check_repeat(element.get("times", "2"), name)
    check_size(name, notes=notes, parts=parts)
    return notes - rests


def _check_metre(text: str, name: str) -> None:
    """Refuse a bar so long that music21 would weigh its beats for hours."""
    if not all(len(one) < 9 and 1 <= int(one) <= MAX_BEATS for one in re.findall(r"\d+", text)):
        raise ScoreError(f"{name} has the metre {text[:20]!r}; write numbers from 1 to {MAX_BEATS}")


def _check_repeat(times: str, name: str) -> None:
    """Refuse a repeat sign that asks for an absurd number of times."""
    if not (times.isdecimal() and len(times) < 9 and 1 <= int(times) <= MAX_REPEAT_TIMES):
        raise ScoreError(
            f"{name} has a repeat sign to be played {times[:20]!r} times; "
            f"write a number from 1 to {MAX_REPEAT_TIMES}"
        )

"""Export a music21 score as MusicXML bytes that depend on the music alone."""

import warnings
from typing import Any
from xml.etree import ElementTree

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)


def musicxml_bytes(score: Any) -> bytes:
    """Write a score as MusicXML.

    Args:
        score: A music21 Score.

    Returns:
        The document in UTF-8; the same score gives the same bytes on any day.
    """
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # music21's remarks on layout
        root = ElementTree.fromstring(GeneralObjectExporter(score).parse())
    for encoding in root.iter("encoding"):
        for date in encoding.findall("encoding-date"):
            encoding.remove(date)
    _rename(root)
    ElementTree.indent(root)
    return (_HEAD + ElementTree.tostring(root, encoding="unicode") + "\n").encode()


def _rename(root: ElementTree.Element) -> None:
    """Replace music21's random ids by P1, P2, ... in the order in which they appear."""
    names: dict[str, str] = {}
    for element in root.iter():
        if "id" in element.attrib:
            old = element.attrib["id"]
            letter = "P" if element.tag in ("score-part", "part") else "I"
            element.attrib["id"] = names.setdefault(old, f"{letter}{len(names) + 1}")

"""Set four parts on two staves, as in a hymn book: soprano and alto above, tenor and bass below."""

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_TIMED = ("note", "backup", "forward")
_SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
_SHARPS = "FCGDAEB"  # the order in which a key signature gains sharps; flats come backwards


def two_staves(musicxml: bytes) -> bytes:
    """Merge soprano with alto, and tenor with bass.

    The upper voice of each staff is numbered 1 and has its stems up, the lower 2 and down. An
    accidental counts for both voices of its staff, so all of them are chosen anew.

    Args:
        musicxml: A score of four parts with equal bars, as musiclab writes it.

    Returns:
        A score of two parts.
    """
    root = ElementTree.fromstring(musicxml)
    parts = root.findall("part")
    for upper, lower, name in ((parts[0], parts[1], "S A"), (parts[2], parts[3], "T B")):
        fifths = 0
        for above, below in zip(upper.iter("measure"), lower.iter("measure"), strict=True):
            _merge(above, below)
            fifths = int(above.findtext("attributes/key/fifths", str(fifths)))
            choose_accidentals(above, fifths)
        root.remove(lower)
        _rename(root.find("part-list"), upper.get("id"), lower.get("id"), name)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _rename(part_list: Element, kept: str, dropped: str, name: str) -> None:
    for part in part_list.findall("score-part"):
        if part.get("id") == dropped:
            part_list.remove(part)
        elif part.get("id") == kept:
            part.find("part-name").text = name
            for short in part.findall("part-abbreviation"):
                short.text = name


def _merge(above: Element, below: Element) -> None:
    """Put the notes of a bar into the bar of the voice above it, as its second voice."""
    children = list(above)
    end = max((i for i, child in enumerate(children) if child.tag in _TIMED), default=-1) + 1
    backup = Element("backup")
    length = sum(step for _, step, _ in _timed(above))
    ElementTree.SubElement(backup, "duration").text = str(length)
    lower = [child for child in below if child.tag in _TIMED]
    for note in above.findall("note"):
        _to_voice(note, "1", "up")
    for note in below.findall("note"):
        _to_voice(note, "2", "down")
    for place, element in enumerate([backup, *lower]):
        above.insert(end + place, element)
    for clef, new in zip(above.iter("clef"), below.iter("clef"), strict=False):
        clef[:] = list(new)  # the tenor reads the bass's clef; soprano and alto share one anyway


def _to_voice(note: Element, voice: str, stem: str) -> None:
    for old in note.findall("voice") + note.findall("stem"):
        note.remove(old)
    ElementTree.SubElement(note, "voice").text = voice
    for fermata in note.iter("fermata"):
        fermata.set("type", "upright" if stem == "up" else "inverted")
    if note.find("rest") is None:
        ElementTree.SubElement(note, "stem").text = stem


def _timed(measure: Element) -> Iterator[tuple[int, int, Element]]:
    """Walk a bar: (when, how far the time moves, element), in MusicXML's divisions."""
    now = 0
    for element in measure:
        if element.tag in _TIMED:
            step = int(element.findtext("duration", "0"))
            step = -step if element.tag == "backup" else step
            yield now, step, element
            now += step


def choose_accidentals(measure: Element, fifths: int) -> None:
    """Give a bar the accidentals that its reader needs, and no others.

    A sign holds for its line or space until the bar ends; what a tie brings from the bar before
    needs no sign, and sets none for the notes after it.

    Args:
        measure: All voices of one staff; changed.
        fifths: Sharps in the key signature, negative for flats.
    """
    altered = _SHARPS[:fifths] if fifths >= 0 else _SHARPS[fifths:]
    signature = dict.fromkeys(altered, 1 if fifths > 0 else -1)
    holds: dict[tuple[str, str], int] = {}
    timed = [(when, element) for when, _, element in _timed(measure) if element.tag == "note"]
    for when, note in sorted(timed, key=lambda one: one[0]):
        for old in note.findall("accidental"):
            note.remove(old)
        pitch = note.find("pitch")
        if pitch is None:
            continue
        line = pitch.findtext("step"), pitch.findtext("octave")
        alter = int(float(pitch.findtext("alter", "0")))
        is_tied_over = when == 0 and any(tie.get("type") == "stop" for tie in note.findall("tie"))
        if is_tied_over or holds.get(line, signature.get(line[0], 0)) == alter:
            continue
        holds[line] = alter
        ElementTree.SubElement(note, "accidental").text = _SIGNS[alter]

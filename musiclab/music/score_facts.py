"""What a score says of itself: title, tempos, metres, pickup and key; and what is left of it."""

import re
from collections import Counter
from typing import Any

import numpy as np
from jaxtyping import Int

from musiclab.music.keys import MODES, find_key
from musiclab.music.metre import only_changes, places_in_bar, read_bars

# What reading changes or leaves out, and how it is told: of one note and of many.
_NOTICES = {
    "moved": ("note off the 16th-note grid was moved", "notes off the 16th-note grid were moved"),
    "too short": (
        "note too short for a 16th was left out",
        "notes too short for a 16th were left out",
    ),
    "covered": (
        "note that shares a voice with others lost out to the highest, in the bass the lowest",
        "notes that share a voice with others lost out to the highest, in the bass the lowest",
    ),
    "grace": ("grace note was left out", "grace notes were left out"),
    "unpitched": ("note without a pitch was left out", "notes without a pitch were left out"),
    "microtone": ("note between two keys was retuned", "notes between two keys were retuned"),
    "other part": (
        "part beside the four voices was left out",
        "parts beside the four voices were left out",
    ),
    "chord symbol": ("chord symbol was left out", "chord symbols were left out"),
    "Dynamic": ("dynamic mark was left out", "dynamic marks were left out"),
    "DynamicWedge": ("hairpin was left out", "hairpins were left out"),
    "PedalMark": ("pedal mark was left out", "pedal marks were left out"),
    "Articulation": ("articulation was left out", "articulations were left out"),
    "Ornament": ("ornament was left out", "ornaments were left out"),
}
UNTITLED = "Untitled"  # what our own files call music without a title
_FILE_NAME = re.compile(r"\.(mxl|xml|musicxml|krn|midi?|abc)$", re.IGNORECASE)
_BWV = re.compile(r"(?:^|/)bwv[ _]?(\d[\w.\-]*?)(?:\.(?:mxl|xml|musicxml|krn))?$", re.IGNORECASE)


def sentences(counts: Counter[str]) -> tuple[str, ...]:
    """Say in sentences what was changed or left out, and how often."""
    return tuple(
        f"{counts[what]} {words[counts[what] > 1]}"
        for what, words in _NOTICES.items()
        if counts[what]
    )


def title_of(score: Any, source: str = "") -> str:
    """Read a score's title; a Bach chorale without one is called by its number.

    Returns:
        Such as "Christ lag in Todesbanden (BWV 277)" or "BWV 1.6"; "" if unknown.
    """
    metadata = score.metadata
    names = [] if metadata is None else [metadata.title, metadata.movementName]
    numbers = (_BWV.search(name) for name in [source, *names] if name)
    number = next((f"BWV {found[1]}" for found in numbers if found), "")
    titles = (n for n in names if n and n != UNTITLED and not _FILE_NAME.search(n))
    title = "".join(c for c in next(titles, "") if c.isprintable()).strip()
    title = re.sub(r"^\d+\. ", "", title)
    return f"{title} ({number})" if title and number and number not in title else title or number


def tempos_of(score: Any, default: float) -> tuple[float, tuple[tuple[float, float], ...]]:
    """Read the tempo marks that give a number.

    Returns:
        The first of them, in quarters a minute, which holds from the beginning, or ``default``; and
        the later ones, as (onset in quarters, quarters a minute).
    """
    found: dict[float, float] = {}
    for mark in score.recurse().getElementsByClass("MetronomeMark"):
        quarters = mark.getQuarterBPM()
        if quarters is not None and 0 < quarters < float("inf"):
            found.setdefault(float(mark.getOffsetInHierarchy(score)), float(quarters))
    first, *changes = only_changes(found or {0.0: default})
    return first[1], tuple(changes)


def metres_of(parts: list[Any]) -> tuple[tuple[float, str], ...]:
    """List the time signatures as (onset in quarters, "3/4"); without one the piece is in 4/4.

    Those of the first part that has any.
    """
    for part in parts:
        signatures = list(part.recurse().getElementsByClass("TimeSignature"))
        if signatures:
            found = {
                float(one.getOffsetInHierarchy(part)): f"{one.numerator}/{one.denominator}"
                for one in signatures
            }
            return only_changes({0.0: "4/4"} | found)
    return ((0.0, "4/4"),)


def pickup_of(part: Any) -> float:
    """Say how many quarters of a part come before its first barline, 0 if the first bar is full."""
    bars = read_bars(part)
    if not bars or not bars[-1].last or places_in_bar(bars, bars[-1].last)[0] == 0:
        return 0.0
    return float(part.getElementsByClass("Measure").first().duration.quarterLength)


def key_of(parts: list[Any], pitches: Int[np.ndarray, "frame voice"], trust_mode: bool) -> str:
    """Name the key that the signature says; where it does not say the mode, the notes tell.

    Args:
        parts: At sounding pitch; the first that has a signature counts.
        pitches: What sounds, for ``find_key``.
        trust_mode: False to let the notes tell in any case.

    Returns:
        Such as "D minor"; without a signature "", or what the notes tell if they are to tell.
    """
    sign = first_of(parts, "KeySignature")
    if sign is None:
        return "" if trust_mode else find_key(pitches)
    if trust_mode and getattr(sign, "mode", None) in MODES:
        return f"{sign.tonic.name} {sign.mode}"
    return find_key(pitches, sharps=sign.sharps)


def count_unused(parts: list[Any], told: Counter[str]) -> None:
    """Count the signs that change how notes sound, and that have no place in our music."""
    for part in parts:
        for element in part.recurse():
            for kind in ("Dynamic", "DynamicWedge", "PedalMark"):
                told[kind] += kind in element.classSet
            if "NotRest" in element.classSet:
                told["Articulation"] += sum(_is_played(one) for one in element.articulations)
                told["Ornament"] += sum("Ornament" in one.classSet for one in element.expressions)


def _is_played(sign: Any) -> bool:
    """Tell an articulation from a fingering and from a place to breathe."""
    return not sign.classSet & {"TechnicalIndication", "BreathMark"}


def first_of(parts: list[Any], kind: str) -> Any:
    """Find the first sign of a kind, such as "KeySignature", in the first part that has one."""
    found = (part.recurse().getElementsByClass(kind).first() for part in parts)
    return next((sign for sign in found if sign is not None), None)

"""What a score says of itself: title, tempo, metre and key signature."""

import re
from collections import Counter
from typing import Any

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
}
_FILE_NAME = re.compile(r"\.(mxl|xml|musicxml|krn|midi?|abc)$", re.IGNORECASE)
_BWV = re.compile(r"(?:^|/)bwv[ _]?(\d[\w.\-]*?)(?:\.(?:mxl|xml|musicxml|krn))?$", re.IGNORECASE)


def notices(counts: Counter[str]) -> tuple[str, ...]:
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
    titles = (name for name in names if name and not _FILE_NAME.search(name))
    title = "".join(c for c in next(titles, "") if c.isprintable()).strip()
    title = re.sub(r"^\d+\. ", "", title)
    return f"{title} ({number})" if title and number and number not in title else title or number


def tempo_of(score: Any, default: float) -> float:
    """Read the first tempo mark that gives a number, in quarters a minute."""
    for mark in score.recurse().getElementsByClass("MetronomeMark"):
        quarters = mark.getQuarterBPM()
        if quarters is not None and 0 < quarters < float("inf"):
            return float(quarters)
    return default


def first_of(parts: list[Any], kind: str) -> Any:
    """Find the first sign of a kind, such as "KeySignature", in the first part that has one."""
    found = (part.recurse().getElementsByClass(kind).first() for part in parts)
    return next((sign for sign in found if sign is not None), None)


def metres_of(part: Any) -> tuple[tuple[float, str], ...]:
    """List a part's time signatures as (onset in quarters, "3/4"); without one it is in 4/4."""
    signatures = part.flatten().getElementsByClass("TimeSignature")
    metres = {float(one.offset): one.ratioString for one in signatures}
    return tuple(sorted(({0.0: "4/4"} | metres).items()))

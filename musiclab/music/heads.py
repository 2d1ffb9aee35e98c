"""The notes of a part as they sound: transposed, ties merged, grace notes left out and counted."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from musiclab.errors import ScoreError

_TICK = 5040  # times are compared in so many parts of a quarter: past all rounding of tuplets


class Head(NamedTuple):
    """One note as it sounds, or a rest; note heads that are tied together are one."""

    onset: float  # quarters from the beginning
    end: float  # quarters
    pitch: int | None  # MIDI number; None for a rest that the reader of the score can see
    voice: int | None = None  # from 0; None in a bar that is written in one voice
    fermata: bool = False


def sounding_parts(score: Any) -> list[Any]:
    """List the parts of a music21 score as they sound, whatever instrument they are written for."""
    parts = list(getattr(score, "parts", ())) or [score]
    return [part.toSoundingPitch() if part.atSoundingPitch is False else part for part in parts]


def read_heads(part: Any, told: Counter[str]) -> list[Head]:
    """List a music21 part's notes and rests in order of onset.

    Ties are merged within a voice, never across. A bar that is written in one voice does not say
    in which, so there a tie goes on from any voice.

    Args:
        part: At sounding pitch; its notes lie in measures, in voices of measures, or free.
        told: Counts the note heads met, and what was left out or retuned; added to.

    Raises:
        ScoreError: If a note is higher or lower than MIDI can say.
    """
    heads: list[Head] = []
    # Where notes end: (pitch, tick) -> (place in heads, voice of the last head, tied onwards?)
    ends: dict[tuple[int, int], list[tuple[int, int | None, bool]]] = defaultdict(list)
    written = sorted(_written(part, told), key=lambda pair: pair[0].onset)
    for head, tie in written:
        place = len(heads)
        if head.pitch is not None:
            if tie in ("stop", "continue"):
                open_ends = ends[head.pitch, round(head.onset * _TICK)]
                # A start may be missing, but only in the same voice.
                fitting = [
                    (place, voice, tied_on)
                    for place, voice, tied_on in open_ends
                    if voice == head.voice or (tied_on and None in (voice, head.voice))
                ]
                if fitting:
                    before = max(fitting, key=lambda one: one[2])
                    open_ends.remove(before)
                    place = before[0]
            tied_on = tie in ("start", "continue")
            ends[head.pitch, round(head.end * _TICK)].append((place, head.voice, tied_on))
        if place == len(heads):
            heads.append(head)
        else:
            fermata = heads[place].fermata or head.fermata
            heads[place] = heads[place]._replace(end=head.end, fermata=fermata)
    return heads


def mean_pitch(heads: Sequence[Head]) -> float | None:
    """Average the pitches over time; None where nothing sounds."""
    notes = [(head.end - head.onset, head.pitch) for head in heads if head.pitch is not None]
    total = sum(length for length, _ in notes)
    return sum(length * pitch for length, pitch in notes) / total if total else None


def _written(part: Any, told: Counter[str]) -> Iterator[tuple[Head, str | None]]:
    """Walk the note heads and visible rests as written, each with its tie."""
    from music21 import expressions

    for begin, voice, element in _elements(part):
        onset, length = float(begin), float(element.duration.quarterLength)
        if element.isRest:
            if not element.style.hideObjectOnPrint:
                yield Head(onset, onset + length, None, voice), None
            continue
        if "Harmony" in element.classSet:
            told["chord symbol"] += 1  # read by a player, who makes of it what he likes
            continue
        members = getattr(element, "notes", (element,))
        told["heads"] += len(members)
        if element.duration.isGrace or length <= 0:
            told["grace"] += len(members)
            continue
        fermata = any(isinstance(one, expressions.Fermata) for one in element.expressions)
        for one in members:
            if not hasattr(one, "pitch"):
                told["unpitched"] += 1
                continue
            told["microtone"] += one.pitch.ps != round(one.pitch.ps)
            tie = one.tie or element.tie
            head = Head(onset, onset + length, _number(one.pitch), voice, fermata)
            yield head, None if tie is None else tie.type


def _number(pitch: Any) -> int:
    number = round(pitch.ps)
    if not 0 <= number <= 127:
        raise ScoreError(
            f"the note {pitch.nameWithOctave[:20]} lies outside MIDI's range, C-1 to G9; "
            "transpose the piece"
        )
    return number


def _elements(part: Any) -> Iterator[tuple[Any, int | None, Any]]:
    """List the notes, chords and rests of a part as (onset, voice, element)."""
    measures = list(part.getElementsByClass("Measure"))
    names = {str(voice.id) for measure in measures for voice in measure.voices}
    # Ids of voices are numbers as on the page, or else random.
    ranks = {name: rank for rank, name in enumerate(sorted(names, key=lambda n: (len(n), n)))}
    has_ranks = all(len(name) < 4 for name in names)
    for container in (part, *measures):
        begin = 0 if container is part else container.offset
        for element in container.notesAndRests:
            yield begin + element.offset, None, element
        for number, voice in enumerate(container.voices):
            rank = ranks.get(str(voice.id), number) if has_ranks else number
            for element in voice.notesAndRests:
                yield begin + voice.offset + element.offset, rank, element

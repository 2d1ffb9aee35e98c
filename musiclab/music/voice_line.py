"""One voice of a score, painted on the grid of 16th notes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from musiclab.errors import ScoreError
from musiclab.music.chorale import FRAMES_PER_QUARTER, REST
from musiclab.music.guards.limits import MAX_QUARTERS


class Sounding(NamedTuple):
    """One note head of a score."""

    onset: float  # frames from the beginning, not yet rounded
    end: float  # frames
    pitch: int  # MIDI number
    is_held: bool  # tied to the note before it
    fermata: bool


@dataclass(frozen=True)
class VoiceLine:
    """What one voice sounds in each frame."""

    pitches: Int[np.ndarray, " frame"]
    attacks: Bool[np.ndarray, " frame"]
    fermatas: Bool[np.ndarray, " frame"]


def read_line(part: Any, *, lowest: bool, told: Counter[str]) -> VoiceLine:
    """Paint a music21 part on the grid; where several notes sound, the highest wins.

    Args:
        part: Its notes lie in measures, in voices of measures, or free.
        lowest: True for the bass, where the lowest wins.
        told: Counts what was moved or left out; added to.

    Returns:
        The line, as long as its last note.

    Raises:
        ScoreError: If the part lasts longer than ``MAX_QUARTERS``.
    """
    return paint(list(_soundings(part, told)), lowest=lowest, told=told)


def paint(notes: list[Sounding], *, lowest: bool, told: Counter[str]) -> VoiceLine:
    """Move notes to the nearest frame and decide which one each frame sounds; see ``read_line``."""
    last = max((note.end for note in notes), default=0.0)
    if last > MAX_QUARTERS * FRAMES_PER_QUARTER:
        raise ScoreError(
            f"the score lasts {last / FRAMES_PER_QUARTER:.0f} quarters, the limit is "
            f"{MAX_QUARTERS:g}; cut it first"
        )
    n_frames = int(last + 1)
    pitches = np.full(n_frames, REST, dtype=np.int64)
    attacks, fermatas = np.zeros(n_frames, dtype=bool), np.zeros(n_frames, dtype=bool)
    too_short = []
    for note in sorted(notes, key=lambda note: note.pitch, reverse=lowest):
        first, end = _nearest(note.onset), _nearest(note.end)
        told["moved"] += not (_is_whole(note.onset) and _is_whole(note.end))
        if first == end:
            too_short.append((first, note))
        told["covered"] += bool(end > first and (pitches[first:end] != REST).any())
        # A later note of this loop is higher (in the bass lower), so it paints over the others.
        pitches[first:end] = note.pitch
        attacks[first:end] = False
        attacks[first : first + 1] = not note.is_held if end > first else attacks[first : first + 1]
        fermatas[first:end] = note.fermata
    for first, note in too_short:  # it gets a frame to itself where the voice would be silent
        if first < n_frames and pitches[first] == REST:
            pitches[first], attacks[first] = note.pitch, not note.is_held
        else:
            told["too short"] += 1
    length = int(np.flatnonzero(pitches != REST).max(initial=-1)) + 1
    line = VoiceLine(pitches[:length], attacks[:length], fermatas[:length])
    return replace(line, fermatas=_over_whole_notes(line))


def _over_whole_notes(line: VoiceLine) -> Bool[np.ndarray, " frame"]:
    """Spread a fermata over all the notes that are tied to the one it stands on."""
    changes = np.diff(line.pitches, prepend=REST) != 0
    note = np.cumsum(line.attacks | changes)  # which note each frame belongs to, from 1
    return np.isin(note, note[line.fermatas])


def _nearest(frames: float) -> int:
    return int(np.floor(frames + 0.5))


def _is_whole(frames: float) -> bool:
    return abs(frames - round(frames)) < 1e-6


def _soundings(part: Any, told: Counter[str]) -> Iterator[Sounding]:
    """Walk a part's notes: free ones, those in measures, those in voices of measures."""
    yield from _in_container(part, 0.0, told)
    for measure in part.getElementsByClass("Measure"):
        yield from _in_container(measure, measure.offset, told)
        for voice in measure.voices:
            yield from _in_container(voice, measure.offset + voice.offset, told)


def _in_container(container: Any, begin: Any, told: Counter[str]) -> Iterator[Sounding]:
    from music21 import expressions

    for element in container.notes:
        if "Harmony" in element.classSet:  # a chord symbol above the staff, not a sung note
            continue
        length = element.duration.quarterLength
        if element.duration.isGrace or length == 0:
            told["grace"] += 1
            continue
        heads = _heads(element)
        told["unpitched"] += not heads
        onset = float((begin + element.offset) * FRAMES_PER_QUARTER)
        end = onset + float(length * FRAMES_PER_QUARTER)
        fermata = any(isinstance(one, expressions.Fermata) for one in element.expressions)
        for head in heads:
            tie = head.tie or element.tie
            is_held = tie is not None and tie.type in ("stop", "continue")
            told["microtone"] += head.pitch.ps != round(head.pitch.ps)
            yield Sounding(onset, end, round(head.pitch.ps), is_held, fermata)


def _heads(element: Any) -> Iterable[Any]:
    """List the pitched note heads of a note or chord."""
    members = element.notes if element.isChord else (element,)
    return [one for one in members if hasattr(one, "pitch")]

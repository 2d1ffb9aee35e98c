"""A music21 score becomes a sequence of notes: any parts, any rhythm, chords included."""

from typing import Any

from musiclab.errors import ScoreError
from musiclab.music.from_score import title_of
from musiclab.music.notes import Note, NoteSequence

DEFAULT_TEMPO = 100.0  # quarters a minute, where a score gives none
_TELL = {
    "grace": "grace notes were left out",
    "unpitched": "notes without a pitch were left out",
    "microtone": "notes between two keys were retuned",
}


def notes_from_score(score: Any, *, source: str = "") -> NoteSequence:
    """List every note of a score, as written; tied notes become one.

    Args:
        score: A music21 Score, or a single Part.
        source: Where the score comes from.

    Returns:
        The notes; what was left out is in ``notices``.

    Raises:
        ScoreError: If the score has no notes.
    """
    parts = list(score.parts) if hasattr(score, "parts") and score.parts else [score]
    told = dict.fromkeys(_TELL, 0)
    notes = [note for index, part in enumerate(parts) for note in _part(part, index, told)]
    if not notes:
        raise ScoreError("the score has no notes; choose a file that holds music")
    return NoteSequence(
        notes=tuple(notes),
        tempo=_tempo(score),
        time_signatures=_metres(parts[0]),
        title=title_of(score, source),
        part_names=tuple(part.partName or "" for part in parts if hasattr(part, "partName")),
        source=source,
        notices=tuple(f"{count} {_TELL[what]}" for what, count in told.items() if count),
    )


def _part(part: Any, index: int, told: dict[str, int]) -> list[Note]:
    """List one part's notes, counting what is left out."""
    if part.atSoundingPitch is False:
        part = part.toSoundingPitch()  # undo the writing of a transposing instrument
    found = part.getElementsByClass("Instrument").first() or part.getInstrument(returnDefault=False)
    program = getattr(found, "midiProgram", None) or 0
    notes = []
    for element in part.stripTies().flatten().notes:
        if "Harmony" in element.classes:
            continue  # a chord symbol is read, not played
        pitches = getattr(element, "pitches", ())
        duration = float(element.duration.quarterLength)
        if element.duration.isGrace or duration <= 0:
            told["grace"] += max(len(pitches), 1)
            continue
        told["unpitched"] += not pitches
        for pitch in pitches:
            told["microtone"] += pitch.ps != round(pitch.ps)
            onset = float(element.offset)
            notes.append(
                Note(onset=onset, duration=duration, pitch=pitch.midi, part=index, program=program)
            )
    return notes


def _tempo(score: Any) -> float:
    """Take the first metronome mark that gives a number."""
    for mark in score.recurse().getElementsByClass("MetronomeMark"):
        tempo = mark.getQuarterBPM()
        if tempo and 0 < tempo < float("inf"):
            return float(tempo)
    return DEFAULT_TEMPO


def _metres(part: Any) -> tuple[tuple[float, str], ...]:
    """List the time signatures of a part; music without one counts as 4/4."""
    signatures = part.flatten().getElementsByClass("TimeSignature")
    metres = {float(one.offset): one.ratioString for one in signatures}
    return tuple(sorted(({0.0: "4/4"} | metres).items()))

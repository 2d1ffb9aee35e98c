"""A chorale becomes a music21 score of four parts, ready for engraving."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, VOICES, Chorale
from musiclab.music.keys import sharps_of, spell
from musiclab.music.metre import bar_edges, bar_metres, bar_quarters, note_lengths
from musiclab.music.score_facts import UNTITLED

_CLEFS = ("TrebleClef", "TrebleClef", "Treble8vbClef", "BassClef")


def score_from_chorale(chorale: Chorale, *, silent: bool = True) -> Any:
    """Write a chorale as a score: bars, ties, key, fermatas, tempo.

    Reading the score back with ``chorale_from_score`` gives the same pitches, attacks, fermatas
    and beats. A new bar begins wherever ``chorale.beats`` does not count on, so that pickups and
    the short bars at repeats are kept. (Two cases cannot be written: a fermata that covers no
    whole note, and beats that do not fit the time signature.)

    Args:
        chorale: Four voices on the grid.
        silent: False to leave out voices that never sing.

    Returns:
        A music21 Score with the parts Soprano, Alto, Tenor and Bass.

    Raises:
        ScoreError: If the time signature does not fill a whole number of 16th notes.

    Example:
        >>> import numpy as np
        >>> score = score_from_chorale(Chorale(pitches=np.full((16, 4), 60)))
        >>> [part.partName for part in score.parts]
        ['Soprano', 'Alto', 'Tenor', 'Bass']
    """
    from music21 import layout, metadata, stream

    score = stream.Score()
    score.metadata = metadata.Metadata()
    # An empty title would be filled with a file name by music21's exporter.
    score.metadata.title = "".join(filter(str.isprintable, chorale.title)) or UNTITLED
    score.metadata.movementName = score.metadata.title
    with_fermatas = voice_of_fermatas(chorale)
    voices = [v for v in range(len(VOICES)) if silent or chorale.attacks[:, v].any()]
    parts = [
        _part(chorale, voice, is_first=voice == voices[0], with_fermatas=voice == with_fermatas)
        for voice in voices
    ]
    for part in parts:
        score.insert(0, part)
    score.insert(0, layout.StaffGroup(parts, symbol="bracket", barTogether=True))
    return score


def _part(chorale: Chorale, voice: int, *, is_first: bool, with_fermatas: bool) -> Any:
    from music21 import bar, clef, meter, stream

    name = VOICES[voice].capitalize()
    part = stream.Part(id=name)
    part.partName, part.partAbbreviation = name, name[0]
    edges = bar_edges(chorale)
    metres = bar_metres(chorale, edges)
    # Bars are numbered from 1; a pickup is bar 0.
    first_number = 0 if len(chorale) and chorale.beats[0] > 0 else 1
    tempos = [(0, chorale.tempo), *chorale.tempo_changes] if is_first else []
    measures = []
    for number, ((first, last), metre) in enumerate(zip(pairwise(edges), metres, strict=True)):
        measure = stream.Measure(number=number + first_number)
        place = int(chorale.beats[first])
        measure.paddingLeft = place / FRAMES_PER_QUARTER
        measure.paddingRight = bar_quarters(metre) - (place + last - first) / FRAMES_PER_QUARTER
        if number == 0:
            measure.insert(0, getattr(clef, _CLEFS[voice])())
            if (signature := _key_signature(chorale.key)) is not None:
                measure.insert(0, signature)
        if number == 0 or metre != metres[number - 1]:
            measure.insert(0, meter.TimeSignature(metre))
        for frame, tempo in tempos:
            if first <= frame < last:
                measure.insert((frame - first) / FRAMES_PER_QUARTER, _tempo_mark(tempo))
        part.insert(first / FRAMES_PER_QUARTER, measure)
        measures.append(measure)
    for first, length, pitch in notes_and_rests(chorale, voice):
        _write_note(chorale, measures, edges, (first, length, pitch), with_fermatas)
    if measures:
        measures[-1].rightBarline = bar.Barline("final")
    return part


def _write_note(
    chorale: Chorale,
    measures: list[Any],
    edges: list[int],
    written: tuple[int, int, int],
    with_fermatas: bool,
) -> None:
    """Put one note or rest into its bars, as tied pieces where it takes several."""
    from music21 import expressions, note, pitch, tie

    first, length, number = written
    sharps = sharps_of(chorale.key) or 0
    pieces = list(tied_pieces(chorale, edges, first, first + length))
    for count, (bar_number, start, frames) in enumerate(pieces):
        quarters = frames / FRAMES_PER_QUARTER
        if number == REST:
            element: Any = note.Rest(quarterLength=quarters)
        else:
            name, octave = spell(number, sharps)
            element = note.Note(pitch.Pitch(name, octave=octave), quarterLength=quarters)
            is_last = count == len(pieces) - 1
            if len(pieces) > 1:
                element.tie = tie.Tie("start" if count == 0 else "stop" if is_last else "continue")
            if is_last and with_fermatas and chorale.fermatas[first : first + length].all():
                fermata = expressions.Fermata()
                fermata.type = "upright"  # above the staff
                element.expressions.append(fermata)
        measures[bar_number].insert((start - edges[bar_number]) / FRAMES_PER_QUARTER, element)


def tied_pieces(
    chorale: Chorale, edges: list[int], first: int, last: int
) -> Iterator[tuple[int, int, int]]:
    """Cut a note at barlines and into showable lengths: (bar, first frame, frames)."""
    number = int(np.searchsorted(edges, first, side="right")) - 1
    while first < last:
        end = min(last, edges[number + 1])
        for length in note_lengths(int(chorale.beats[first]), end - first):
            yield number, first, length
            first += length
        number += 1


def notes_and_rests(chorale: Chorale, voice: int) -> list[tuple[int, int, int]]:
    """List a voice as (first frame, frames, pitch) without gaps, silence as pitch -1."""
    everything, end = [], 0
    for first, length, pitch in [*chorale.notes(voice), (len(chorale), 0, REST)]:
        if first > end:
            everything.append((end, first - end, REST))
        if length:
            everything.append((first, length, pitch))
        end = first + length
    return everything


def voice_of_fermatas(chorale: Chorale) -> int:
    """Pick the highest voice whose notes cover the fermatas exactly, else the soprano."""
    for voice in range(len(VOICES)):
        covered = np.zeros(len(chorale), dtype=bool)
        for first, length, _ in chorale.notes(voice):
            covered[first : first + length] = chorale.fermatas[first : first + length].all()
        if np.array_equal(covered, chorale.fermatas):
            return voice
    return 0


def _key_signature(name: str) -> Any:
    """Make the signature of a key; None for a key that has none of up to seven signs."""
    from music21 import key

    tonic, _, mode = name.partition(" ")
    sharps = sharps_of(name)
    return None if sharps is None or abs(sharps) > 7 else key.Key(tonic, mode)


def _tempo_mark(quarters: float | int) -> Any:
    from music21 import duration, tempo

    return tempo.MetronomeMark(number=quarters, referent=duration.Duration(1))

"""Sort the notes of a MIDI file into four voices."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from musiclab.errors import ScoreError
from musiclab.music.chorale import FRAMES_PER_QUARTER, VOICES
from musiclab.music.closed_score import deal_staves
from musiclab.music.heads import Head, mean_pitch
from musiclab.music.metre import nearest_frame
from musiclab.music.voices import seats

if TYPE_CHECKING:
    from pretty_midi import Instrument, PrettyMIDI

_SLACK = 1.0  # frames by which a sung note may run into the next one


class GridNote(NamedTuple):
    """A note on the grid: it sounds from frame ``first`` up to, not including, ``last``."""

    first: int
    last: int
    pitch: int


Line = list[GridNote]


class _Played(NamedTuple):
    """A note as the file has it, in frames that need not be whole."""

    start: float
    end: float
    pitch: int


def lines_from_midi(midi: "PrettyMIDI", told: list[str]) -> list[Line]:
    """Find the soprano, alto, tenor and bass lines.

    Args:
        midi: pretty_midi's object.
        told: Sentences on what was moved or left out are added here.

    Raises:
        ScoreError: If the tracks are not four voices, saying what was found.
    """
    tracks = [one for one in midi.instruments if one.notes and not one.is_drum]
    if len(tracks) < len([one for one in midi.instruments if one.notes]):
        told.append("drums were left out")
    played = [_played(midi, track) for track in tracks]
    told += _moved(played)
    places = _places([track.name for track in tracks], played)
    if places and not any(map(_has_chords, played)):
        lines: list[Line] = [[] for _ in VOICES]
        for place, notes in zip(places, played, strict=True):
            lines[place] = _line(notes, told)
        return lines
    split = _split(_grid(sum(played, [])))
    if split is None and len(tracks) == 2:
        split = _dealt([_grid(notes) for notes in played])
    if split is None:
        names = ", ".join(repr(track.name[:18] or "no name") for track in tracks[:3])
        chords = sum(map(_has_chords, played))
        raise ScoreError(
            f"it has {len(tracks)} tracks with notes ({names}), {chords} of them with several at "
            "once; a chorale has four single voices; read it with read_notes instead"
        )
    told.append("voices were told apart by height alone")
    return split


def _played(midi: "PrettyMIDI", track: "Instrument") -> list[_Played]:
    unit = FRAMES_PER_QUARTER / midi.resolution
    return sorted(
        _Played(midi.time_to_tick(n.start) * unit, midi.time_to_tick(n.end) * unit, n.pitch)
        for n in track.notes
    )


def _moved(tracks: Sequence[Sequence[_Played]]) -> list[str]:
    """Say how many notes do not start and end on whole frames."""
    notes = [note for track in tracks for note in track]
    moved = sum(note.start % 1 != 0 or note.end % 1 != 0 for note in notes)
    verb = "was" if moved == 1 else "were"
    place = f"{moved} of {len(notes)} notes {verb} off the 16th-note grid and moved to it"
    return [place] if moved else []


def _has_chords(notes: Sequence[_Played]) -> bool:
    """Tell whether a note begins well before the one before it has ended."""
    ended = 0.0
    for note in notes:
        if ended - note.start > _SLACK:
            return True
        ended = max(ended, note.end)
    return False


def _places(names: Sequence[str], tracks: Sequence[Sequence[_Played]]) -> Sequence[int] | None:
    """Say which voice each track is: four by name, else by height; fewer by the voices' own names.

    A voice without a note has no track.
    """
    if len(names) == len(VOICES):
        return seats(names, [mean_pitch(_heads(_grid(track))) for track in tracks])
    if names and set(names) <= set(VOICES) and len(set(names)) == len(names):
        return [VOICES.index(name) for name in names]
    return None


def _heads(line: Line) -> list[Head]:
    unit = FRAMES_PER_QUARTER
    return [Head(note.first / unit, note.last / unit, note.pitch) for note in line]


def _dealt(staves: list[Line]) -> list[Line] | None:
    """Deal two tracks of two voices, where a note alone is sung by both, to four voices."""
    staves = sorted(staves, key=lambda line: mean_pitch(_heads(line)) or 0, reverse=True)
    dealt = deal_staves([(None, _heads(line)) for line in staves], Counter())
    return dealt and [
        [GridNote(nearest_frame(head.onset), nearest_frame(head.end), head.pitch) for head in heads]
        for _, heads in dealt
    ]


def _grid(notes: Sequence[_Played]) -> Line:
    """Move every note to the nearest frames; it lasts at least one."""
    line = []
    for note in notes:
        first, last = int(note.start + 0.5), int(note.end + 0.5)
        line.append(GridNote(first, max(last, first + 1), note.pitch))
    return sorted(line)


def _line(notes: Sequence[_Played], told: list[str]) -> Line:
    """Make one voice: a note ends at the latest where the next one starts."""
    line: Line = []
    left_out = 0
    for note in _grid(notes):
        if line and line[-1].first == note.first:
            left_out += 1
            continue
        if line and line[-1].last > note.first:
            line[-1] = line[-1]._replace(last=note.first)
        line.append(note)
    if left_out:
        told.append(f"{left_out} notes too short for a 16th were left out")
    return line


def _split(notes: Line) -> list[Line] | None:
    """Deal notes to four voices by height, if at every frame four sound or none."""
    chords: dict[int, list[tuple[int, bool]]] = {}
    for note in notes:
        for frame in range(note.first, note.last):
            chord = chords.setdefault(frame, [])
            chord.append((note.pitch, frame == note.first))
            if len(chord) > len(VOICES):
                return None
    if any(len(chord) != len(VOICES) for chord in chords.values()):
        return None
    lines: list[Line] = [[] for _ in VOICES]
    for frame, chord in sorted(chords.items()):
        for line, (pitch, starts) in zip(lines, sorted(chord, reverse=True), strict=True):
            if line and not starts and line[-1].last == frame and line[-1].pitch == pitch:
                line[-1] = line[-1]._replace(last=frame + 1)
            else:
                line.append(GridNote(frame, frame + 1, pitch))
    return lines

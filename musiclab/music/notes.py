"""Any music as a list of notes: several instruments, chords, any rhythm."""

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from musiclab.errors import ScoreError

Number = float | int
TempoChanges = tuple[tuple[Number, Number], ...]  # (when, quarter notes a minute)


def seconds_at(quarters: Number, tempo: Number, changes: TempoChanges) -> float:
    """Say how many seconds pass up to a moment in quarter notes.

    Example:
        >>> seconds_at(8, 60, ((4, 120),))
        6.0
    """
    onsets = [0.0, *(min(onset, quarters) for onset, _ in changes), quarters]
    tempos = [tempo, *(faster for _, faster in changes)]
    spans = zip(pairwise(onsets), tempos, strict=True)
    return float(sum((last - first) * 60 / one for (first, last), one in spans))


def check_tempos(tempo: Number, changes: TempoChanges) -> None:
    """Refuse a tempo that is no positive number, and changes that are out of order."""
    for one in (tempo, *(later for _, later in changes)):
        if not (isfinite(one) and one > 0):
            raise ScoreError(f"tempo must be a positive number of quarters a minute, got {one}")
    onsets = [0.0, *(onset for onset, _ in changes)]
    if not all(first < second for first, second in pairwise(onsets)):
        raise ScoreError(
            f"tempo changes must come in order and after the start, got {changes!r:.80}"
        )


@dataclass(frozen=True, kw_only=True, order=True)
class Note:
    """One sounding note; a value out of range raises a ``ScoreError``."""

    onset: Number  # in quarter notes from the beginning
    duration: Number  # in quarter notes
    pitch: int  # MIDI number, 60 is middle C
    part: int = 0  # which part or track plays it
    velocity: int = 80  # how hard it is struck, 1 to 127
    program: int = 0  # General MIDI instrument, 0 to 127; 0 is a grand piano
    is_drum: bool = False  # whether ``pitch`` names a drum rather than a height
    voice: int = 0  # which voice within its part

    def __post_init__(self) -> None:
        if not (isfinite(self.onset) and self.onset >= 0):
            raise ScoreError(f"a note's onset must be 0 or more quarters, got {self.onset}")
        if not (isfinite(self.duration) and self.duration > 0):
            raise ScoreError(f"a note's duration must be above 0 quarters, got {self.duration}")
        limits = {"pitch": (0, 127), "velocity": (1, 127), "program": (0, 127), "part": (0, 1023)}
        limits["voice"] = (0, 1023)
        for name, (lowest, highest) in limits.items():
            if not lowest <= getattr(self, name) <= highest:
                got = getattr(self, name)
                raise ScoreError(f"a note's {name} must lie in {lowest} to {highest}, got {got}")


@dataclass(frozen=True, kw_only=True, repr=False)
class NoteSequence:
    """A whole piece as notes, sorted by onset, then duration and pitch."""

    notes: tuple[Note, ...]  # sorted on the way in
    tempo: Number = 100.0  # quarter notes a minute, at the beginning
    tempo_changes: TempoChanges = ()  # (onset in quarters, quarter notes a minute), in order
    time_signatures: tuple[tuple[Number, str], ...] = ((0.0, "4/4"),)  # (onset in quarters, metre)
    pickup: Number = 0.0  # quarters before the first barline
    key: str = ""  # tonic and mode, such as "D minor"; "" where the file says none
    title: str = ""  # what a concert programme would print
    part_names: tuple[str, ...] = ()  # one a part, "" where unknown
    source: str = ""  # where the piece comes from
    left_out: tuple[str, ...] = ()  # what reading changed or left out, in plain sentences

    def __post_init__(self) -> None:
        check_tempos(self.tempo, self.tempo_changes)
        if not (isfinite(self.pickup) and self.pickup >= 0):
            raise ScoreError(f"pickup must be 0 or more quarters, got {self.pickup}")
        object.__setattr__(self, "notes", tuple(sorted(self.notes)))

    def __repr__(self) -> str:
        """Say what it is, and what reading left out; the notes would fill pages."""
        count = f"{len(self.notes)} note" + "s" * (len(self.notes) != 1)
        known = [part for part in (self.key, self.time_signatures[0][1], count) if part]
        return f"NoteSequence({', '.join([repr(self.title[:60]), *known, *self.left_out])})"

    @property
    def quarters(self) -> float:
        """When the last note ends, in quarter notes."""
        return float(max((note.onset + note.duration for note in self.notes), default=0))

    @property
    def seconds(self) -> float:
        """How long the piece sounds, in seconds."""
        return seconds_at(self.quarters, self.tempo, self.tempo_changes)

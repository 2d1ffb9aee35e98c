"""Any music as a list of notes: several instruments, chords, any rhythm."""

from dataclasses import dataclass
from math import isfinite

from musiclab.errors import ScoreError


@dataclass(frozen=True, kw_only=True, order=True)
class Note:
    """One sounding note; a value out of range raises a ``ScoreError``."""

    onset: float | int  # in quarter notes from the beginning
    duration: float | int  # in quarter notes
    pitch: int  # MIDI number, 60 is middle C
    part: int = 0  # which part or track plays it
    velocity: int = 80  # how hard it is struck, 1 to 127
    program: int = 0  # General MIDI instrument, 0 to 127; 0 is a grand piano
    is_drum: bool = False  # whether ``pitch`` names a drum rather than a height

    def __post_init__(self) -> None:
        if not (isfinite(self.onset) and self.onset >= 0):
            raise ScoreError(f"a note's onset must be 0 or more quarters, got {self.onset}")
        if not (isfinite(self.duration) and self.duration > 0):
            raise ScoreError(f"a note's duration must be above 0 quarters, got {self.duration}")
        limits = {"pitch": (0, 127), "velocity": (1, 127), "program": (0, 127), "part": (0, 1023)}
        for name, (lowest, highest) in limits.items():
            if not lowest <= getattr(self, name) <= highest:
                got = getattr(self, name)
                raise ScoreError(f"a note's {name} must lie in {lowest} to {highest}, got {got}")


@dataclass(frozen=True, kw_only=True)
class NoteSequence:
    """A whole piece as notes, sorted by onset, then duration and pitch."""

    notes: tuple[Note, ...]  # sorted on the way in
    tempo: float | int = 100.0  # quarter notes a minute; later changes are flattened on reading
    time_signatures: tuple[tuple[float, str], ...] = ((0.0, "4/4"),)  # (onset in quarters, metre)
    title: str = ""  # what a concert programme would print
    part_names: tuple[str, ...] = ()  # one a part, "" where unknown
    source: str = ""  # where the piece comes from
    notices: tuple[str, ...] = ()  # what reading changed or left out, in plain sentences

    def __post_init__(self) -> None:
        if not (isfinite(self.tempo) and self.tempo > 0):
            raise ScoreError(
                f"tempo must be a positive number of quarters a minute, got {self.tempo}"
            )
        object.__setattr__(self, "notes", tuple(sorted(self.notes)))

    @property
    def quarters(self) -> float:
        """When the last note ends, in quarter notes."""
        return max((note.onset + note.duration for note in self.notes), default=0.0)

    @property
    def seconds(self) -> float:
        """How long the piece sounds, in seconds."""
        return self.quarters * 60 / self.tempo

"""The chorale: four voices on a grid of 16th notes, the form in which music moves here."""

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import MAX_BEATS
from musiclab.music.keys import REST, transpose_key
from musiclab.music.notes import check_tempos, seconds_at

VOICES = ("soprano", "alto", "tenor", "bass")
# Where a choir sings without strain; narrower than what a singer can be asked for.
COMFORTABLE = ((60, 79), (55, 74), (48, 67), (40, 60))  # MIDI numbers, soprano to bass
FRAMES_PER_QUARTER = 4  # a frame is one 16th note


def frames_per_bar(time_signature: str) -> int:
    """Count the frames of a full bar.

    Raises:
        ScoreError: If the bar does not fill a whole number of 16th notes.

    Example:
        >>> frames_per_bar("4/4"), frames_per_bar("3/8")
        (16, 6)
    """
    try:
        count, unit = (int(part) for part in time_signature.split("/"))
        frames, rest = divmod(count * 4 * FRAMES_PER_QUARTER, unit)
    except (ValueError, ZeroDivisionError):
        count, frames, rest = 0, 0, 0
    if rest or frames < 1 or count > MAX_BEATS:
        many, few = f"has over {MAX_BEATS} beats", "does not fill a whole number of 16th notes"
        raise ScoreError(
            f"time signature {time_signature!r:.60} {many if count > MAX_BEATS else few}; "
            'write it like "4/4"'
        )
    return frames


def attacks_from_pitches(
    pitches: Int[np.ndarray, "frame voice"],
) -> Bool[np.ndarray, "frame voice"]:
    """Guess where notes start when only pitches are known: wherever the pitch changes.

    A note struck twice on one pitch is then one long note.

    Example:
        >>> attacks_from_pitches(np.array([[60], [60], [62], [-1]])).T.astype(int)
        array([[1, 0, 1, 0]])
    """
    before = np.vstack([np.full_like(pitches[:1], REST), pitches[:-1]])
    return (pitches != before) & (pitches != REST)


def _taken(first: Any, changes: tuple[tuple[int, Any], ...], frames: np.ndarray) -> tuple[Any, Any]:
    """Find what holds at the first of the frames taken, and the changes after it."""
    starts = [0, *(frame for frame, _ in changes)]
    values = [first, *(value for _, value in changes)]
    taken = [values[which] for which in np.searchsorted(starts, frames, side="right") - 1]
    kept = [(now, taken[now]) for now in range(1, len(taken)) if taken[now] != taken[now - 1]]
    return (taken[0] if taken else first), tuple(kept)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Chorale:
    """A piece for soprano, alto, tenor and bass, cut into frames of one 16th note.

    The arrays are copied and made read-only, so that a chorale can be shared without fear.

    Raises:
        ScoreError: If the arrays disagree in length or hold impossible values.

    Example:
        >>> Chorale(pitches=np.array([[72, 67, 64, 48]]), title="A chord", key="C major")
        Chorale('A chord', C major, 4/4, 1 frame)
    """

    pitches: Int[np.ndarray, "frame voice"]  # MIDI numbers, -1 for a rest
    # True where a voice starts a note, False where it holds one or rests; by default a note starts
    # wherever the pitch changes. These arrays are never None once the chorale is made.
    attacks: Bool[np.ndarray, "frame voice"] | None = None
    # True in every frame of a note that carries a fermata, the sign that ends a line.
    fermatas: Bool[np.ndarray, " frame"] | None = None
    # Place of each frame in its bar, in frames from the barline; a pickup (the notes before the
    # first full bar) starts above 0. By default every bar counts from frame 0.
    beats: Int[np.ndarray, " frame"] | None = None
    key: str = ""  # tonic and mode, such as "G major" or "F# minor"; "" if unknown
    time_signature: str = "4/4"  # the metre at the start
    title: str = ""  # what a concert programme would print
    metre_changes: tuple[tuple[int, str], ...] = ()  # (first frame, metre), after the start
    tempo: float | int = 80.0  # quarter notes a minute, at the start
    tempo_changes: tuple[tuple[int, float], ...] = ()  # (first frame, quarter notes a minute)
    source: str = ""  # where the piece comes from: a file, a corpus path or a recipe
    left_out: tuple[str, ...] = field(default=(), compare=False)  # what reading changed or left out

    def __post_init__(self) -> None:
        pitches = np.array(self.pitches, dtype=np.int64)
        if pitches.ndim != 2 or pitches.shape[1] != len(VOICES):
            raise ScoreError(
                f"pitches must have one row a frame and {len(VOICES)} columns, "
                f"got shape {pitches.shape}"
            )
        if pitches.size and not (REST <= pitches.min() and pitches.max() <= 127):
            raise ScoreError(
                f"pitches must be MIDI numbers from 0 to 127, or {REST} for a rest, "
                f"got values from {pitches.min()} to {pitches.max()}"
            )
        n_frames = len(pitches)
        attacks = attacks_from_pitches(pitches) if self.attacks is None else self.attacks
        fermatas = np.zeros(n_frames, dtype=bool) if self.fermatas is None else self.fermatas
        beats = np.arange(n_frames) % self.frames_per_bar if self.beats is None else self.beats
        attacks = np.array(attacks, dtype=bool) & (pitches != REST)
        # A pitch that was not sounding cannot be held: it has to start.
        attacks |= attacks_from_pitches(pitches)
        arrays = {
            "pitches": pitches,
            "attacks": attacks,
            "fermatas": np.array(fermatas, dtype=bool),
            "beats": np.array(beats, dtype=np.int64),
        }
        for name, array in arrays.items():
            if len(array) != n_frames:
                raise ScoreError(f"{name} has {len(array)} frames where pitches has {n_frames}")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        check_tempos(self.tempo, self.tempo_changes)

    @property
    def frames_per_bar(self) -> int:
        """Length of a full bar in frames: 16 in 4/4, 12 in 3/4."""
        return frames_per_bar(self.time_signature)

    @property
    def seconds(self) -> float:
        """How long the piece sounds, in seconds."""
        return seconds_at(len(self), self.tempo, self.tempo_changes) / FRAMES_PER_QUARTER

    def __repr__(self) -> str:
        """Say what it is, and what reading left out; the arrays would fill pages."""
        title = self.title if len(self.title) <= 60 else f"{self.title[:57]}..."
        length = f"{len(self)} frame" + "s" * (len(self) != 1)
        known = [part for part in (self.key, self.time_signature, length) if part]
        return f"Chorale({', '.join([repr(title), *known, *self.left_out])})"

    def __len__(self) -> int:
        """Count the frames."""
        return len(self.pitches)

    def __eq__(self, other: object) -> bool:
        """Compare everything but what was left out."""
        if not isinstance(other, Chorale):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, one.name), getattr(other, one.name))
            for one in fields(self)
            if one.compare
        )

    __hash__ = None  # type: ignore[assignment]

    def excerpt(self, first: int, last: int) -> "Chorale":
        """Cut out the frames from ``first`` up to, not including, ``last``.

        A note that sounds across the first cut starts there.
        """
        if not 0 <= first < last <= len(self):
            raise ScoreError(
                f"an excerpt must lie within the {len(self)} frames, got {first} to {last}"
            )
        return self.take(np.arange(first, last))

    def take(self, frames: Int[np.ndarray, " taken"]) -> "Chorale":
        """Make a piece of some of the frames, in the order given; each keeps its metre and tempo.

        What sounds after a jump is struck there, even in mid-note.
        """
        jumps = np.append(False, np.diff(frames) != 1)
        values = {n: getattr(self, n)[frames] for n in ("pitches", "fermatas", "beats")}
        attacks = self.attacks[frames] | jumps[:, None] & (values["pitches"] != REST)
        metre, metre_changes = _taken(self.time_signature, self.metre_changes, frames)
        tempo, tempo_changes = _taken(self.tempo, self.tempo_changes, frames)
        return replace(
            self,
            **values,
            attacks=attacks,
            time_signature=metre,
            metre_changes=metre_changes,
            tempo=tempo,
            tempo_changes=tempo_changes,
        )

    def transpose(self, semitones: int) -> "Chorale":
        """Move every note by ``semitones``; rests stay rests.

        Raises:
            ScoreError: If a note would leave the MIDI range of 0 to 127.
        """
        sounding = self.pitches != REST
        moved = np.where(sounding, self.pitches + semitones, REST)
        if sounding.any() and (moved[sounding].min() < 0 or moved[sounding].max() > 127):
            raise ScoreError(f"transposing by {semitones} semitones leaves the MIDI range 0 to 127")
        return replace(self, pitches=moved, key=transpose_key(self.key, semitones))

    def notes(self, voice: int) -> list[tuple[int, int, int]]:
        """List one voice's notes as (first frame, length in frames, MIDI pitch), in time order."""
        pitches, starts = self.pitches[:, voice], np.flatnonzero(self.attacks[:, voice])
        changes = np.flatnonzero(
            self.attacks[:, voice] | (pitches == REST)
        )  # a note ends where the next one starts or silence begins
        ends = np.append(changes, len(pitches))[np.searchsorted(changes, starts, side="right")]
        return [(int(a), int(b - a), int(pitches[a])) for a, b in zip(starts, ends, strict=True)]

"""What a frame model is told about the frame it is to write: metre, fermata, key, end."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from musiclab.errors import ScoreError, SettingError
from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, VOICES, Chorale, frames_per_bar
from musiclab.music.keys import MODES, sharps_of, tonic_pitch_class

UNKNOWN = 0  # the id that says "not told", in every condition but "phase"
PHASE = 16  # frames; a bar of 4/4
OTHER_METRE = 1
BAR_LENGTHS = (8, 12, 16, 24)  # frames: 2/4, 3/4 or 6/8, 4/4 or 2/2, 3/2 or 6/4 or 12/8
FARTHEST = 32  # quarters; an end that is farther off counts as this far

SIZES = {
    "phase": PHASE,
    "beat": 2 + sum(BAR_LENGTHS),
    "fermata": 3,
    "mode": 1 + len(MODES),
    "key": 1 + 12 * len(MODES),
    "remaining": 1 + 1 + FARTHEST,
}


@dataclass(frozen=True)
class Conditions:
    """Number, for every frame, what a model is given beside the notes before it.

    - "phase": the frame's index modulo 16. It follows from the index, so it is free on the
      benchmark.
    - "beat": the bar's length and the place in it; 1 where the bar is not 8, 12, 16 or 24 frames.
    - "fermata": 1 no, 2 yes.
    - "mode": 1 major, 2 minor. Of little use where pieces are transposed: the mode alone does
      not say which notes belong to it.
    - "key": tonic and mode in one word: 1 + the tonic's semitones above C, and 12 more in minor.
    - "remaining": 1 + the whole quarters still to come after this frame, at most 32.

    Id 0 means "unknown", except in "phase", which is always known. A piece cut into crops must be
    encoded whole and the ids cut with it: an excerpt no longer knows its index or its end.

    Args:
        names: Which conditions, in the order of the columns; all different, may be empty.

    Raises:
        SettingError: If a name is unknown or stands twice.

    Example:
        >>> conditions = Conditions(("phase", "beat", "key"))
        >>> conditions.sizes
        (16, 62, 25)
        >>> conditions.plan(5, time_signature="3/4", pickup=4, key="D minor")
        array([[ 0, 18, 15],
               [ 1, 19, 15],
               [ 2, 20, 15],
               [ 3, 21, 15],
               [ 4, 10, 15]])
    """

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        for name in self.names:
            if name not in SIZES:
                raise SettingError(f"no condition is called {name!r}; there are {', '.join(SIZES)}")
        if len(set(self.names)) < len(self.names):
            raise SettingError(f"each condition may stand once, got {', '.join(self.names)}")

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many ids each condition has, 0 included."""
        return tuple(SIZES[name] for name in self.names)

    def encode(self, chorale: Chorale) -> Int[np.ndarray, "frame condition"]:
        """Number the conditions of every frame of a finished piece; it must be whole."""
        columns = {
            "phase": np.arange(len(chorale)) % PHASE,
            "beat": _beat_ids(chorale),
            "fermata": 1 + chorale.fermatas.astype(np.int64),
            "mode": np.full(len(chorale), _mode_id(chorale.key)),
            "key": np.full(len(chorale), _key_id(chorale.key)),
            "remaining": _remaining_ids(len(chorale)),
        }
        chosen = [columns[name] for name in self.names]
        return np.stack(chosen, axis=1) if chosen else np.zeros((len(chorale), 0), dtype=np.int64)

    def plan(
        self,
        frames: int,
        *,
        time_signature: str = "4/4",
        pickup: int = 0,
        mode: str | None = None,
        key: str | None = None,
        fermatas: Bool[np.ndarray, " frame"] | None = None,
        ending: bool = True,
    ) -> Int[np.ndarray, "frame condition"]:
        """Number the conditions of a piece that is still to be written.

        Args:
            frames: Length of the piece in 16th notes.
            time_signature: The metre, such as "3/4".
            pickup: Length in frames of what comes before the first barline.
            mode: "major", "minor" or None for that of the key, or to leave it open.
            key: Tonic and mode, such as "E- major"; None leaves it open.
            fermatas: True in each frame under a fermata; None leaves them open.
            ending: Whether the piece ends after these frames; False leaves its end open.

        Returns:
            The ids that ``encode`` would give for such a piece, 0 for whatever is left open.

        Raises:
            SettingError: If a value is out of range.
        """
        if frames < 1:
            raise SettingError(f"a piece must have at least 1 frame, got {frames}")
        if mode not in (None, *MODES):
            raise SettingError(f'mode must be "major", "minor" or None, got {mode!r}')
        if key is not None and sharps_of(key) is None:
            raise SettingError(f'key must be one such as "E- major", or None, got {key!r}')
        if key is not None and mode not in (None, key.partition(" ")[2]):
            raise SettingError(f"a piece in {key} is not in {mode}; leave the mode out")
        if fermatas is not None and len(fermatas) != frames:
            raise SettingError(f"fermatas must have {frames} frames, got {len(fermatas)}")
        try:
            bar = frames_per_bar(time_signature)
        except ScoreError as error:
            raise SettingError(str(error)) from error
        if not 0 <= pickup < bar:
            raise SettingError(f"pickup must lie in 0 to {bar - 1} frames, got {pickup}")
        sketch = Chorale(
            pitches=np.full((frames, len(VOICES)), REST),
            fermatas=np.zeros(frames, dtype=bool) if fermatas is None else fermatas,
            beats=(np.arange(frames) - pickup) % bar,
            key=key or (f"C {mode}" if mode else ""),
            time_signature=time_signature,
        )
        ids = self.encode(sketch)
        left_open = {"key": key is None, "fermata": fermatas is None, "remaining": not ending}
        for name, is_open in left_open.items():
            if is_open and name in self.names:
                ids[:, self.names.index(name)] = UNKNOWN
        return ids


def _beat_ids(chorale: Chorale) -> Int[np.ndarray, " frame"]:
    """Number the pair (length of the bar, place in it); other metres share one id."""
    try:
        bar = chorale.frames_per_bar
    except ScoreError:  # a metre that the grid cannot hold is one of the others
        bar = 0
    if bar not in BAR_LENGTHS:
        return np.full(len(chorale), OTHER_METRE)
    first = OTHER_METRE + 1 + sum(length for length in BAR_LENGTHS if length < bar)
    inside = (0 <= chorale.beats) & (chorale.beats < bar)  # false where the metre changes midway
    return np.where(inside, first + chorale.beats, OTHER_METRE)


def _mode_id(key: str) -> int:
    """Number the mode of a key such as "G minor"; unknown for any other text."""
    mode = key.rpartition(" ")[2]
    return 1 + MODES.index(mode) if mode in MODES else UNKNOWN


def _key_id(key: str) -> int:
    """Number a key such as "G minor"; unknown for any other text."""
    if sharps_of(key) is None:
        return UNKNOWN
    tonic, _, mode = key.partition(" ")
    return 1 + tonic_pitch_class(tonic) + 12 * MODES.index(mode)


def _remaining_ids(frames: int) -> Int[np.ndarray, " frame"]:
    """Number how many whole quarters follow each frame; 1 is the last quarter itself."""
    after = np.arange(frames)[::-1] // FRAMES_PER_QUARTER
    return 1 + np.minimum(after, FARTHEST)

"""What is settled before the first note: length, metre, key, line ends, the bars that are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Int

from musiclab.checks import check_choice, check_whole
from musiclab.errors import MusicLabError, SettingError
from musiclab.music.chorale import FRAMES_PER_QUARTER, Chorale, frames_per_bar
from musiclab.music.keys import MODES, find_key, sharps_of
from musiclab.sampling.encoding import check_conditions
from musiclab.sampling.key_choice import check_key_and_mode, choose_key, draw_key, read_key
from musiclab.sampling.melody import MOST_FRAMES
from musiclab.tokens.conditions import Conditions


@no_type_check  # it checks its values itself
@dataclass(frozen=True, kw_only=True)
class Plan:
    """The frame of a piece that is still to be written.

    A pickup counts as part of the first bar's length: 8 bars of 4/4 are 128 frames with a pickup
    or without, and as in Bach the last bar is then shorter by as much.

    Args:
        bars: Length of the whole piece, prompt included.
        prompt: A chorale whose first bars are given.
        prompt_bars: How many of them; None for the whole prompt.
        time_signature: The metre, such as "3/4"; None for the prompt's, or "4/4".
        pickup: Length in frames of what comes before the first barline; None for the prompt's,
            or none.
        key: Tonic and mode, such as "D minor" or "B-flat major"; None for the prompt's, or for one
            drawn by the seed as Bach's chorales have them.
        mode: "major" or "minor": a key of that mode, drawn by the seed, or with a prompt the
            prompt's own or its relative; None for the key's.
        fermatas: Where lines end: True in each frame under a fermata; or a whole number: a line
            ends, and its last quarter has a fermata, every so many bars; None leaves it open.
        ending: Whether the piece comes to its end with the last bar.

    Raises:
        SettingError: If a value is out of range or contradicts another.

    Example:
        >>> plan = Plan(bars=2, time_signature="3/4", pickup=4, fermatas=2)
        >>> plan.frames, plan.beats[:6].tolist(), np.flatnonzero(plan.line_ends).tolist()
        (24, [8, 9, 10, 11, 0, 1], [20, 21, 22, 23])
    """

    bars: int = 8
    prompt: Chorale | None = None
    prompt_bars: int | None = None
    time_signature: str | None = None
    pickup: int | None = None
    mode: str | None = None
    key: str | None = None
    fermatas: int | Sequence[bool] | Bool[np.ndarray, " frame"] | None = None
    ending: bool = True

    def __post_init__(self) -> None:
        """Check every value."""
        check_whole("bars", self.bars, lowest=1, remedy="8 make a short chorale")
        if not isinstance(self.time_signature, str | None):
            raise SettingError(
                f'time_signature must be text such as "3/4", got {self.time_signature!r:.60}'
            )
        if self.key is not None:
            object.__setattr__(self, "key", read_key(self.key))
        check_key_and_mode(self.key, self.mode)
        check_choice("ending", self.ending, (True, False))
        self._check_prompt()
        if self.frames > MOST_FRAMES:
            raise SettingError(
                f"{self.bars} bars of {self.metre:.20} are {self.frames} frames (16th notes), at "
                f"most {MOST_FRAMES} can be written; ask for fewer"
            )
        if self.pickup is not None:
            limits = {"lowest": 0, "highest": self.frames_per_bar - 1}
            check_whole("pickup", self.pickup, **limits, remedy="it is counted in 16th notes")
        _ = self.line_ends

    def _check_prompt(self) -> None:
        prompt = self.prompt
        if self.prompt_bars is not None:
            if prompt is None:
                raise SettingError("prompt_bars needs a prompt; give the chorale to begin with")
            check_whole("prompt_bars", self.prompt_bars, lowest=1, remedy="leave the prompt out")
        if prompt is None:
            return
        if not isinstance(prompt, Chorale):
            raise SettingError(
                f"prompt must be a Chorale, got {type(prompt).__name__}; read one with read_chorale"
            )
        if not len(prompt):
            raise SettingError("the prompt has no frames; choose a chorale with music in it")
        for name in ("time_signature", "pickup"):
            if getattr(self, name) is not None:
                raise SettingError(f"{name} is the prompt's own; leave it out or the prompt")
        if self.prompt_frames >= self.frames:
            raise SettingError(
                f"the prompt fills {self.prompt_frames} frames and the whole piece has only "
                f"{self.frames}; ask for more bars or a smaller prompt_bars"
            )
        if self.prompt_frames > len(prompt):
            raise SettingError(
                f"the prompt has {len(prompt)} frames, {self.prompt_bars} bars would be "
                f"{self.prompt_frames}; choose a smaller prompt_bars"
            )

    @property
    def metre(self) -> str:
        """The time signature that holds."""
        own = "4/4" if self.prompt is None else self.prompt.time_signature
        return self.time_signature or own

    @cached_property
    def frames_per_bar(self) -> int:
        """Length of a full bar in frames."""
        try:
            return frames_per_bar(self.metre)
        except MusicLabError as error:
            raise SettingError(str(error)) from None

    @property
    def frames(self) -> int:
        """Length of the whole piece in frames."""
        return self.bars * self.frames_per_bar

    @property
    def prompt_frames(self) -> int:
        """How many frames are given."""
        if self.prompt is None:
            return 0
        return self.prompt_bars * self.frames_per_bar if self.prompt_bars else len(self.prompt)

    @property
    def first_bars(self) -> Chorale | None:
        """The frames that are given."""
        return None if self.prompt is None else self.prompt.excerpt(0, self.prompt_frames)

    @cached_property
    def offset(self) -> int:
        """Frames before the first barline, counted from where the prompt ends."""
        if self.prompt is None:
            return self.pickup or 0
        next_place = int(self.prompt.beats[self.prompt_frames - 1]) + 1
        return (self.prompt_frames - next_place) % self.frames_per_bar

    @cached_property
    def beats(self) -> Int[np.ndarray, " frame"]:
        """Place of each frame in its bar."""
        beats = (np.arange(self.frames) - self.offset) % self.frames_per_bar
        if self.prompt is not None:
            beats[: self.prompt_frames] = self.prompt.beats[: self.prompt_frames]
        return beats

    @cached_property
    def line_ends(self) -> Bool[np.ndarray, " frame"]:
        """True in each frame under a fermata, those of the prompt included."""
        ends = np.zeros(self.frames, dtype=bool)
        if isinstance(self.fermatas, int) and not isinstance(self.fermatas, bool):
            check_whole("fermatas", self.fermatas, lowest=1, remedy="2 bars make a usual line")
            line = self.fermatas * self.frames_per_bar
            ends[:] = np.arange(self.frames) % line >= line - FRAMES_PER_QUARTER
        elif self.fermatas is not None:
            what = "a number of bars, or True or False for each of the {} frames"
            ends[:] = check_fermatas(self.fermatas, self.frames, what)
        if self.prompt is not None:
            ends[: self.prompt_frames] = self.prompt.fermatas[: self.prompt_frames]
        return ends

    @property
    def known_mode(self) -> str | None:
        """The mode that was asked for, else the prompt's, else None."""
        asked = self.mode or (self.key or "").rpartition(" ")[2]
        own = "" if self.prompt is None else self.prompt.key.rpartition(" ")[2]
        return next((one for one in (asked, own) if one in MODES), None)

    def known_key(self, seed: int) -> str:
        """The key that was asked for, else the prompt's, else one drawn by the seed.

        A model that is given no key wanders from one to another.
        """
        own = "" if self.prompt is None else self.prompt.key
        if self.prompt is not None and sharps_of(own) is None:
            own = find_key(self.first_bars.pitches)
        return choose_key(self.key, self.mode, own, seed) or draw_key(None, seed)

    def ids(self, conditions: Conditions, *, seed: int = 0) -> Int[np.ndarray, "frame condition"]:
        """Number the conditions of each frame.

        Args:
            conditions: Those of the model.
            seed: Decides the key where nothing else does.

        Raises:
            SettingError: If something is asked for that these conditions cannot say.
        """
        asked = {"key": self.key, "mode": self.mode, "fermatas": self.fermatas}
        check_conditions(conditions, **asked, metre=self.time_signature)
        ids = conditions.plan(
            self.frames,
            time_signature=self.metre,
            pickup=self.offset,
            mode=self.known_mode,
            key=self.known_key(seed) if "key" in conditions.names else None,
            fermatas=None if self.fermatas is None else self.line_ends,
            ending=self.ending,
        )
        if self.prompt is not None:
            own = conditions.encode(self.prompt)[: self.prompt_frames]
            for column, name in enumerate(conditions.names):
                if name in ("beat", "fermata"):
                    ids[: self.prompt_frames, column] = own[:, column]
        return ids


@no_type_check  # it checks its argument itself
def check_fermatas(
    fermatas: Sequence[bool], frames: int, what: str = "True or False for each of the {} frames"
) -> Bool[np.ndarray, " frame"]:
    """Return fermatas as an array, or refuse what is not True or False for each frame."""
    array = np.asarray(fermatas)
    if array.dtype != bool or array.shape != (frames,):
        raise SettingError(f"fermatas must be {what.format(frames)}, got {fermatas!r:.60}")
    return array

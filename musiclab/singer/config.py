"""The settings of a singer, checked once."""

from dataclasses import dataclass

from musiclab.errors import SettingError
from musiclab.model.config import TransformerConfig

N_KEYS = 1 + 2 * 12  # ids of the condition "key": unknown, twelve in major, twelve in minor
# Quarters before the end at which the tonic is remembered anew: last chord, cadence, approach.
NEAR_THE_END = ((1, 2), (3, 4), (5, 8))


@dataclass(frozen=True, kw_only=True)
class SingerConfig(TransformerConfig):
    """The settings of a ``Singer``: those of a Transformer, what a frame is, what is remembered.

    Raises:
        SettingError: If a value is of the wrong type, out of range or contradicts another.
    """

    n_voices: int = 4  # tokens in a frame
    condition_sizes: tuple[int, ...] = ()  # ids of each condition that comes with a frame
    n_relations: int = 0  # relations of two tokens but "none"; 0: nothing is heard by intervals
    earlier: int = 0  # notes before its newest one that each voice remembers
    decays: tuple[int, ...] = ()  # frames; for each, a histogram of pitch classes that fades so
    repeats: bool = False  # remember what followed when the newest frames were heard before
    tunes: bool = False  # hear what followed in the training pieces after a like context
    parallels: bool = False  # know which notes would run parallel with a voice above
    key_condition: int | None = None  # which condition is the key, to be remembered as its tonic
    end_condition: int | None = None  # which one counts the quarters to the end

    def __post_init__(self) -> None:
        """Check every value."""
        super().__post_init__()
        limits = {"n_voices": (1, 64), "n_relations": (0, 256), "earlier": (0, 16)}
        for name, (lowest, highest) in limits.items():
            _check_whole(name, getattr(self, name), lowest, highest)
        for name in ("repeats", "parallels", "tunes"):
            if not isinstance(getattr(self, name), bool):
                raise SettingError(f"{name} must be True or False, got {getattr(self, name)!r:.60}")
        check_sizes("condition_sizes", self.condition_sizes, 4096)
        check_sizes("decays", self.decays, self.max_seq)
        told = len(self.condition_sizes)
        for name in ("key_condition", "end_condition"):
            if getattr(self, name) is not None:
                _check_whole(name, getattr(self, name), 0, told - 1)
        if self.key_condition is not None and self.condition_sizes[self.key_condition] != N_KEYS:
            raise SettingError(
                f"condition {self.key_condition} must have the {N_KEYS} ids of a key, "
                f"got {self.condition_sizes[self.key_condition]}"
            )
        if self.end_condition is not None and self.key_condition is None:
            raise SettingError("end_condition shows the tonic near the end; give key_condition too")
        remembers = self.earlier or self.repeats or self.parallels or self.tunes
        remembers = remembers or self.key_condition is not None
        if remembers and not self.n_relations:
            raise SettingError("what is remembered is heard by intervals; give n_relations, got 0")

    @property
    def n_notes(self) -> int:
        """How many notes each voice remembers, its own newest and the other voices' included."""
        if not self.n_relations:
            return 0
        tonics = 0 if self.key_condition is None else 2
        at_the_end = 0 if self.end_condition is None else len(NEAR_THE_END)
        return self.n_voices + self.earlier + 2 * self.repeats + tonics + at_the_end


def check_sizes(name: str, sizes: object, largest: int) -> None:
    """Refuse what is not a short tuple of whole numbers from 1 to ``largest``."""
    if not isinstance(sizes, tuple) or len(sizes) > 64:
        raise SettingError(f"{name} must be a tuple of at most 64 numbers, got {sizes!r:.60}")
    for size in sizes:
        _check_whole(f"a number in {name}", size, 1, largest)


def _check_whole(name: str, value: object, lowest: int, highest: int) -> None:
    if type(value) is not int or not lowest <= value <= highest:
        raise SettingError(f"{name} must lie in {lowest} ... {highest}, got {value!r:.60}")

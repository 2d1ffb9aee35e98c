"""The settings that decide the shape of a model, checked once, before any memory is taken."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Literal, Self, get_args, no_type_check

from musiclab.errors import SettingError

PositionScheme = Literal["rotary", "sinusoidal", "learned", "relative", "none"]
NormPlace = Literal["pre", "post"]

# A config may come from a stranger's file: refuse what no classroom machine could hold.
LARGEST = {
    "vocab_size": 2**17,
    "max_seq": 2**17,
    "d_model": 2**13,
    "n_heads": 2**8,
    "n_layers": 2**8,
    "d_ff": 2**15,
}
MOST_PARAMETERS = 2**28  # 1 GiB in float32


@no_type_check  # the class checks its values itself, in better words than a checker's
@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Every size that decides the shape of the weights; checked once, here.

    Raises:
        SettingError: If a value is of the wrong type, out of range or contradicts another.
    """

    vocab_size: int  # tokens, special ones included
    max_seq: int = 512  # positions; rotary, sinusoidal and none also work beyond
    d_model: int = 128  # width of the residual stream
    n_heads: int = 4
    n_layers: int = 4
    d_ff: int | None = None  # inner width of the feed-forward layers; None: 4 * d_model
    dropout: float = 0.1  # probability, used in training only
    positions: PositionScheme = "rotary"  # how a token knows where it stands
    norm: NormPlace = "pre"  # LayerNorm before each sublayer, or after it as in 2017

    def __post_init__(self) -> None:
        """Check every value."""
        for name, largest in LARGEST.items():
            if name == "d_ff" and self.d_ff is None:
                continue
            _check_size(name, getattr(self, name), largest)
        if not _is_number(self.dropout) or not 0 <= self.dropout < 1:
            raise SettingError(f"dropout must be a number in [0, 1), got {self.dropout!r}")
        object.__setattr__(self, "dropout", float(self.dropout))  # 0 and 0.0 are one setting
        _check_choice("positions", self.positions, get_args(PositionScheme))
        _check_choice("norm", self.norm, get_args(NormPlace))
        if self.d_model % self.n_heads:
            raise SettingError(f"n_heads={self.n_heads} must divide d_model={self.d_model}")
        if self.positions == "rotary" and self.head_dim % 2:
            raise SettingError(
                "rotary positions turn pairs, so d_model / n_heads must be even, "
                f"got {self.d_model} / {self.n_heads} = {self.head_dim}"
            )
        if parameter_count(self) > MOST_PARAMETERS:
            raise SettingError(
                f"these sizes need {parameter_count(self):,} parameters, over the limit of "
                f"{MOST_PARAMETERS:,}; choose a smaller d_model, n_layers or vocab_size"
            )

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.n_heads

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild a config from ``to_dict``, refusing what does not belong.

        Args:
            values: Setting names and values; lists stand for tuples, since JSON has none.

        Returns:
            A config of the class it is called on.

        Raises:
            SettingError: If a name is unknown or missing, or a value is refused.

        Example:
            >>> TransformerConfig.from_dict({"vocab_size": 53, "n_layers": 2}).n_layers
            2
        """
        if not isinstance(values, Mapping):
            raise SettingError(f"a config must be a table of names and values, got {values!r:.60}")
        known = {field.name: field for field in fields(cls)}
        if unknown := [name for name in values if name not in known]:
            raise SettingError(f"unknown setting {unknown[0]!r:.60}; known are {', '.join(known)}")
        for name, field in known.items():
            if field.default is MISSING and name not in values:
                raise SettingError(f"the config lacks the setting {name!r}")
        frozen = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        return cls(**frozen)


N_KEYS = 1 + 2 * 12  # unknown, twelve in major, twelve in minor
NEAR = (
    (1, 2),
    (3, 4),
    (5, 8),
)  # quarters before the end: the last chord, the cadence, its approach


@dataclass(frozen=True, kw_only=True)
class FrameConfig(TransformerConfig):
    """The sizes of a ``FrameTransformer``: those of a Transformer, and what a frame is made of.

    Raises:
        SettingError: If a value is of the wrong type, out of range or contradicts another.
    """

    n_voices: int = 4  # tokens in a frame
    condition_sizes: tuple[int, ...] = ()  # ids of each condition that comes with a frame
    n_relations: int = 0  # how many relations two tokens can have; 0: the head ignores relations
    n_earlier: int = 0  # notes before its newest one that are shown of each voice
    neighbours: bool = False  # relate a voice's next note to what the other voices just sang, too
    recall: bool = False  # show what followed when the newest frames were heard before
    memories: tuple[int, ...] = ()  # frames; for each, show a profile of the pitch classes
    parallels: bool = False  # show which notes would run parallel with a voice above
    key_condition: int | None = None  # which condition is the key, to be shown as profiles too
    end_condition: int | None = None  # which counts the quarters to the end: shows the key there

    def __post_init__(self) -> None:
        """Check every value."""
        super().__post_init__()
        sizes = {"n_voices": (1, 64), "n_relations": (0, 4096), "n_earlier": (0, 16)}
        for name, (lowest, highest) in sizes.items():
            value = getattr(self, name)
            if type(value) is not int or not lowest <= value <= highest:
                raise SettingError(f"{name} must lie in {lowest} ... {highest}, got {value!r:.60}")
        if not isinstance(self.condition_sizes, tuple) or len(self.condition_sizes) > 64:
            raise SettingError(
                f"condition_sizes must be a tuple of sizes, got {self.condition_sizes!r:.60}"
            )
        for size in self.condition_sizes:
            if type(size) is not int or not 1 <= size <= 4096:
                raise SettingError(f"a condition must have 1 ... 4096 ids, got {size!r:.60}")
        for name in ("neighbours", "recall", "parallels"):
            if not isinstance(getattr(self, name), bool):
                raise SettingError(f"{name} must be True or False, got {getattr(self, name)!r:.60}")
        if not isinstance(self.memories, tuple) or len(self.memories) > 16:
            raise SettingError(f"memories must be a tuple of frames, got {self.memories!r:.60}")
        for frames in self.memories:
            if type(frames) is not int or not 1 <= frames <= self.max_seq:
                raise SettingError(
                    f"a memory must last 1 ... {self.max_seq} frames, got {frames!r:.60}"
                )
        if self.key_condition is not None:
            place, sizes = self.key_condition, self.condition_sizes
            if type(place) is not int or not 0 <= place < len(sizes) or sizes[place] != N_KEYS:
                raise SettingError(
                    f"key_condition must be the place of a condition of {N_KEYS} ids among those "
                    f"of {sizes}, got {place!r:.60}"
                )
        if self.end_condition is not None:
            place, told = self.end_condition, len(self.condition_sizes)
            known = type(place) is int and 0 <= place < told and place != self.key_condition
            if not known or self.key_condition is None:
                raise SettingError(
                    f"end_condition must be the place of one of {told} conditions but that of the "
                    f"key, and needs key_condition, got {place!r:.60}"
                )
        related = sum(self.n_anchors + voice for voice in range(self.n_voices)) * self.n_relations
        if self.d_model * related + self.vocab_size**2 > MOST_PARAMETERS:
            raise SettingError(
                f"{self.n_relations} relations of {self.vocab_size} tokens in {self.n_voices} "
                f"voices need more than {MOST_PARAMETERS:,} weights; choose fewer"
            )
        if (self.n_earlier or self.neighbours or self.recall) and not self.n_relations:
            raise SettingError("n_earlier, neighbours and recall need n_relations, got 0")

    @property
    def n_profiles(self) -> int:
        """Profiles of the pitch classes that the head is shown: of the past, the key, the end."""
        return self.n_profiles_read + (0 if self.end_condition is None else len(NEAR))

    @property
    def n_profiles_read(self) -> int:
        """Those of them that the trunk reads, too: of the past, and of the key."""
        return len(self.memories) + (0 if self.key_condition is None else 2)

    @property
    def n_anchors(self) -> int:
        """Tokens of the past that a voice's next one is related to."""
        others = self.n_voices - 1 if self.neighbours else 0
        return 1 + self.n_earlier + others + (2 if self.recall else 0)


def parameter_count(config: TransformerConfig) -> int:
    """Count the weights of the decoder-only ``Transformer`` of this config, without building it.

    Returns:
        The number of trainable values; multiply by 4 for bytes in float32.

    Example:
        >>> parameter_count(TransformerConfig(vocab_size=53))
        802304
    """
    d_model, d_ff = config.d_model, config.d_ff or 4 * config.d_model
    norm = 2 * d_model  # a gain and a bias for each coordinate
    attention = 4 * d_model**2  # query, key, value, output
    if config.positions == "relative":
        attention += config.max_seq * d_model  # a vector for each distance, in every head
    block = attention + 2 * d_model * d_ff + 2 * norm
    embeddings = 2 * config.vocab_size * d_model  # one table to read tokens, one to write them
    if config.positions == "learned":
        embeddings += config.max_seq * d_model
    final_norm = norm if config.norm == "pre" else 0
    return embeddings + config.n_layers * block + final_norm


def _is_number(value: Any) -> bool:
    """Tell numbers from booleans, which Python counts among the ints."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_size(name: str, value: Any, largest: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise SettingError(f"{name} must be a whole number, got {value!r:.60}")
    if not 1 <= value <= largest:
        raise SettingError(f"{name} must lie in 1 ... {largest}, got {value}")


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise SettingError(f"{name} must be one of {', '.join(choices)}, got {value!r:.60}")

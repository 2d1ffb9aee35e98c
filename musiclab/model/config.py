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

"""What every tokeniser has: a vocabulary, numbered from 0, and settings to be stored."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike

from musiclab.errors import TokenError


@dataclass(frozen=True)
class Vocabulary:
    """An ordered set of tokens; a token's id is its place, from 0.

    Raises:
        TokenError: If a name is empty, is no text, or stands twice.

    Example:
        >>> vocabulary = Vocabulary(("rest", "pitch-60", "pitch-62"))
        >>> len(vocabulary), vocabulary.index["pitch-62"], vocabulary.tokens[1]
        (3, 2, 'pitch-60')
    """

    tokens: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", tuple(self.tokens))
        seen = set()
        for token in self.tokens:
            if not isinstance(token, str) or not token:
                raise TokenError(f"a token must be a name with letters, got {token!r}")
            if token in seen:
                raise TokenError(f"token {token!r} stands twice; give every token its own name")
            seen.add(token)

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self.tokens)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Name -> id; read-only."""
        return MappingProxyType({token: number for number, token in enumerate(self.tokens)})


def fingerprint(content: object) -> str:
    """Hash plain data (texts, numbers, lists, mappings) to sixteen hexadecimal digits.

    Args:
        content: Anything that JSON can hold.

    Returns:
        The first 16 digits of the SHA-256 of its canonical JSON form.

    Example:
        >>> fingerprint(["a", "b"]) == fingerprint(("a", "b"))
        True
    """
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()[:16]


class Tokenizer:
    """What the schemes share: a vocabulary, and settings that a checkpoint can store.

    A scheme is a frozen dataclass; its fields are its settings.
    """

    kind: ClassVar[str]
    vocabulary: Vocabulary

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, special ones included."""
        return len(self.vocabulary)

    @property
    def fingerprint(self) -> str:
        """Sixteen digits that change with any setting or any token.

        A checkpoint stores them, so that ids learned with one vocabulary are never read with
        another.
        """
        return fingerprint({"settings": self.to_dict(), "tokens": self.vocabulary.tokens})

    def to_dict(self) -> dict[str, Any]:
        """The settings as plain data, to be stored in a checkpoint."""
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> "Tokenizer":
        """Build the tokeniser that ``to_dict`` described.

        Raises:
            TokenError: If the settings are not those of this scheme.
            SettingError: If a value is out of range.
        """
        types = {"kind": str, **{one.name: one.type for one in fields(cls)}}
        if {name: type(value) for name, value in settings.items()} != types:
            raise TokenError(
                f"{cls.kind} settings must be {', '.join(types)}, got {dict(settings)}"
            )
        if settings["kind"] != cls.kind:
            raise TokenError(f'tokeniser kind must be "{cls.kind}", got {settings["kind"]!r}')
        return cls(**{name: value for name, value in settings.items() if name != "kind"})


def check_ids(ids: ArrayLike, vocab_size: int) -> Int[np.ndarray, "..."]:
    """Return ids of any shape as integers; decoding forgives any order, but no unknown id.

    Raises:
        TokenError: If an id is no whole number from 0 to ``vocab_size - 1``.
    """
    try:
        array = np.asarray(ids)
    except ValueError as error:
        raise TokenError("ids must have rows of one length; pad the shorter ones") from error
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TokenError(f"ids must be whole numbers, got an array of {array.dtype}")
    unknown = array[(array < 0) | (array >= vocab_size)]
    if unknown.size:
        raise TokenError(
            f"no token has id {unknown[0]}, ids go from 0 to {vocab_size - 1}; "
            "were these made with another tokeniser?"
        )
    return array.astype(np.int64)

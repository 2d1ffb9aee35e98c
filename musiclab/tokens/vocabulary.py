"""The vocabulary: every token a model can read or write, numbered from 0."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType

from musiclab.errors import TokenError


@dataclass(frozen=True)
class Vocabulary:
    """An ordered set of tokens; a token's id is its place.

    Args:
        tokens: The names, all different; the first has id 0.

    Raises:
        TokenError: If a name is empty, is no text, or stands twice.

    Example:
        >>> vocabulary = Vocabulary(("rest", "pitch-60", "pitch-62"))
        >>> len(vocabulary), vocabulary.index["pitch-62"], vocabulary.tokens[1]
        (3, 2, 'pitch-60')
    """

    tokens: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check the names."""
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

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change with any name or any order.

        A checkpoint stores them, so that ids learned with one vocabulary are never read with
        another.
        """
        return fingerprint(self.tokens)


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

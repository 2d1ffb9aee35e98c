"""Any music as events, in the manner of REMI: bar, place, instrument, pitch, velocity, duration."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike

from musiclab.errors import SettingError, TokenError
from musiclab.music.notes import NoteSequence
from musiclab.tokens.event_quantise import quantise, refuse_changes
from musiclab.tokens.event_reader import read_events
from musiclab.tokens.event_values import (
    DRUMS,
    LONGEST_BAR,
    METRES,
    STEPS_PER_QUARTER,
    TEMPOS,
    VELOCITIES,
    durations,
)
from musiclab.tokens.event_writer import write_events
from musiclab.tokens.known import known_ids
from musiclab.tokens.vocabulary import Vocabulary, fingerprint

SPECIAL = ("pad", "start", "end")
MOST_QUARTERS = 20_000  # five hours at a walking pace; every bar up to there costs a token


@dataclass(frozen=True, kw_only=True)
class EventTokenizer:
    """Turn any music into ids and back: several instruments, chords, drums, changes of metre.

    A piece reads: start, tempo, then for each bar "bar" (and "metre-3/4" where it changes), and in
    it each place where something starts, "position-0", followed by four tokens a note:
    "program-40", "pitch-76", "velocity-80", "duration-12".

    Places and durations count in steps. Twelve to a quarter is the smallest grid that holds both
    16ths (3 steps) and triplets (4 steps) exactly; 24 holds 32nds too, for 108 more tokens.

    Parts that play the same instrument become one part, and names do not travel.

    Args:
        steps_per_quarter: 12 or 24.

    Raises:
        SettingError: If ``steps_per_quarter`` is neither.

    Source:
        Huang & Yang (2020), "Pop Music Transformer: Beat-based Modeling and Generation of
        Expressive Pop Piano Compositions" (REMI), arXiv:2002.00212. Theirs has 16 places a bar of
        4/4, one piano, and chords; this has metres, programs and drums instead.

    Example:
        >>> from musiclab.music.notes import Note
        >>> tokenizer = EventTokenizer()
        >>> music = NoteSequence(notes=(Note(onset=4.5, duration=1 / 3, pitch=60),))
        >>> ids = tokenizer.encode(music)
        >>> " ".join(tokenizer.vocabulary.tokens[one] for one in ids[4:])
        'bar position-6 program-0 pitch-60 velocity-80 duration-4 end'
        >>> tokenizer.decode(ids) == music
        True
    """

    steps_per_quarter: int = 12

    pad_id = SPECIAL.index("pad")
    start_id = SPECIAL.index("start")
    end_id = SPECIAL.index("end")

    def __post_init__(self) -> None:
        """Check the setting."""
        if self.steps_per_quarter not in STEPS_PER_QUARTER:
            raise SettingError(f"steps_per_quarter must be 12 or 24, got {self.steps_per_quarter}")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Every token by name."""
        values = {
            "tempo": TEMPOS,
            "metre": METRES,
            "position": range(LONGEST_BAR * self.steps_per_quarter),
            "program": (*range(128), DRUMS),
            "pitch": range(128),
            "velocity": VELOCITIES,
            "duration": durations(self.steps_per_quarter),
        }
        named = (f"{kind}-{value}" for kind, several in values.items() for value in several)
        return Vocabulary((*SPECIAL, "bar", *named))

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, special ones included."""
        return len(self.vocabulary)

    @property
    def fingerprint(self) -> str:
        """Sixteen digits that change with the setting or any token."""
        return fingerprint({"settings": self.to_dict(), "tokens": self.vocabulary.tokens})

    def to_dict(self) -> dict[str, Any]:
        """The setting as plain data, to be stored in a checkpoint."""
        return {"kind": "events", **asdict(self)}

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> "EventTokenizer":
        """Build the tokeniser that ``to_dict`` described.

        Raises:
            TokenError: If the settings are not those of an event tokeniser.
            SettingError: If a value is out of range.
        """
        types = {"kind": str, "steps_per_quarter": int}
        if {name: type(value) for name, value in settings.items()} != types:
            raise TokenError(f"event settings must be {', '.join(types)}, got {dict(settings)}")
        if settings["kind"] != "events":
            raise TokenError(f'tokeniser kind must be "events", got {settings["kind"]!r}')
        return cls(steps_per_quarter=settings["steps_per_quarter"])

    def quantise(self, music: NoteSequence) -> NoteSequence:
        """Move every value to the nearest that has a token, and drop what tokens cannot say.

        Args:
            music: Any music.

        Returns:
            The music that ``decode(encode(music, quantise=True))`` gives.

        Raises:
            TokenError: If a time signature cannot be read.
        """
        return quantise(music, self.steps_per_quarter)

    def encode(self, music: NoteSequence, *, quantise: bool = False) -> Int[np.ndarray, " seq"]:
        """Turn music into ids.

        Args:
            music: Any music.
            quantise: Whether to move what lies off the grid onto it, rather than refuse it.

        Returns:
            The ids, from start to end.

        Raises:
            TokenError: If a value has no token, or the piece is longer than 20,000 quarters.
        """
        last = max([music.quarters, *(onset for onset, _ in music.time_signatures)])
        if last > MOST_QUARTERS:
            raise TokenError(
                f"a piece may last {MOST_QUARTERS} quarters, got {last:g}; cut it into pieces"
            )
        if not quantise:
            refuse_changes(music, self.steps_per_quarter)
        on_grid, index = self.quantise(music), self.vocabulary.index
        return np.array([index[token] for token in write_events(on_grid, self.steps_per_quarter)])

    def decode(self, ids: ArrayLike) -> NoteSequence:
        """Turn ids into music; any known ids will do, in any order, up to the first end.

        Args:
            ids: (seq,)

        Returns:
            The music, on the grid; see ``read_events`` for how nonsense is read.

        Raises:
            TokenError: If an id is unknown or the array has more than one axis.
        """
        known = known_ids(ids, self.vocab_size)
        if known.ndim != 1:
            raise TokenError(f"events decode one piece of shape (seq,), got {known.shape}")
        return read_events((self.vocabulary.tokens[one] for one in known), self.steps_per_quarter)

"""Any music as events, in the manner of REMI: bar, place, instrument, pitch, velocity, duration."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike

from musiclab.errors import SettingError, TokenError
from musiclab.music.guards.limits import MAX_QUARTERS
from musiclab.music.notes import NoteSequence
from musiclab.tokens.event_grid import (
    DRUMS,
    LONGEST_BAR,
    METRES,
    STEPS_PER_QUARTER,
    TEMPOS,
    VELOCITIES,
    durations,
    quantise,
    refuse_changes,
)
from musiclab.tokens.event_tokens import read_events, write_events
from musiclab.tokens.vocabulary import Tokenizer, Vocabulary, check_ids

SPECIAL = ("pad", "start", "end")


@dataclass(frozen=True, kw_only=True)
class EventTokenizer(Tokenizer):
    """Turn any music into ids and back: several instruments, chords, drums, changes of metre.

    A piece reads: start, tempo, then for each bar "bar" (and "metre-3/4" where it changes), and in
    it each place where something starts, "position-0", followed by four tokens a note:
    "program-40", "pitch-76", "velocity-80", "duration-12".

    Places and durations count in steps. Twelve to a quarter is the smallest grid that holds both
    16ths (3 steps) and triplets (4 steps) exactly; 24 holds 32nds too, for 108 more tokens.

    Parts that play the same instrument become one part, and names do not travel.

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

    steps_per_quarter: int = 12  # or 24

    kind = "events"
    pad_id = SPECIAL.index("pad")
    start_id = SPECIAL.index("start")
    end_id = SPECIAL.index("end")

    def __post_init__(self) -> None:
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

    def quantise(self, music: NoteSequence) -> NoteSequence:
        """Move every value to the nearest that has a token; see ``event_grid.quantise``."""
        return quantise(music, self.steps_per_quarter)

    def encode(self, music: NoteSequence, *, quantise: bool = False) -> Int[np.ndarray, " seq"]:
        """Turn music into ids, from start to end.

        Args:
            music: Any music.
            quantise: Whether to move what lies off the grid onto it, rather than refuse it.

        Raises:
            TokenError: If a value has no token, or the piece is longer than 20,000 quarters.
        """
        last = max([music.quarters, *(onset for onset, _ in music.time_signatures)])
        if last > MAX_QUARTERS:  # every bar up to there costs a token
            raise TokenError(
                f"a piece may last {MAX_QUARTERS:g} quarters, got {last:g}; cut it into pieces"
            )
        if not quantise:
            refuse_changes(music, self.steps_per_quarter)
        on_grid, index = self.quantise(music), self.vocabulary.index
        return np.array([index[token] for token in write_events(on_grid, self.steps_per_quarter)])

    def decode(self, ids: ArrayLike) -> NoteSequence:
        """Turn ids into music; any known ids will do, in any order, up to the first end.

        Raises:
            TokenError: If an id is unknown or the array has more than one axis.
        """
        known = check_ids(ids, self.vocab_size)
        if known.ndim != 1:
            raise TokenError(f"events decode one piece of shape (seq,), got {known.shape}")
        return read_events((self.vocabulary.tokens[one] for one in known), self.steps_per_quarter)

"""Batches for the model over frames: one position a 16th note, four targets each."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Int

from musiclab.errors import SettingError
from musiclab.music.chorale import REST, Chorale
from musiclab.music.keys import sharps_of, tonic_pitch_class, transpose_key
from musiclab.singer.tunes import Tunes
from musiclab.tokens.conditions import PHASE, UNKNOWN, Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.batches import Batch, ChoraleBatches, padded, shift_targets
from musiclab.training.repeats import with_repeats


class FrameBatches(ChoraleBatches):
    """Draw batches for a ``Singer``.

    ``inputs`` are ``previous`` (batch, seq, voice), the frames one step late with the start row
    before the first; ``conditions`` (batch, seq, condition), told about the frame to be written;
    and the frames themselves, ``targets``, so that each voice hears those above it.
    A crop that starts inside a piece keeps the true frame before it as its first ``previous``.
    The key is told only of pieces whose last bass note is its tonic. The others (11 % of Bach's,
    old tunes that end on another degree, and some whose key was misjudged) count as of unknown
    key, so that a model which is told a key learns to come home to it.

    Args:
        pieces: The chorales.
        tokenizer: Of layout "frames".
        conditions: What is told about each frame; by default nothing.
        condition_dropout: Probability with which a piece is not told a condition (each on its
            own; "phase" always is). A model so trained can also write when it is not told.
        note_dropout: The largest share of the past notes to hide (as pads) from a piece; each piece
            draws its own share below it. A model so trained cannot rely on any one note, and
            learns such a small corpus by heart less soon.
        repeat: Probability with which one or two passages of a piece come back; see
            ``musiclab.training.repeats``. Only where nothing but the phase is told, since a piece
            with repeats has other bars, lines and ends.
        tunes: What to look up what followed in; its pieces must be ``pieces`` in training, so that
            a piece does not find itself. None: nothing is looked up.
        tunes_dropout: Probability with which a piece does without one kind of votes.
        **options: As for ``ChoraleBatches``.

    Raises:
        SettingError: If the layout or a value does not fit.

    Example:
        >>> piece = Chorale(pitches=np.array([[72, 67, 64, 48], [72, 65, 62, -1]]))
        >>> batches = FrameBatches([piece], GridTokenizer(), training=False)
        >>> (previous, conditions, frames), targets = batches.batch(0)
        >>> previous[0].tolist(), targets[0].tolist()
        ([[1, 1, 1, 1], [43, 38, 35, 19]], [[43, 38, 35, 19], [43, 36, 33, 3]])
    """

    def __init__(
        self,
        pieces: Sequence[Chorale],
        tokenizer: GridTokenizer,
        conditions: Conditions | None = None,
        *,
        condition_dropout: float = 0.0,
        note_dropout: float = 0.0,
        repeat: float = 0.0,
        tunes: Tunes | None = None,
        tunes_dropout: float = 0.3,
        **options: Any,
    ) -> None:
        super().__init__(pieces, tokenizer, **options)
        if tokenizer.layout != "frames":
            raise SettingError(
                f'frames need a tokeniser of layout "frames", got "{tokenizer.layout}"'
            )
        shares = {
            "condition_dropout": condition_dropout,
            "note_dropout": note_dropout,
            "repeat": repeat,
            "tunes_dropout": tunes_dropout,
        }
        for name, share in shares.items():
            if not 0 <= share <= 1:
                raise SettingError(f"{name} must lie in [0, 1], got {share}")
        if tunes is not None and self.with_end:
            raise SettingError("other tunes do not tell where a piece ends; take with_end=False")
        self.conditions = Conditions(()) if conditions is None else conditions
        self.condition_dropout = condition_dropout if self.training else 0.0
        self.note_dropout = note_dropout if self.training else 0.0
        self.repeat = repeat if self.training else 0.0
        self.tunes, self.tunes_dropout = tunes, tunes_dropout if self.training else 0.0
        self._votes: dict[int, tuple[np.ndarray, ...]] = {}
        self._told: dict[tuple[int, int], np.ndarray] = {}
        told = set(self.conditions.names) - {"phase"}
        if repeat and (told or self.with_end):
            what = ", ".join(sorted(told)) or "the end"
            raise SettingError(
                f"repeat={repeat} needs a model that is told nothing but the phase, got {what}; "
                "take repeat=0"
            )

    @property
    def fingerprint(self) -> str:
        """Twelve digits that change with any note of any piece, or with a setting."""
        settings = (self.conditions.names, self.condition_dropout, self.note_dropout)
        # Without repeats the digits stay what they were before there was this option.
        return self._with_settings((*settings, self.repeat) if self.repeat else settings)

    def _draw(self, piece: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
        semitones = self._key(piece, random)
        ids = self._ids(piece, semitones)
        first, last = self._excerpt(piece, random)
        told = self._conditions(piece, semitones)[first:last].copy()
        told[:, self._dropped(random)] = UNKNOWN
        previous, frames = shift_targets(ids[first : last + 1])
        order = np.arange(last - first)
        if self.repeat and random.random() < self.repeat:
            order = with_repeats(len(frames), random)
            frames = frames[order]
            previous, frames = shift_targets(np.concatenate([previous[:1], frames]))
            told = self._phases(first, len(frames))
        hidden = random.random(previous.shape) < random.uniform(0, self.note_dropout)
        votes = self._look_up(piece, semitones, random) if self.tunes else ()
        votes = (one[first + order] for one in votes)
        return np.where(hidden, self.pad_id, previous), told, frames, *votes

    def _collate(self, rows: list[tuple[np.ndarray, ...]]) -> Batch:
        previous, told, frames, *votes = zip(*rows, strict=True)
        targets = padded(frames, self.pad_id)
        inputs = (padded(previous, self.pad_id), padded(told, UNKNOWN), targets)
        inputs += tuple(padded(one, 0, one[0].dtype) for one in votes)
        return Batch(inputs, targets)

    def _look_up(
        self, piece: int, semitones: int, random: np.random.Generator
    ) -> tuple[np.ndarray, ...]:
        """Look up what followed elsewhere, once a piece: it is the same in every key.

        In training, the piece itself and its twins have no vote, or a model would trust them
        blindly.
        """
        frames = self.pieces[piece].pitches
        if piece not in self._votes:
            own = self.tunes.twins(piece) if self.training else ()
            self._votes[piece] = self.tunes.votes(frames, own)
        shares, lengths = self._votes[piece]
        heard = random.random(lengths.shape[-1]) >= self.tunes_dropout  # kind
        soprano = np.append(REST, frames[:-1, 0]) + semitones
        return shares * heard[:, None], lengths * heard, soprano

    def _phases(self, first: int, n_frames: int) -> Int[np.ndarray, "frame condition"]:
        """Number the phase, if that is told, of frames that no longer stand where they stood."""
        phases = (first + np.arange(n_frames, dtype=np.int16)) % PHASE
        return np.tile(phases[:, None], len(self.conditions.names))

    def _dropped(self, random: np.random.Generator) -> list[int]:
        """Draw which columns of conditions a piece shall not be told."""
        draws = random.random(len(self.conditions.names))
        named = enumerate(zip(self.conditions.names, draws, strict=True))
        return [
            column
            for column, (name, draw) in named
            if name != "phase" and draw < self.condition_dropout
        ]

    def _conditions(self, piece: int, semitones: int) -> Int[np.ndarray, "frame condition"]:
        """Encode a piece's conditions once a key, with a row for its end if that is a target."""
        if (piece, semitones) not in self._told:
            chorale = self.pieces[piece]
            chorale = replace(chorale, key=transpose_key(chorale.key, semitones))
            ids = self.conditions.encode(chorale)
            if self.with_end:
                ids = np.concatenate([ids, self._told_at_the_end(chorale, ids)])
            if "key" in self.conditions.names and not _ends_on_tonic(self.pieces[piece]):
                ids[:, self.conditions.names.index("key")] = UNKNOWN
            self._told[piece, semitones] = ids.astype(np.int16)
        return self._told[piece, semitones]

    def _told_at_the_end(
        self, chorale: Chorale, ids: Int[np.ndarray, "frame condition"]
    ) -> Int[np.ndarray, "1 condition"]:
        """Encode the frame after the last one: the bar goes on, nothing more remains.

        If instead it were left unknown, being told nothing would give the end away.
        """
        one_longer = replace(
            chorale,
            pitches=np.vstack([chorale.pitches, np.full_like(chorale.pitches[:1], REST)]),
            attacks=np.vstack([chorale.attacks, np.zeros_like(chorale.attacks[:1])]),
            fermatas=np.append(chorale.fermatas, chorale.fermatas[-1:]),
            beats=np.append(chorale.beats, (chorale.beats[-1:] + 1) % _bar_length(chorale)),
        )
        after = self.conditions.encode(one_longer)[-1:]
        if "remaining" in self.conditions.names:
            column = self.conditions.names.index("remaining")
            after[:, column] = ids[-1:, column]
        return after


def _ends_on_tonic(chorale: Chorale) -> bool:
    """Tell whether the last bass note is the tonic of the piece's key."""
    bass = chorale.pitches[chorale.pitches[:, -1] != REST, -1]
    if sharps_of(chorale.key) is None or not bass.size:
        return False
    return bool(bass[-1] % 12 == tonic_pitch_class(chorale.key.partition(" ")[0]))


def _bar_length(chorale: Chorale) -> int:
    """Length of a bar in frames; of a metre that the grid cannot hold, any."""
    try:
        return chorale.frames_per_bar
    except ValueError:
        return len(chorale)

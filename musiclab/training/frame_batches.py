"""Batches for the model over frames: one position a 16th note, four targets each."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Int

from musiclab.errors import SettingError
from musiclab.music.chorale import REST, Chorale
from musiclab.tokens.conditions import UNKNOWN, Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.batches import Batch, ChoraleBatches, padded


class FrameBatches(ChoraleBatches):
    """Draw batches for a ``FrameTransformer``.

    ``inputs`` are ``previous`` (batch, seq, voice), the frames one step late with the start row
    before the first; ``conditions`` (batch, seq, condition), told about the frame to be written;
    and the frames themselves, ``targets``, so that each voice hears those above it.
    A crop that starts inside a piece keeps the true frame before it as its first ``previous``.

    Args:
        pieces: The chorales.
        tokenizer: Of layout "frames".
        conditions: What is told about each frame; by default nothing.
        condition_dropout: Probability with which a piece is not told a condition (each on its
            own; "phase" always is). A model so trained can also write when it is not told.
        note_dropout: The largest share of the past notes to hide (as pads) from a piece; each piece
            draws its own share below it. A model so trained cannot rely on any one note, and
            learns such a small corpus by heart less soon.
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
        **options: Any,
    ) -> None:
        super().__init__(pieces, tokenizer, **options)
        if tokenizer.layout != "frames":
            raise SettingError(
                f'frames need a tokeniser of layout "frames", got "{tokenizer.layout}"'
            )
        shares = {"condition_dropout": condition_dropout, "note_dropout": note_dropout}
        for name, share in shares.items():
            if not 0 <= share <= 1:
                raise SettingError(f"{name} must lie in [0, 1], got {share}")
        self.conditions = Conditions(()) if conditions is None else conditions
        self.condition_dropout = condition_dropout if self.training else 0.0
        self.note_dropout = note_dropout if self.training else 0.0
        self._told: dict[int, np.ndarray] = {}

    @property
    def fingerprint(self) -> str:
        """Twelve digits that change with any note of any piece, or with a setting."""
        return self._with_settings(
            (self.conditions.names, self.condition_dropout, self.note_dropout)
        )

    def _draw(self, piece: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
        ids = self._ids(piece, self._key(piece, random))
        first, last = self._stretch(piece, random)
        told = self._conditions(piece)[first:last].copy()
        told[:, self._dropped(random)] = UNKNOWN
        hidden = random.random(ids[first:last].shape) < random.uniform(0, self.note_dropout)
        previous = np.where(hidden, self.pad_id, ids[first:last])
        return previous, told, ids[first + 1 : last + 1]

    def _collate(self, rows: list[tuple[np.ndarray, ...]]) -> Batch:
        previous, told, frames = zip(*rows, strict=True)
        targets = padded(frames, self.pad_id)
        inputs = (padded(previous, self.pad_id), padded(told, UNKNOWN), targets)
        return Batch(inputs, targets)

    def _dropped(self, random: np.random.Generator) -> list[int]:
        """Draw which columns of conditions a piece shall not be told."""
        draws = random.random(len(self.conditions.names))
        named = enumerate(zip(self.conditions.names, draws, strict=True))
        return [
            column
            for column, (name, draw) in named
            if name != "phase" and draw < self.condition_dropout
        ]

    def _conditions(self, piece: int) -> Int[np.ndarray, "frame condition"]:
        """Encode a piece's conditions once, with a row for its end if that is a target."""
        if piece not in self._told:
            chorale = self.pieces[piece]
            ids = self.conditions.encode(chorale)
            if self.with_end:
                ids = np.concatenate([ids, self._told_at_the_end(chorale, ids)])
            self._told[piece] = ids.astype(np.int16)
        return self._told[piece]

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


def _bar_length(chorale: Chorale) -> int:
    """Length of a bar in frames; of a metre that the grid cannot hold, any."""
    try:
        return chorale.frames_per_bar
    except ValueError:
        return len(chorale)

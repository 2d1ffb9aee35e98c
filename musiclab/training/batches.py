"""Batches: which pieces a step learns from, in which key, padded to one length.

Batch number n follows from the seed and n alone, so a resumed training needs to know only its step,
and several processes agree without communicating.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Int, Shaped
from numpy.typing import DTypeLike
from torch import Tensor

from musiclab.checks import check_whole
from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.transposition import VoiceRanges, semitones_within, voice_ranges
from musiclab.tokens.grid import GridTokenizer

LENGTH_JITTER = 0.1  # pieces within about this share of a length may meet in one batch


class Batch(NamedTuple):
    """What a model reads, and what it should predict.

    ``model(*batch.inputs)`` gives logits, one row of the vocabulary for each of ``targets``. Models
    over frames read the targets too: each voice sees the voices above it in the same frame.
    """

    inputs: tuple[Tensor, ...]
    targets: Int[Tensor, "batch ..."]  # pad_id where there is nothing to predict

    def to(self, device: torch.device | str) -> "Batch":
        """Move every tensor to a device."""
        return Batch(tuple(one.to(device) for one in self.inputs), self.targets.to(device))

    def rows(self, chosen: slice) -> "Batch":
        """Keep some of the pieces."""
        return Batch(tuple(one[chosen] for one in self.inputs), self.targets[chosen])


class ChoraleBatches(ABC):
    """Draw batches of chorales; subclasses decide what a model reads of them.

    In training, each epoch visits every piece once, in random order, with pieces of similar length
    together, since a batch is as long as its longest piece. Each is transposed to a random key in
    which no voice leaves its range.

    Args:
        pieces: The chorales.
        tokenizer: Turns each into ids.
        batch_size: Pieces in a batch; an epoch's last batch may have fewer.
        crop: Learn from a random excerpt of this many frames of each piece; None: from it all.
        transpose: Whether to move pieces to other keys.
        ranges: Lowest and highest pitch of each voice; by default as found in ``pieces``.
        with_end: Whether the model is to predict where a piece ends.
        training: False gives every piece whole, in order and in its own key, for validation.
        seed: Decides everything random.

    Raises:
        SettingError: If there is no piece, or a size is out of range.
    """

    def __init__(
        self,
        pieces: Sequence[Chorale],
        tokenizer: GridTokenizer,
        *,
        batch_size: int = 16,
        crop: int | None = None,
        transpose: bool = True,
        ranges: VoiceRanges | None = None,
        with_end: bool = False,
        training: bool = True,
        seed: int = 0,
    ) -> None:
        if not pieces:
            raise SettingError("there is no piece to learn from; give at least one chorale")
        check_whole("batch_size", batch_size, lowest=1)
        if crop is not None:
            check_whole("crop", crop, lowest=1, remedy="None takes all frames")
        self.pieces, self.tokenizer = list(pieces), tokenizer
        self.batch_size, self.crop = batch_size, crop if training else None
        self.with_end, self.training, self.seed = with_end, training, seed
        self.lengths = np.array([len(piece) for piece in self.pieces])
        self.shifts = [range(1)] * len(self.pieces)
        if transpose and training:
            ranges = voice_ranges(self.pieces) if ranges is None else ranges
            vocabulary = (tokenizer.lowest, tokenizer.highest)
            self.shifts = [semitones_within(piece, ranges, vocabulary) for piece in self.pieces]
        self._encoded: dict[tuple[int, int], np.ndarray] = {}
        self._epoch: tuple[int, list[np.ndarray]] | None = None

    @property
    def pad_id(self) -> int:
        """The id that marks padding."""
        return self.tokenizer.pad_id

    @property
    def fingerprint(self) -> str:
        """Twelve digits that change with any note of any piece, or with a setting."""
        return self._with_settings(())

    def _with_settings(self, more: tuple[Any, ...]) -> str:
        settings = (self.batch_size, self.crop, self.with_end, self.training, self.seed, *more)
        digest = sha256(repr((settings, self.shifts, self.tokenizer.fingerprint)).encode())
        for piece in self.pieces:
            for array in (piece.pitches, piece.attacks, piece.fermatas, piece.beats):
                digest.update(array.tobytes())
            digest.update(repr((len(piece), piece.key, piece.time_signature)).encode())
        return digest.hexdigest()[:12]

    def __len__(self) -> int:
        """Count the batches of one epoch."""
        return -(-len(self.pieces) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        """Iterate over the batches of the first epoch."""
        return (self.batch(number) for number in range(len(self)))

    def batch(self, number: int) -> Batch:
        """Build the batch of step ``number``, counted from 0; the same whenever it is asked for."""
        random = np.random.default_rng([self.seed, number, 1])
        chosen = self.chosen(number).tolist()
        return self._collate([self._draw(piece, random) for piece in chosen])

    def chosen(self, number: int) -> Int[np.ndarray, " batch"]:
        """List which pieces are in batch ``number``."""
        epoch, place = divmod(number, len(self))
        if self._epoch is None or self._epoch[0] != epoch:
            self._epoch = (epoch, self._shuffled(epoch))
        return self._epoch[1][place]

    def _shuffled(self, epoch: int) -> list[Int[np.ndarray, " batch"]]:
        """Divide the pieces among an epoch's batches."""
        order = np.arange(len(self.pieces))
        starts = range(0, len(order), self.batch_size)
        if not self.training:
            return [order[start : start + self.batch_size] for start in starts]
        random = np.random.default_rng([self.seed, epoch, 0])
        lengths = self.lengths if self.crop is None else np.minimum(self.lengths, self.crop)
        # Jitter varies which pieces meet in a batch.
        jitter = random.uniform(1 - LENGTH_JITTER, 1 + LENGTH_JITTER, len(lengths))
        order = np.argsort(lengths * jitter)
        batches = [order[start : start + self.batch_size] for start in starts]
        return [batches[place] for place in random.permutation(len(batches))]

    def _key(self, piece: int, random: np.random.Generator) -> int:
        """Draw by how many semitones to move a piece."""
        return int(random.choice(self.shifts[piece]))

    def _excerpt(self, piece: int, random: np.random.Generator) -> tuple[int, int]:
        """Draw the first frame of a piece to learn from, and the one after the last."""
        length = int(self.lengths[piece]) + self.with_end  # the end is one frame more
        if self.crop is None or length <= self.crop:
            return 0, length
        first = int(random.integers(length - self.crop + 1))
        return first, first + self.crop

    def _ids(self, piece: int, semitones: int) -> Int[np.ndarray, "..."]:
        """Encode a piece in a key; each is encoded once."""
        if (piece, semitones) not in self._encoded:
            chorale = self.pieces[piece]
            moved = chorale.transpose(semitones) if semitones else chorale
            self._encoded[piece, semitones] = self.tokenizer.encode(moved).astype(np.int16)
        return self._encoded[piece, semitones]

    @abstractmethod
    def _draw(self, piece: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
        """Cut one piece into the arrays of a batch's row, time running down."""

    @abstractmethod
    def _collate(self, rows: list[tuple[np.ndarray, ...]]) -> Batch:
        """Pad the rows to one length and stack them."""


def shift_targets(
    ids: Int[np.ndarray, "seq_and_one ..."],
) -> tuple[Int[np.ndarray, "seq ..."], Int[np.ndarray, "seq ..."]]:
    """Split ids into what a model reads and what it should predict: the same, one step later.

    Example:
        >>> shift_targets(np.array([5, 6, 7]))
        (array([5, 6]), array([6, 7]))
    """
    return ids[:-1], ids[1:]


def padded(
    rows: Sequence[Shaped[np.ndarray, "_ ..."]], pad_id: int, dtype: DTypeLike = np.int64
) -> Shaped[Tensor, "batch seq ..."]:
    """Stack arrays of different lengths, filling up with ``pad_id``.

    Example:
        >>> padded([np.array([5, 6, 7]), np.array([8])], pad_id=0)
        tensor([[5, 6, 7],
                [8, 0, 0]])
    """
    longest = max(len(row) for row in rows)
    stacked = np.full((len(rows), longest, *rows[0].shape[1:]), pad_id, dtype=dtype)
    for number, row in enumerate(rows):
        stacked[number, : len(row)] = row
    return torch.from_numpy(stacked)

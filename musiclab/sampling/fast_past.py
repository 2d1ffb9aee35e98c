"""What a frame model is shown of the past, before one frame: ``look_back`` in fewer calls.

Of all the questions that ``musiclab.model.past`` asks at every frame of a piece, a piece that is
being written needs the answers for its newest frame alone.
"""

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from musiclab.model.frame_embedding import OLDEST
from musiclab.model.frames import FrameTransformer
from musiclab.model.past import HIDDEN, Past, profiles_of_key
from musiclab.model.profiles import OCTAVE
from musiclab.model.recall import LONGEST

Rows = Int[np.ndarray, "batch seq voice"]
Newest = Int[np.ndarray, "batch voice"]


class FastPast:
    """Collect what is shown of the past before the newest frame; no token may be hidden.

    Args:
        model: Says what to collect.
        frames: Length of the piece.
    """

    def __init__(self, model: FrameTransformer, frames: int) -> None:
        self.model, self.config = model, model.config
        self.relations = model.relations.numpy()
        self.pitches = model.pitches.numpy()
        voices = range(self.config.n_voices)
        self.upper, self.lower = np.triu_indices(len(voices), k=1)
        self.others = np.array([[one for one in voices if one != voice] for voice in voices])
        # One number a frame: digits to the base of the vocabulary. Few enough digits for 64 bits.
        self.digits = self.config.vocab_size ** np.arange(len(voices))
        if self.config.n_profiles:
            memories = np.array(self.config.memories).reshape(-1, 1)
            self.weights = np.exp(-np.arange(frames) / memories)[:, ::-1]
            self.classes = np.where(self.pitches < 0, OCTAVE, self.pitches % OCTAVE)
            self.turned = (np.arange(OCTAVE)[:, None] + np.arange(OCTAVE)) % OCTAVE
            places = (self.config.key_condition, self.config.end_condition)
            self.told = [place for place in places if place is not None]
            self.key_told: bytes | None = None

    def __call__(
        self,
        previous: Int[Tensor, "batch seq voice"],
        first: int,
        conditions: Int[Tensor, "batch seq condition"],
    ) -> Past:
        """Look back from each frame from ``first`` on, as ``FrameTransformer.look_back`` does."""
        if previous.shape[1] > first + 1:  # a prompt
            return self.model.look_back(previous, first, conditions)
        config, relations, rows = self.config, self.relations, previous.numpy()
        now = rows[:, -1]
        columns, anchors = [now, _held(rows)], [now[..., None]]
        if config.n_relations:
            columns.append(relations[rows[:, -2:][:, 0], now])
            columns.append(relations[now[:, self.upper], now[:, self.lower]])
        if config.n_earlier:
            earlier, later = self._earlier(rows), now
            for token in earlier:
                columns += [token, relations[token, later]]
                later = token
            anchors.append(np.stack(earlier, axis=-1))
        if config.neighbours:
            anchors.append(now[:, self.others])
        if config.recall:
            for keys in (rows @ self.digits, rows[:, :, 0]):
                found, grade = _followed(rows, keys)
                columns += [found, grade]
                anchors.append(found[..., None])
        past = [np.concatenate(columns, axis=-1), np.concatenate(anchors, axis=-1)]
        if config.n_profiles:
            past += self._profiles(rows, conditions[:, -1:])
        return Past(*(torch.from_numpy(one)[:, None] for one in past))

    def _earlier(self, rows: Rows) -> list[Newest]:
        """Look up the notes that each voice sang before, the last first."""
        sung = self.pitches[rows]
        begins = np.where(sung[:, 1:] != sung[:, :-1], np.arange(1, rows.shape[1])[:, None], 0)
        # Where the note ended that came before the one of each frame.
        ends = np.maximum.accumulate(np.maximum(begins - 1, 0), axis=1)
        piece, voice = np.ogrid[: len(rows), : rows.shape[2]]
        found, place = [], np.full_like(rows[:, 0], rows.shape[1] - 1)
        for _ in range(self.config.n_earlier):
            place = np.where(place > 0, ends[piece, place - 1, voice], 0) if ends.size else place
            found.append(rows[piece, place, voice])
        return found

    def _profiles(
        self, rows: Rows, conditions: Int[Tensor, "batch 1 condition"]
    ) -> list[Float[np.ndarray, "batch any memory 12"]]:
        """Weigh the pitch classes of the past; see them from every class, and from each voice."""
        batch, seq, _ = rows.shape
        places = self.classes[rows] + (OCTAVE + 1) * np.arange(batch)[:, None, None]
        profile = np.empty((batch, len(self.weights), OCTAVE))
        for memory, weight in enumerate(self.weights[:, -seq:]):
            each = np.broadcast_to(weight[:, None], rows.shape).ravel()
            sums = np.bincount(places.ravel(), each, minlength=batch * (OCTAVE + 1))
            profile[:, memory] = sums.reshape(batch, OCTAVE + 1)[:, :OCTAVE]
        profile *= OCTAVE / np.maximum(profile.sum(axis=-1, keepdims=True), 1e-6)
        profile -= 1
        profile = profile.astype(np.float32)
        if self.config.key_condition is not None:
            profile = np.concatenate([profile, self._of_key(conditions)], axis=1)
        seen = profile[..., self.turned].swapaxes(1, 2)
        classes = np.maximum(self.pitches[rows[:, -1]], 0) % OCTAVE
        read = seen[:, :, : self.config.n_profiles_read]
        return [seen, read[np.arange(batch)[:, None], classes]]

    def _of_key(
        self, conditions: Int[Tensor, "batch 1 condition"]
    ) -> Float[np.ndarray, "batch profile 12"]:
        """Show the key; from one frame to the next it is mostly the same, and then kept."""
        told = conditions[..., self.told].numpy().tobytes()
        if told != self.key_told:
            self.key_told = told
            self.key_shown = profiles_of_key(conditions, self.config)[:, 0].numpy()
        return self.key_shown


def _held(rows: Rows) -> Newest:
    """Count for how many frames each voice has kept its token."""
    recent = rows[:, -1 : -OLDEST - 2 : -1]
    same = np.logical_and.accumulate(recent == recent[:, :1], axis=1)
    return same.sum(axis=1) - 1


def _followed(
    rows: Rows, keys: Int[np.ndarray, "batch seq"]
) -> tuple[Newest, Int[np.ndarray, "batch 1"]]:
    """Find the frame that followed the longest agreement with the newest frames; see ``recall``.

    Args:
        rows: What each voice did in each frame.
        keys: Frames agree where their keys do.
    """
    batch, seq = keys.shape
    if seq < 3:
        return np.full_like(rows[:, 0], HIDDEN), np.zeros((batch, 1), dtype=np.int64)
    backwards = np.full((batch, seq + LONGEST - 1), -1)  # before the piece is what nothing equals
    backwards[:, :seq] = keys[:, ::-1]
    recent = sliding_window_view(backwards, LONGEST, axis=1)
    differs = recent[:, 2:] != recent[:, :1]
    agree = np.where(differs.any(axis=2), differs.argmax(axis=2), LONGEST)
    ago = agree_grade(agree)
    best = ago.argmax(axis=1)
    grade = ago[np.arange(batch), best]
    found = rows[np.arange(batch), seq - 2 - best]
    return np.where(grade[:, None] > 0, found, HIDDEN), grade[:, None]


def agree_grade(frames: Int[np.ndarray, "*any"]) -> Int[np.ndarray, "*any"]:
    """Grade a number of frames: 0 for none, else 1 + log2, rounded down."""
    return np.frexp(frames.astype(np.float32))[1].astype(np.int64)

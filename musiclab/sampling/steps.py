"""One way to write with both kinds of model: over frames, or over one long row of notes.

A step scores the next voice of the current frame, given the voices above it; ``write`` ends the
frame. Each keeps what was written and, unless told otherwise, a cache, so that nothing is computed
twice.
"""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.model.frames import FrameTransformer
from musiclab.model.past import Past
from musiclab.model.transformer import Transformer
from musiclab.music.chorale import VOICES
from musiclab.tokens.grid import GridTokenizer

Frame = Int[Tensor, "batch voice"]


@runtime_checkable
class Scores(Protocol):
    """Whatever scores the voices of a frame one after another."""

    @property
    def previous(self) -> Frame:
        """The frame before the current one."""

    def score(self, chosen: Int[Tensor, "batch n_chosen"]) -> Float[Tensor, "batch vocab"]:
        """Score the next voice."""


class FrameSteps:
    """Write with a ``FrameTransformer``: its trunk runs once a frame, its head once a voice."""

    def __init__(
        self,
        model: FrameTransformer,
        start_id: int,
        conditions: Int[Tensor, "frame condition"],
        batch: int,
        cached: bool = True,
    ) -> None:
        self.model, self.frame = model, 0
        frames, n_voices = len(conditions), model.config.n_voices
        self.conditions = conditions.expand(batch, *conditions.shape)
        shape = (batch, frames + 1, n_voices)
        self.rows = torch.full(shape, start_id, device=conditions.device)
        self.cache = model.new_cache(batch, frames) if cached else None
        self.hidden: Float[Tensor, "batch d_model"] | None = None  # of the current frame
        self.past: Past | None = None

    @property
    def previous(self) -> Frame:
        """The frame before the current one."""
        return self.rows[:, self.frame]

    def score(self, chosen: Int[Tensor, "batch n_chosen"]) -> Float[Tensor, "batch vocab"]:
        """Score the next voice; the first call in a frame reads whatever is unread."""
        if self.hidden is None:
            rows = self.rows[:, : self.frame + 1]
            told = self.conditions[:, : self.frame + 1]
            read = 0 if self.cache is None else self.cache.length
            self.past = self.model.look_back(rows, read, told)
            self.hidden = self.model.trunk(rows, told, self.cache, self.past)[:, -1]
        return self.model.next_voice(self.hidden, self.past, chosen)

    def write(self, frame: Frame) -> None:
        """Finish the current frame."""
        self.frame += 1
        self.rows[:, self.frame] = frame
        self.hidden = None

    def select(self, rows: Int[Tensor, " new_batch"]) -> None:
        """Keep these pieces of the batch."""
        self.rows, self.conditions = self.rows[rows], self.conditions[rows]
        if self.hidden is not None:
            self.hidden, self.past = self.hidden[rows], self.past.select(rows)
        if self.cache is not None:
            self.cache.select(rows)


class NoteSteps:
    """Write with a ``Transformer`` over notes: start, then S A T B of each frame in one row."""

    def __init__(
        self,
        model: Transformer,
        start_id: int,
        frames: int,
        batch: int,
        cached: bool = True,
    ) -> None:
        self.model, self.start_id, self.frame = model, start_id, 0
        device = model.to_logits.weight.device
        self.ids = torch.full((batch, 1 + frames * len(VOICES)), start_id, device=device)
        self.cache = model.new_cache(batch, self.ids.shape[1]) if cached else None

    @property
    def previous(self) -> Frame:
        """The frame before the current one."""
        begin = 1 + (self.frame - 1) * len(VOICES)
        if self.frame == 0:
            return torch.full_like(self.ids[:, :1], self.start_id).expand(-1, len(VOICES))
        return self.ids[:, begin : begin + len(VOICES)]

    def score(self, chosen: Int[Tensor, "batch n_chosen"]) -> Float[Tensor, "batch vocab"]:
        """Score the next voice, reading whatever is unread; call it once a voice."""
        begin = 1 + self.frame * len(VOICES)
        end = begin + chosen.shape[1]
        self.ids[:, begin:end] = chosen
        read = 0 if self.cache is None else self.cache.length
        return self.model(self.ids[:, read:end], self.cache)[:, -1]

    def write(self, frame: Frame) -> None:
        """Finish the current frame."""
        begin = 1 + self.frame * len(VOICES)
        self.ids[:, begin : begin + len(VOICES)] = frame
        self.frame += 1

    def select(self, rows: Int[Tensor, " new_batch"]) -> None:
        """Keep these pieces of the batch."""
        self.ids = self.ids[rows]
        if self.cache is not None:
            self.cache.select(rows)


Steps = FrameSteps | NoteSteps


def longest_piece(model: FrameTransformer | Transformer, tokenizer: GridTokenizer) -> int:
    """Count the frames that a model can look back on."""
    per_frame = len(VOICES) if tokenizer.layout == "notes" else 1
    return model.config.max_seq // per_frame


def steps_for(
    model: FrameTransformer | Transformer,
    tokenizer: GridTokenizer,
    *,
    frames: int,
    conditions: Int[Tensor, "frame condition"] | None = None,
    batch: int = 1,
    cached: bool = True,
) -> Steps:
    """Choose the steps that suit a model, and check that they fit each other.

    Args:
        model: The model; ``tokenizer`` is the one it was trained with.
        tokenizer: In layout "frames" for a ``FrameTransformer``, "notes" for a ``Transformer``.
        frames: Length of the piece.
        conditions: What the model is told about each frame; None if it is told nothing.
        batch: Pieces to write at once.
        cached: Remember what was computed. Without, everything is computed anew at each step.

    Returns:
        Steps that stand at the first frame.

    Raises:
        SettingError: If the piece is longer than the model can look back, or a part does not fit.
    """
    longest = longest_piece(model, tokenizer)
    if not 1 <= frames <= longest:
        raise SettingError(
            f"this model writes pieces of 1 to {longest} frames (16th notes), got {frames}; "
            "ask for fewer bars or cut the piece with excerpt"
        )
    layout = "frames" if isinstance(model, FrameTransformer) else "notes"
    if not isinstance(model, FrameTransformer | Transformer) or tokenizer.layout != layout:
        raise SettingError(
            f'a {type(model).__name__} cannot write with a tokeniser of layout "'
            f'{tokenizer.layout}"; use a FrameTransformer with "frames", a Transformer with "notes"'
        )
    if model.config.vocab_size != tokenizer.vocab_size:
        raise SettingError(
            f"the model knows {model.config.vocab_size} tokens and the tokeniser "
            f"{tokenizer.vocab_size}; use the tokeniser that the model was trained with"
        )
    if layout == "notes":
        return NoteSteps(model, tokenizer.start_id, frames, batch, cached)
    n_conditions = len(model.config.condition_sizes)
    if conditions is None:
        conditions = torch.empty(frames, 0, dtype=torch.int64)
    if conditions.shape != (frames, n_conditions):
        raise SettingError(
            f"this model is told {n_conditions} conditions of each of {frames} frames, got shape "
            f"{tuple(conditions.shape)}; make them with Conditions.plan"
        )
    device = model.embed.table.weight.device
    return FrameSteps(model, tokenizer.start_id, conditions.to(device), batch, cached)

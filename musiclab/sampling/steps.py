"""Score one voice after another with any model: over frames, over notes, or under a melody.

``score`` scores the next voice of the current frame, given the voices above it; ``write`` ends the
frame. What was written is kept, and with a cache nothing is computed twice.
"""

from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from musiclab.checks import check_whole
from musiclab.errors import SettingError
from musiclab.inference import predicting
from musiclab.music.chorale import VOICES
from musiclab.tokens.grid import GridTokenizer
from musiclab.tokens.melody import MELODY_SIZES

Frame = Int[Tensor, "batch voice"]
Chosen = Int[Tensor, "batch n_chosen"]
MOST_AT_ONCE = 16_384  # pieces


class Steps:
    """The frames written so far, of each piece of a batch; a subclass scores the next voice.

    Args:
        model: What scores.
        start_id: The token that stands before the music.
        frames: Length of the pieces.
        batch: Pieces to write at once.
        cached: Remember what was computed, if the model can.
    """

    positions_per_frame = 1

    def __init__(
        self, model: nn.Module, start_id: int, frames: int, batch: int = 1, cached: bool = True
    ) -> None:
        self.model, self.frame = model, 0  # the current frame
        device = next(model.parameters()).device
        self.rows = torch.full((batch, frames + 1, len(VOICES)), start_id, device=device)
        positions = frames * self.positions_per_frame
        can_cache = cached and hasattr(model, "new_cache")
        self.cache = model.new_cache(batch, positions) if can_cache else None

    @property
    def previous(self) -> Frame:
        """The frame before the current one; start tokens before the first."""
        return self.rows[:, self.frame]

    @property
    def written(self) -> Int[Tensor, "batch frame voice"]:
        """All frames that stand."""
        return self.rows[:, 1 : self.frame + 1]

    @property
    def read(self) -> int:
        """How many positions the cache holds."""
        return 0 if self.cache is None else self.cache.length

    def score(self, chosen: Chosen) -> Float[Tensor, "batch vocab"]:
        """Score the next voice, after those of this frame that stand already."""
        raise NotImplementedError

    def write(self, frame: Frame) -> None:
        """Finish the current frame."""
        self.frame += 1
        self.rows[:, self.frame] = frame

    def select(self, rows: Int[Tensor, " new_batch"]) -> None:
        """Keep these pieces of the batch; call it between two frames."""
        self.rows = self.rows[rows]
        if self.cache is not None:
            self.cache.select(rows)


class FrameSteps(Steps):
    """Write with a model over frames: its trunk runs once a frame, its head once a voice.

    Args:
        model: With ``trunk`` and ``next_voice``, and ``encode`` if there is a melody to read.
        start_id: As for ``Steps``.
        conditions: The conditions of each frame.
        source: The melody that the model reads before it writes, as ``melody_source`` gives it.
        batch: As for ``Steps``.
        cached: As for ``Steps``.
    """

    def __init__(
        self,
        model: nn.Module,
        start_id: int,
        conditions: Int[Tensor, "frame condition"],
        source: Int[Tensor, "frame column"] | None = None,
        batch: int = 1,
        cached: bool = True,
    ) -> None:
        super().__init__(model, start_id, len(conditions), batch, cached)
        self.conditions = conditions.to(self.rows.device).expand(batch, -1, -1)
        self.trunk = model.trunk
        if source is not None:
            source = source.to(self.rows.device).expand(batch, -1, -1)
            with predicting(model):
                self.trunk = partial(model.trunk, model.encode(source, self.conditions))
        self.scorer: partial | None = None  # of the current frame

    def score(self, chosen: Chosen) -> Float[Tensor, "batch vocab"]:
        """Score the next voice; the first call in a frame reads whatever is unread."""
        if self.scorer is None:
            self.scorer = self._read_past()
        return self.scorer(chosen)

    def _read_past(self) -> partial:
        """Run the trunk on the frames that it has not read, and return its head for the newest."""
        rows = self.rows[:, : self.frame + 1]
        conditions = self.conditions[:, : self.frame + 1]
        memories = self.model.memories(rows, conditions, self.read)
        hidden = self.trunk(rows, conditions, self.cache, memories)[:, -1]
        return partial(self.model.next_voice, hidden, memories)

    def write(self, frame: Frame) -> None:
        """Finish the current frame."""
        super().write(frame)
        self.scorer = None


class NoteSteps(Steps):
    """Write with a model over notes: start, then S A T B of each frame in one row."""

    positions_per_frame = len(VOICES)

    def score(self, chosen: Chosen) -> Float[Tensor, "batch vocab"]:
        """Score the next voice, reading whatever is unread; call it once a voice."""
        self.rows[:, self.frame + 1, : chosen.shape[1]] = chosen
        ids = self.rows.flatten(1)[:, len(VOICES) - 1 :]  # one start token, then the notes
        ids = ids[:, self.read : 1 + self.frame * len(VOICES) + chosen.shape[1]]
        logits = self.model(ids) if self.cache is None else self.model(ids, self.cache)
        return logits[:, -1]


def steps_for(
    model: nn.Module,
    tokenizer: GridTokenizer,
    *,
    frames: int,
    conditions: Int[Tensor, "frame condition"] | None = None,
    source: Int[Tensor, "source_frame column"] | None = None,
    batch: int = 1,
    cached: bool = True,
) -> Steps:
    """Choose the steps that suit a model, and check that the parts fit each other.

    Args:
        model: The model; ``tokenizer`` is the one it was trained with.
        tokenizer: In layout "frames" for a model over frames, "notes" for one over notes.
        frames: Length of the piece.
        conditions: The conditions of each frame; None for a model without any.
        source: The melody, for a model that reads it before it writes.
        batch: Pieces to write at once.
        cached: Remember what was computed. Without, everything is computed anew at each step.

    Returns:
        Steps that stand at the first frame.

    Raises:
        SettingError: If the piece is longer than the model can look back, or a part does not fit.
    """
    layout, config = "frames" if hasattr(model, "next_voice") else "notes", model.config
    if tokenizer.layout != layout:
        raise SettingError(
            f"a {type(model).__name__} writes {layout} and cannot use a tokeniser of layout "
            f'"{tokenizer.layout}"; use the one that the model was trained with'
        )
    if config.vocab_size != tokenizer.vocab_size:
        raise SettingError(
            f"the model has {config.vocab_size} tokens and the tokeniser {tokenizer.vocab_size}; "
            "use the tokeniser that the model was trained with"
        )
    longest = config.max_seq // (len(VOICES) if layout == "notes" else 1)
    if not 1 <= check_whole("frames", frames) <= longest:
        raise SettingError(
            f"this model writes pieces of 1 to {longest} frames ({longest // 16} bars of 4/4), got "
            f"{frames}; ask for fewer bars or a shorter piece"
        )
    check_whole("batch", batch, lowest=1, highest=MOST_AT_ONCE, remedy="8 are plenty")
    if layout == "notes":
        return NoteSteps(model, tokenizer.start_id, frames, batch, cached)
    n_conditions = len(config.condition_sizes)
    if conditions is None:
        conditions = torch.empty(frames, 0, dtype=torch.int64)
    if conditions.shape != (frames, n_conditions):
        raise SettingError(
            f"this model needs {n_conditions} conditions of each of {frames} frames, got shape "
            f"{tuple(conditions.shape)}; make them with Conditions.plan"
        )
    _check_source(model, source, frames)
    return FrameSteps(model, tokenizer.start_id, conditions, source, batch, cached)


def _check_source(
    model: nn.Module, source: Int[Tensor, "source_frame column"] | None, frames: int
) -> None:
    """Refuse a melody that the model cannot read, or none where it needs one."""
    name = type(model).__name__
    if not hasattr(model, "encode"):
        if source is not None:
            raise SettingError(f"a {name} reads no melody before it writes; leave the source out")
        return
    if source is None or len(source) != frames:
        raise SettingError(
            f"a {name} reads a melody before it writes; give it a melody of {frames} frames as "
            f"source, got {None if source is None else len(source)}"
        )
    if model.config.source_sizes != MELODY_SIZES:
        raise SettingError(
            f"the model reads columns of {model.config.source_sizes} ids of a melody, this "
            f"musiclab writes {MELODY_SIZES}; use the release that trained it"
        )

"""Write under a melody with a model that has read it to its end: no voice is guessed in the dark.

The melody is encoded once. Then alto, tenor and bass of each frame are drawn in order, as
``musiclab.sampling.generate`` draws all four.
"""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.inference import predicting
from musiclab.model.frame_encoder_decoder import FrameEncoderDecoder, Memory
from musiclab.model.past import Past
from musiclab.music.chorale import Chorale
from musiclab.sampling.generate import WrittenFrame, draw, log_probabilities, one_core
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.opening import tokens_of
from musiclab.sampling.settings import Settings
from musiclab.tokens.grid import GridTokenizer
from musiclab.tokens.melody import MELODY_SIZES, melody_columns

Frame = Int[Tensor, "batch voice"]


def melody_source(tune: Chorale, tokenizer: GridTokenizer) -> Int[Tensor, "frame column"]:
    """Number a melody as the encoder reads it: the soprano's token, then ``melody_columns``.

    Raises:
        SettingError: If a pitch has no token; the message says how far to transpose.
    """
    tokens = tokens_of(tune, tokenizer, "the melody")
    return torch.from_numpy(np.column_stack([tokens[:, 0], melody_columns(tune)]))


class HarmonySteps:
    """Score one voice after another under a melody that is known whole.

    Args:
        model: The model; ``tokenizer`` is the one it was trained with.
        tokenizer: In layout "frames".
        source: The melody, as ``melody_source`` gives it.
        conditions: What the model is told about each frame.
        batch: Harmonisations to write at once.
        cached: Remember what was computed; the scores are the same without, only slower.

    Raises:
        SettingError: If the melody is longer than the model can read, or a part does not fit.
    """

    def __init__(
        self,
        model: FrameEncoderDecoder,
        tokenizer: GridTokenizer,
        source: Int[Tensor, "frame column"],
        conditions: Int[Tensor, "all_frames condition"],
        batch: int = 1,
        cached: bool = True,
    ) -> None:
        _check_fit(model, tokenizer, source, conditions)
        self.model, self.frame = model, 0
        device = model.embed.table.weight.device
        told = conditions.to(device)[None]
        with predicting(model), one_core(model):
            heard = model.encode(source.to(device)[None], told)
        self.memory = Memory(heard.states.expand(batch, -1, -1), heard.visible)
        self.conditions = told.expand(batch, -1, -1)
        shape = (batch, len(source) + 1, model.config.n_voices)
        self.rows = torch.full(shape, tokenizer.start_id, device=device)
        self.melody = source[:, :1].to(device)
        self.cache = model.new_cache(batch, len(source)) if cached else None
        self.hidden: Float[Tensor, "batch d_model"] | None = None  # of the current frame
        self.past: Past | None = None

    @property
    def previous(self) -> Frame:
        """The frame before the current one."""
        return self.rows[:, self.frame]

    @property
    def given(self) -> Int[Tensor, "batch 1"]:
        """The melody's token in the current frame."""
        return self.melody[self.frame].expand(len(self.rows), 1)

    def score(self, chosen: Int[Tensor, "batch n_chosen"]) -> Float[Tensor, "batch vocab"]:
        """Score the next voice; the first call in a frame reads whatever is unread."""
        if self.hidden is None:
            rows = self.rows[:, : self.frame + 1]
            read = 0 if self.cache is None else self.cache.length
            told = self.conditions
            self.past = self.model.look_back(rows, read, told[:, : self.frame + 1])
            self.hidden = self.model.trunk(self.memory, rows, told, self.cache, self.past)[:, -1]
        return self.model.next_voice(self.hidden, self.past, chosen)

    def write(self, frame: Frame) -> None:
        """Finish the current frame."""
        self.frame += 1
        self.rows[:, self.frame] = frame
        self.hidden = None


def write_under(
    steps: HarmonySteps, grammar: Grammar, *, settings: Settings, generator: torch.Generator
) -> Iterator[WrittenFrame]:
    """Write the lower voices from the first frame of the melody to the last.

    Args:
        steps: Stand at the first frame.
        grammar: Which token may follow which.
        settings: Temperature and filters.
        generator: Where the random numbers come from.

    Yields:
        Each frame's tokens, and how likely the model found those that it wrote, under the grammar,
        before temperature and filters.
    """
    for _ in range(len(steps.melody)):
        with predicting(steps.model), one_core(steps.model):
            chosen = steps.given
            likely = [torch.zeros_like(chosen, dtype=torch.float32)]
            while chosen.shape[1] < steps.rows.shape[2]:
                scores = log_probabilities(steps, grammar, chosen)
                drawn, how_likely = draw(scores, settings, generator)
                chosen = torch.cat([chosen, drawn], dim=-1)
                likely.append(how_likely)
            steps.write(chosen)
        yield WrittenFrame(chosen, torch.cat(likely, dim=-1))


def _check_fit(
    model: FrameEncoderDecoder,
    tokenizer: GridTokenizer,
    source: Int[Tensor, "frame column"],
    conditions: Int[Tensor, "all_frames condition"],
) -> None:
    config = model.config
    if not 1 <= len(source) <= config.max_seq:
        raise SettingError(
            f"this model harmonises melodies of 1 to {config.max_seq} frames (16th notes), got "
            f"{len(source)}; cut the melody with excerpt"
        )
    if tokenizer.layout != "frames" or config.vocab_size != tokenizer.vocab_size:
        raise SettingError(
            f"the model knows {config.vocab_size} tokens in frames and the tokeniser "
            f"{tokenizer.vocab_size} in {tokenizer.layout}; use the one it was trained with"
        )
    if config.source_sizes != MELODY_SIZES:
        raise SettingError(
            f"the model reads columns of {config.source_sizes} ids of a melody, this musiclab "
            f"writes {MELODY_SIZES}; use the release that trained it"
        )
    expected = (len(source), len(config.condition_sizes))
    if conditions.shape != expected:
        raise SettingError(
            f"this model is told {expected[1]} conditions of each of {expected[0]} frames, got "
            f"shape {tuple(conditions.shape)}"
        )

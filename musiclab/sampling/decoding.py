"""The decoding loop: score, obey the grammar, draw; frame after frame, voice after voice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, no_type_check

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from musiclab.errors import SettingError
from musiclab.inference import predicting
from musiclab.music.chorale import VOICES
from musiclab.sampling.filters import filter_logits, sample_next
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.settings import Settings
from musiclab.sampling.steps import Steps, steps_for
from musiclab.tokens.grid import GridTokenizer

FREE = -1  # in ``given``: this voice is for the model to choose
WIDEST_ALONE = 256  # d_model up to which one core is enough to write


class WrittenFrame(NamedTuple):
    """One frame of each piece of the batch, as it was written."""

    tokens: Int[Tensor, "batch voice"]
    log_probabilities: Float[Tensor, "batch voice"]  # nats; 0 where the token was given


@no_type_check  # what is given is checked here
def generate(
    model: nn.Module,
    tokenizer: GridTokenizer,
    *,
    frames: int,
    generator: torch.Generator,
    conditions: Int[Tensor, "frame condition"] | None = None,
    source: Int[Tensor, "frame column"] | None = None,
    given: Int[Tensor, "given_frame voice"] | None = None,
    batch: int = 1,
    settings: Settings | None = None,
    may_end_after: int | None = None,
    cached: bool = True,
) -> Iterator[WrittenFrame]:
    """Write music, and hand out each frame as soon as it stands.

    Args:
        model: Over notes, or over frames (then it has ``trunk`` and ``next_voice``).
        tokenizer: The one that the model was trained with.
        frames: How many frames to write, the given ones included.
        generator: Where the random numbers come from.
        conditions: The conditions of each frame, by ``Conditions.plan``.
        source: A melody, by ``melody_source``, for a model that reads it before it writes.
        given: Tokens that are fixed from the start, -1 (``FREE``) for what the model chooses; its
            rows may stop early. Whole rows make a prompt, a column makes a given melody.
        batch: How many pieces to write at once.
        settings: Temperature, filters and rules of voice leading.
        may_end_after: Let the model end a piece once it has this many frames; None: it never
            ends by itself. Writing stops when all pieces of the batch have ended.
        cached: Remember what was computed; the tokens are the same without, only slower.

    Returns:
        An iterator over the frames: their tokens, and how likely the model found them under the
        grammar, before temperature and filters.

    Raises:
        SettingError: If the piece does not fit the model, or the parts do not fit each other.

    Example:
        >>> from musiclab.model.transformer import Transformer, TransformerConfig
        >>> tokenizer = GridTokenizer(layout="notes")
        >>> config = TransformerConfig(vocab_size=tokenizer.vocab_size, d_model=8, n_heads=2)
        >>> model, generator = Transformer(config), torch.Generator().manual_seed(0)
        >>> written = list(generate(model, tokenizer, frames=5, generator=generator))
        >>> tokenizer.decode(torch.cat([frame.tokens[0] for frame in written])).pitches.shape
        (5, 4)
    """
    steps = steps_for(
        model,
        tokenizer,
        frames=frames,
        conditions=conditions,
        source=source,
        batch=batch,
        cached=cached,
    )
    return write_frames(
        steps,
        tokenizer,
        given=_checked_given(given, frames, tokenizer),
        generator=generator,
        settings=settings or Settings(),
        may_end_after=may_end_after,
    )


def write_frames(
    steps: Steps,
    tokenizer: GridTokenizer,
    *,
    given: list[list[int]],
    generator: torch.Generator,
    settings: Settings,
    may_end_after: int | None = None,
    score_given: bool = False,
) -> Iterator[WrittenFrame]:
    """Write frame after frame; between two of them the caller may ``select`` pieces.

    Args:
        steps: Stand at the first frame, by ``steps_for``.
        tokenizer: As for ``generate``.
        given: For each frame and voice a token, or ``FREE``.
        generator: As for ``generate``.
        settings: As for ``generate``.
        may_end_after: As for ``generate``.
        score_given: Say also how likely the model found the tokens that were given. No rule of
            voice leading judges them.

    Yields:
        As ``generate`` returns them.
    """
    grammar = Grammar(tokenizer, steps.previous.device, settings.rules)
    for number, row in enumerate(given):
        may_end = may_end_after is not None and number >= may_end_after
        with predicting(steps.model), one_core(steps.model):
            written = _write_frame(steps, grammar, row, settings, generator, may_end, score_given)
        yield written
        if may_end and (written.tokens[:, 0] == tokenizer.end_id).all():
            return


def _write_frame(
    steps: Steps,
    grammar: Grammar,
    given: list[int],
    settings: Settings,
    generator: torch.Generator,
    may_end: bool,
    score_given: bool,
) -> WrittenFrame:
    """Write the voices of one frame, soprano first."""
    before = steps.previous
    chosen, likely = before[:, :0], []  # none yet
    for token in given:
        free = token == FREE
        if free or score_given:
            logits = grammar.mask(steps.score(chosen), before, chosen, may_end=may_end, rules=free)
            scores = logits.log_softmax(dim=-1)
        if free:
            drawn = sample_next(filter_logits(scores, settings), generator).unsqueeze(1)
        else:
            drawn = torch.full_like(before[:, :1], token)
        chosen = torch.cat([chosen, drawn], dim=1)
        if free or score_given:
            likely.append(scores.gather(1, drawn))
        else:
            likely.append(torch.zeros_like(drawn, dtype=torch.float32))
    steps.write(chosen)
    return WrittenFrame(chosen, torch.cat(likely, dim=1))


@contextmanager
def one_core(model: nn.Module) -> Iterator[None]:
    """Let a small model compute on one processor core; afterwards all are there again.

    Its steps are too short to be shared out: alone on two cores it is no faster, and where another
    program keeps one of them busy, every step waits, and writing took four times as long.
    """
    cores = torch.get_num_threads()
    if model.config.d_model <= WIDEST_ALONE:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(cores)


@no_type_check  # it checks its argument itself
def _checked_given(given: Any, frames: int, tokenizer: GridTokenizer) -> list[list[int]]:
    """Fill ``given`` up to all frames, as plain numbers; refuse what cannot be music."""
    voices = len(VOICES)
    if given is None:
        given = torch.empty(0, voices, dtype=torch.int64)
    whole = isinstance(given, Tensor) and not (given.is_floating_point() or given.is_complex())
    if not whole or given.ndim != 2 or given.shape[1] != voices:
        what = f"shape {tuple(given.shape)}" if isinstance(given, Tensor) else f"{given!r:.60}"
        raise SettingError(
            f"given must be a tensor of whole numbers, {voices} tokens a frame, got {what}"
        )
    if len(given) > frames:
        raise SettingError(
            f"{len(given)} frames are given, but only {frames} shall be written; "
            "ask for a longer piece or give fewer"
        )
    rows = given.tolist()
    for number, token in ((number, token) for number, row in enumerate(rows) for token in row):
        if token != FREE and not tokenizer.end_id < token < tokenizer.vocab_size:
            raise SettingError(
                f"token {token} in frame {number} of what is given is no pitch and no rest; "
                f"give tokens of this tokeniser, or {FREE} to leave one free"
            )
    return rows + [[FREE] * voices for _ in range(frames - len(rows))]

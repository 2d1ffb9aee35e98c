"""The step loop: score, obey the grammar, draw; frame after frame, voice after voice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.inference import predicting
from musiclab.model.frames import FrameTransformer
from musiclab.model.transformer import Transformer
from musiclab.music.chorale import VOICES
from musiclab.sampling.filters import filter_logits, sample_next
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.settings import Settings
from musiclab.sampling.steps import Scores, Steps, steps_for
from musiclab.tokens.grid import GridTokenizer

WIDEST_ALONE = 256  # d_model up to which one core is enough to write
FREE = -1  # in ``given``: this voice is for the model to choose


class WrittenFrame(NamedTuple):
    """One frame of each piece of the batch, as it was written."""

    tokens: Int[Tensor, "batch voice"]
    log_probabilities: Float[Tensor, "batch voice"]  # nats; 0 where the token was given


def generate(
    model: FrameTransformer | Transformer,
    tokenizer: GridTokenizer,
    *,
    frames: int,
    generator: torch.Generator,
    conditions: Int[Tensor, "frame condition"] | None = None,
    given: Int[Tensor, "given_frame voice"] | None = None,
    batch: int = 1,
    settings: Settings | None = None,
    may_end_after: int | None = None,
    cached: bool = True,
) -> Iterator[WrittenFrame]:
    """Write music, and hand out each frame as soon as it stands.

    Args:
        model: A ``FrameTransformer``, or a ``Transformer`` over notes.
        tokenizer: The one that the model was trained with.
        frames: How many frames to write, the given ones included.
        generator: Where the random numbers come from.
        conditions: What the model is told about each frame, by ``Conditions.plan``.
        given: Tokens that are fixed from the start, -1 (``FREE``) for what the model chooses; its
            rows may stop early. Whole rows make a prompt, a column makes a given melody.
        batch: How many pieces to write at once.
        settings: Temperature, filters and rules of voice leading.
        may_end_after: Let the model end a piece once it has this many frames; None: it never
            ends by itself. Writing stops when all pieces of the batch have ended.
        cached: Remember what was computed; the tokens are the same without, only slower.

    Yields:
        Each frame's tokens, and how likely the model found them under the grammar, before
        temperature and filters.

    Raises:
        SettingError: If the piece does not fit the model, or the parts do not fit each other.

    Example:
        >>> from musiclab.model.frames import FrameConfig
        >>> tokenizer = GridTokenizer()
        >>> config = FrameConfig(vocab_size=tokenizer.vocab_size, d_model=8, n_heads=2)
        >>> model, chance = FrameTransformer(config), torch.Generator().manual_seed(0)
        >>> written = list(generate(model, tokenizer, frames=5, generator=chance))
        >>> tokenizer.decode(torch.cat([frame.tokens for frame in written])).pitches.shape
        (5, 4)
    """
    given = _checked_given(given, frames, tokenizer)
    steps = steps_for(
        model,
        tokenizer,
        frames=frames,
        conditions=conditions,
        batch=batch,
        cached=cached,
    )
    settings = settings or Settings()
    grammar = Grammar(tokenizer, steps.previous.device, settings.rules)

    def frames_one_by_one() -> Iterator[WrittenFrame]:
        for number, row in enumerate(given):
            may_end = may_end_after is not None and number >= may_end_after
            with predicting(model), one_core(model):
                written = _write_frame(steps, grammar, row, settings, generator, may_end=may_end)
            yield written
            if may_end and (written.tokens[:, 0] == tokenizer.end_id).all():
                return

    return frames_one_by_one()  # so that the checks above run at once, not at the first frame


@contextmanager
def one_core(model: torch.nn.Module) -> Iterator[None]:
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


def log_probabilities(
    steps: Scores, grammar: Grammar, chosen: Int[Tensor, "batch n_chosen"], *, may_end: bool = False
) -> Float[Tensor, "batch vocab"]:
    """Say how likely the model finds each token of the next voice, among those allowed."""
    before = steps.previous
    previous = before[:, chosen.shape[1]]
    allowed = grammar.allowed(previous, chosen, may_end=may_end, before=before)
    return steps.score(chosen).masked_fill(~allowed, -torch.inf).log_softmax(dim=-1)


def draw(
    scores: Float[Tensor, "batch vocab"], settings: Settings, generator: torch.Generator
) -> tuple[Int[Tensor, "batch 1"], Float[Tensor, "batch 1"]]:
    """Draw a token a row; also say how likely it was before temperature and filters."""
    token = sample_next(filter_logits(scores, settings), generator)[:, None]
    return token, scores.gather(-1, token)


def _write_frame(
    steps: Steps,
    grammar: Grammar,
    given: list[int],
    settings: Settings,
    generator: torch.Generator,
    *,
    may_end: bool,
) -> WrittenFrame:
    """Write the voices of one frame, soprano first."""
    chosen, likely = steps.previous[:, :0], []
    for token in given:
        if token == FREE:
            scores = log_probabilities(steps, grammar, chosen, may_end=may_end)
            drawn, how_likely = draw(scores, settings, generator)
        else:
            drawn = torch.full_like(steps.previous[:, :1], token)
            how_likely = torch.zeros_like(drawn, dtype=torch.float32)
        chosen = torch.cat([chosen, drawn], dim=-1)
        likely.append(how_likely)
    steps.write(chosen)
    return WrittenFrame(chosen, torch.cat(likely, dim=-1))


def _checked_given(
    given: Int[Tensor, "given_frame voice"] | None, frames: int, tokenizer: GridTokenizer
) -> list[list[int]]:
    """Fill ``given`` up to all frames, as plain numbers; refuse what cannot be music."""
    free = [[FREE] * len(VOICES)]
    rows = [] if given is None else given.tolist()
    if len(rows) > frames:
        raise SettingError(
            f"{len(rows)} frames are given, but only {frames} shall be written; "
            "ask for a longer piece or cut what is given with excerpt"
        )
    for number, token in ((number, token) for number, row in enumerate(rows) for token in row):
        if token != FREE and not tokenizer.end_id < token < tokenizer.vocab_size:
            raise SettingError(
                f"token {token} in frame {number} of what is given is no pitch and no rest; "
                f"give tokens of this tokeniser, or {FREE} to leave one free"
            )
    return rows + free * (frames - len(rows))

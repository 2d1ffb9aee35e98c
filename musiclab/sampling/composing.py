"""Compose a chorale: from nothing, or from the first bars of one that exists."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, no_type_check

import numpy as np
import torch
from jaxtyping import Bool

from musiclab.checkpoint.load import Checkpoint
from musiclab.checks import check_whole
from musiclab.music.chorale import Chorale
from musiclab.sampling.encoding import chorale_of
from musiclab.sampling.session import TEMPERATURE, Session

MOST_CANDIDATES = 64


class Candidate(NamedTuple):
    """One of several pieces written at once."""

    chorale: Chorale
    log_likelihood: float  # nats a note: mean over the (frame, voice) cells that were written


@no_type_check  # the session checks the values itself
def compose(
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    bars: int = 8,
    seed: int = 0,
    temperature: float = TEMPERATURE,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    rules: Sequence[str] = (),
    prompt: Chorale | None = None,
    prompt_bars: int | None = None,
    time_signature: str | None = None,
    key: str | None = None,
    mode: str | None = None,
    fermatas: int | Sequence[bool] | Bool[np.ndarray, " frame"] | None = None,
    ending: bool = True,
    pickup: int | None = None,
    candidates: int = 1,
    on_frame: Callable[[int, int], None] | None = None,
) -> Chorale:
    """Compose a piece for four voices; the same arguments give the same piece.

    Args:
        checkpoint: A shipped model ("bach-studio", "bach-grid"), a folder, or a loaded one.
        bars: Length of the whole piece, prompt included.
        seed: Where the random numbers start; another seed gives another piece.
        temperature: Above 1 is more daring, below 1 more cautious.
        top_k: Choose only among the ``top_k`` likeliest tokens.
        top_p: Choose only among the fewest likeliest tokens that reach this probability.
        min_p: Choose only among tokens at least this likely, as a share of the likeliest one's.
        rules: Rules of voice leading to obey, any of "parallels" (no parallel fifths or octaves),
            "crossing", "spacing" and "ranges"; none by default, so that what you hear is the
            model's own. ``musiclab.sampling.voice_leading_rules`` says what each forbids.
        prompt: A chorale to begin with.
        prompt_bars: How many of its bars to take; None for all of it.
        time_signature: The metre, such as "3/4"; None for the prompt's, or "4/4".
        key: Such as "D minor" or "B-flat major"; None for the prompt's, or for one that the seed
            draws, each as often as Bach's chorales have it. The model mostly obeys, not always.
        mode: "major" or "minor": a key of that mode, drawn by the seed, or with a prompt the
            prompt's own or its relative; None for that of the key.
        fermatas: Where lines end: a number of bars, or True or False for each frame.
        ending: Let the piece come to its end; False stops it in the middle.
        pickup: Length in 16th notes of what comes before the first barline.
        candidates: Write so many pieces at once and return the likeliest.
        on_frame: Called with (frames done, frames in all) after each frame.

    Returns:
        The piece. Its ``source`` is its recipe: ``replay(source)`` writes it again.

    Raises:
        SettingError: If a value is out of range, contradicts another, or asks for what the
            checkpoint cannot do.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    return compose_many(**locals())[0].chorale


@no_type_check  # the session checks the values itself
def compose_many(
    *, candidates: int = 8, on_frame: Callable[[int, int], None] | None = None, **asked: Any
) -> list[Candidate]:
    """Compose several pieces at once.

    Args:
        candidates: How many, at most 64.
        on_frame: As for ``compose``.
        **asked: What else ``compose`` takes. Under rules, pieces are compared by how likely they
            are under these rules.

    Returns:
        The pieces and how likely the model finds each, the likeliest first.

    Raises:
        SettingError: As for ``compose``.
        CheckpointError: As for ``compose``.
    """
    check_whole("candidates", candidates, lowest=1, highest=MOST_CANDIDATES, remedy="8 are plenty")
    session = Session(candidates=candidates, **asked)
    frames = []
    for frame in session.write():
        frames.append(frame)
        if on_frame is not None:
            on_frame(len(frames), session.plan.frames)
    tokens = torch.stack([frame.tokens for frame in frames], dim=1).cpu().numpy()
    scores = torch.stack([frame.log_probabilities for frame in frames], dim=1).double()
    likely = scores.sum(dim=(1, 2)) / session.new_cells
    order = likely.sort(descending=True, stable=True).indices.tolist()
    return [
        Candidate(session.chorale(tokens[row], rank), float(likely[row]))
        for rank, row in enumerate(order)
    ]


@no_type_check  # the session checks the values itself
def compose_stream(**asked: Any) -> Iterator[list[int]]:
    """Compose like ``compose``, handing out each frame as soon as it stands.

    Args:
        **asked: What ``compose`` takes, but for candidates and on_frame.

    Yields:
        The pitches of a frame, soprano first, -1 for a rest; those of the prompt too.

    Returns:
        The finished piece, the same that ``compose`` gives: ``piece = yield from
        compose_stream()``, or the ``value`` of the ``StopIteration`` at the end.

    Raises:
        SettingError: As for ``compose``; at once, not at the first frame.
        CheckpointError: As for ``compose``.
    """
    return _stream(Session(**asked))


def _stream(session: Session) -> Iterator[list[int]]:
    tokens = []
    for frame in session.write():
        tokens.append(frame.tokens.cpu().numpy())
        yield chorale_of(tokens[-1], session.checkpoint.tokenizer).pitches[0].tolist()
    piece: Chorale = session.chorale(np.concatenate(tokens))
    return piece

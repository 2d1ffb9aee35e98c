"""Compose frame by frame, so that music can be shown while it is being written."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, no_type_check

import torch

from musiclab.checkpoint.load import Checkpoint
from musiclab.music.chorale import Chorale
from musiclab.sampling.compose import TEMPERATURE
from musiclab.sampling.plan import Plan
from musiclab.sampling.session import Session
from musiclab.sampling.settings import Settings


@no_type_check  # the settings check themselves, in better words than a checker's
def compose_stream(
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    seed: int = 0,
    temperature: float = TEMPERATURE,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    rules: Sequence[str] = (),
    **plan: Any,
) -> Iterator[list[int]]:
    """Compose like ``compose``, handing out each frame as soon as it stands.

    Args:
        checkpoint: As for ``compose``.
        seed: As for ``compose``.
        temperature: As for ``compose``.
        top_k: As for ``compose``.
        top_p: As for ``compose``.
        min_p: As for ``compose``.
        rules: As for ``compose``.
        **plan: What else ``compose`` takes, but for candidates and on_frame.

    Yields:
        The pitches of a frame, soprano first, -1 for a rest; those of the prompt too.

    Returns:
        The finished piece, the same that ``compose`` gives: ``piece = yield from
        compose_stream()``, or the ``value`` of the ``StopIteration`` at the end.

    Raises:
        SettingError: As for ``compose``; at once, not at the first frame.
        CheckpointError: As for ``compose``.
    """
    knobs = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    settings = Settings(**knobs, rules=rules)
    session = Session(Plan(**plan), checkpoint=checkpoint, seed=seed, settings=settings)
    return _stream(session)


def _stream(session: Session) -> Iterator[list[int]]:
    tokens = []
    for frame in session.write():
        tokens.append(frame.tokens[0].cpu())
        yield session.pitches(tokens[-1].numpy())
    piece: Chorale = session.chorale(torch.stack(tokens).numpy())
    return piece

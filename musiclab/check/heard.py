"""Hear a part that a learner wrote: a trained model goes on after Bach, with that part inside."""

import time
from typing import Any

import torch

from musiclab.checkpoint import load_checkpoint
from musiclab.music import Chorale, read_chorale
from musiclab.sampling import Settings, generate

BAR = 16  # frames
PATIENCE = 4.0  # seconds of computing; loops written out in Python would take minutes


def play_with(home: Any, name: str, replacement: Any, *, frames: int = 40) -> Chorale:
    """Let "bach-plain" go on after a bar by Bach while ``home.name`` is replaced.

    Args:
        home: The module or class that the part lives in, such as ``musiclab.model.attention``.
        name: What the part is called there, such as "attention_weights".
        replacement: What takes its place until the music stands.
        frames: How many to play, Bach's included.

    Raises:
        TimeoutError: If the replacement is too slow to write music with.
    """
    checkpoint = load_checkpoint("bach-plain")
    piece = read_chorale("bach/bwv66.6").excerpt(4, 4 + BAR)  # from the first barline
    given = torch.from_numpy(checkpoint.tokenizer.encode(piece)[1 : 1 + 4 * BAR]).view(BAR, 4)
    # No cache: it would keep each note as it was first seen, and hide what a mask forgets to hide.
    writing = generate(
        checkpoint.model,
        checkpoint.tokenizer,
        frames=frames,
        given=given,
        generator=torch.Generator().manual_seed(0),
        settings=Settings(temperature=0.8),
        cached=False,
    )
    written, right, end = [], getattr(home, name), time.process_time() + PATIENCE
    setattr(home, name, replacement)
    try:
        for frame in writing:
            written.append(frame.tokens[0])
            if time.process_time() > end:
                raise TimeoutError("too slow to write music with")
    finally:
        setattr(home, name, right)
    return checkpoint.tokenizer.decode(torch.cat(written).numpy())

"""Pieces that a model writes to be measured: many at once, the same ones every time."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np
import torch
from jaxtyping import Float, Int

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_whole
from musiclab.music.chorale import Chorale
from musiclab.sampling.composing import MOST_CANDIDATES
from musiclab.sampling.session import Session

MOST_PIECES = 10_000
MOST_SEED = 2**40  # each batch of a seed has a seed of its own


@dataclass(frozen=True)
class Samples:
    """Pieces of one length, written at temperature 1 without filters."""

    chorales: list[Chorale]
    tokens: Int[np.ndarray, "piece frame voice"]  # what the model wrote
    conditions: Int[np.ndarray, "piece frame condition"]  # what it was told of each
    log_likelihood: Float[np.ndarray, " piece"]  # nats per note, under the rules if there were any
    seconds: float  # processor time per piece, on this machine, many being written at once

    def choose(self, numbers: Sequence[int], written_for_each: int = 1) -> "Samples":
        """Keep some of the pieces; each then took as long as all that were written for it."""
        numbers = list(numbers)
        return Samples(
            [self.chorales[number] for number in numbers],
            self.tokens[numbers],
            self.conditions[numbers],
            self.log_likelihood[numbers],
            self.seconds * written_for_each,
        )

    def best_of(self, group: int) -> "Samples":
        """Keep the likeliest of every ``group`` pieces that were written one after another."""
        rows = self.log_likelihood.reshape(-1, group).argmax(axis=1)
        return self.choose([number * group + int(row) for number, row in enumerate(rows)], group)


def write_samples(
    pieces: int,
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    bars: int = 16,
    seed: int = 0,
    rules: Sequence[str] = (),
    at_once: int = 8,
    on_frames: Callable[[int], None] | None = None,
) -> Samples:
    """Write pieces as ``compose`` does by default.

    Args:
        pieces: How many.
        checkpoint: A shipped name, a folder, or a loaded checkpoint.
        bars: Length of each, in 4/4.
        seed: Where the random numbers start; another seed shares no piece.
        rules: Rules of voice leading to obey; see ``compose``.
        at_once: How many to write at once, all in one key; the next ones are in another.
        on_frames: Called with the number of frames written since the last call.

    Returns:
        The pieces, in the order in which they were written.

    Raises:
        SettingError: If a value is out of range, or the checkpoint cannot do what is asked.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    check_whole("pieces", pieces, lowest=1, highest=MOST_PIECES, remedy="200 are plenty")
    check_whole("at_once", at_once, lowest=1, highest=MOST_CANDIDATES, remedy="8 are usual")
    check_whole("seed", seed, lowest=0, highest=MOST_SEED, remedy="any such number gives a set")
    opened = open_checkpoint(checkpoint)
    chorales, tokens, told, likely, seconds = [], [], [], [], 0.0
    for batch, first in enumerate(range(0, pieces, at_once)):
        session = Session(
            checkpoint=opened,
            bars=bars,
            seed=seed * MOST_PIECES + batch,
            rules=rules,
            candidates=min(at_once, pieces - first),
        )
        frames, started = [], process_time()
        for frame in session.write():
            frames.append(frame)
            if on_frames is not None:
                on_frames(session.batch)
        seconds += process_time() - started
        tokens.append(torch.stack([frame.tokens for frame in frames], dim=1).cpu().numpy())
        scores = torch.stack([frame.log_probabilities for frame in frames], dim=1).double()
        likely.append(scores.mean(dim=(1, 2)).cpu().numpy())
        told += [session.conditions.numpy()] * session.batch
        chorales += [session.chorale(piece) for piece in tokens[-1]]
    written = np.concatenate(tokens), np.stack(told), np.concatenate(likely), seconds / pieces
    return Samples(chorales, *written)

"""Take a checkpoint by name, by folder, or as it is."""

import os
from typing import no_type_check

import numpy as np
from jaxtyping import Int

from musiclab.errors import SettingError
from musiclab.music.chorale import REST, Chorale
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.checkpoint import Checkpoint, load_checkpoint


@no_type_check  # checks what it is given, in better words than a checker's
def open_checkpoint(checkpoint: str | os.PathLike[str] | Checkpoint) -> Checkpoint:
    """Load a checkpoint unless it is loaded already; it must write four voices on the grid.

    Args:
        checkpoint: A shipped name, a folder, or what ``load_checkpoint`` returned.

    Returns:
        The loaded checkpoint.

    Raises:
        CheckpointError: If it is missing or damaged.
        SettingError: If its tokens are not those of the grid.
    """
    if isinstance(checkpoint, str | os.PathLike):
        checkpoint = load_checkpoint(checkpoint)
    if not isinstance(getattr(checkpoint, "tokenizer", None), GridTokenizer):
        raise SettingError(
            "checkpoint must be a name, a folder or a loaded checkpoint over the grid of four "
            f'voices, got {checkpoint!r:.60}; "bach-studio" is one'
        )
    return checkpoint


def tokens_of(
    chorale: Chorale, tokenizer: GridTokenizer, what: str
) -> Int[np.ndarray, "frame voice"]:
    """Turn a piece into tokens, one row a frame, without start and end.

    Args:
        chorale: The music.
        tokenizer: Of either layout.
        what: What an error shall call it, such as "the prompt".

    Returns:
        One row a frame.

    Raises:
        SettingError: If a pitch has no token; the message says how far to transpose.
    """
    pitches = chorale.pitches[chorale.pitches != REST]
    lowest, highest = tokenizer.lowest, tokenizer.highest
    if pitches.size and not lowest <= pitches.min() <= pitches.max() <= highest:
        low, high = int(pitches.min()), int(pitches.max())
        shift = lowest - low if low < lowest else highest - high
        remedy = f"transpose it by {shift} semitones"
        if not lowest <= low + shift <= high + shift <= highest:
            remedy = "choose one of a smaller range"
        raise SettingError(
            f"{what} goes from pitch {low} to {high}, this checkpoint sings {lowest} to {highest}; "
            f"{remedy}"
        )
    ids = tokenizer.encode(chorale)
    if tokenizer.layout == "notes":
        return ids[1:-1].reshape(-1, chorale.pitches.shape[1])
    return ids[1:-1]

"""From music to the numbers that a model reads, and from what it wrote back to music."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.music.chorale import REST, Chorale
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.tokens.melody import melody_columns

# By which conditions a model can be asked for what.
NEEDED = {"key": {"key"}, "mode": {"key", "mode"}, "fermatas": {"fermata"}, "metre": {"beat"}}


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
    ids = tokenizer.encode(chorale)[1:-1]
    return ids.reshape(-1, chorale.pitches.shape[1])


def chorale_of(tokens: Int[np.ndarray, "frame voice"], tokenizer: GridTokenizer) -> Chorale:
    """Turn tokens, one row a frame, into music; the reverse of ``tokens_of``."""
    return tokenizer.decode(tokens.ravel() if tokenizer.layout == "notes" else tokens)


def melody_source(tune: Chorale, tokenizer: GridTokenizer) -> Int[Tensor, "frame column"]:
    """Number a melody as an encoder reads it: the soprano's token, then ``melody_columns``.

    Raises:
        SettingError: If a pitch has no token; the message says how far to transpose.
    """
    tokens = tokens_of(tune, tokenizer, "the melody")
    return torch.from_numpy(np.column_stack([tokens[:, 0], melody_columns(tune)]))


def check_conditions(conditions: Conditions, **asked: Any) -> None:
    """Refuse what is asked for if the model has no condition to say it by.

    Args:
        conditions: Of the checkpoint.
        **asked: Values of key, mode, fermatas or metre; None asks for nothing.

    Raises:
        SettingError: If there is no such condition.
    """
    for name, value in asked.items():
        if value is not None and not NEEDED[name] & set(conditions.names):
            raise SettingError(
                f"this checkpoint was trained without the {name} of a piece, so it cannot obey; "
                'leave it out or use checkpoint="bach-studio"'
            )

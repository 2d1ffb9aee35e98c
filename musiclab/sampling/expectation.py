"""What a model expects of each note of a piece, when it knows all that came before."""

import os
from typing import NamedTuple, no_type_check

import numpy as np
import torch
from jaxtyping import Float, Int

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.errors import SettingError
from musiclab.inference import predicting
from musiclab.music.chorale import Chorale
from musiclab.sampling.encoding import tokens_of
from musiclab.tokens.conditions import UNKNOWN


class Expectation(NamedTuple):
    """What a model expected, cell by cell."""

    probabilities: Float[np.ndarray, "frame voice vocab"]
    nats: Float[np.ndarray, "frame voice"]  # how surprised it was by what came; 0: not at all


@no_type_check  # what it calls checks the values
def expect(
    chorale: Chorale, checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio"
) -> Expectation:
    """Let a model read a piece, and say before each cell what it expects.

    Args:
        chorale: The piece.
        checkpoint: A shipped model that writes forwards, a folder, or a loaded one.

    Returns:
        The probability of every token in every (frame, voice) cell, given the frames before and
        the voices above; and minus the logarithm of the one that came.

    Raises:
        SettingError: If the piece does not suit the checkpoint.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    opened = open_checkpoint(checkpoint)
    model, tokenizer = opened.model, opened.tokenizer
    if hasattr(model, "encode"):
        raise SettingError(
            "this checkpoint reads the whole melody first, so it expects nothing note by note; "
            'use checkpoint="bach-studio"'
        )
    tokens = torch.from_numpy(tokens_of(chorale, tokenizer, "the piece"))
    n_frames, n_voices = tokens.shape
    longest = model.config.max_seq // (n_voices if tokenizer.layout == "notes" else 1)
    if not 1 <= n_frames <= longest:
        raise SettingError(
            f"this model reads 1 to {longest} frames (16th notes), the piece has {n_frames}; "
            "cut it with excerpt"
        )
    with predicting(model):
        if tokenizer.layout == "notes":
            ids = torch.cat([torch.tensor([tokenizer.start_id]), tokens.flatten()[:-1]])
            logits = model(ids[None]).reshape(n_frames, n_voices, -1)
        else:
            start = torch.full_like(tokens[:1], tokenizer.start_id)
            told = torch.from_numpy(conditions_of(chorale, opened))
            before = torch.cat([start, tokens[:-1]])
            logits = model(before[None], told[None], tokens[None])[0]
        scores = logits.double().log_softmax(dim=-1)
        nats = -scores.gather(-1, tokens[..., None])[..., 0]
    return Expectation(scores.exp().numpy(), nats.numpy())


def conditions_of(
    chorale: Chorale, checkpoint: Checkpoint, *, ending: bool = True
) -> Int[np.ndarray, "frame condition"]:
    """Number the conditions of each frame of a piece.

    Args:
        chorale: The piece; if no line of it ends with a fermata, line ends are left open.
        checkpoint: Whose conditions.
        ending: Whether the piece comes to its end with its last frame, or that is left open.
    """
    ids = checkpoint.conditions.encode(chorale)
    unknown = {"remaining": not ending, "fermata": not chorale.fermatas.any()}
    for column, name in enumerate(checkpoint.conditions.names):
        if unknown.get(name):
            ids[:, column] = UNKNOWN
    return ids

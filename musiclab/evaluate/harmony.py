"""How surprised a model is by Bach's lower voices when it knows his melody."""

import os
from collections.abc import Sequence
from typing import no_type_check

import numpy as np
import torch
from jaxtyping import Float

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.errors import ScoreError, SettingError
from musiclab.model.frame_encoder_decoder import FrameEncoderDecoder
from musiclab.music.chorale import Chorale
from musiclab.sampling.generate import writing
from musiclab.sampling.harmony_steps import melody_source
from musiclab.tokens.conditions import UNKNOWN

LOWER_VOICES = ("alto", "tenor", "bass")


@no_type_check  # checks what it is given, in better words than a checker's
def nats_given_soprano(
    pieces: Sequence[Chorale],
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-harmoniser",
    *,
    tell_key: bool = False,
) -> dict[str, float]:
    """Measure how well a harmoniser expects the lower voices of some pieces.

    The model knows the soprano from beginning to end, metre and fermatas; of the other voices it
    knows the past, and in each frame those above. A "note" is one cell, a voice in a frame, rests
    included. With a tokeniser that knows holds, saying whether a note is struck again is part of
    the task; then the figure does not compare with those of the benchmark.

    Args:
        pieces: Chorales.
        checkpoint: A shipped name, a folder, or a loaded checkpoint that harmonises.
        tell_key: Also tell the key that the score names.

    Returns:
        Nats a note for "alto", "tenor" and "bass", and their mean, "lower voices".

    Raises:
        ScoreError: If there is no piece, or one is no chorale.
        SettingError: If the checkpoint does not harmonise, or a pitch has no token.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    if isinstance(pieces, Chorale) or not len(pieces):
        raise ScoreError("pieces must be a list of chorales, with at least one; write [piece]")
    nats = np.concatenate([nats_of_harmony(one, checkpoint, tell_key=tell_key) for one in pieces])
    each = dict(zip(LOWER_VOICES, nats.mean(axis=0).tolist(), strict=True))
    return each | {"lower voices": float(nats.mean())}


@no_type_check
def nats_of_harmony(
    piece: Chorale,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-harmoniser",
    *,
    tell_key: bool = False,
) -> Float[np.ndarray, "frame lower_voice"]:
    """Measure the surprise of every note of the lower voices; see ``nats_given_soprano``."""
    if not isinstance(piece, Chorale) or not len(piece):
        raise ScoreError(f"piece must be a chorale with at least one frame, got {piece!r:.60}")
    opened = open_checkpoint(checkpoint)
    if not isinstance(opened.model, FrameEncoderDecoder):
        raise SettingError(
            f"a {type(opened.model).__name__} does not read a melody before it writes; measure a "
            'checkpoint such as "bach-harmoniser"'
        )
    source = melody_source(piece, opened.tokenizer)
    told = torch.from_numpy(opened.conditions.encode(piece))
    if "key" in opened.conditions.names and not tell_key:
        told[:, opened.conditions.names.index("key")] = UNKNOWN
    rows = torch.from_numpy(opened.tokenizer.encode(piece))
    previous, frames = rows[:-2], rows[1:-1]  # the end is no note
    inputs = (source, told, previous, frames)
    device = next(opened.model.parameters()).device
    with writing(opened.model):
        logits = opened.model(*(one.to(device)[None] for one in inputs))[0]
    scores = logits.double().log_softmax(dim=-1).cpu()
    return -scores.gather(-1, frames[:, 1:, None])[..., 0].numpy()

"""How surprised a model is by music it has never seen: the measure of the JSB benchmark."""

import math
import os
from collections.abc import Iterator, Sequence
from typing import no_type_check

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_number
from musiclab.errors import SettingError, TokenError
from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.inference import predicting
from musiclab.model.attention import fused_attention
from musiclab.music.chorale import VOICES

BATCH_POSITIONS = 4096  # computed at once: pieces times the length of the longest

Nats = Float[np.ndarray, "_ voice"]  # in a list, each piece has a length of its own


@no_type_check  # checks what it is given itself
def nats_per_note(
    pieces: Sequence[Pitches],
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-grid",
    *,
    temperature: float | int = 1.0,
) -> float:
    """Measure a model as the JSB Chorales benchmark does.

    Every piece is read from its first frame with its whole past as context. A "note" is one cell,
    a voice in a frame, rests included; the mean is over all cells of all pieces.

    Args:
        pieces: Each an Int (frame, voice) array of MIDI numbers, -1 for a rest.
        checkpoint: A shipped name, a folder, or a loaded checkpoint; it must know no holds.
        temperature: All scores are divided by it, after what calibration may have divided already.

    Returns:
        Negative log-likelihood in nats per note.

    Raises:
        ScoreError: If a piece has a wrong shape or impossible numbers.
        TokenError: If a pitch is outside the checkpoint's vocabulary.
        SettingError: If the checkpoint predicts more than pitches, so that its figure would not
            compare.
        CheckpointError: If the checkpoint is missing or damaged.

    Source:
        Boulanger-Lewandowski, Bengio and Vincent (2012), arXiv:1206.6392: the data and its split;
        Huang et al. (2018), "Music Transformer", arXiv:1809.04281: this form of the measure.
    """
    nats = nats_of_pieces(pieces, checkpoint, temperature=temperature)
    return sum(float(one.sum()) for one in nats) / sum(one.size for one in nats)


@no_type_check
def nats_of_pieces(
    pieces: Sequence[Pitches],
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-grid",
    *,
    temperature: float | int = 1.0,
) -> list[Nats]:
    """Measure every note of several pieces; arguments and errors are those of ``nats_per_note``.

    Returns:
        Nats of each cell of each piece; 0 is "I knew it", 3.9 is a guess among 47.
    """
    check_number("temperature", temperature, above=0)
    arrays = checked_pieces(pieces)
    opened = open_checkpoint(checkpoint)
    if opened.tokenizer.holds:
        raise SettingError(
            "this checkpoint also predicts which notes are held, so its nats do not compare on the "
            'benchmark; use one without holds, such as checkpoint="bach-grid"'
        )
    rows = [_encoded(number, array, opened) for number, array in enumerate(arrays)]
    nats: dict[int, Nats] = {}
    voices = 1 if opened.tokenizer.layout == "frames" else len(VOICES)  # positions per frame
    for numbers in batches_by_length([voices * len(array) for array in arrays]):
        with predicting(opened.model), fused_attention(opened.model):
            measured = _nats_of_batch(opened, [rows[n] for n in numbers], temperature)
        for number, one in zip(numbers, measured, strict=True):
            nats[number] = one[: len(arrays[number])]
    return [nats[number] for number in range(len(arrays))]


def bits_per_frame(nats: float) -> float:
    """Turn nats per note into bits per frame of four voices.

    Example:
        >>> round(bits_per_frame(0.428), 2)
        2.47
    """
    return nats * len(VOICES) / math.log(2)


def batches_by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Put pieces of about the same length together; each number comes once.

    Example:
        >>> list(batches_by_length([3000, 2000, 9000, 2000]))
        [[1, 3], [0], [2]]
    """
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: lengths[number]):
        if batch and (len(batch) + 1) * lengths[number] > BATCH_POSITIONS:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _encoded(number: int, piece: Pitches, checkpoint: Checkpoint) -> Int[np.ndarray, "..."]:
    try:
        return checkpoint.tokenizer.encode_pitches(piece)
    except TokenError as error:
        raise TokenError(f"piece {number}: {error}") from None


def _nats_of_batch(
    checkpoint: Checkpoint, rows: list[Int[np.ndarray, "..."]], temperature: float | int
) -> list[Nats]:
    """Score encoded pieces side by side; the shorter ones are padded at the end.

    A model that looks only back never sees the padding of a piece before the piece is over.
    """
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest, *rows[0].shape[1:]), checkpoint.tokenizer.pad_id)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.from_numpy(row)
    ids = ids.to(next(checkpoint.model.parameters()).device)
    inputs, targets = ids[:, :-2], ids[:, 1:-1]  # the end is no note, and not counted
    scores = (_scores(checkpoint, inputs, targets).double() / temperature).log_softmax(dim=-1)
    nats = -scores.gather(-1, targets[..., None]).reshape(len(rows), -1, len(VOICES))
    return list(nats.cpu().numpy())


def _scores(
    checkpoint: Checkpoint, inputs: Int[Tensor, "*rows"], targets: Int[Tensor, "*rows"]
) -> Float[Tensor, "*rows vocab"]:
    """Score every note, telling the model nothing but what the benchmark allows."""
    model = checkpoint.model
    if hasattr(model, "encode"):
        raise SettingError(
            f"a {type(model).__name__} does not write four voices from nothing; measure one that "
            'does, such as checkpoint="bach-grid"'
        )
    if checkpoint.tokenizer.layout == "notes":
        return model(inputs)
    told = _benchmark_conditions(checkpoint, inputs.shape[1]).to(inputs.device)
    return model(inputs, told.expand(len(inputs), *told.shape), targets)


def _benchmark_conditions(checkpoint: Checkpoint, frames: int) -> Int[Tensor, "frame condition"]:
    """Tell a model what follows from the frame's index, and nothing else."""
    conditions = checkpoint.conditions
    ids = np.zeros((frames, len(conditions.names)), dtype=np.int64)  # 0: unknown
    if "phase" in conditions.names:
        column = conditions.names.index("phase")
        ids[:, column] = conditions.plan(frames)[:, column]
    return torch.from_numpy(ids)

"""Linear probes: can key, chord and metre be read from a layer, and from its controls?

``inside`` runs them. Each probe is a logistic regression. It learns from training pieces, moved to
random keys as in the model's own training; further training pieces choose its weight decay, and it
is measured on validation pieces.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from musiclab.checkpoint.load import Checkpoint
from musiclab.model.attention import fused_attention
from musiclab.music.chorale import REST, Chorale

FIT, CHOOSE, EVERY, UNTRAINED, CLASSES = 90, 30, 5, 3, 24  # pieces, pieces, frames, seeds, most
DECAYS, STEPS = (1e-3, 1e-2), 60
LABELS = ("key", "chord", "sixteenth", "quarter")


class Right(NamedTuple):
    """How often one probe was right in one validation piece."""

    label: str
    source: str  # "trained", "untrained 0", "notes" or "majority"
    layer: int  # 0 is the embedding; of a control always 0
    piece: int
    right: int
    frames: int


def probes(checkpoint: Checkpoint, train: list[Chorale], valid: list[Chorale]) -> Iterator[Right]:
    """Fit every probe and measure it, piece by piece; pieces in 4/4 alone.

    The label is that of a frame; what is read stands where the model has just read its bass.
    """
    random = np.random.default_rng(0)
    train = [moved(one, checkpoint, random) for one in train if is_simple(one)][: FIT + CHOOSE]
    valid = [one for one in valid if is_simple(one)]
    parts = (train[: -len(train) // 4], train[-len(train) // 4 :], valid)
    models = {"trained": checkpoint.model}
    for seed in range(UNTRAINED):
        torch.manual_seed(seed)
        models[f"untrained {seed}"] = type(checkpoint.model)(checkpoint.model.config).eval()
    streams = {
        name: [torch.cat([streams_of(model, checkpoint, one) for one in part], 1) for part in parts]
        for name, model in models.items()
    }
    numbers = torch.from_numpy(np.repeat(np.arange(len(valid)), [len(taken(p)) for p in valid]))
    for label in LABELS:
        found = [[one for piece in part for one in labels_of(piece, label)] for part in parts]
        names = [name for name, _ in Counter(found[0]).most_common(CLASSES)]
        kept = [torch.tensor([one in names for one in part]) for part in found]
        truths = [torch.tensor([names.index(o) for o in part if o in names]) for part in found]
        heard = [torch.cat([control(piece, label) for piece in part]) for part in parts]
        readings = {("notes", 0): [one[keep] for one, keep in zip(heard, kept, strict=True)]}
        for name, layers in streams.items():
            for layer in range(len(layers[0])):
                pairs = zip(layers, kept, strict=True)
                readings[name, layer] = [one[layer][keep] for one, keep in pairs]
        guesses = {("majority", 0): torch.zeros_like(truths[-1])}
        guesses |= {name: probe(inputs, truths) for name, inputs in readings.items()}
        for (source, layer), guess in guesses.items():
            for piece in range(len(valid)):
                here = numbers[kept[-1]] == piece
                right = (guess[here] == truths[-1][here]).sum()
                yield Right(label, source, layer, piece, int(right), int(here.sum()))


def is_simple(piece: Chorale) -> bool:
    """Tell whether every bar has four quarters."""
    return piece.time_signature == "4/4" and not piece.metre_changes


def moved(piece: Chorale, checkpoint: Checkpoint, random: np.random.Generator) -> Chorale:
    """Move a piece to a random key, as far as its notes have tokens."""
    lowest, highest = checkpoint.tokenizer.lowest, checkpoint.tokenizer.highest
    sounding = piece.pitches[piece.pitches != REST]
    steps = random.integers(-5, 7).clip(lowest - sounding.min(), highest - sounding.max())
    return piece.transpose(int(steps))


def taken(piece: Chorale) -> np.ndarray:
    """Choose frames; the step shares no factor with a bar, so that all beats come."""
    return np.arange(EVERY, len(piece), EVERY)


def streams_of(
    model: nn.Module, checkpoint: Checkpoint, piece: Chorale
) -> Float[Tensor, "layer frame d_model"]:
    """Read a piece, and keep the residual stream at the bass of some frames."""
    found: list[Tensor] = []
    blocks = model.stack.blocks
    handles = [blocks[0].register_forward_pre_hook(lambda _, given: found.append(given[0]))]
    for block in blocks:
        handles.append(block.register_forward_hook(lambda _, given, made: found.append(made)))
    ids = torch.from_numpy(checkpoint.tokenizer.encode(piece))[None, :-1]
    with torch.no_grad(), fused_attention(model):
        model(ids)
    for handle in handles:
        handle.remove()
    return torch.cat(found)[:, 4 * taken(piece) + 4]  # after the start, the fourth of its frame


def labels_of(piece: Chorale, label: str) -> list[Any]:
    """Name the key, the pitch classes that sound, the sixteenth in its quarter, the quarter."""
    frames = taken(piece)
    if label == "key":
        return [piece.key] * len(frames)
    if label == "chord":
        return [
            tuple(sorted({int(p) % 12 for p in row if p != REST})) for row in piece.pitches[frames]
        ]
    places = piece.beats[frames]
    return (places % 4 if label == "sixteenth" else places // 4).tolist()


def control(piece: Chorale, label: str) -> Float[Tensor, "frame feature"]:
    """Give what is known without any model.

    For the key, how often each pitch class has sounded so far; for the chord, which pitches the
    frame has; for the metre, in which of the last 16 frames each voice moved.
    """
    frames = taken(piece)
    if label == "key":
        heard = (piece.pitches[..., None] % 12 == np.arange(12)) & (piece.pitches != REST)[
            ..., None
        ]
        table = heard.sum(axis=1).cumsum(axis=0) / np.arange(1, len(piece) + 1)[:, None]
        return torch.from_numpy(table[frames]).float()
    if label == "chord":
        table = piece.pitches[frames][..., None] == np.arange(REST, 128)
    else:
        moves = np.diff(piece.pitches, axis=0, prepend=piece.pitches[:1]) != 0
        padded = np.concatenate([np.zeros((16, 4), dtype=bool), moves])
        table = np.stack([padded[frames + 16 - back] for back in range(16)], axis=1)
    return torch.from_numpy(table.reshape(len(frames), -1)).float()


def probe(inputs: list[Float[Tensor, "frame feature"]], truths: list[Tensor]) -> Tensor:
    """Fit on the first part, choose the decay by the second, guess the third."""
    centre, scale = inputs[0].mean(dim=0), inputs[0].std(dim=0) + 1e-6
    fit, choose, measure = ((one - centre) / scale for one in inputs)
    best, guesses = -1.0, torch.zeros(0)
    for decay in DECAYS:
        torch.manual_seed(0)
        line = nn.Linear(fit.shape[1], int(truths[0].max()) + 1)
        optimiser = torch.optim.LBFGS(line.parameters(), max_iter=STEPS)

        optimiser.step(partial(_loss, line, optimiser, fit, truths[0], decay))
        with torch.no_grad():
            share = (line(choose).argmax(dim=-1) == truths[1]).float().mean().item()
            if share > best:
                best, guesses = share, line(measure).argmax(dim=-1)
    return guesses


def _loss(
    line: nn.Linear, optimiser: torch.optim.Optimizer, inputs: Tensor, truth: Tensor, decay: float
) -> Tensor:
    optimiser.zero_grad()
    total = cross_entropy(line(inputs), truth) + decay * line.weight.square().sum()
    total.backward()
    return total

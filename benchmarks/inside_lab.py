"""The induction lab: does a small model learn to look up what came next the last time?

One layer and two learn to go on with random melodies that repeat. The melodies have one length, so
that counting is enough, or many, so that the past must be searched. ``inside`` runs it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from musiclab.model import Transformer, TransformerConfig

NOTES, SEQ, STEPS, SEEDS, BATCH, RATE = 16, 48, 300, (0, 1, 2), 32, 3e-3
LENGTHS = {"one length": (16, 16), "many lengths": (8, 24)}  # shortest and longest melody


class Point(NamedTuple):
    """Nats per note at one moment of a training, for notes heard first and notes that repeat."""

    layers: int
    melodies: str
    seed: int
    step: int
    first: float
    again: float


def lab(steps: int = STEPS) -> Iterator[Point]:
    """Train one layer and two, on both kinds of melody, from every seed."""
    for layers in (1, 2):
        for melodies in LENGTHS:
            for seed in SEEDS:
                yield from train(layers, melodies, seed, steps)


def melodies_twice(
    lengths: tuple[int, int], generator: torch.Generator
) -> tuple[Int[Tensor, "batch seq"], Bool[Tensor, "batch seq"]]:
    """Draw melodies and repeat each until the row is full; True where a note has come before."""
    length = torch.randint(lengths[0], lengths[1] + 1, (BATCH, 1), generator=generator)
    melody = torch.randint(NOTES, (BATCH, lengths[1]), generator=generator)
    place = torch.arange(SEQ).expand(BATCH, SEQ)
    return melody.gather(1, place % length), place >= length


def train(layers: int, melodies: str, seed: int, steps: int) -> Iterator[Point]:
    """Train one model, and measure it on each fiftieth batch before it has learnt from it."""
    torch.manual_seed(seed)
    config = TransformerConfig(
        vocab_size=NOTES, max_seq=SEQ, d_model=64, n_heads=2, n_layers=layers, dropout=0.0
    )
    model, generator = Transformer(config), torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for step in range(1, steps + 1):
        ids, again = melodies_twice(LENGTHS[melodies], generator)
        nats = cross_entropy(model(ids[:, :-1]).mT, ids[:, 1:], reduction="none")
        optimiser.zero_grad()
        nats.mean().backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            first, repeated = (nats[one].mean().item() for one in (~again[:, 1:], again[:, 1:]))
            yield Point(layers, melodies, seed, step, round(first, 3), round(repeated, 3))

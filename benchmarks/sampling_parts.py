"""Writing taken apart: a whole chorale, the first sound after a click, and where the time goes.

All on one processor core, as a piece is written where nothing else may wait.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn

from benchmarks import peers
from benchmarks.sampling import hugging_face
from benchmarks.sampling import ours as writer
from benchmarks.timing import table, take_turns
from musiclab.checkpoint.load import open_checkpoint
from musiclab.model import Transformer, TransformerConfig
from musiclab.sampling.session import Session
from musiclab.training.presets import PRESETS

BARS, FRAMES = 16, 256  # a chorale
NOTES = 4 * FRAMES
NARROW = 8  # as wide as a model can be that makes the same calls and hardly computes
CLICKS = 9  # first frames to wait for in a turn
Calls = list[tuple[Tensor, Tensor]]


def run(rounds: int) -> Iterator[str]:
    """Measure all three."""
    with one_core():
        yield whole_chorales(rounds) + "\n"
        yield first_frames(rounds) + "\n"
        yield where_time_goes("the flat model", flat, rounds) + "\n"
        yield where_time_goes("bach-grid", by_frames, rounds)


@contextmanager
def one_core() -> Iterator[None]:
    """Let torch compute on one core, and give it back the others afterwards."""
    cores = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(cores)


def whole_chorales(rounds: int) -> str:
    """Write 16 bars with the shipped models, and as many notes with the others."""
    shipped = {name: opened(name) for name in ("bach-studio", "bach-grid")}
    rivals: dict[str, Callable[[], float]] = {
        f"musiclab, {name}, {BARS} bars": piece(loaded) for name, loaded in shipped.items()
    }
    rivals["musiclab, flat, cached"] = writer(peers.ours_flat(), 1, FRAMES)
    rivals["Hugging Face GPT-2, cached generate"] = hugging_face(1, NOTES)
    speeds = take_turns(rivals, rounds)
    name = f"musiclab, bach-studio, {BARS} bars"
    title = f"A chorale of {NOTES:,} notes, 1 thread"
    seconds = ", ".join(f"{NOTES / speed:.2f} s" for speed in speeds.values())
    return table(title, "notes a second", speeds, name) + f"\n  (a chorale: {seconds})"


def first_frames(rounds: int) -> str:
    """Wait for the first frame of a piece, as after a click; the models are loaded."""
    loaded = opened("bach-studio")

    def click() -> float:
        for _ in range(CLICKS):
            next(iter(session(loaded).write()))
        return CLICKS

    first = hugging_face(1, 4)

    def theirs() -> float:
        for _ in range(CLICKS):
            first()
        return CLICKS

    ours = "musiclab, bach-studio"
    speeds = take_turns({ours: click, "Hugging Face GPT-2, cached generate": theirs}, rounds)
    waits = ", ".join(f"{1000 / speed:.1f} ms" for speed in speeds.values())
    title = "The first frame, four notes, after a click, 1 thread"
    return table(title, "a second", speeds, ours) + f"\n  (the wait: {waits})"


def opened(name: str) -> Any:
    """Load a shipped checkpoint once."""
    return open_checkpoint(name)


def session(loaded: Any) -> Session:
    """Ask for a chorale."""
    return Session(bars=BARS, checkpoint=loaded)


def piece(loaded: Any) -> Callable[[], float]:
    """Return a call that writes a chorale."""

    def write() -> float:
        for _ in session(loaded).write():
            pass
        return NOTES

    return write


def flat(d_model: int) -> Transformer:
    """Build the flat model, which makes a step for every note."""
    sizes = peers.SIZES | {"d_model": d_model}
    return Transformer(TransformerConfig(vocab_size=peers.TOKENIZER.vocab_size, **sizes))


def by_frames(d_model: int) -> nn.Module:
    """Build ``bach-grid``, which makes a step for every frame."""
    return PRESETS["bach-grid"].change(d_model=d_model).build_model()


def where_time_goes(name: str, build: Callable[[int], nn.Module], rounds: int) -> str:
    """Tell calls, arithmetic and the rest apart, beside the limit set by memory traffic."""
    model = build(peers.SIZES["d_model"]).eval()
    products = matrix_products(model)
    weights = list({id(weight): weight for _, weight in products}.values())
    steps = NOTES // notes_a_step(model)
    whole, calls, alone, read = "the whole", "calls", "arithmetic", "traffic"
    rivals = {
        whole: writer(model, 1, FRAMES),
        calls: writer(build(NARROW), 1, FRAMES),
        alone: multiplies(products, steps),
        read: reads(weights, steps),
    }
    taken = {row: 1e6 / speed for row, speed in take_turns(rivals, rounds).items()}
    rows = {
        f"calls: the same model, {NARROW} wide": taken[calls],
        "arithmetic: its matrix products alone": taken[alone],
        "all else: copies, attention, GELU": taken[whole] - taken[calls] - taken[alone],
        whole: taken[whole],
        f"limit of memory: {megabytes(weights):.1f} MB of weights read": taken[read],
    }
    lines = [f"Where the time of writing goes, {name}, 1 thread (microseconds a note; share)"]
    lines += [f"  {row:<50}{us:>8.0f}{us / taken[whole]:>8.0%}" for row, us in rows.items()]
    a_step = f"one step writes {notes_a_step(model)}"
    lines.append(f"  (the limit: each step reads all weights once, as fast as a sum; {a_step})")
    return "\n".join(lines)


def notes_a_step(model: nn.Module) -> int:
    """Count the notes that a model writes for one reading of its weights."""
    return 1 if isinstance(model, Transformer) else 4


def megabytes(weights: list[Tensor]) -> float:
    """Add up the weights' memory."""
    return sum(weight.nbytes for weight in weights) / 1e6


def matrix_products(model: nn.Module) -> Calls:
    """Note which rows meet which weights in one step: the last one of the second frame."""
    seen: Calls = []
    linear = nn.functional.linear

    def watched(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        seen.append((x.detach().flatten(0, -2), weight.detach()))
        return linear(x, weight, bias)

    with patch.object(nn.functional, "linear", watched):
        writer(model, 1, 2)()
    in_a_frame = len(seen) // 2
    return seen[-(in_a_frame * notes_a_step(model) // 4) :]


def multiplies(products: Calls, steps: int) -> Callable[[], float]:
    """Return a call that multiplies what a chorale's steps multiply, and nothing else."""

    def multiply() -> float:
        for _ in range(steps):
            for x, weight in products:
                nn.functional.linear(x, weight)
        return NOTES

    return multiply


def reads(weights: list[Tensor], steps: int) -> Callable[[], float]:
    """Return a call that reads as many numbers as a chorale's steps read."""
    numbers: Tensor = torch.ones(sum(weight.numel() for weight in weights))

    def read() -> float:
        for _ in range(steps):
            numbers.sum()
        return NOTES

    return read

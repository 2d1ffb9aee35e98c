"""What notebook 11 measures on whatever device is there."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from musiclab.model.attention import attend, fused_attention
from musiclab.model.config import TransformerConfig
from musiclab.model.fused_attention import fused_attend
from musiclab.model.transformer import Transformer
from musiclab.training.config import TrainingConfig
from musiclab.training.loss import summed_nll
from musiclab.training.measure import kept_for_backward, peak_bytes, seconds
from musiclab.training.optimiser import build_optimiser

SIZES = TransformerConfig(vocab_size=56, max_seq=512)  # 4 layers of width 128
SEQ = 512  # notes, four to a frame: eight bars of 4/4
PAD = 0
BATCHES = MappingProxyType({"cpu": (1, 2, 4), "cuda": (1, 4, 16, 64, 256)})  # pieces
Figures = dict[str, float]


def pace(device: torch.device | str) -> Figures:
    """Multiply large matrices: billions of operations per second, in each precision."""
    size = 512 if torch.device(device).type == "cpu" else 8192
    figures = {}
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        square = torch.randn(size, size, device=device, dtype=dtype)
        figures[name] = 2 * size**3 / seconds(lambda x=square: x @ x, device=device) / 1e9
    return figures


def attention(device: torch.device | str) -> Figures:
    """Milliseconds of causal attention, forward and backward, of 4 pieces x 4 heads x 512 notes."""
    shape = (4, SIZES.n_heads, SEQ, SIZES.head_dim)
    qkv = [torch.randn(shape, device=device, requires_grad=True) for _ in range(3)]
    ways = {
        "readable": lambda: attend(*qkv, causal=True),
        "fused": lambda: fused_attend(*qkv, causal=True),
        "fused+dropout": lambda: scaled_dot_product_attention(*qkv, is_causal=True, dropout_p=0.1),
    }
    return {
        name: 1000 * seconds(lambda way=way: way().sum().backward(), device=device)
        for name, way in ways.items()
    }


def precision(device: torch.device | str) -> Figures:
    """Notes per second that a training step learns from, in each precision, one piece a batch."""
    return {name: notes_per_second(device, 1, name) for name in ("fp32", "bf16")}


def batch_sizes(device: torch.device | str) -> Figures:
    """Notes per second in the precision that is faster here, by pieces in a batch."""
    sizes, paces = BATCHES[torch.device(device).type], pace(device)
    faster = max(paces, key=paces.get)
    return {str(size): notes_per_second(device, size, faster) for size in sizes}


def memory(device: torch.device | str) -> Figures:
    """Megabytes of a training step in fp32, 4 pieces a batch, by what they hold."""
    model, optimiser, ids = set_up(device, 4)
    step(model, optimiser, ids, "fp32")
    state = [one for slots in optimiser.state.values() for one in slots.values()]
    kept = kept_for_backward(model, lambda: loss_of(model, ids, "fp32"))
    optimiser.zero_grad()
    parts = {
        "weights": sum(one.nbytes for one in model.parameters()),
        "moments": sum(one.nbytes for one in state),
        "kept for backward": kept,
        "peak of a step": peak_bytes(lambda: step(model, optimiser, ids, "fp32"), device),
    }
    return {name: value / 1e6 for name, value in parts.items()}


MEASURES: Mapping[str, Callable[[torch.device | str], Figures]] = MappingProxyType(
    {one.__name__: one for one in (pace, attention, precision, batch_sizes, memory)}
)
UNITS = MappingProxyType(
    {
        "pace": "billion operations per second",
        "attention": "milliseconds",
        "precision": "notes per second",
        "batch_sizes": "notes per second, by pieces in a batch",
        "memory": "megabytes",
    }
)


def as_table(name: str, figures: Figures, device: str) -> str:
    """Write the figures of a measure as a table.

    Args:
        name: Of the measure, as in ``MEASURES``.
        figures: What it found.
        device: Name of the device.

    Example:
        >>> print(as_table("pace", {"fp32": 94.6, "bf16": 2200.0}, "my laptop"))
        billion operations per second   fp32   bf16
        my laptop                         95  2,200
    """
    first = max(len(UNITS[name]), len(device))
    lines = [f"{UNITS[name]:{first}}", f"{device:{first}}"]
    for column, figure in figures.items():
        width = max(7, len(column) + 2)
        lines = [
            f"{line}{cell:>{width}}"
            for line, cell in zip(lines, (column, _rounded(figure)), strict=True)
        ]
    return "\n".join(lines)


def notes_per_second(device: torch.device | str, batch: int, precision: str) -> float:
    """Time whole training steps of the flat model: forward, backward, AdamW."""
    model, optimiser, ids = set_up(device, batch)
    taken = seconds(lambda: step(model, optimiser, ids, precision), device=device, times=3)
    return batch * SEQ / taken


def set_up(
    device: torch.device | str, batch: int
) -> tuple[Transformer, torch.optim.Optimizer, Tensor]:
    """Build a flat model, its optimiser and a batch of random notes."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        model = Transformer(SIZES).to(device).train()
        ids = torch.randint(1, SIZES.vocab_size, (batch, SEQ + 1), device=device)
    return model, build_optimiser(model, TrainingConfig(steps=1)), ids


def step(model: nn.Module, optimiser: Any, ids: Tensor, precision: str) -> None:
    """Take one training step."""
    optimiser.zero_grad()
    loss_of(model, ids, precision).backward()
    optimiser.step()


def loss_of(model: nn.Module, ids: Tensor, precision: str) -> Tensor:
    """Return the mean loss, in nats per note."""
    in_bf16 = torch.autocast(ids.device.type, torch.bfloat16, enabled=precision == "bf16")
    with in_bf16, fused_attention(model):  # as the training loop does
        logits = model(ids[:, :-1])
    return summed_nll(logits, ids[:, 1:], PAD) / ids[:, 1:].numel()


def _rounded(value: float | int) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"

"""Our own training step taken apart: its share of the peak, choices, and where its time goes."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from benchmarks import peers, training
from benchmarks.timing import table, take_turns
from musiclab.model import Transformer, TransformerConfig
from musiclab.training.device_report import pace

Steps = Callable[[], float]
AS_IT_IS = "as it is: bf16, dropout, attention in blocks"


def run(rounds: int) -> str:
    """Measure all three."""
    speeds = take_turns(ways(), rounds)
    title = f"Training our flat model in other ways, {training.setting()}"
    compared = table(title, "notes a second", speeds, AS_IT_IS)
    return "\n\n".join([compared, peak(speeds[AS_IT_IS]), where_time_goes(rounds)])


def peak(notes_a_second: float) -> str:
    """Set the arithmetic of training beside what large matrix products reach, measured now."""
    config, best = flat_config(), pace("cpu")["bf16"]  # billions of operations a second
    a_step = training_operations(config, training.BATCH, training.SEQ)
    reached = a_step / (training.BATCH * training.SEQ) * notes_a_second / 1e9
    return (
        f"Share of the peak, {training.setting()}\n"
        f"  large matrix products in bf16, alone{best:>24,.0f} GFLOP/s\n"
        f"  matrix products of our training step{reached:>24,.0f} GFLOP/s{reached / best:>8.0%}\n"
        f"  ({a_step / 1e9:.1f} GFLOP a step; attention counted without the hidden future)"
    )


def training_operations(config: TransformerConfig, batch: int, seq: int) -> float:
    """Count multiplications and additions of one training step's matrix products.

    Each weight of a linear layer meets each position once, each query meets the keys up to its own
    position twice (score and mix). Going backward takes twice as many as going forward.
    """
    d_model, d_ff = config.d_model, config.d_ff or 4 * config.d_model
    weights = config.n_layers * (4 * d_model**2 + 2 * d_model * d_ff)
    weights += d_model * config.vocab_size
    pairs = seq * (seq + 1) / 2
    forward = 2 * batch * (seq * weights + config.n_layers * 2 * pairs * d_model)
    return 3 * forward


def ways() -> dict[str, Steps]:
    """Return our flat model's training step, and others with one thing changed."""
    forward = training.next_note(training.some_notes())
    dropout = peers.SIZES["dropout"]

    def ours(attend: training.Attend | None = None, precision: str = "bf16", **sizes: Any) -> Steps:
        return training.trainer(flat(**sizes), forward, attend=attend, precision=precision)

    return {
        AS_IT_IS: ours(),
        "torch's fused attention": ours(fused(0.0)),
        "torch's attention with dropout inside": ours(fused(dropout)),
        "readable attention": ours(attention="readable"),
        "torch's own dropout": training.trainer(with_torch_dropout(), forward),
        "no dropout": ours(dropout=0.0),
        "fp32": ours(precision="fp32"),
        "fp32, torch's attention with dropout inside": ours(fused(dropout), "fp32"),
        "fp32, no dropout": ours(precision="fp32", dropout=0.0),
    }


def where_time_goes(rounds: int) -> str:
    """Leave one part out of a training step at a time, and see how much sooner it is done.

    The matrix products of the linear layers cannot be left out; they are timed alone.
    """
    forward = training.next_note(training.some_notes())

    def without(**options: Any) -> Steps:
        return training.trainer(flat(), forward, **options)

    parts = {
        "mixing in attention": without(attend=lambda query, key, value, **_: query + key + value),
        "GELU": training.trainer(left_out(nn.GELU), forward),
        "rotary positions": training.trainer(flat(positions="none"), forward),
        "LayerNorm": training.trainer(left_out(nn.LayerNorm), forward),
        "dropout": training.trainer(flat(dropout=0.0), forward),
        "AdamW": without(moves=False),
        "measuring and clipping the gradient": without(clips=False),
    }
    whole, alone = "the whole step", "matrix products of the linear layers"
    speeds = take_turns({whole: without(), alone: linear_products(flat())} | parts, rounds)
    notes = training.BATCH * training.SEQ
    taken = {name: 1000 * notes / speed for name, speed in speeds.items()}  # ms a step
    shares = {alone: taken[alone]} | {name: taken[whole] - taken[name] for name in parts}
    return share_table(taken[whole], shares)


def share_table(whole: float, shares: Mapping[str, float]) -> str:
    """Write down how a step's milliseconds are shared; what is left is everything else."""
    rest = {"all else: residual sums, casts, embeddings, loss": whole - sum(shares.values())}
    lines = [f"Where the time of a training step goes, {training.setting()} (ms; share)"]
    for name, value in (dict(shares) | rest | {"the whole step": whole}).items():
        lines.append(f"  {name:<50}{value:>8.1f}{value / whole:>8.0%}")
    lines.append("  (by leaving the part out; the first row is timed alone)")
    return "\n".join(lines)


def flat_config(**changes: Any) -> TransformerConfig:
    """Return the sizes of our flat model, some changed."""
    return TransformerConfig(vocab_size=peers.TOKENIZER.vocab_size, **peers.SIZES | changes)


def flat(**changes: Any) -> Transformer:
    """Build our flat model, some sizes changed."""
    return Transformer(flat_config(**changes))


def fused(dropout: float) -> training.Attend:
    """Attend as torch does; with dropout inside, it leaves its fused kernel on a processor."""

    def mix(query: Tensor, key: Tensor, value: Tensor, **_: Any) -> Tensor:
        return scaled_dot_product_attention(query, key, value, is_causal=True, dropout_p=dropout)

    return mix


def with_torch_dropout() -> Transformer:
    """Build our flat model with ``nn.Dropout`` in place of ours."""
    return replaced(nn.Dropout, lambda ours: nn.Dropout(ours.p))


def left_out(kind: type[nn.Module]) -> Transformer:
    """Build our flat model with nothing in place of the parts of one kind."""
    return replaced(kind, lambda ours: nn.Identity())


def replaced(kind: type[nn.Module], other: Callable[[nn.Module], nn.Module]) -> Transformer:
    """Build our flat model with other parts in place of those of one kind."""
    model = flat()
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, kind):
                setattr(module, name, other(child))
    return model


def linear_products(model: nn.Module) -> Steps:
    """Multiply what a step's linear layers multiply, forward and backward, and nothing else."""
    positions = training.BATCH * training.SEQ
    layers = [one for one in model.modules() if isinstance(one, nn.Linear)]
    shapes = [(one.in_features, one.out_features) for one in layers]
    triples = [
        tuple(
            torch.randn(shape, dtype=torch.bfloat16)
            for shape in ((positions, into), (out, into), (positions, out))
        )
        for into, out in shapes
    ]

    def multiply() -> float:
        for _ in range(training.STEPS):
            for x, weight, gradient in triples:
                _ = x @ weight.T, gradient @ weight, gradient.T @ x
        return positions * training.STEPS

    return multiply

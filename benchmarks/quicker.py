"""Which of the small models also writes faster, one note after another?

Each way to run ``bach-plain`` writes notes in turn with all the others, with a cache of keys and
values, and is compared with the original in the same round, by processor seconds of one core. The
original takes part twice, to show how far chance alone moves a ratio. The same steps then read
validation excerpts, to see that a quick way is still right. Notebook 19 shows the table.

    python -m benchmarks quicker --rounds 11 --threads 1 --out musiclab/checkpoints/experiments
"""

import csv
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from benchmarks.lean_layers import (
    PackedLinear,
    SparseLinear,
    ThinLinear,
    WidenedLinear,
    with_layers,
)
from benchmarks.shrinking import kept, matrices
from musiclab.checkpoint.load import SHIPPED, load_checkpoint
from musiclab.model.config import TransformerConfig
from musiclab.model.kv_cache import KVCache, LayerCache
from musiclab.music.corpus import corpus

NOTES, PIECES, FRAMES = 128, 8, 64  # written in a round; read, each of so many frames
FILES = {"ONNX Runtime": "step.onnx", "ONNX Runtime, 8 bits": "step8.onnx"}

Step = Callable[[int], Float[Tensor, " vocab"]]  # a note in, scores of the next out
Way = Callable[[], Step]  # start anew


def run(rounds: int = 11, out: Path | None = None) -> Iterator[str]:
    """Let all write in turn, then read."""
    pieces = [one.excerpt(0, FRAMES) for one in corpus("valid", progress=False)[:PIECES]]
    tokenizer = load_checkpoint("bach-plain").tokenizer
    texts = [tokenizer.encode(piece)[:-1].tolist() for piece in pieces]
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as scratch, torch.no_grad():
        warnings.simplefilter("ignore")
        ways = all_ways(out or SHIPPED / "experiments", Path(scratch))
        sizes = {name: (Path(scratch) / file).stat().st_size for name, file in FILES.items()}
        nats = {name: read(way, texts) for name, way in ways.items()}
        speeds: dict[str, list[float]] = {name: [] for name in ways}
        for seed in range(rounds):
            for name, way in ways.items():
                speeds[name].append(written(way, seed))
    yield f"Quicker: {NOTES} notes, one at a time, {rounds} rounds in turn; {PIECES} excerpts read"
    yield f"  {'':<30}{'notes/s':>8}{'ratio':>7}{'(quartiles)':>15}{'nats':>8}"
    rows = []
    for name, mine in speeds.items():
        ratios = [one / original for one, original in zip(mine, speeds["torch"], strict=True)]
        low, middle, high = np.percentile(ratios, [25, 50, 75])
        told = f"({low:.2f} to {high:.2f})"
        yield f"  {name:<30}{median(mine):>8.0f}{middle:>7.2f}{told:>15}{nats[name]:>8.4f}"
        rows += [
            (
                name,
                seed,
                *map(partial(round, ndigits=4), (speed, ratio, nats[name])),
                sizes.get(name),
            )
            for seed, (speed, ratio) in enumerate(zip(mine, ratios, strict=True))
        ]
    if out is not None:
        with (out / "quicker.csv").open("w", newline="", encoding="utf-8") as file:
            head = ("way", "round", "notes_per_second", "ratio", "nats", "file_bytes")
            csv.writer(file, lineterminator="\n").writerows([head, *rows])


def written(way: Way, seed: int) -> float:
    """Write some notes; give how many in a second of the processor."""
    step, note, chance = way(), 1, torch.Generator().manual_seed(seed)
    began = time.process_time()
    for _ in range(NOTES):
        note = int(torch.multinomial(step(note).softmax(dim=-1), 1, generator=chance))
    return NOTES / (time.process_time() - began)


def read(way: Way, texts: list[list[int]]) -> float:
    """Give nats per note, reading step by step."""
    costs = []
    for notes in texts:
        step = way()
        for note, following in pairwise(notes):
            costs.append(-step(note).log_softmax(dim=-1)[following].item())
    return sum(costs) / len(costs)


def pruned(model: nn.Module) -> nn.Module:
    """Set four weights in five to 0."""
    model, stay = deepcopy(model), kept(matrices(model), 0.8, "global")
    for name, weight in model.named_parameters():
        if name in stay:
            weight.data.mul_(stay[name])
    return model


class _Growing(LayerCache):
    """A cache of tensors that grow, which an exported graph can follow."""

    def __init__(self, key: Tensor, value: Tensor) -> None:
        super().__init__(key, value)
        self.length = key.shape[2]

    def extend(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        self.key = torch.cat([self.key, key], dim=2)
        self.value = torch.cat([self.value, value], dim=2)
        return self.key, self.value


class _Past(KVCache):
    def __init__(self, past: Tensor) -> None:
        self.layers = [_Growing(key, value) for key, value in past]


class OneStep(nn.Module):
    """A model's step with nothing hidden: the past goes in, and comes out longer."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, ids: Tensor, past: Float[Tensor, "layer part batch heads seq head_dim"]
    ) -> tuple[Tensor, Tensor]:
        """Score the next note; return the longer past as well."""
        cache = _Past(past)
        logits = self.model(ids, cache)
        longer = [torch.stack([one.key, one.value]) for one in cache.layers]
        return logits[:, -1], torch.stack(longer)


def exported(model: nn.Module, file: Path) -> None:
    """Write the step of a model as ONNX."""
    config = model.config
    past = torch.zeros(config.n_layers, 2, 1, config.n_heads, 3, config.head_dim)
    length = torch.export.Dim("past", max=config.max_seq - 1)
    program = torch.export.export(
        OneStep(model).eval(), (torch.tensor([[1]]), past), dynamic_shapes=(None, {4: length})
    )
    torch.onnx.export(program, dynamo=True, verbose=False).save(file)


def by_torch(model: nn.Module) -> Way:
    """Run a model as the library does."""
    config, most = model.config, max(NOTES, 4 * FRAMES) + 1

    def start() -> Step:
        cache = KVCache(config.n_layers, 1, most, config.n_heads, config.head_dim)
        return lambda note: model(torch.tensor([[note]]), cache)[0, -1]

    return start


def by_onnx(file: Path, config: TransformerConfig) -> Way:
    """Run a step in ONNX Runtime, on one core."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options)

    def start() -> Step:
        past = [np.zeros((config.n_layers, 2, 1, config.n_heads, 0, config.head_dim), np.float32)]

        def step(note: int) -> Float[Tensor, " vocab"]:
            logits, past[0] = session.run(None, {"ids": np.array([[note]]), "past": past[0]})
            return torch.from_numpy(logits[0])

        return step

    return start


def all_ways(folder: Path, scratch: Path) -> dict[str, Way]:
    """Make every way to run."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    plain = load_checkpoint("bach-plain").model.requires_grad_(False)
    half = load_checkpoint(folder / "student-half").model.requires_grad_(False)
    exported(plain, scratch / "step.onnx")
    quantize_dynamic(scratch / "step.onnx", scratch / "step8.onnx", weight_type=QuantType.QInt8)
    models = {
        "torch": plain,
        "torch, again": plain,
        "8 bits, widened at each step": with_layers(plain, WidenedLinear),
        "8 bits, torch's int8 product": with_layers(plain, PackedLinear),
        "80% pruned, as zeros": pruned(plain),
        "80% pruned, sparse": with_layers(pruned(plain), SparseLinear),
        "low rank, half the numbers": with_layers(plain, ThinLinear),
    }
    ways = {name: by_torch(model) for name, model in models.items()}
    ways |= {"student, half the size": by_torch(half)}
    return ways | {name: by_onnx(scratch / file, plain.config) for name, file in FILES.items()}

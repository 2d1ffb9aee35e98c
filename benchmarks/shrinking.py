"""Ways to store the weights of a model in fewer bytes: what a file would hold, and what is left.

Every function takes the matrices of a model by name and gives, for each, the tensors that a file
would hold and the matrix that is made from them again. Scales and kept weights take 16 bits.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int, UInt8
from safetensors.torch import save
from torch import Tensor, nn

Matrix = Float[Tensor, "out in"]
Matrices = Mapping[str, Matrix]
ROWS = {  # which weights share a scale
    "tensor": "out (group each) -> 1 (out group each)",
    "row": "out (group each) -> out (group each)",
    "group": "out (group each) -> (out group) each",
}
GROUP = 32


class Stored(NamedTuple):
    """One matrix, smaller."""

    file: dict[str, Tensor]  # what a file would hold
    weight: Matrix  # what it is read as


Shrink = Callable[[Matrices], dict[str, Stored]]


def matrices(model: nn.Module) -> dict[str, Matrix]:
    """Give the matrices that multiply activations, which is nearly all there is."""
    layers = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    return {f"{name}.weight": layer.weight.detach() for name, layer in layers.items()}


def halved(all_: Matrices) -> dict[str, Stored]:
    """Keep floating-point numbers of 16 bits, as the shipped checkpoints do."""
    return {name: Stored({"half": one.half()}, one.half().float()) for name, one in all_.items()}


def quantised(bits: int, per: str) -> Shrink:
    """Round to whole numbers of some bits, symmetric about 0, with a scale for each row of ROWS."""
    largest = 2 ** (bits - 1) - 1

    def one(weight: Matrix) -> Stored:
        rows = rearrange(weight, ROWS[per], each=min(GROUP, weight.shape[1]))
        scale = (rows.abs().amax(dim=1, keepdim=True) / largest).half().float()
        whole = (rows / scale).round().clamp(-largest, largest)
        file = {"whole": packed((whole + largest).long(), bits), "scale": scale.half()}
        return Stored(file, (whole * scale).view_as(weight))

    return lambda all_: {name: one(weight) for name, weight in all_.items()}


def packed(numbers: Int[Tensor, "*any"], bits: int) -> UInt8[Tensor, " byte"]:
    """Write numbers from 0 to 2^bits - 1 one after another, without a gap."""
    each = np.unpackbits(numbers.numpy().astype(np.uint8).reshape(-1, 1), axis=1)
    return torch.from_numpy(np.packbits(each[:, 8 - bits :]))


def unpacked(file: UInt8[Tensor, " byte"], bits: int, count: int) -> Int[Tensor, " count"]:
    """Read ``count`` numbers back."""
    each = np.unpackbits(file.numpy(), count=bits * count).reshape(count, bits)
    padded = np.pad(each, ((0, 0), (8 - bits, 0)))
    return torch.from_numpy(np.packbits(padded, axis=1)[:, 0].astype(np.int64))


def kept(all_: Matrices, share: float, how: str, seed: int = 0) -> dict[str, Bool[Tensor, "_ _"]]:
    """Choose the weights that stay when a share of them goes.

    Args:
        all_: The matrices.
        share: How many go, of 1.
        how: "global" drops the smallest of all, "layer" of each matrix, "random" any.
        seed: Of what is random.
    """
    drawn = torch.Generator().manual_seed(seed)
    sizes = {name: one.abs() for name, one in all_.items()}
    if how == "random":
        sizes = {name: torch.rand(one.shape, generator=drawn) for name, one in sizes.items()}
    every = torch.cat([one.flatten() for one in sizes.values()])

    def limit(values: Tensor) -> Tensor:
        return values.flatten().kthvalue(round(share * values.numel())).values

    return {n: one > limit(one if how == "layer" else every) for n, one in sizes.items()}


def pruned(share: float, how: str, seed: int = 0) -> Shrink:
    """Set a share of the weights to 0."""
    return lambda all_: sparse(kept(all_, share, how, seed))(all_)


def sparse(stay: Mapping[str, Bool[Tensor, "_ _"]]) -> Shrink:
    """Store a bit for each weight, and those that stay."""

    def one(weight: Matrix, stays: Bool[Tensor, "_ _"]) -> Stored:
        values = weight[stays].half()
        whole = torch.zeros_like(weight).masked_scatter(stays, values.float())
        return Stored({"stays": packed(stays.long(), 1), "values": values}, whole)

    return lambda all_: {name: one(weight, stay[name]) for name, weight in all_.items()}


def low_rank(share: float) -> Shrink:
    """Store two thin matrices, with a share of the numbers, whose product is close."""

    def one(weight: Matrix) -> Stored:
        left, right = thin(weight, share)
        return Stored({"left": left.half(), "right": right.half()}, left @ right)

    return lambda all_: {name: one(weight) for name, weight in all_.items()}


def thin(weight: Matrix, share: float) -> tuple[Matrix, Matrix]:
    """Split a matrix in two, by its largest singular values."""
    left, sizes, right = torch.linalg.svd(weight, full_matrices=False)
    rank = round(share * weight.numel() / sum(weight.shape))
    return (left[:, :rank] * sizes[:rank]).contiguous(), right[:rank].contiguous()


def shrink(model: nn.Module, how: Shrink) -> int:
    """Shrink a model in place; give the bytes of the file that would hold it."""
    found = how(matrices(model))
    file = {f"{n}.{part}": one for n, stored in found.items() for part, one in stored.file.items()}
    rest = {name: one.half() for name, one in model.state_dict().items() if name not in found}
    model.load_state_dict({n: stored.weight for n, stored in found.items()}, strict=False)
    return len(save(rest | file))

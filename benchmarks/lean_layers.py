"""Layers in place of ``nn.Linear`` that hold fewer numbers, or smaller ones."""

from collections.abc import Callable
from copy import deepcopy

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from benchmarks.shrinking import thin


class WidenedLinear(nn.Module):
    """Keep whole numbers of 8 bits, and widen them at each call."""

    def __init__(self, weight: Float[Tensor, "out in"]) -> None:
        super().__init__()
        scale = weight.abs().amax(dim=1) / 127
        self.register_buffer("whole", (weight / scale[:, None]).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, x: Tensor) -> Tensor:
        """Multiply, then scale the rows."""
        return linear(x, self.whole.float()) * self.scale


class PackedLinear(WidenedLinear):
    """Let torch multiply by the whole numbers themselves."""

    def forward(self, x: Tensor) -> Tensor:
        """Call torch's own kernel, which it uses inside its compiler."""
        return torch._weight_int8pack_mm(x.flatten(0, -2), self.whole, self.scale).view(
            *x.shape[:-1], -1
        )


class SparseLinear(nn.Module):
    """Multiply only by the weights that are left."""

    def __init__(self, weight: Float[Tensor, "out in"]) -> None:
        super().__init__()
        self.weight = weight.to_sparse_csr()

    def forward(self, x: Tensor) -> Tensor:
        """Multiply, the batch as columns."""
        return (self.weight @ x.flatten(0, -2).T).T.reshape(*x.shape[:-1], -1)


class ThinLinear(nn.Module):
    """Multiply by two thin matrices."""

    def __init__(self, weight: Float[Tensor, "out in"]) -> None:
        super().__init__()
        self.left, self.right = thin(weight, 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Go down to the rank, and up again."""
        return linear(linear(x, self.right), self.left)


def with_layers(model: nn.Module, layer: Callable[..., nn.Module]) -> nn.Module:
    """Put other layers in place of all that multiply."""
    model = deepcopy(model)
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                setattr(module, name, layer(child.weight.detach()))
    return model

"""What only a GPU has use for: operations merged by a compiler, and launched all at once.

A model as small as ours keeps a GPU waiting: each operation is done before the next one has been
asked for. Merging many into one, and recording all requests of a step to repeat them in one go,
spares that. On a processor there is nothing to wait for, and the model is left as it is.
"""

import torch
from torch import nn


def compiled(
    model: nn.Module, device: torch.device | str, *, same_shapes: bool = False
) -> nn.Module:
    """Let torch compile a model for a GPU; its first steps then take a minute.

    Args:
        model: Its weights are shared, not copied: train what comes back, save ``model``.
        device: Where it computes; anything but a GPU leaves the model as it is.
        same_shapes: All batches have one shape, so that a step can be recorded (CUDA graphs).

    Example:
        >>> model = nn.Linear(2, 3)
        >>> compiled(model, "cpu") is model
        True
    """
    if torch.device(device).type != "cuda":
        return model
    if same_shapes:
        return torch.compile(model, mode="reduce-overhead", dynamic=False)
    return torch.compile(model, dynamic=True)

"""Use a model without training it."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def predicting(model: torch.nn.Module) -> Iterator[None]:
    """Compute without gradients and without dropout; afterwards the model is as it was.

    Leave the block before yielding to a caller: inference mode would hold for the caller's code
    as well.
    """
    training = model.training
    if training:
        model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        if training:
            model.train()

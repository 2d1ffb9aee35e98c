"""A ``Transformer`` over notes made ready to write, one note after another."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.model.kv_cache import KVCache
from musiclab.model.transformer import Transformer
from musiclab.sampling.fast_stack import FastStack, centred, times


class FastNotes:
    """Score the next note, like the model itself, but in a tenth of the calls.

    Args:
        model: Whose weights are taken as they are now.
        positions: How many tokens will be read at most.
    """

    def __init__(self, model: Transformer, positions: int) -> None:
        self.model, self.stack = model, FastStack(model.stack, positions)
        self.embed = centred(model.embed.weight)
        self.to_logits = model.to_logits.weight.T.contiguous().numpy()

    def __call__(
        self, ids: Int[Tensor, "batch unread"], cache: KVCache
    ) -> Float[Tensor, "batch unread vocab"]:
        """Score what follows the tokens that the cache has not read."""
        if ids.shape[1] > 1:  # a prompt: many positions at once are the ordinary model's strength
            return self.model(ids, cache)
        hidden = self.stack(self.embed[ids[:, 0].numpy()], cache)
        return torch.from_numpy(times(hidden, self.to_logits))[:, None]

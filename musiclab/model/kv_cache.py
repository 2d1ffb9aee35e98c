"""Remember the keys and values of tokens already read, so that each is computed only once."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.errors import SettingError

New = Float[Tensor, "batch heads seq head_dim"]
All = Float[Tensor, "batch heads all_seq head_dim"]


class LayerCache:
    """The keys and values of one attention layer, in memory taken once."""

    def __init__(self, key: All, value: All) -> None:
        self.key, self.value = key, value  # room for max_seq, filled up to length
        self.length = 0
        self.memory: tuple[All, All] | None = None  # of the encoder, for cross-attention

    def extend(self, key: New, value: New) -> tuple[All, All]:
        """Add the newest positions and return all of them, the first ones included.

        Gradients do not flow into the cache: it is for sampling.

        Raises:
            SettingError: If the batch is another one, or the cache is full.
        """
        start, end = self.length, self.length + key.shape[2]
        if key.shape[0] != self.key.shape[0]:
            raise SettingError(
                f"the cache was made for a batch of {self.key.shape[0]}, got {key.shape[0]}"
            )
        if end > self.key.shape[2]:
            raise SettingError(
                f"the cache holds {self.key.shape[2]} positions, got {end}; "
                "make it with a larger max_seq or write a shorter piece"
            )
        self.key[:, :, start:end] = key.detach()
        self.value[:, :, start:end] = value.detach()
        self.length = end
        return self.key[:, :, :end], self.value[:, :, :end]

    def select(self, rows: Int[Tensor, " new_batch"]) -> None:
        """Keep these rows of the batch, in this order."""
        self.key, self.value = (self._pick(kept, rows) for kept in (self.key, self.value))
        if self.memory is not None:
            self.memory = self.memory[0][rows], self.memory[1][rows]

    def _pick(
        self, kept: All, rows: Int[Tensor, " new_batch"]
    ) -> Float[Tensor, "new_batch heads all_seq head_dim"]:
        picked = kept.new_empty(len(rows), *kept.shape[1:])
        picked[:, :, : self.length] = kept[:, :, : self.length][rows]  # copy only what is filled
        return picked


class KVCache:
    """One ``LayerCache`` a layer: pass it to the model, and feed only what is new.

    The model reads from it where its next input stands, so cached and uncached calls run the same
    code and give the same logits.

    Args:
        n_layers: Attention layers of the model.
        batch: Pieces written at once.
        max_seq: Positions to make room for.
        n_heads: Heads of each layer.
        head_dim: Width of a head.
        dtype: Type of the stored numbers.
        device: Where the model computes.

    Example:
        >>> cache = KVCache(n_layers=2, batch=1, max_seq=7, n_heads=3, head_dim=5)
        >>> keys, values = cache.layers[0].extend(*torch.ones(2, 1, 3, 4, 5))
        >>> keys.shape, cache.length
        (torch.Size([1, 3, 4, 5]), 0)
        >>> keys, values = cache.layers[1].extend(*torch.ones(2, 1, 3, 4, 5))
        >>> cache.length
        4
    """

    def __init__(
        self,
        n_layers: int,
        batch: int,
        max_seq: int,
        n_heads: int,
        head_dim: int,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        shape = (batch, n_heads, max_seq, head_dim)
        if min(n_layers, *shape) < 1:
            raise SettingError(f"a cache needs sizes of at least 1, got {n_layers} layers, {shape}")
        self.layers = [
            LayerCache(*(torch.empty(shape, dtype=dtype, device=device) for _ in range(2)))
            for _ in range(n_layers)
        ]

    @property
    def length(self) -> int:
        """Positions that every layer has read."""
        return self.layers[-1].length

    def reset(self) -> None:
        """Forget everything, keep the memory."""
        for layer in self.layers:
            layer.length, layer.memory = 0, None

    def select(self, rows: Int[Tensor, " new_batch"]) -> None:
        """Keep these rows of the batch in this order; repeat one to let it branch.

        Example:
            >>> cache = KVCache(n_layers=1, batch=2, max_seq=3, n_heads=1, head_dim=1)
            >>> key = value = torch.tensor([5.0, 6.0]).view(2, 1, 1, 1)
            >>> _ = cache.layers[0].extend(key, value)
            >>> cache.select(torch.tensor([1, 1, 0]))
            >>> cache.layers[0].key[:, 0, 0, 0]
            tensor([6., 6., 5.])
        """
        for layer in self.layers:
            layer.select(rows)

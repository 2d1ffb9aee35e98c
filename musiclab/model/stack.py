"""The trunk that every model of this library shares: positions, then block upon block."""

import math

from jaxtyping import Bool, Float
from torch import Tensor, nn

from musiclab.model.block import Block, PostNormBlock
from musiclab.model.config import TransformerConfig
from musiclab.model.dropout import Dropout
from musiclab.model.kv_cache import KVCache
from musiclab.model.positions import input_positions


class Stack(nn.Module):
    """Mark positions on the embeddings, run them through the blocks, normalise.

    Args:
        config: Sizes of the blocks and their number.
        causal: Hide the future from every position.
        cross: Let every block attend to a memory.
    """

    def __init__(self, config: TransformerConfig, *, causal: bool = True, cross: bool = False):
        super().__init__()
        self.config = config
        self.positions = input_positions(config.positions, config.d_model, config.max_seq)
        self.dropout = Dropout(config.dropout)
        block = Block if config.norm == "pre" else PostNormBlock
        self.blocks = nn.ModuleList(
            block(
                config.d_model,
                config.n_heads,
                config.d_ff,
                config.dropout,
                causal=causal,
                cross=cross,
                positions=config.positions,
                max_seq=config.max_seq,
            )
            for _ in range(config.n_layers)
        )
        # Pre-norm leaves the stream unnormalised; post-norm blocks have just normalised it.
        self.norm = nn.LayerNorm(config.d_model) if config.norm == "pre" else nn.Identity()

    def forward(
        self,
        x: Float[Tensor, "batch seq d_model"],
        *,
        visible: Bool[Tensor, "#batch #heads #seq seen"] | None = None,
        memory: Float[Tensor, "batch k_seq d_model"] | None = None,
        memory_visible: Bool[Tensor, "#batch #heads #seq k_seq"] | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch seq d_model"]:
        """Run all blocks; with a cache, ``x`` holds only the positions it has not read yet."""
        x = self.dropout(self.positions(x, 0 if cache is None else cache.length))
        layers = [None] * len(self.blocks) if cache is None else cache.layers
        for block, layer in zip(self.blocks, layers, strict=True):
            x = block(x, visible=visible, memory=memory, memory_visible=memory_visible, cache=layer)
        return self.norm(x)

    def new_cache(self, batch: int, max_seq: int | None = None) -> KVCache:
        """Make a cache that fits this stack, with room for ``max_seq`` positions."""
        config, weight = self.config, self.blocks[0].attention.to_out.weight
        return KVCache(
            config.n_layers,
            batch,
            max_seq or config.max_seq,
            config.n_heads,
            config.head_dim,
            dtype=weight.dtype,
            device=weight.device,
        )


def initialise(model: nn.Module, n_layers: int) -> None:
    """Draw weights that keep the size of what flows through them, and nearly equal first scores.

    A layer that sums ``n`` inputs draws from a standard deviation of 1 / sqrt(n). Those that write
    into the residual stream draw smaller, the deeper the model, or the stream would grow with every
    block; those that score tokens draw smaller still, so that a new model prefers no token.

    Source:
        LeCun et al. (1998), "Efficient BackProp", section 4.6; for the residual stream Radford et
        al. (2019), "Language Models are Unsupervised Multitask Learners" (GPT-2).
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.1)
        elif isinstance(module, nn.Linear):
            std = 1 / math.sqrt(module.in_features)
            if name.endswith((".to_out", ".feed_forward.2")):
                std /= math.sqrt(2 * n_layers)
            if "to_logits" in name:
                std = 0.02
            if any(part in name for part in ("interval_scores", "step_scores", "vote_scores")):
                std = 0.0
            nn.init.normal_(module.weight, std=std)
            if module.bias is not None:
                nn.init.zeros_(module.bias)

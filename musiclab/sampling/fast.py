"""Choose the short cut for writing with a model, where there is one.

``FastNotes`` and ``FastFrames`` write with copies of a model's weights, arranged for single rows on
one processor core. They give the same scores up to rounding, about 1e-5, and so the same music but
for about one draw in ten million, which the last digit decides (measured with the models that come
with musiclab).
"""

from dataclasses import fields

import torch
from torch import nn

from musiclab.model.attention import MultiHeadAttention
from musiclab.model.block import Block, FeedForward, Residual
from musiclab.model.config import FrameConfig, TransformerConfig
from musiclab.model.dropout import Dropout
from musiclab.model.frame_embedding import ColumnEmbedding
from musiclab.model.frames import FrameTransformer
from musiclab.model.positions import NoPositions, Rotary
from musiclab.model.stack import Stack
from musiclab.model.transformer import Transformer
from musiclab.model.voice_head import VoiceHead
from musiclab.sampling.fast_frames import FastFrames
from musiclab.sampling.fast_notes import FastNotes

WIDEST_ALONE = 256  # d_model up to which one core is enough to write
MOST_ROWS = 64  # pieces at once up to which the short cut is the quicker way

# The parts that the short cut knows; a model with any other part goes the ordinary way.
MODELS = (Transformer, FrameTransformer)
PARTS = (ColumnEmbedding, Stack, Block, MultiHeadAttention, FeedForward, Residual, VoiceHead)
POSITIONS = (NoPositions, Rotary)
LAYERS = (nn.Embedding, nn.Linear, nn.LayerNorm, nn.GELU, nn.ModuleList)
IDLE = (nn.Dropout, Dropout)  # while writing
SET_TO = {
    nn.LayerNorm: ("elementwise_affine", True),
    nn.GELU: ("approximate", "none"),
    MultiHeadAttention: ("causal", True),
    Residual: ("pre", True),
}
SETTINGS = {
    *("vocab_size", "max_seq", "d_model", "n_heads", "n_layers", "d_ff", "dropout"),
    *("positions", "norm", "attention", "n_voices", "condition_sizes", "n_relations"),
    *("n_earlier", "neighbours", "recall", "memories", "parallels"),
    *("key_condition", "end_condition"),
}


@torch.no_grad()
def short_cut(
    model: FrameTransformer | Transformer, *, positions: int, batch: int
) -> FastFrames | FastNotes | None:
    """Take over a model's weights as they are now.

    Args:
        model: The model.
        positions: How many it will read at most: frames, or notes.
        batch: Pieces to write at once.

    Returns:
        What writes in its place; None where there is no short cut: on a GPU, in another precision
        than float32, with learned, relative or sinusoidal positions or post-norm, wider than
        ``WIDEST_ALONE``, more than ``MOST_ROWS`` pieces, and for a model with a hook or with a
        part that is not of this library, since that might change what it says.
    """
    if batch > MOST_ROWS or not _is_known(model):
        return None
    if isinstance(model, FrameTransformer):
        return FastFrames(model, positions)
    return FastNotes(model, positions)


def _is_known(model: nn.Module) -> bool:
    """Tell whether a model is just what the short cut takes it for."""
    if type(model) not in MODELS or model.config.norm != "pre":
        return False
    config: TransformerConfig | FrameConfig = model.config
    if config.d_model > WIDEST_ALONE or {one.name for one in fields(config)} - SETTINGS:
        return False
    if not all(map(_is_as_built, model.modules())) or not _is_wired_as_built(model):
        return False
    return all(
        weight.device.type == "cpu" and weight.dtype == torch.float32
        for weight in model.parameters()
    )


def _is_as_built(module: nn.Module) -> bool:
    """Tell whether a part is one of ours, unchanged: no hook, no other method, no other setting."""
    if type(module) not in (*MODELS, *PARTS, *POSITIONS, *LAYERS, *IDLE):
        return False
    hooked = module._forward_hooks or module._forward_pre_hooks
    if hooked or any(map(callable, vars(module).values())):
        return False
    name, value = SET_TO.get(type(module), ("training", module.training))
    return getattr(module, name) == value


def _is_wired_as_built(model: nn.Module) -> bool:
    """Tell whether the blocks have no biases, and heads and positions as the config says."""
    config, parts = model.config, list(model.stack.modules())
    attentions = [one for one in parts if isinstance(one, MultiHeadAttention)]
    turned = config.positions == "rotary"
    return all(one.bias is None for one in parts if isinstance(one, nn.Linear)) and all(
        one.n_heads == config.n_heads and (one.rotary is not None) == turned for one in attentions
    )

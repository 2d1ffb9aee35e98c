"""Which models a checkpoint can hold, by the name of their kind."""

from importlib import import_module
from typing import Any

from torch import nn

from musiclab.errors import CheckpointError

# kind -> module and class of the config, module and class of the model; imported when needed
KINDS = {
    "transformer": ("config.TransformerConfig", "transformer.Transformer"),
    "frames": ("frames.FrameConfig", "frames.FrameTransformer"),
    "encoder-decoder": ("config.TransformerConfig", "encoder_decoder.EncoderDecoder"),
    "frame-encoder-decoder": (
        "frame_encoder_decoder.FrameEncoderDecoderConfig",
        "frame_encoder_decoder.FrameEncoderDecoder",
    ),
}


def classes_of(kind: Any) -> tuple[type, type[nn.Module]]:
    """Import the config class and the model class of a kind.

    Raises:
        CheckpointError: If there is no such kind.

    Example:
        >>> [one.__name__ for one in classes_of("transformer")]
        ['TransformerConfig', 'Transformer']
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise CheckpointError(f"the kind of model must be one of {', '.join(KINDS)}, got {kind!r}")
    config, model = (_find(place) for place in KINDS[kind])
    return config, model


def kind_of(model: nn.Module) -> str:
    """Name the kind of a model.

    Raises:
        CheckpointError: If it is none that a checkpoint can hold.
    """
    for kind, (_, place) in KINDS.items():
        if type(model).__name__ == place.rpartition(".")[2] and type(model) is _find(place):
            return kind
    raise CheckpointError(
        f"a checkpoint cannot hold a {type(model).__name__}, only {', '.join(KINDS)}"
    )


def _find(place: str) -> Any:
    module, _, name = place.rpartition(".")
    return getattr(import_module(f"musiclab.model.{module}"), name)

"""Which models a checkpoint can hold, by the name of their kind."""

from importlib import import_module
from typing import Any

from torch import nn

from musiclab.errors import CheckpointError

# kind -> "module:class" of the config and of the model; imported when needed
MODELS = {
    "transformer": (
        "musiclab.model.config:TransformerConfig",
        "musiclab.model.transformer:Transformer",
    ),
    "singer": ("musiclab.singer.config:SingerConfig", "musiclab.singer.singer:Singer"),
    "harmoniser": (
        "musiclab.singer.harmoniser:HarmoniserConfig",
        "musiclab.singer.harmoniser:Harmoniser",
    ),
    "infiller": ("musiclab.singer.config:SingerConfig", "musiclab.singer.infiller:Infiller"),
    "encoder-decoder": (
        "musiclab.model.config:TransformerConfig",
        "musiclab.model.encoder_decoder:EncoderDecoder",
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
    if not isinstance(kind, str) or kind not in MODELS:
        raise CheckpointError(
            f"the kind of model must be one of {', '.join(MODELS)}, got {kind!r:.60}"
        )
    config, model = MODELS[kind]
    return _imported(config), _imported(model)


def kind_of(model: nn.Module) -> str:
    """Name the kind of a model.

    Raises:
        CheckpointError: If it is none that a checkpoint can hold.
    """
    name = type(model).__name__
    for kind, (_, place) in MODELS.items():
        if place.endswith(f":{name}") and type(model) is _imported(place):
            return kind
    raise CheckpointError(f"a checkpoint cannot hold a {name:.60}, only {', '.join(MODELS)}")


def _imported(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)

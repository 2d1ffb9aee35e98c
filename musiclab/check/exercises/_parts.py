"""Put known weights into a module that a learner wrote."""

from collections.abc import Mapping

from torch import Tensor, nn


def with_weights(module: nn.Module, weights: Mapping[str, Tensor]) -> nn.Module:
    """Copy weights into a module's parts, which must be called as the exercise says.

    Raises:
        AttributeError: If a part is missing, or there is one too many; says which.
        ValueError: If a part has another size; says which.
    """
    own = module.state_dict()
    if missing := [name for name in weights if name not in own]:
        raise AttributeError(f"the layer has no weights called {missing[0]}")
    if extra := [name for name in own if name not in weights]:
        raise AttributeError(f"the layer has weights that it should not have: {extra[0]}")
    for name, weight in weights.items():
        if own[name].shape != weight.shape:
            raise ValueError(
                f"{name} should have the shape {tuple(weight.shape)}, got {tuple(own[name].shape)}"
            )
    module.load_state_dict(dict(weights))
    return module

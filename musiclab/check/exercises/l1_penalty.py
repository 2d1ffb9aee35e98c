"""l1-penalty: a price on weights that pushes each of them by the same amount."""

import torch
from torch import nn

from musiclab.check.exercise import Exercise, normal


def probes(rng):
    """Yield small models: one matrix; with biases and a gain; one matrix twice; one frozen."""
    yield _filled(rng, nn.Linear(2, 1, bias=False)), 0.5
    yield _filled(rng, nn.Sequential(nn.Linear(3, 5), nn.LayerNorm(5), nn.Linear(5, 2))), 0.25
    tied = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    tied[1].weight = tied[0].weight
    yield _filled(rng, tied), 0.125
    frozen = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2, bias=False), nn.Conv1d(2, 3, 2))
    frozen[1].weight.requires_grad = False
    yield _filled(rng, frozen), float(rng.uniform(0.1, 0.4))


def _filled(rng, model):
    for weight in model.parameters():
        weight.data = normal(rng, *weight.shape) * 2
    return model


def use(answer, model, strength):
    """Take the price, and let it push."""
    price = answer(model, strength)
    if isinstance(price, torch.Tensor) and price.requires_grad and price.numel() == 1:
        price.sum().backward()
    pushes = {
        name: None if weight.grad is None else weight.grad.clone()
        for name, weight in model.named_parameters()
    }
    return {"price": price} | {
        f"push on {name}": torch.zeros(()) if push is None or not push.any() else push
        for name, push in pushes.items()
    }


def solution(model, strength):
    price = torch.zeros(())
    for weight in model.parameters():
        # BEGIN SOLUTION
        if weight.ndim > 1 and weight.requires_grad:
            price = price + weight.abs().sum()
        # END SOLUTION
    return strength * price


def reference(model, strength):
    return build()(model, strength)


def build(
    cost=lambda weight: weight.abs().sum(),
    pays=lambda weight: weight.ndim > 1 and weight.requires_grad,
    total=lambda costs, strength: strength * sum(costs),
    duplicates=False,
):
    """Make a price that other weights pay, or pay otherwise."""

    def penalty(model, strength):
        every = model.named_parameters(remove_duplicate=not duplicates)
        return total([cost(weight) for _, weight in every if pays(weight)], strength)

    return penalty


def signed_sum(*inputs):
    """You add the weights with their signs, so that negative ones pay for positive ones.

    Such a price falls below 0, and training drives all weights down for ever. What does |w| mean?
    """
    return build(lambda weight: weight.sum())(*inputs)


def size_of_the_sum(*inputs):
    """You take the size after adding; weights of different signs cancel out before.

    First the size of each weight, then the sum.
    """
    return build(lambda weight: weight.sum().abs())(*inputs)


def squares(*inputs):
    """You add squares: that is L2, without its half.

    Near 0 its push fades. Which price of section 14.5 has the same slope everywhere?
    """
    return build(lambda weight: weight.square().sum())(*inputs)


def half_of_the_squares(*inputs):
    """That is L2, half of the squares.

    Near 0 its push fades. Which price of section 14.5 has the same slope everywhere?
    """
    return build(lambda weight: weight.square().sum() / 2)(*inputs)


def root_of_the_squares(*inputs):
    """You take the length of each matrix, the root of its squares, not the sum of sizes.

    `norm` does so if it is not told which one. Which number does L1 stand for?
    """
    return build(lambda weight: weight.norm())(*inputs)


def the_largest_pays(*inputs):
    """Only the largest weight of each matrix pays.

    Every weight has its price. What comes after `abs()`?
    """
    return build(lambda weight: weight.abs().max())(*inputs)


def largest_column_sum(*inputs):
    """Only one row or column of a matrix pays: the norm of a matrix is another thing.

    `torch.linalg.norm(weight, 1)` takes the largest column. Add up all sizes.
    """
    return build(lambda weight: weight.abs().sum(dim=0).max())(*inputs)


def means_added(*inputs):
    """You add the means of the matrices, so a weight in a large one costs less.

    Each weight has the same price, wherever it stands. Mean or sum?
    """
    return build(lambda weight: weight.abs().mean())(*inputs)


def every_parameter_pays(*inputs):
    """Everything pays: biases and gains, and perhaps even what is frozen.

    A bias knows no notes by heart. Only what has two axes or more should pay, if it is trained.
    """
    return build(pays=lambda weight: True)(*inputs)


def biases_pay(*inputs):
    """Biases and gains pay, too: parameters with a single axis.

    They know no notes by heart. How many axes does a matrix have?
    """
    return build(pays=lambda weight: weight.requires_grad)(*inputs)


def frozen_ones_pay(*inputs):
    """You charge weights that are not trained, and so can never become smaller.

    `requires_grad` says of a weight whether it is trained.
    """
    return build(pays=lambda weight: weight.ndim > 1)(*inputs)


def only_two_axes(*inputs):
    """Only weights with just two axes pay; those of a convolution have three.

    Two axes *or more*.
    """
    return build(pays=lambda weight: weight.ndim == 2 and weight.requires_grad)(*inputs)


def shared_matrix_pays_twice(*inputs):
    """A matrix that stands in two places of the model pays twice.

    There is only one of it. `model.parameters()` names it once.
    """
    return build(duplicates=True)(*inputs)


def strength_forgotten(*inputs):
    """Your price does not depend on the strength.

    Multiply the sum by it.
    """
    return build(total=lambda costs, strength: sum(costs))(*inputs)


def divided_by_strength(*inputs):
    """You divide by the strength: the larger it is, the cheaper are the weights.

    A strong price is a high one.
    """
    return build(total=lambda costs, strength: sum(costs) / strength)(*inputs)


def strength_added(*inputs):
    """You add the strength, where the sum should be multiplied by it.

    Added, it pushes no weight at all.
    """
    return build(total=lambda costs, strength: sum(costs) + strength)(*inputs)


def pushes_nothing(*inputs):
    """The price is right, but it pushes nothing: no gradient flows back to the weights.

    `item()`, `detach()`, `data` and `no_grad` cut a number off from where it came from.
    """
    return build()(*inputs).detach()


def sign_wrong(*inputs):
    """The sign is wrong: large weights are paid for being large.

    The price is added to the loss, and training makes the loss small.
    """
    return -build()(*inputs)


def never_below_zero(result, *inputs):
    """A price is one number, and never below 0."""
    price = torch.as_tensor(result["price"])
    return price.numel() == 1 and float(price) >= 0


def pushes_alike(result, model, strength):
    """Every weight that pays is pushed by `strength`, up or down, however large it is."""
    pushes = [torch.as_tensor(one) for key, one in result.items() if key.startswith("push")]
    pushed = torch.cat([one.flatten()[one.flatten() != 0] for one in pushes])
    return len(pushed) > 0 and bool((pushed.abs() - strength).abs().max() < 1e-5)


EXERCISE = Exercise(
    id="l1-penalty",
    notebook=14,
    place=2,
    title="A price on weights",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=8,
    why="It is the only one of the cures that leaves a model with weights you can throw away.",
    signature='l1_penalty(model: nn.Module, strength: float) -> Float[Tensor, ""]',
    statement=(
        "Return the L1 price of a model: `strength` times the sum of the sizes of its weights. It "
        "will be added to the loss, so a gradient must flow back.\n\n"
        "Not everything pays. Biases and the gains of a layer norm have a single axis; "
        "they are free. So is what is frozen: weights that take no gradient, since nobody trains "
        "them. All other weights pay, with two axes or more, and a matrix that is used in two "
        "places pays once.\n\nFill in what happens to one weight."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    may_change=True,  # the gradients
    properties=(never_below_zero, pushes_alike),
    mistakes=(
        signed_sum,
        size_of_the_sum,
        squares,
        half_of_the_squares,
        root_of_the_squares,
        the_largest_pays,
        largest_column_sum,
        means_added,
        every_parameter_pays,
        biases_pay,
        frozen_ones_pay,
        only_two_axes,
        shared_matrix_pays_twice,
        strength_forgotten,
        divided_by_strength,
        strength_added,
        pushes_nothing,
        sign_wrong,
    ),
    hints=(
        "A matrix holds 3, -2 and 0.5. What is its sum, and what is its size, counted as a walk "
        "along all three numbers? Which of the two can cheat?",
        "price: 0. For each weight of the model: if it has more than one axis, and "
        "`requires_grad` is True, add the sum of its absolute values. At the end multiply by the "
        "strength.",
        "`if weight.ndim > ... and weight.requires_grad:` then `price = price + weight....sum()`.",
    ),
    explain="How large is the push on a weight of 0.001, and on one of 10? And with L2?",
)

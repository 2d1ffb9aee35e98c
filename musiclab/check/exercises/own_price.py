"""own-price: any price on weights that is free at 0, and never cheaper for the larger."""

import torch

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._curve import as_tune


def probes(rng):
    """Yield weights, a single one among them."""
    for many in (1, 4, 9):
        weights = normal(rng, many)
        yield (weights + 1.2 * weights.sign(),)


def use(answer, weights):
    """Ask for many prices, and see what they have in common."""

    def price(values):
        return torch.as_tensor(answer(values.clone()), dtype=torch.float32)

    if price(weights).shape != ():
        return {"one number for all weights": False}
    one_more = torch.cat([torch.linspace(0, 3, 61)[:, None], weights.expand(61, -1)], dim=1)
    curve = torch.stack([price(values) for values in one_more])
    without = [price(weights * (torch.arange(len(weights)) != n)) for n in range(len(weights))]
    at_zero, pushes = pushed(answer, torch.zeros(3)), pushed(answer, weights)
    others = [weights, 2 * weights, weights + 0.5 * weights.sign(), one_more[10], one_more[60]]
    return {
        "one number for all weights": True,
        "zeros are free": abs(float(price(torch.zeros(3)))) < 1e-4,
        "never below 0": bool((curve > -1e-4).all() and price(-weights) > -1e-4),
        "a weight and its opposite cost the same": near(price(weights), price(-weights)),
        "more is never cheaper": bool((curve.diff() > -1e-4).all()),
        "each weight pays": all(bool(price(weights) > one + 1e-4) for one in without),
        "pushes": pushes is not None and bool((pushes != 0).any()),
        "pushes are numbers": all(one is None or one.isfinite().all() for one in (at_zero, pushes)),
        "is not L1": not steady([price(one) / one.abs().sum() for one in others]),
        "is not L2": not steady([price(one) / one.square().sum() for one in others]),
    }


def pushed(answer, weights):
    """Return the gradient of the price; None if none flows."""
    weights = weights.clone().requires_grad_()
    price = answer(weights)
    if isinstance(price, torch.Tensor) and price.requires_grad:
        price.sum().backward()
    return weights.grad


def near(one, other):
    return bool((one - other).abs() < 1e-4 * (1 + one.abs()))


def steady(ratios):
    return all(near(ratios[0], one) for one in ratios)


def solution(weights):
    # Small weights are pushed to 0, and large ones hardly: they have earned their place.
    return (weights.square() / (weights.square() + 1)).sum()


def l1_again(weights):
    """That is L1, perhaps with another strength.

    It is a good price. Now invent another: what should large weights pay, and what small ones?
    """
    return weights.abs().sum()


def l2_again(weights):
    """That is L2, perhaps with another strength.

    It is a good price. Now invent another: what should large weights pay, and what small ones?
    """
    return weights.square().sum()


def one_price_each(weights):
    """You return a price for each weight; a loss is one number.

    Add them up.
    """
    return solution(weights[:, None].T) + weights.square()


def zeros_cost(weights):
    """A weight of 0 costs something.

    That cannot be saved, so it pushes nothing. Take it off: what does your price give for 0?
    """
    return weights.cosh().sum()


def below_zero(weights):
    """Negative weights bring their price down, even below 0.

    Training would drive them down for ever. Use their size, or an even power.
    """
    return weights.pow(3).sum()


def only_positive_ones_pay(weights):
    """Only weights above 0 pay.

    A weight of -5 knows as much by heart as one of 5.
    """
    return weights.relu().square().sum()


def lopsided(weights):
    """A weight and its opposite cost different sums.

    Nothing says that negative weights are better, or worse. Use the size of a weight.
    """
    return (weights.exp() - 1 - weights).sum()


def large_ones_get_cheaper(weights):
    """Somewhere your price falls again, and training would make such weights larger still.

    It may become flat, but it must not turn back, nor come in waves.
    """
    return (weights.square() * (-weights.square() / 2).exp()).sum()


def infinite_at_zero(weights):
    """At 0 the slope of your price is infinite: one such step, and all weights are lost.

    A root begins upright. Add a little under it, and take its root off again.
    """
    return weights.abs().sqrt().sum()


def only_the_largest_pays(weights):
    """Only the largest weight pays.

    The others may grow until they are nearly as large. Let each one pay.
    """
    return weights.abs().max() ** 2


def counts_them(weights):
    """You count the weights that are not 0: a fair price, but it pushes none of them.

    A gradient needs a slope. Which smooth curve looks like this staircase?
    """
    return (weights != 0).float().sum()


def always_the_same(weights):
    """Your price is 0 whatever the weights are.

    What should a weight of 2 cost?
    """
    return (0 * weights).sum()


def one_number(facts, *inputs):
    """The price of all weights together must be one number."""
    return facts["one number for all weights"]


def free_at_zero(facts, *inputs):
    """If all weights are 0, the price must be 0; and it is never below."""
    return facts["zeros are free"] and facts["never below 0"]


def even(facts, *inputs):
    """A weight and its opposite must cost the same."""
    return facts["a weight and its opposite cost the same"]


def rising(facts, *inputs):
    """A larger weight must never cost less than a smaller one."""
    return facts["more is never cheaper"]


def all_pay(facts, *inputs):
    """Each weight beyond 1 must pay: the price falls if any one of them is set to 0."""
    return facts["each weight pays"]


def slopes(facts, *inputs):
    """A gradient must flow back, and be a number everywhere, also at 0."""
    return facts["pushes"] and facts["pushes are numbers"]


def your_own(facts, *inputs):
    """The price must be neither L1 nor L2, whatever its strength."""
    return facts["is not L1"] and facts["is not L2"]


def hear(answer):
    """Play the price of one weight, from -2 to 2: the higher the price, the higher the note."""
    curve = [float(answer(torch.tensor([one / 8]))) for one in range(-16, 17)]
    most = max(map(abs, curve)) or 1.0
    return as_tune([one / most for one in curve])


EXERCISE = Exercise(
    id="own-price",
    notebook=14,
    place=5,
    title="A price of your own, and its tune",
    kind="open",
    difficulty=2,
    importance=2,
    minutes=15,
    why="A price says which models you like better; nobody has found the last word on that.",
    signature='own_price(weights: Float[Tensor, "weight"]) -> Float[Tensor, ""]',
    statement=(
        "Invent a price on weights. Some ideas: one that large weights hardly feel; one that only "
        "begins to bite at 0.5; one that all weights share.\n\n"
        "Some rules. All zeros are free, and no price is below 0. A weight and its opposite cost "
        "the same. A larger weight never costs less. Each weight beyond 1 pays: the price falls if "
        "any one of them is set to 0. A gradient flows back, and is a number even where a weight "
        "is 0. And it is neither L1 nor L2. The check can play it, from -2 to 2: the higher the "
        "price, the higher the note."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    hear=hear,
    properties=(one_number, free_at_zero, even, rising, all_pay, slopes, your_own),
    mistakes=(
        l1_again,
        l2_again,
        one_price_each,
        zeros_cost,
        below_zero,
        only_positive_ones_pay,
        lopsided,
        large_ones_get_cheaper,
        infinite_at_zero,
        only_the_largest_pays,
        counts_them,
        always_the_same,
    ),
    hints=(
        "Draw the prices L1 and L2 from -2 to 2. Put a marble on each curve, at 2 and at 0.1. "
        "Where does it roll fast? Now draw a hill of your own, with its foot at 0.",
        "1. Take the size of each weight, or its square: shape (weight,).\n"
        "2. Bend it by a function that begins at 0 and never falls.\n"
        "3. Add up all of them: one number. Try it with zeros, and with one large weight.",
        "`size = weights.abs()`, then one of `size / (size + ...)`, `(1 + weights.square()).log()` "
        "or `(size - ...).relu()` plus a little of the size, then `.sum()`.",
    ),
    explain="What kind of model would your price make, if its strength were very large?",
)

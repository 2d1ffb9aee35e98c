"""prune-magnitude: drop the smallest weights of all matrices together, exactly so many."""

import torch

from musiclab.check.exercise import Exercise, normal


def probes(rng):
    """Yield matrices of different sizes of weights, some with many equal ones, and a share."""
    for shapes, share in ((((2, 3), (3, 2)), 0.25), (((4, 5), (7, 3), (2, 9)), 0.6)):
        weights = {f"layer {n}": normal(rng, *one) for n, one in enumerate(shapes)}
        for number, one in enumerate(weights.values()):
            one *= 0.3 + number
        yield weights, share
    for share in (0.5, 0.0):  # after quantising, many weights are equal
        shapes = ((6, 7), (5, 4))
        yield {f"layer {n}": levels(rng, shape) for n, shape in enumerate(shapes)}, share


def levels(rng, shape):
    """Draw weights of a few sizes, none of them 0."""
    sizes = rng.choice([0.5, 1.0, 1.5], size=shape) * rng.choice([-1, 1], size=shape)
    return torch.from_numpy(sizes).float()


def use(answer, weights, share):
    """See how many went, and whether a larger one went than one that stayed."""
    before = {name: one.clone() for name, one in weights.items()}
    made = answer(weights, share)
    if not isinstance(made, dict):
        return {"shapes": "no dictionary"}
    after = {name: torch.as_tensor(one) for name, one in made.items()}
    shapes = {name: tuple(one.shape) for name, one in after.items()}
    if shapes != {name: tuple(one.shape) for name, one in before.items()}:
        return {"shapes": shapes}
    old, new = (torch.cat([one.flatten() for one in all_.values()]) for all_ in (before, after))
    gone = new == 0
    return {
        "shapes": shapes,
        "zeros": int(gone.sum()),
        "share of zeros": round(gone.float().mean().item(), 3),
        "largest that went": old.abs()[gone].max().item() if gone.any() else 0.0,
        "smallest that stayed": old.abs()[~gone].min().item() if (~gone).any() else 0.0,
        "largest change of what stayed": (new - old)[~gone].abs().max().item() if any(~gone) else 0,
        "type": str(new.dtype),
        "the given weights are as before": all(
            torch.equal(one, before[name]) for name, one in weights.items()
        ),
    }


def solution(weights, share):
    every = torch.cat([one.flatten() for one in weights.values()])
    many = round(share * len(every))
    # BEGIN SOLUTION
    smallest = every.abs().argsort()[:many]
    every[smallest] = 0
    # END SOLUTION
    parts = every.split([one.numel() for one in weights.values()])
    named = zip(weights.items(), parts, strict=True)
    return {name: part.view_as(one) for (name, one), part in named}


def reference(weights, share):
    return build()(weights, share)


def first_of(sizes, many):
    """Choose the smallest, exactly so many."""
    chosen = torch.zeros(len(sizes), dtype=torch.bool)
    chosen[sizes.argsort(stable=True)[:many]] = True
    return chosen


def build(
    choose=lambda every, many, share: first_of(every.abs(), many),
    drop=lambda every, gone: every.masked_fill(gone, 0.0),
):
    """Make a function that chooses or drops in another way."""

    def prune(weights, share):
        every = torch.cat([one.flatten() for one in weights.values()])
        every = drop(every, choose(every, round(share * len(every)), share))
        parts = every.split([one.numel() for one in weights.values()])
        named = zip(weights.items(), parts, strict=True)
        return {name: part.view_as(one) for (name, one), part in named}

    return prune


def the_largest_go(weights, share):
    """You drop the largest weights and keep the smallest.

    A weight near 0 does little. In which order does `argsort` put them?
    """
    return build(lambda every, many, share: first_of(-every.abs(), many))(weights, share)


def slice_from_the_end(weights, share):
    """You drop the last ones of an ascending order: the largest, and with a share of 0 all.

    `[-0:]` is the whole list. The smallest stand at the beginning.
    """

    def choose(every, many, share):
        chosen = torch.zeros(len(every), dtype=torch.bool)
        chosen[every.abs().argsort()[-many:]] = True
        return chosen

    return build(choose)(weights, share)


def sign_ignored(weights, share):
    """You sort by the weights themselves, so the most negative ones go, however large.

    Magnitude is the size without the sign.
    """
    return build(lambda every, many, share: first_of(every, many))(weights, share)


def share_upside_down(weights, share):
    """You keep the share that should go: with 0.25, three weights in four are dropped.

    `share` says how many become 0.
    """
    return build(lambda every, many, share: first_of(every.abs(), len(every) - many))(
        weights, share
    )


def each_matrix_alone(weights, share):
    """You drop the same share of each matrix. Asked for are the smallest of all, taken together.

    A matrix of small weights may lose more than one of large ones.
    """
    return {name: reference({name: one}, share)[name].view_as(one) for name, one in weights.items()}


def each_row_alone(weights, share):
    """You drop the same share of each row. Asked for are the smallest of all, taken together.

    Put the weights of all matrices into one long row first.
    """

    def rows(one):
        return torch.stack([reference({"row": row}, share)["row"] for row in one])

    return {name: rows(one) for name, one in weights.items()}


def limit(every, many):
    return every.abs().sort().values[many - 1] if many else torch.tensor(-1.0)


def ties_all_go(weights, share):
    """Where many weights are equal, you drop all that lie on the limit, and so too many.

    A limit cannot tell equal weights apart. Choose places, exactly `many` of them.
    """
    return build(lambda every, many, share: every.abs() <= limit(every, many))(weights, share)


def ties_all_stay(weights, share):
    """You drop only what lies below the limit. All that are equal to it stay, and so too many.

    A limit cannot tell equal weights apart. Choose places, exactly `many` of them.
    """
    return build(lambda every, many, share: every.abs() < limit(every, many))(weights, share)


def share_of_the_largest(weights, share):
    """You drop what is below a share of the largest weight. That may be any number of weights.

    The share counts weights. It does not measure them.
    """
    return build(lambda every, many, share: every.abs() < share * every.abs().max())(weights, share)


def share_as_limit(weights, share):
    """You take the share itself as the limit, and drop all weights below it.

    The share counts weights. It does not measure them.
    """
    return build(lambda every, many, share: every.abs() < share)(weights, share)


def ranks_confused(weights, share):
    """You take what `argsort` gives for ranks, but it gives places: where the smallest stands.

    Use it to choose places: `every[order[...]] = 0`.
    """
    return build(lambda every, many, share: every.abs().argsort(stable=True) < many)(weights, share)


def at_random(weights, share):
    """You drop any weights, whatever their size: that is the control of section 19.4.

    Sort by size first.
    """

    def choose(every, many, share):
        chance = torch.Generator().manual_seed(0)
        return first_of(torch.rand(len(every), generator=chance), many)

    return build(choose)(weights, share)


def the_first_ones(weights, share):
    """You drop the first weights of the list, whatever their size.

    Sort by size first, then take the first.
    """
    return build(lambda every, many, share: torch.arange(len(every)) < many)(weights, share)


def one_too_many(weights, share):
    """You drop one weight too many.

    A slice `[:many]` has `many` members already.
    """
    return build(lambda every, many, share: first_of(every.abs(), many + 1))(weights, share)


def one_too_few(weights, share):
    """You drop one weight too few.

    A slice `[:many]` ends before place `many`, and has `many` members.
    """
    return build(lambda every, many, share: first_of(every.abs(), max(many - 1, 0)))(weights, share)


def all_shrink(weights, share):
    """You also move what stays towards 0, by as much as the limit.

    That is what L1 does, step by step. Here what stays keeps its value.
    """

    def drop(every, gone):
        edge = every.abs()[gone].max() if gone.any() else 0.0
        return torch.where(gone, 0.0, every - every.sign() * edge / 2)

    return build(drop=drop)(weights, share)


def rest_scaled_up(weights, share):
    """You make what stays larger, as dropout does in training.

    Pruning leaves it alone.
    """
    kept = build()(weights, share)
    return {name: one / (1 - share / 2) for name, one in kept.items()}


def sign_lost(weights, share):
    """What stays has lost its sign: you give back the sizes, not the weights.

    Use sizes to choose, and set the weights themselves to 0.
    """
    return build(drop=lambda every, gone: every.abs().masked_fill(gone, 0.0))(weights, share)


def table_returned(weights, share):
    """You return which weights stay, as True and False, not the weights.

    Multiply, or set the others to 0.
    """
    return build(drop=lambda every, gone: ~gone)(weights, share)


def one_long_row(weights, share):
    """You return all weights in one long row, and nobody can tell the matrices apart.

    Cut the row up again, and give each part the shape and the name of its matrix.
    """
    return torch.cat([one.flatten() for one in reference(weights, share).values()])


def nothing_dropped(weights, share):
    """Nothing is dropped: the weights come back as they were.

    `masked_fill` makes a copy, and so does an index with a list. Assign into `every`.
    """
    return build(drop=lambda every, gone: every)(weights, share)


def given_weights_changed(weights, share):
    """You set the given weights themselves to 0, so the whole model is lost with its copy.

    Change a copy. `torch.cat` has made one.
    """
    for name, one in reference(weights, share).items():
        weights[name].copy_(one)
    return weights


def exactly_so_many(result, weights, share):
    """The number of zeros must be the share of all weights, rounded."""
    return result.get("zeros") == round(share * sum(one.numel() for one in weights.values()))


def smaller_ones_go(result, weights, share):
    """No weight that goes may be larger than one that stays."""
    return share == 0 or result["largest that went"] <= result["smallest that stayed"]


EXERCISE = Exercise(
    id="prune-magnitude",
    notebook=19,
    place=2,
    title="Drop the smallest",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=10,
    why="Which weights go decides whether a model sings or stammers.",
    signature=(
        'prune_magnitude(weights: dict[str, Float[Tensor, "out in"]], share: float) -> '
        'dict[str, Float[Tensor, "out in"]]'
    ),
    statement=(
        "Set a share of the weights to 0: the smallest in absolute value, of *all* matrices "
        "together. Exactly `many` go, even where many weights are equal, as they are after "
        "quantising; then any of the equal ones may. The others keep their values. A share "
        "of 0 drops nothing.\n\n`every` is a copy, so you may change it."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(exactly_so_many, smaller_ones_go),
    mistakes=(
        the_largest_go,
        slice_from_the_end,
        sign_ignored,
        share_upside_down,
        each_matrix_alone,
        each_row_alone,
        ties_all_go,
        ties_all_stay,
        share_of_the_largest,
        share_as_limit,
        ranks_confused,
        at_random,
        the_first_ones,
        one_too_many,
        one_too_few,
        all_shrink,
        rest_scaled_up,
        sign_lost,
        table_returned,
        one_long_row,
        nothing_dropped,
        given_weights_changed,
    ),
    hints=(
        "Four weights: 0.3, -2, 0.1, -0.3. Half of them go. Which two? Is there another answer "
        "that is right, too?",
        "order: the places of the weights, from the smallest absolute value to the largest. The "
        "first `many` of these places get a 0.",
        "`smallest = every.abs().argsort()[...]`, then `every[...] = 0`.",
    ),
    explain="Why may a matrix lose nearly all of its weights, and another hardly any?",
)

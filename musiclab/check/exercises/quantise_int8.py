"""quantise-int8: weights as whole numbers of 8 bits, with a scale for each row."""

import torch

from musiclab.check.exercise import Exercise, normal


def probes(rng):
    """Yield matrices whose rows differ in size; in each, one row is 0 and one leans below 0."""
    for rows, columns in ((3, 4), (6, 5), (7, 7)):
        weight = normal(rng, rows, columns) * torch.from_numpy(
            10.0 ** rng.uniform(-2, 1, size=(rows, 1))
        )
        zero, low = rng.permutation(rows)[:2]
        weight[zero] = 0
        # The largest in absolute value is negative, far ahead of all that are positive.
        weight[low, int(rng.integers(columns))] = -2.5 * weight[low].abs().max()
        yield (weight.float(),)


def use(answer, weight):
    """Collect the whole numbers, their type and the scales; a row of zeros may have any scale."""
    pair = answer(weight.clone())
    if isinstance(pair, torch.Tensor) or len(pair) != 2:
        return {"whole numbers and scales": False}
    whole, scale = (torch.as_tensor(one) for one in pair)
    facts = {"shapes": [tuple(whole.shape), tuple(scale.shape)], "type": str(whole.dtype)}
    if facts["shapes"] != [tuple(weight.shape), (len(weight), 1)]:
        return facts
    zeros = (weight == 0).all(dim=1)
    usable = bool((scale[zeros].isfinite() & (scale[zeros] != 0)).all())
    return facts | {
        "whole numbers": whole.double(),
        "scales of rows that are not 0": scale[~zeros].double(),
        "scales of zero rows can divide": usable,
    }


def solution(weight):
    # BEGIN SOLUTION
    scale = weight.abs().amax(dim=1, keepdim=True) / 127
    scale[scale == 0] = 1.0
    whole = (weight / scale).round().to(torch.int8)
    # END SOLUTION
    return whole, scale


def rows_of(weight):
    return weight.abs().amax(dim=1, keepdim=True)


def build(
    largest=rows_of,
    steps=127,
    divide=lambda weight, scale: weight / scale,
    cut=torch.round,
    store=lambda whole: whole.to(torch.int8),
    mend=lambda scale: scale.masked_fill(scale == 0, 1.0),
    give=lambda whole, scale: (whole, scale),
):
    """Make a function that scales, rounds, stores or returns in another way."""

    def quantise(weight):
        scale = mend(largest(weight) / steps)
        return give(store(cut(divide(weight, scale))), scale)

    return quantise


def wrapped(whole):
    """Convert as a processor does that keeps the lowest eight bits."""
    return ((whole.nan_to_num().long() + 128) % 256 - 128).to(torch.int8)


def clamped(whole):
    return whole.clamp(-128, 127).to(torch.int8)


def reference(weight):
    return build()(weight)


def one_scale_for_all(weight):
    """You take one scale for the whole matrix: one large weight makes the grid coarse for all.

    Each row has a scale of its own. Which axis is left when you ask for the largest of each row?
    """
    return build(largest=lambda w: w.abs().max().expand(len(w), 1))(weight)


def one_scale_alone(weight):
    """You return a single scale, where one for each row is asked for.

    `amax` takes a `dim`. With `keepdim=True`, each row keeps its place.
    """
    return build(largest=lambda w: w.abs().max().reshape(1, 1))(weight)


def scale_per_column(weight):
    """You take a scale for each column, not for each row.

    In `amax`, `dim` is the axis that goes away. Which one has the weights of one row?
    """
    return build(largest=lambda w: w.abs().amax(dim=0, keepdim=True))(weight)


def axis_lost(weight):
    """Your scales have the shape (out,), so they would line up with columns when you multiply.

    `keepdim=True` leaves an axis of length 1, where they line up with rows.
    """
    return build(give=lambda whole, scale: (whole, scale[:, 0]))(weight)


def towards_zero(weight):
    """You cut the decimals off instead of rounding: every weight moves towards 0.

    Converting to int8 cuts. What has to come before it?
    """
    return build(cut=torch.trunc)(weight)


def rounded_down(weight):
    """You round down, so all weights move the same way, by half a step on average.

    Round to the *nearest* whole number.
    """
    return build(cut=torch.floor)(weight)


def rounded_up(weight):
    """You round up, so all weights move the same way, by half a step on average.

    Round to the *nearest* whole number.
    """
    return build(cut=torch.ceil)(weight)


def only_one_of_the_two(weight):
    """You return the whole numbers alone. Without their scales nobody can come back.

    Return both, whole numbers first.
    """
    return build()(weight)[0]


def wraps_at_128(weight):
    """You divide by 128 steps, and 128 does not fit a signed byte: it turns into -128.

    The numbers of a signed byte end at 127. Then the largest weight fits, whatever its sign.
    """
    return build(steps=128, store=wrapped)(weight)


def cut_at_128(weight):
    """You divide by 128 steps and cut off what does not fit, so the largest weight gets smaller.

    With 127 steps on each side nothing has to be cut.
    """
    return build(steps=128, store=clamped)(weight)


def maximum_with_sign(weight):
    """You take the largest weight of a row, not the largest in absolute value, and cut the rest.

    A row whose largest weight is -3 and whose highest is 1 needs a scale for 3.
    """
    return build(largest=lambda w: w.amax(dim=1, keepdim=True).clamp(min=0), store=clamped)(weight)


def maximum_that_wraps(weight):
    """You take the highest weight of a row, and lower ones than its negative wrap round.

    A row whose lowest weight is -3 and whose highest is 1 needs a scale for 3.
    """
    return build(largest=lambda w: w.amax(dim=1, keepdim=True).clamp(min=0), store=wrapped)(weight)


def zero_row_divides(weight):
    """In a row of zeros, you divide 0 by 0, and the scale is 0: nothing can be divided by it.

    The whole numbers of such a row are 0 with any scale. Choose one that can divide.
    """
    return build(mend=lambda scale: scale, store=wrapped)(weight)


def span_of_the_row(weight):
    """You share 255 steps between the lowest and the highest weight, and forget to move the 0.

    Symmetric means: 127 steps on each side of 0, by the largest absolute value.
    """
    span = build(largest=lambda w: w.amax(1, keepdim=True) - w.amin(1, keepdim=True), steps=255)
    return span(weight)


def with_zero_point(weight):
    """You move the lowest weight to -128, so 0 is no longer 0. That is the asymmetric way.

    It needs a zero point to come back. Here 0 stays 0, and there are only scales.
    """
    low, high = weight.amin(dim=1, keepdim=True), weight.amax(dim=1, keepdim=True)
    scale = (high - low) / 255
    scale = scale.masked_fill(scale == 0, 1.0)
    return ((weight - low) / scale - 128).round().to(torch.int8), scale


def still_floats(weight):
    """Your whole numbers are still stored as floating-point numbers, of 32 bits each.

    Nothing is saved yet. Convert them to `torch.int8`.
    """
    return build(store=lambda whole: whole)(weight)


def too_wide_a_type(weight):
    """Your whole numbers take more than a byte each.

    `torch.int8` has 8 bits; `int` and `long` have 32 or 64.
    """
    return build(store=lambda whole: whole.long())(weight)


def no_negative_numbers(weight):
    """Your type has no negative numbers: `uint8` runs from 0 to 255, and -3 becomes 253.

    Half of the weights are negative. Take the signed type.
    """
    return build(store=lambda whole: (whole.long() % 256).to(torch.uint8))(weight)


def scale_upside_down(weight):
    """Your scale is upside down: it must be multiplied to get weights back, not divided by.

    If the largest weight is 2.54, one step is 0.02.
    """
    return build(give=lambda whole, scale: (whole, 1 / scale))(weight)


def multiplied(weight):
    """You multiply by the scale where you should divide, so nearly all becomes 0.

    How many steps of size `scale` fit into the weight?
    """
    return build(divide=lambda weight, scale: weight * scale, store=wrapped)(weight)


def never_scaled(weight):
    """You round the weights themselves; the scale is returned, but never used.

    Most weights lie between -0.5 and 0.5, and become 0. Divide first.
    """
    return build(divide=lambda weight, scale: weight, store=wrapped)(weight)


def only_three_values(weight):
    """Your scale is the largest value itself, so only -1, 0 and 1 are left.

    The largest value should become 127.
    """
    return build(steps=1)(weight)


def seven_steps(weight):
    """You use 7 steps on each side, as for 4 bits; 8 bits have room for 127.

    Of n bits, one is for the sign.
    """
    return build(steps=7)(weight)


def twice_as_many_steps(weight):
    """You use 255 steps on each side of 0, and a signed byte has only 127.

    255 is all of them, on both sides together.
    """
    return build(steps=255, store=clamped)(weight)


def mean_for_the_largest(weight):
    """Your scale comes from the mean of a row, so large weights do not fit.

    The one that decides is the largest in absolute value.
    """
    return build(largest=lambda w: w.abs().mean(1, keepdim=True), store=clamped)(weight)


def widened_again(weight):
    """You return the weights as they are after coming back, not the whole numbers.

    What goes into the file is the whole numbers and the scales.
    """
    return build(store=lambda whole: whole, give=lambda whole, scale: (whole * scale, scale))(
        weight
    )


def scale_first(weight):
    """You return the scales first, and the whole numbers second.

    Look at the order in the signature.
    """
    return build()(weight)[::-1]


def comes_back(result, weight):
    """Whole number times scale must be within half a step of each weight."""
    if "whole numbers" not in result:
        return False
    whole, scale = result["whole numbers"], torch.ones(len(weight), 1).double()
    scale[(weight != 0).any(dim=1)] = torch.as_tensor(result["scales of rows that are not 0"])
    return bool(((torch.as_tensor(whole) * scale - weight).abs() <= 0.501 * scale.abs()).all())


EXERCISE = Exercise(
    id="quantise-int8",
    notebook=19,
    place=1,
    title="Weights as whole numbers",
    kind="implement",
    difficulty=2,
    importance=5,
    minutes=12,
    why="Large models fit small machines because of these few lines.",
    signature=(
        'quantise_int8(weight: Float[Tensor, "out in"]) -> '
        'tuple[Int8[Tensor, "out in"], Float[Tensor, "out 1"]]'
    ),
    statement=(
        "Turn a matrix into whole numbers of 8 bits and one scale for each *row*, so that whole "
        "number times scale is close to the weight:\n\n"
        r"$$s_i = \frac{\max_j |w_{ij}|}{127} \qquad q_{ij} = \mathrm{round}(w_{ij} / s_i)$$"
        "\n\nReturn the whole numbers as `torch.int8`, and the scales. Section 19.2 does it for "
        "weights that are never all 0; here a row may be. Its scale may be any "
        "number but 0."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(comes_back,),
    mistakes=(
        one_scale_for_all,
        one_scale_alone,
        scale_per_column,
        axis_lost,
        towards_zero,
        rounded_down,
        rounded_up,
        only_one_of_the_two,
        wraps_at_128,
        cut_at_128,
        maximum_with_sign,
        maximum_that_wraps,
        zero_row_divides,
        span_of_the_row,
        with_zero_point,
        still_floats,
        too_wide_a_type,
        no_negative_numbers,
        scale_upside_down,
        multiplied,
        never_scaled,
        only_three_values,
        seven_steps,
        twice_as_many_steps,
        mean_for_the_largest,
        widened_again,
        scale_first,
    ),
    hints=(
        "A row is 0.5, -2.54, 1.0. Which whole number should -2.54 become? How large is one step "
        "then, and where does 0.5 land?",
        "scale: the largest absolute value of each row, divided by 127; shape (out, 1). Where it "
        "is 0, put 1. whole: weight divided by scale, rounded, as int8; shape (out, in).",
        "`scale = weight.abs().amax(dim=..., keepdim=True) / ...`, then `scale[scale == 0] = ...`, "
        "then `whole = (... / scale).round().to(...)`.",
    ),
    explain="What would one scale for the whole matrix save, and what would it cost?",
)

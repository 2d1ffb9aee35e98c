"""clip-gradients: shorten all gradients together, if together they are too long."""

import torch
from torch import nn

from musiclab.check.exercise import Exercise, normal


def probes(rng):
    """Yield long gradients and short ones, weights without any, and one where all are zero."""
    for length, longest, *shapes in (
        (5.0, 1.0, (2,), (1,)),
        (0.5, 2.0, (2,), (3,)),
        (9.0, 2.5, (4, 3), None, (5,), (2, 2, 2)),
        (0.7, 1.5, None, (3, 2), (4,)),
        (7.0, 0.5, (2,), (9,), (4,)),
    ):
        drawn = [None if shape is None else normal(rng, *shape) for shape in shapes]
        scale = length / length_of([one for one in drawn if one is not None])
        yield [None if one is None else one * scale for one in drawn], longest
    yield [torch.zeros(2), torch.zeros(3)], 1.0


def length_of(gradients):
    return torch.stack([one.norm() for one in gradients]).norm()


def reference(gradients, longest):
    holders = [nn.Parameter(torch.empty(0 if one is None else one.shape)) for one in gradients]
    for holder, gradient in zip(holders, gradients, strict=True):
        holder.grad = None if gradient is None else gradient.clone()
    norm = nn.utils.clip_grad_norm_(holders, longest)
    return [holder.grad for holder in holders], norm


def solution(gradients, longest):
    lengths = [one.norm() for one in gradients if one is not None]
    norm = torch.stack(lengths).norm()
    factor = min(1.0, longest / norm) if norm > 0 else 1.0
    return [one if one is None else one * factor for one in gradients], norm


def build(measure=length_of, shorten=None, tell=lambda norm, longest: norm):
    """Make a function that measures, shortens or tells in another way."""

    def clip(gradients, longest):
        there = [one for one in gradients if one is not None]
        norm = measure(there)
        if shorten:
            return each(gradients, lambda one: shorten(one, norm, longest)), tell(norm, longest)
        factor = min(1.0, float(longest / norm)) if norm > 0 else 1.0
        return each(gradients, lambda one: one * factor), tell(norm, longest)

    return clip


def each(gradients, change):
    return [None if one is None else change(one) for one in gradients]


def shorter(one, longest):
    return one * min(1.0, float(longest / one.norm().clamp(min=1e-9)))


def tensor_by_tensor(gradients, longest):
    """You shorten each tensor by itself, which turns the step in another direction.

    There is one length, over all weights together, and one factor for all.
    """
    return build(shorten=lambda one, norm, longest: shorter(one, longest))(gradients, longest)


def tensor_by_tensor_measured_after(gradients, longest):
    """You shorten each tensor by itself, and measure the length only afterwards.

    Measure first, over all weights together. Then one factor serves for all.
    """
    clipped = each(gradients, lambda one: shorter(one, longest))
    return clipped, length_of([one for one in clipped if one is not None])


def number_by_number(gradients, longest):
    """You cut off each number by itself: large ones lose more, and the direction changes.

    That is clipping by value. Here the length of the whole is what counts.
    """
    return build(shorten=lambda one, norm, longest: one.clamp(-longest, longest))(
        gradients, longest
    )


def the_short_enlarged(gradients, longest):
    """You stretch short gradients up to the limit: every step gets the same length.

    The limit says how long they may be, not how long they must be.
    """
    return build(shorten=lambda one, norm, longest: one * longest / norm)(gradients, longest)


def only_the_short_changed(gradients, longest):
    """You stretch the short gradients, and leave the long ones as they are.

    Your comparison is upside down: which ones are too long?
    """

    def shorten(one, norm, longest):
        return one * longest / norm if 0 < norm <= longest else one

    return build(shorten=shorten)(gradients, longest)


def clipped_norm_returned(gradients, longest):
    """You return the length after clipping; asked for is the length before.

    Whoever watches a training wants to see the spikes.
    """
    return build(tell=lambda norm, longest: min(float(norm), longest))(gradients, longest)


def factor_returned(gradients, longest):
    """You return the factor, where the length before clipping is asked for.

    Whoever watches a training wants to see the spikes.
    """
    return build(tell=lambda norm, longest: min(1.0, float(longest / norm)) if norm > 0 else 1.0)(
        gradients, longest
    )


def never_clipped(gradients, longest):
    """You measure, but the gradients come back as they were.

    Do you return the list that you were given? Or is your factor never below 1?
    """
    return build(shorten=lambda one, norm, longest: one)(gradients, longest)


def to_length_one(gradients, longest):
    """You shorten to length 1, whatever the limit is.

    What is too long should become as long as `longest` says.
    """

    def shorten(one, norm, longest):
        return one / norm if norm > longest else one

    return build(shorten=shorten)(gradients, longest)


def divided_by_the_limit(gradients, longest):
    """You divide long gradients by the limit, so what comes out is still of any length.

    Which factor makes a gradient of length 10 as long as the limit?
    """

    def shorten(one, norm, longest):
        return one / longest if norm > longest else one

    return build(shorten=shorten)(gradients, longest)


def factor_upside_down(gradients, longest):
    """Your factor is upside down: short gradients become shorter, and long ones stay long.

    Which of the two should be on top, the limit or the length?
    """

    def shorten(one, norm, longest):
        return one * min(1.0, float(norm / longest))

    return build(shorten=shorten)(gradients, longest)


def the_long_made_longer(gradients, longest):
    """Your factor is upside down: long gradients become longer still.

    Which of the two should be on top, the limit or the length?
    """

    def shorten(one, norm, longest):
        return one * max(1.0, float(norm / longest))

    return build(shorten=shorten)(gradients, longest)


def set_to_zero(gradients, longest):
    """You throw long gradients away: nothing is learned in that step.

    Shorten them; their direction is still good.
    """
    return build(shorten=lambda one, norm, longest: one * (norm <= longest))(gradients, longest)


def no_root(gradients, longest):
    """You forget the root: the sum of squares is no length.

    Take the two numbers 3 and 4. How long are they together?
    """
    return build(lambda all: length_of(all).square())(gradients, longest)


def lengths_added(gradients, longest):
    """You add up the lengths of the tensors; together they are shorter than that.

    Two steps at right angles, of 3 and of 4: how far does one get?
    """
    return build(lambda all: sum(one.norm() for one in all))(gradients, longest)


def mean_of_lengths(gradients, longest):
    """You take the mean of the tensors' lengths.

    There is one length, as if all numbers stood in a single long row.
    """
    return build(lambda all: sum(one.norm() for one in all) / len(all))(gradients, longest)


def longest_tensor(gradients, longest):
    """You take the length of the longest tensor, not of all together.

    There is one length, as if all numbers stood in a single long row.
    """
    return build(lambda all: max(one.norm() for one in all))(gradients, longest)


def largest_number(gradients, longest):
    """You take the largest number for the length.

    The length is the root of the sum of all squares.
    """
    return build(lambda all: max(one.abs().max() for one in all))(gradients, longest)


def sizes_added(gradients, longest):
    """You add up the sizes of all numbers, without squares.

    The length is the root of the sum of all squares.
    """
    return build(lambda all: sum(one.abs().sum() for one in all))(gradients, longest)


def root_mean_square(gradients, longest):
    """You take the mean of the squares, where their sum is needed.

    The length grows with the number of weights; a mean does not.
    """

    def measure(all):
        return torch.cat([one.flatten() for one in all]).square().mean().sqrt()

    return build(measure)(gradients, longest)


def first_tensor_measured(gradients, longest):
    """You measure the first tensor alone.

    There is one length, over all weights together.
    """
    return build(lambda all: all[0].norm())(gradients, longest)


def last_tensor_measured(gradients, longest):
    """You measure the last tensor alone.

    Is something set anew in a loop, where it should be added up?
    """
    return build(lambda all: all[-1].norm())(gradients, longest)


def squares_never_squared(gradients, longest):
    """You take the root of the sum of the tensors' lengths: they were not squared.

    Squares are added up, and the root is taken once, at the end.
    """
    return build(lambda all: sum(one.norm() for one in all) ** 0.5)(gradients, longest)


def none_becomes_zero(gradients, longest):
    """Where a weight has no gradient, you return zeros.

    None says that the loss does not reach this weight. It stays None.
    """
    clipped, norm = solution(gradients, longest)
    return [torch.zeros(1) if one is None else one for one in clipped], norm


def none_is_left_out(gradients, longest):
    """You leave out the weights without a gradient, so the rest belongs to other weights.

    The list must stay as long as it was. None stays None.
    """
    clipped, norm = solution(gradients, longest)
    return [one for one in clipped if one is not None], norm


def none_stops_it(gradients, longest):
    """Where a weight has no gradient, your function stops with an error.

    Such weights have None in the list. They count as nothing, and stay None.
    """
    norm = torch.stack([one.norm() for one in gradients]).norm()
    return [one * (longest / norm).clamp(max=1.0) for one in gradients], norm


def zero_by_zero(gradients, longest):
    """Where all gradients are zero, you divide by their length, which is zero.

    There is nothing to shorten then.
    """
    factor = min(1.0, longest / float(solution(gradients, longest)[1]))
    return each(gradients, lambda one: one * factor), solution(gradients, longest)[1]


def not_a_number_for_zero(gradients, longest):
    """Where all gradients are zero, yours become "not a number", and so will all weights.

    Zero divided by zero is no number. There is nothing to shorten then.
    """
    clipped, norm = solution(gradients, longest)
    return each(clipped, lambda one: one * norm / norm), norm


def one_factor(result, gradients, longest):
    """All gradients must be multiplied by one and the same number, which is at most 1."""
    before, after = flat(gradients), flat(result[0]).float()
    factor = after.norm() / before.norm().clamp(min=1e-9)
    return torch.allclose(after, before * factor, atol=1e-4) and bool(factor < 1.001)


def never_too_long(result, gradients, longest):
    """Together, the gradients that you return must not be longer than the limit."""
    return bool(flat(result[0]).norm() < longest + 1e-3)


def flat(gradients):
    return torch.cat([torch.as_tensor(one).flatten() for one in gradients if one is not None])


EXERCISE = Exercise(
    id="clip-gradients",
    notebook=9,
    place=3,
    title="Clip the gradients",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=15,
    further=True,
    why="One bad batch can undo a thousand steps, unless somebody holds it back.",
    signature=(
        "clip_gradients(gradients: list[Tensor | None], longest: float) -> "
        "tuple[list[Tensor | None], float]"
    ),
    statement=(
        "Measure the length of the whole gradient, over all weights together, and shorten it to "
        "`longest` if it is longer. Return the new gradients, and the length *before* clipping. A "
        "weight that the loss does not reach has None in the list: it counts as nothing, and stays "
        "None. All gradients may be zero."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(one_factor, never_too_long),
    mistakes=(
        tensor_by_tensor,
        tensor_by_tensor_measured_after,
        number_by_number,
        the_short_enlarged,
        only_the_short_changed,
        clipped_norm_returned,
        factor_returned,
        never_clipped,
        to_length_one,
        divided_by_the_limit,
        factor_upside_down,
        the_long_made_longer,
        set_to_zero,
        no_root,
        lengths_added,
        mean_of_lengths,
        longest_tensor,
        largest_number,
        sizes_added,
        root_mean_square,
        first_tensor_measured,
        last_tensor_measured,
        squares_never_squared,
        none_becomes_zero,
        none_is_left_out,
        none_stops_it,
        zero_by_zero,
        not_a_number_for_zero,
    ),
    hints=(
        "One weight should move 3 to the left, another 4 down. How long is the whole step? The "
        "limit is 1: how far should each move now?",
        "norm: the root of the sum of the squares of all numbers in all tensors. factor: longest "
        "divided by norm, but never above 1, and 1 if the norm is 0. Multiply every tensor by it. "
        "None stays None. Return the new list, and norm.",
        "`lengths = [one.norm() for one in gradients if ...]`, then "
        "`norm = torch.stack(lengths)...`, then `factor = min(1.0, ...) if norm > 0 else ...`, "
        "then `[one if one is None else ... for one in gradients]`.",
    ),
    explain="Why are they shortened together, and not tensor by tensor?",
)

"""layer-norm: move each vector's mean to 0 and its variance to 1, then gain and bias."""

import torch
from torch import nn
from torch.nn.functional import layer_norm

from musiclab.check.exercise import Exercise, normal
from musiclab.check.heard import play_with

HERE = -1  # the axis d_model


def probes(rng):
    """Yield a plain case, a loud and a soft one, a constant vector, and one without gain."""
    for batch, seq, d_model, size, epsilon in (
        (1, 1, 3, 1, 1e-5),
        (2, 2, 3, 1, 1e-5),
        (2, 3, 5, 4, 0.5 + float(rng.random())),
    ):
        x = 2 + size * normal(rng, batch, seq, d_model)
        yield x, normal(rng, d_model), normal(rng, d_model), epsilon
    soft = 1e-3 * normal(rng, 3, 2, 4)
    soft[1, 0] = 0.25  # all numbers alike: no variance at all
    yield soft, normal(rng, 4), normal(rng, 4), 1e-5
    yield normal(rng, 2, 4, 3) + 1, None, normal(rng, 3), 1e-5
    yield normal(rng, 2, 5, 3) + 1, normal(rng, 3), None, 1e-5


def use(answer, x, gain, bias, epsilon):
    """Leave out what has its default value, so that defaults are tried too."""
    return answer(x, gain, bias) if epsilon == 1e-5 else answer(x, gain, bias, epsilon)


def reference(x, gain=None, bias=None, epsilon=1e-5):
    return layer_norm(x, x.shape[-1:], gain, bias, epsilon)


def solution(x, gain=None, bias=None, epsilon=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    normed = centred / (variance + epsilon).sqrt()
    if gain is not None:
        normed = normed * gain
    if bias is not None:
        normed = normed + bias
    return normed


def centre(x, dim=HERE):
    return x - x.mean(dim=dim, keepdim=True)


def variance(x, dim=HERE):
    return centre(x, dim).square().mean(dim=dim, keepdim=True)


def finish(normed, gain, bias):
    normed = normed if gain is None else normed * gain
    return normed if bias is None else normed + bias


def epsilon_outside_the_root(x, gain=None, bias=None, epsilon=1e-5):
    """Your epsilon is added after the root: a soft vector comes out too loud.

    In the formula of section 8.2, what stands under the root?
    """
    return finish(centre(x) / (variance(x).sqrt() + epsilon), gain, bias)


def no_epsilon(x, gain=None, bias=None, epsilon=1e-5):
    """Without epsilon, a vector of equal numbers is divided by zero.

    Its variance is 0. The result is not a number, and it spreads through the whole model.
    """
    return finish(centre(x) / variance(x).sqrt(), gain, bias)


def epsilon_always_the_same(x, gain=None, bias=None, epsilon=1e-5):
    """Your epsilon is always 0.00001, whatever was given.

    It is an argument: use it.
    """
    return solution(x, gain, bias)


def unbiased_variance(x, gain=None, bias=None, epsilon=1e-5):
    """Your variance divides by one less than d_model, so it is a little too large.

    `var` and `std` in torch do so by default, to guess from a sample. Here the vector is all there
    is: take the plain mean of the squares.
    """
    return finish(centre(x) / (x.var(dim=HERE, keepdim=True) + epsilon).sqrt(), gain, bias)


def unbiased_and_epsilon_outside(x, gain=None, bias=None, epsilon=1e-5):
    """Two slips: `std` divides by one less than d_model, and epsilon is added after the root.

    Write the variance yourself, as in section 8.2, and look at what stands under the root.
    """
    return finish(centre(x) / (x.std(dim=HERE, keepdim=True) + epsilon), gain, bias)


def over_the_batch(x, gain=None, bias=None, epsilon=1e-5):
    """Your mean runs over the batch: what a piece becomes depends on which others are there.

    Layer norm works on each position of each piece alone. Which axis holds the numbers of one
    vector?
    """
    return finish(centre(x, 0) / (variance(x, 0) + epsilon).sqrt(), gain, bias)


def over_the_positions(x, gain=None, bias=None, epsilon=1e-5):
    """Your mean runs over the positions of a piece: each one learns something of the future.

    Layer norm works on each position alone. Which axis holds the numbers of one vector?
    """
    return finish(centre(x, 1) / (variance(x, 1) + epsilon).sqrt(), gain, bias)


def over_the_whole_piece(x, gain=None, bias=None, epsilon=1e-5):
    """One mean and one variance serve a whole piece, where every position has its own.

    Over how many axes does your mean run? It should be one.
    """
    return finish(centre(x, (1, 2)) / (variance(x, (1, 2)) + epsilon).sqrt(), gain, bias)


def over_batch_and_positions(x, gain=None, bias=None, epsilon=1e-5):
    """That is batch norm: each of the d_model numbers has its own mean, over all positions.

    Layer norm is the other way round: each position has its own mean, over its d_model numbers.
    """
    return finish(centre(x, (0, 1)) / (variance(x, (0, 1)) + epsilon).sqrt(), gain, bias)


def over_everything(x, gain=None, bias=None, epsilon=1e-5):
    """One mean and one variance serve the whole batch, where every position has its own.

    `mean` without a `dim` runs over all axes.
    """
    return finish(centre(x, (0, 1, 2)) / (variance(x, (0, 1, 2)) + epsilon).sqrt(), gain, bias)


def no_root(x, gain=None, bias=None, epsilon=1e-5):
    """You divide by the variance, where its square root is needed.

    Try a vector that is ten times as large: its variance is a hundred times as large.
    """
    return finish(centre(x) / (variance(x) + epsilon), gain, bias)


def not_centred(x, gain=None, bias=None, epsilon=1e-5):
    """You divide x itself: its mean is still there.

    Which of the two letters stands above the fraction bar, x alone or x minus its mean?
    """
    return finish(x / (variance(x) + epsilon).sqrt(), gain, bias)


def root_mean_square(x, gain=None, bias=None, epsilon=1e-5):
    """You divide by the root of the mean square and never take the mean away.

    That is a norm too (RMS norm), but not this one: here the mean is moved to 0 first.
    """
    square = x.square().mean(dim=HERE, keepdim=True)
    return finish(x / (square + epsilon).sqrt(), gain, bias)


def centred_root_mean_square(x, gain=None, bias=None, epsilon=1e-5):
    """Your variance is the mean square of x itself, with its mean still inside.

    The variance tells how far the numbers lie from their mean.
    """
    square = x.square().mean(dim=HERE, keepdim=True)
    return finish(centre(x) / (square + epsilon).sqrt(), gain, bias)


def length_one(x, gain=None, bias=None, epsilon=1e-5):
    """You add the squares up and do not take their mean: the vector gets length 1.

    The variance is a mean. It should not grow with d_model.
    """
    total = centre(x).square().sum(dim=HERE, keepdim=True)
    return finish(centre(x) / (total + epsilon).sqrt(), gain, bias)


def mean_only(x, gain=None, bias=None, epsilon=1e-5):
    """You take the mean away but do not divide: loud vectors stay loud.

    After the norm, the variance should be 1.
    """
    return finish(centre(x), gain, bias)


def gain_and_bias_forgotten(x, gain=None, bias=None, epsilon=1e-5):
    """Gain and bias are not used: the layer has nothing that it could learn.

    Apply them last, where they are given.
    """
    return finish(centre(x) / (variance(x) + epsilon).sqrt(), None, None)


def gain_forgotten(x, gain=None, bias=None, epsilon=1e-5):
    """The gain is not used.

    Each of the d_model numbers has its own factor, applied after the norm.
    """
    return finish(centre(x) / (variance(x) + epsilon).sqrt(), None, bias)


def bias_forgotten(x, gain=None, bias=None, epsilon=1e-5):
    """The bias is not used.

    Each of the d_model numbers has its own, added at the very end.
    """
    return finish(centre(x) / (variance(x) + epsilon).sqrt(), gain, None)


def gain_after_bias(x, gain=None, bias=None, epsilon=1e-5):
    """The bias is added before the gain, which then multiplies it too.

    Which of the two comes last in the formula of section 8.2?
    """
    normed = centre(x) / (variance(x) + epsilon).sqrt()
    normed = normed if bias is None else normed + bias
    return normed if gain is None else normed * gain


def gain_and_bias_first(x, gain=None, bias=None, epsilon=1e-5):
    """Gain and bias act on x before the norm, which undoes part of what they do.

    First norm, then learn: they act on what comes out.
    """
    x = finish(x, gain, bias)
    return centre(x) / (variance(x) + epsilon).sqrt()


def gain_counted_from_one(x, gain=None, bias=None, epsilon=1e-5):
    """You multiply by 1 + gain.

    Some libraries store the gain that way. Here it is the whole factor.
    """
    gain = None if gain is None else 1 + gain
    return finish(centre(x) / (variance(x) + epsilon).sqrt(), gain, bias)


def both_or_none(x, gain=None, bias=None, epsilon=1e-5):
    """Where one of gain and bias is None, you leave out the other as well.

    Each of the two may be there alone.
    """
    there = gain is not None and bias is not None
    return solution(x, gain, bias, epsilon) if there else solution(x, epsilon=epsilon)


def gain_must_be_there(x, gain=None, bias=None, epsilon=1e-5):
    """Without a gain or a bias your function stops with an error.

    Both may be None. What should then happen to the normalised vector?
    """
    return gain * centre(x) / (variance(x) + epsilon).sqrt() + bias


def hear(answer):
    """Let bach-plain normalise as the answer does."""

    def forward(self, x):
        return torch.as_tensor(answer(x, self.weight, self.bias, self.eps)).to(x.dtype)

    return play_with(nn.LayerNorm, "forward", forward)


def the_mean_is_the_bias(normed, x, gain, bias, epsilon):
    """Every vector's mean must be 0 before the bias is added; look at vectors without a gain."""
    if gain is not None:
        return True
    return bool(((normed - bias).mean(dim=-1).abs() < 1e-3).all())


EXERCISE = Exercise(
    id="layer-norm",
    notebook=8,
    place=1,
    title="Layer norm",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=10,
    why="Every block normalises what it reads, twice; a slip here bends the whole model.",
    signature=(
        'layer_norm(x: Float[Tensor, "batch seq d_model"], '
        'gain: Float[Tensor, "d_model"] | None = None, '
        'bias: Float[Tensor, "d_model"] | None = None, epsilon: float = 1e-5) '
        '-> Float[Tensor, "batch seq d_model"]'
    ),
    statement=(
        "Normalise the vector at every position: move its mean to 0 and its variance to 1, by the "
        "formula of section 8.2. Then multiply by `gain` and add `bias`. Each of the two may be "
        "None, and is then left out."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    hear=hear,
    properties=(the_mean_is_the_bias,),
    mistakes=(
        epsilon_outside_the_root,
        no_epsilon,
        epsilon_always_the_same,
        unbiased_variance,
        unbiased_and_epsilon_outside,
        over_the_batch,
        over_the_positions,
        over_the_whole_piece,
        over_batch_and_positions,
        over_everything,
        no_root,
        not_centred,
        root_mean_square,
        centred_root_mean_square,
        length_one,
        mean_only,
        gain_and_bias_forgotten,
        gain_forgotten,
        bias_forgotten,
        gain_after_bias,
        gain_and_bias_first,
        gain_counted_from_one,
        both_or_none,
        gain_must_be_there,
    ),
    hints=(
        "Take the vector 1, 2, 6 and do it with a pencil. What is its mean? How far does each "
        "number lie from it? What is the mean of those distances, squared?",
        "mean: (batch, seq, 1), over d_model. centred = x - mean. variance: (batch, seq, 1), the "
        "mean of centred squared. Divide centred by the root of variance plus epsilon. Then gain "
        "and bias, if they are there.",
        "`centred = x - x.mean(dim=..., keepdim=True)`, then "
        "`variance = centred.square().mean(...)`, then `normed = centred / (...).sqrt()`. At the "
        "end: `if gain is not None: normed = ...`, and the same for the bias.",
    ),
    explain="Why may a norm over the positions never stand in a model that composes?",
)

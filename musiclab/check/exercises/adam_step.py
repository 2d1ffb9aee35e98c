"""adam-step: one step of AdamW, with bias correction and decoupled decay."""

import torch
from torch.optim.adamw import adamw

from musiclab.check.exercise import Exercise, normal


def probes(rng):
    """Yield a first step and later ones; large rates, epsilons and decays, so that all shows."""
    for step, lr, betas, eps, decay in (
        (1, 0.1, (0.9, 0.98), 1e-8, 0.0),
        (4, 0.2, (0.8, 0.95), 0.1, 0.5),
        (2, 0.3, (0.5, 0.9), 0.3, 0.0),
        (9, 0.5, (0.7, 0.6), 0.2, 0.3),
    ):
        weight, gradient = normal(rng, 3), normal(rng, 3)
        mean, square = 0.5 * normal(rng, 3), normal(rng, 3).square()
        if step == 1:
            mean, square = torch.zeros(3), torch.zeros(3)
        yield weight, gradient, mean, square, step, lr, betas, eps, decay
    zero = torch.zeros(2)
    yield normal(rng, 2), zero, zero, zero, 1, 0.1, (0.9, 0.98), 1e-8, 0.0


def reference(
    weight, gradient, mean, square, step, lr=1e-3, betas=(0.9, 0.98), eps=1e-8, decay=0.0
):
    weight, mean, square = weight.clone(), mean.clone(), square.clone()
    adamw(
        [weight],
        [gradient],
        [mean],
        [square],
        max_exp_avg_sqs=[],
        state_steps=[torch.tensor(step - 1.0)],  # taken so far
        lr=lr,
        beta1=betas[0],
        beta2=betas[1],
        eps=eps,
        weight_decay=decay,
        amsgrad=False,
        maximize=False,
    )
    return weight, mean, square


def solution(weight, gradient, mean, square, step, lr=1e-3, betas=(0.9, 0.98), eps=1e-8, decay=0.0):
    mean = betas[0] * mean + (1 - betas[0]) * gradient
    square = betas[1] * square + (1 - betas[1]) * gradient.square()
    mean_now = mean / (1 - betas[0] ** step)
    square_now = square / (1 - betas[1] ** step)
    weight = weight - lr * decay * weight
    weight = weight - lr * mean_now / (square_now.sqrt() + eps)
    return weight, mean, square


def averages(gradient, mean, square, betas):
    mean = betas[0] * mean + (1 - betas[0]) * gradient
    return mean, betas[1] * square + (1 - betas[1]) * gradient.square()


def corrected(mean, square, step, betas):
    return mean / (1 - betas[0] ** step), square / (1 - betas[1] ** step)


def build(
    average=averages,
    correct=corrected,
    divide=lambda mean, square, eps: mean / (square.sqrt() + eps),
    pull=lambda weight, lr, decay: lr * decay * weight,
    keep=lambda old, new, now: new,
    sign=1,
):
    """Make a step in which some part is done differently."""

    def step_of(
        weight, gradient, mean, square, step, lr=1e-3, betas=(0.9, 0.98), eps=1e-8, decay=0.0
    ):
        new = average(gradient, mean, square, betas)
        now = correct(*new, step, betas)
        moved = weight - sign * lr * divide(*now, eps) - pull(weight, lr, decay)
        return moved, *keep((mean, square), new, now)

    return step_of


def no_bias_correction(*given):
    """You take the averages as they are: in the first steps they are far too small.

    Both start at 0. After one step, which part of the gradient is in the mean?
    """
    return build(correct=lambda mean, square, step, betas: (mean, square))(*given)


def mean_not_corrected(*given):
    """Only the square is corrected; the mean starts at 0 as well.

    Both averages are too small at first, each by a factor of its own.
    """
    return build(correct=lambda m, s, step, betas: (m, s / (1 - betas[1] ** step)))(*given)


def square_not_corrected(*given):
    """Only the mean is corrected; the square starts at 0 as well.

    Both averages are too small at first, each by a factor of its own.
    """
    return build(correct=lambda m, s, step, betas: (m / (1 - betas[0] ** step), s))(*given)


def corrected_with_one_beta(*given):
    """Both averages are corrected with the first beta.

    Each has a beta of its own, and needs its own correction.
    """
    return build(correct=lambda m, s, step, betas: corrected(m, s, step, (betas[0],) * 2))(*given)


def counted_from_zero(*given):
    """Your correction is one step ahead: it uses step + 1.

    Steps count from 1 here. In step 1, the corrected mean is the gradient itself.
    """
    return build(correct=lambda m, s, step, betas: corrected(m, s, step + 1, betas))(*given)


def one_step_behind(*given):
    """Your correction is one step behind: in step 1 it divides by zero.

    Steps count from 1 here. In step 1, the corrected mean is the gradient itself.
    """
    return build(correct=lambda m, s, step, betas: corrected(m, s, step - 1, betas))(*given)


def corrected_without_the_step(*given):
    """Your correction is the same in every step; it should fade away.

    In the formula of section 9.7, beta is raised to a power.
    """
    return build(correct=lambda m, s, step, betas: corrected(m, s, 1, betas))(*given)


def corrected_by_a_product(*given):
    """You multiply beta by the step, where it should be raised to that power.

    In the formula of section 9.7, where does the t stand?
    """

    def correct(mean, square, step, betas):
        return mean / (1 - betas[0] * step), square / (1 - betas[1] * step)

    return build(correct=correct)(*given)


def multiplied_by_the_correction(*given):
    """You multiply by the correction, which makes the small averages smaller still.

    They start too small: dividing by a number below 1 makes them larger.
    """

    def correct(mean, square, step, betas):
        return mean * (1 - betas[0] ** step), square * (1 - betas[1] ** step)

    return build(correct=correct)(*given)


def correction_is_kept(*given):
    """You keep the corrected averages: the next step will correct them once more.

    The correction is for this step alone. Return the averages as they were before it.
    """
    return build(keep=lambda old, new, now: now)(*given)


def epsilon_in_the_root(*given):
    """Your epsilon stands under the root.

    That makes it much larger: the root of a small number is not so small. Where is it in the
    formula of section 9.7?
    """
    return build(divide=lambda m, s, eps: m / (s + eps).sqrt())(*given)


def no_epsilon(*given):
    """Without epsilon, a weight that never had a gradient is divided by zero.

    It becomes "not a number", and so does the whole model.
    """
    return build(divide=lambda m, s, eps: m / s.sqrt())(*given)


def epsilon_before_the_correction(*given):
    """You correct the root after epsilon was added, so epsilon is corrected too.

    First correct both averages, then take the root, then add epsilon.
    """

    def step_of(weight, gradient, mean, square, step, lr, betas, eps, decay):
        mean, square = averages(gradient, mean, square, betas)
        rate = lr * (1 - betas[1] ** step) ** 0.5 / (1 - betas[0] ** step)
        moved = weight - rate * mean / (square.sqrt() + eps) - lr * decay * weight
        return moved, mean, square

    return step_of(*given)


def no_root(*given):
    """You divide by the mean square itself, where its root is needed.

    A gradient twice as large should give a step of the same length.
    """
    return build(divide=lambda m, s, eps: m / (s + eps))(*given)


def not_divided(*given):
    """You step along the mean and never divide: that is momentum, not Adam.

    Adam divides by how strong the gradient usually is.
    """
    return build(divide=lambda m, s, eps: m)(*given)


def averages_not_kept(*given):
    """You return the averages as they came: the next step knows nothing of this one.

    What you return as mean and square must hold this gradient too.
    """
    return build(keep=lambda old, new, now: old)(*given)


def averages_forgotten(*given):
    """Your averages hold this gradient alone; what came before is forgotten.

    An average runs on: a large part of the old, and a small part of the new.
    """

    def average(gradient, mean, square, betas):
        return (1 - betas[0]) * gradient, (1 - betas[1]) * gradient.square()

    return build(average=average)(*given)


def plain_gradient(*given):
    """You step along this gradient, not along the mean of all so far.

    The mean is kept, but never used. Which of the two stands above the fraction bar?
    """

    def step_of(weight, gradient, mean, square, step, lr, betas, eps, decay):
        mean, square = averages(gradient, mean, square, betas)
        _, square_now = corrected(mean, square, step, betas)
        moved = weight - lr * gradient / (square_now.sqrt() + eps) - lr * decay * weight
        return moved, mean, square

    return step_of(*given)


def mean_of_before(*given):
    """You step along the mean as it came, before this gradient was taken in.

    First bring both averages up to date, then take the step.
    """
    weight, gradient, mean, square, step, lr, betas, eps, decay = given
    new_mean, new_square = averages(gradient, mean, square, betas)
    mean_now, square_now = corrected(mean, new_square, step, betas)
    moved = weight - lr * mean_now / (square_now.sqrt() + eps) - lr * decay * weight
    return moved, new_mean, new_square


def averages_of_before(*given):
    """You take the step with both averages as they came, before this gradient was taken in.

    First bring them up to date, then take the step.
    """
    weight, gradient, mean, square, step, lr, betas, eps, decay = given
    mean_now, square_now = corrected(mean, square, step, betas)
    moved = weight - lr * mean_now / (square_now.sqrt() + eps) - lr * decay * weight
    return moved, *averages(gradient, mean, square, betas)


def betas_exchanged(*given):
    """The two betas are exchanged.

    The first belongs to the mean of the gradient, the second to the mean of its square.
    """
    *most, betas, eps, decay = given
    return solution(*most, betas[::-1], eps, decay)


def one_beta(*given):
    """You use the first beta for both averages.

    The square has a beta of its own, the second.
    """
    *most, betas, eps, decay = given
    return solution(*most, (betas[0], betas[0]), eps, decay)


def old_and_new_exchanged(*given):
    """In your averages, old and new are exchanged: they keep little and take much.

    Beta is near 1. Is it the share of the old, or of the new?
    """

    def average(gradient, mean, square, betas):
        return averages(gradient, mean, square, (1 - betas[0], 1 - betas[1]))

    return build(average=average)(*given)


def sums_instead_of_means(*given):
    """You add the whole new gradient, so your averages become sums.

    The shares of old and new must add up to 1.
    """

    def average(gradient, mean, square, betas):
        return betas[0] * mean + gradient, betas[1] * square + gradient.square()

    return build(average=average)(*given)


def gradient_not_squared(*given):
    """Your second average takes in the gradient itself, not its square.

    It should say how strong the gradient is, whatever its sign.
    """

    def average(gradient, mean, square, betas):
        return averages(gradient, mean, square, betas)[0], (
            betas[1] * square + (1 - betas[1]) * gradient
        )

    return build(average=average)(*given)


def square_of_the_mean(*given):
    """Your second average squares the mean of the gradient, not the gradient.

    A gradient that changes its sign would then look weak.
    """

    def average(gradient, mean, square, betas):
        mean = betas[0] * mean + (1 - betas[0]) * gradient
        return mean, betas[1] * square + (1 - betas[1]) * mean.square()

    return build(average=average)(*given)


def uphill(*given):
    """You go uphill: the step is added to the weight.

    The gradient points to where the loss grows.
    """
    return build(sign=-1)(*given)


def no_decay(*given):
    """Your weight does not decay.

    AdamW also pulls each weight towards 0, by a small share of itself.
    """
    return build(pull=lambda weight, lr, decay: 0)(*given)


def decay_in_the_gradient(weight, gradient, *given):
    """You add the decay to the gradient: Adam then divides it away again.

    "Decoupled" means that it acts on the weight itself and goes through no average.
    """
    decay = given[-1]
    moved, mean, square = solution(weight, gradient + decay * weight, *given[:-1], 0.0)
    return moved, mean, square


def decay_in_the_gradient_uncorrected(weight, gradient, *given):
    """Two things: the decay is added to the gradient, and the averages are not corrected.

    "Decoupled" means that the decay acts on the weight itself. And both averages start at 0.
    """
    decay = given[-1]
    return no_bias_correction(weight, gradient + decay * weight, *given[:-1], 0.0)


def decay_without_the_rate(*given):
    """Your decay is not multiplied by the learning rate.

    As the rate falls, the pull must fall with it.
    """
    return build(pull=lambda weight, lr, decay: decay * weight)(*given)


def decay_pushes_away(*given):
    """Your decay pushes the weight away from 0.

    It should become smaller by a small share of itself.
    """
    return build(pull=lambda weight, lr, decay: -lr * decay * weight)(*given)


def decay_after_the_step(*given):
    """You pull at the weight after it has moved, so the step decays as well.

    The pull acts on the weight as it came.
    """
    *most, decay = given
    lr = given[5]
    moved, mean, square = solution(*most, 0.0)
    return moved * (1 - lr * decay), mean, square


def decay_divided_too(*given):
    """You add the decay to the mean, above the fraction bar, and it is divided as well.

    "Decoupled" means that it acts on the weight itself, outside the fraction.
    """
    weight, gradient, mean, square, step, lr, betas, eps, decay = given
    mean, square = averages(gradient, mean, square, betas)
    mean_now, square_now = corrected(mean, square, step, betas)
    moved = weight - lr * (mean_now + decay * weight) / (square_now.sqrt() + eps)
    return moved, mean, square


def in_place(weight, gradient, mean, square, *given):
    """You change what you were given, and return nothing.

    That is how section 9.7 does it. Here the caller's tensors stay as they were: return new ones.
    """
    for old, new in zip(
        (weight, mean, square), solution(weight, gradient, mean, square, *given), strict=True
    ):
        old.copy_(new)


def averages_are_running(result, weight, gradient, mean, square, step, lr, betas, eps, decay):
    """Mean and square must each keep the share beta of the old and take 1 - beta of the new."""
    pairs = zip(result[1:], averages(gradient, mean, square, betas), strict=True)
    return all(torch.allclose(torch.as_tensor(a).float(), b, atol=1e-4) for a, b in pairs)


EXERCISE = Exercise(
    id="adam-step",
    notebook=9,
    place=2,
    title="A step of AdamW",
    kind="implement",
    difficulty=3,
    importance=4,
    minutes=20,
    why="Nearly every Transformer was trained by these lines.",
    signature=(
        'adam_step(weight: Float[Tensor, "size"], gradient: Float[Tensor, "size"], '
        'mean: Float[Tensor, "size"], square: Float[Tensor, "size"], step: int, '
        "lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.98), eps: float = 1e-8, "
        "decay: float = 0.0) -> tuple[Tensor, Tensor, Tensor]"
    ),
    statement=(
        "Take one step of AdamW and return the new weight, mean and square, as new tensors. `mean` "
        "and `square` are the running averages so far; `step` counts from 1. Use the formulas of "
        "section 9.7, with the correction for averages that start at 0. The decay is decoupled: it "
        "takes the share `lr * decay` off the weight as it came."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(averages_are_running,),
    mistakes=(
        no_bias_correction,
        mean_not_corrected,
        square_not_corrected,
        corrected_with_one_beta,
        counted_from_zero,
        one_step_behind,
        corrected_without_the_step,
        corrected_by_a_product,
        multiplied_by_the_correction,
        correction_is_kept,
        epsilon_in_the_root,
        no_epsilon,
        epsilon_before_the_correction,
        no_root,
        not_divided,
        averages_not_kept,
        averages_forgotten,
        plain_gradient,
        mean_of_before,
        averages_of_before,
        betas_exchanged,
        one_beta,
        old_and_new_exchanged,
        sums_instead_of_means,
        gradient_not_squared,
        square_of_the_mean,
        uphill,
        no_decay,
        decay_in_the_gradient,
        decay_in_the_gradient_uncorrected,
        decay_without_the_rate,
        decay_pushes_away,
        decay_after_the_step,
        decay_divided_too,
        in_place,
    ),
    hints=(
        "Take one weight and a gradient of 2, in step 1. What are the two averages? What do they "
        "become when they are corrected? How far does the weight move, and how far would it move "
        "with a gradient of 200?",
        "1. mean and square: beta of the old, 1 - beta of the new. 2. Correct both, for this step "
        "alone. 3. Take lr * decay off the weight. 4. Move it by lr times the mean, divided by the "
        "root of the square plus eps. Return weight, mean, square.",
        "`mean = betas[0] * mean + ... * gradient`, the same for `square`, then "
        "`mean_now = mean / (1 - betas[0] ** ...)`, then `weight = weight - lr * decay * ...`, and "
        "at last `weight = weight - lr * ... / (... + eps)`.",
    ),
    explain="Why does a loss that is a thousand times larger hardly change the step?",
)

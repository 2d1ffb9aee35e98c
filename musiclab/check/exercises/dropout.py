"""dropout: never rely on any one number; in training alone."""

import torch

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._chance import states


def probes(rng):
    """Yield numbers, with a share that is 0, 1, or between, in training and in evaluation."""
    sizes = 20, 30, 40
    for p, training in ((0.25, True), (0.7, True), (0.3, False), (0.0, True), (1.0, True)):
        x = normal(rng, *sizes)
        yield x + x.sign(), p, training, int(rng.integers(10_000))


def use(answer, x, p, training, seed):
    """See which share is 0, what became of the rest, and what the choice depends on."""

    def call(chance):
        return torch.as_tensor(answer(x, p, training, chance))

    before, chance = states(), torch.Generator().manual_seed(seed)
    kept = x.clone()
    result = call(chance)
    moved = not torch.equal(chance.get_state(), torch.Generator().manual_seed(seed).get_state())
    if result.shape != x.shape:
        return {"shape": tuple(result.shape)}
    gone, ratios = result == 0, (result / kept)[result != 0]
    return {
        "shape": tuple(x.shape),
        "share of zeros": gone.float().mean().item(),
        "the rest, at least times": ratios.min().item() if len(ratios) else 0.0,
        "the rest, at most times": ratios.max().item() if len(ratios) else 0.0,
        "whole vectors go together": is_alike(gone, -1),
        "the whole row goes together": is_alike(gone, 1),
        "all pieces lose the same": is_alike(gone, 0),
        "same seed, same zeros": torch.equal(gone, call(torch.Generator().manual_seed(seed)) == 0),
        "next draw, same zeros": torch.equal(gone, call(chance) == 0),
        "leaves the input alone": torch.equal(x, kept),
        "leaves other generators alone": states() == before or p in (0, 1),
        "draws in evaluation": moved and not training,
    }


def is_alike(gone, dim):
    """Tell whether zeros stand in the same places all along an axis."""
    return bool((gone == gone.narrow(dim, 0, 1)).all())


def reference(x, p, training, generator):
    return build()(x, p, training, generator)


def start(x, p, training, generator):
    if not training:
        return x
    kept = torch.rand(x.shape, generator=generator) < p
    return torch.where(kept, x / p, 0.0) if p > 0 else x


def solution(x, p, training, generator):
    if not training:
        return x
    kept = torch.rand(x.shape, generator=generator) >= p
    return torch.where(kept, x / (1 - p), 0.0)


def keep(x, p, generator):
    return torch.rand(x.shape, generator=generator) >= p


def build(
    kept=keep,
    scale=lambda kept, p: 1 / (1 - p) if p < 1 else 0.0,
    evaluated=lambda x, p, generator: x,
):
    """Make a dropout that keeps others, rescales otherwise, or does something in evaluation."""

    def drop(x, p, training, generator):
        if not training:
            return evaluated(x, p, generator)
        these = kept(x, p, generator)
        return x.where(these, 0.0) * scale(these, p)

    return drop


def not_rescaled(*inputs):
    """You drop, but do not make up for it: what is left is too small on the whole.

    In evaluation nothing is dropped, and each sum is then larger than any in training.
    """
    return build(scale=lambda kept, p: 1.0)(*inputs)


def rescaled_by_p(*inputs):
    """You drop the right share, but divide the rest by the share that is *gone*.

    With p = 0.5 nobody sees it. Which share is left?
    """
    return build(scale=lambda kept, p: 1 / p if p > 0 else 1.0)(*inputs)


def made_smaller(*inputs):
    """You multiply what is left by 1 - p; it was too small already.

    Two numbers of four are gone. What must happen to the others, so that the sum stays?
    """
    return build(scale=lambda kept, p: 1 - p)(*inputs)


def active_in_evaluation(x, p, training, generator):
    """You drop in evaluation, too: the same music gets another loss each time.

    Which argument says whether the model is learning?
    """
    return build()(x, p, True, generator)


def only_in_evaluation(x, p, training, generator):
    """You drop in evaluation, and not in training: the wrong way round.

    Which of the two should be made hard?
    """
    return build()(x, p, not training, generator)


def never_active(x, p, training, generator):
    """You never drop anything.

    In training, each number should be 0 with the chance p.
    """
    return x


def rescaled_in_evaluation(*inputs):
    """You make numbers smaller in evaluation, as the first paper did, and not larger in training.

    Both work. Here evaluation should return x as it is; divide in training instead.
    """

    def evaluated(x, p, generator):
        return x * (1 - p)

    return build(scale=lambda kept, p: 1.0, evaluated=evaluated)(*inputs)


def rescaled_twice(*inputs):
    """You rescale in training *and* in evaluation.

    After the first, nothing is left to make up for: in evaluation return x as it is.
    """
    return build(evaluated=lambda x, p, generator: x * (1 - p))(*inputs)


def share_upside_down(*inputs):
    """You keep the share that should go, but divide as if you kept the other.

    How often is a number between 0 and 1 *below* 0.25?
    """
    return build(lambda x, p, generator: ~keep(x, p, generator))(*inputs)


def always_a_half(*inputs):
    """You drop half of the numbers, whatever p is.

    Compare the random numbers with p.
    """
    return build(lambda x, p, generator: keep(x, 0.5, generator), scale=lambda kept, p: 2.0)(
        *inputs
    )


def normal_numbers_drawn(*inputs):
    """The share is wrong: your random numbers do not lie evenly between 0 and 1.

    `randn` draws from a bell curve around 0. What draws evenly?
    """
    return build(lambda x, p, generator: torch.randn(x.shape, generator=generator) >= p)(*inputs)


def whole_vectors(*inputs):
    """You drop whole vectors: all numbers of a position, or none.

    Draw for each number. Which shape do you ask `torch.rand` for?
    """
    return build(lambda x, *rest: keep(x[..., :1], *rest).expand_as(x))(*inputs)


def one_draw_for_all_positions(*inputs):
    """The same features are dropped at all positions of a piece.

    Draw for each number. Which shape do you ask `torch.rand` for?
    """
    return build(lambda x, *rest: keep(x[:, :1], *rest).expand_as(x))(*inputs)


def one_draw_for_all_pieces(*inputs):
    """Every piece of the batch loses the same numbers.

    Draw for each number. Which shape do you ask `torch.rand` for?
    """
    return build(lambda x, *rest: keep(x[:1], *rest).expand_as(x))(*inputs)


def everything_or_nothing(*inputs):
    """You draw once for the whole tensor: all is dropped, or nothing.

    Draw for each number. Which shape do you ask `torch.rand` for?
    """
    return build(lambda x, *rest: keep(x[:1, :1, :1], *rest).expand_as(x))(*inputs)


def generator_ignored(*inputs):
    """You draw from the global random numbers; the generator that was given is not used.

    Then nobody can repeat your training. Which argument of `torch.rand` takes it?
    """
    return build(lambda x, p, generator: keep(x, p, None))(*inputs)


def the_same_every_time(*inputs):
    """You drop the same numbers every time: a smaller model, and no chance at all.

    Likely cause: a seed of your own. The generator moves on by itself.
    """
    return build(lambda x, p, generator: keep(x, p, torch.Generator().manual_seed(0)))(*inputs)


def not_a_number_at_one(x, p, training, generator):
    """If p is 1, everything should be 0, but yours is not a number.

    You multiply 0 by 1 / 0. Choose between x / (1 - p) and 0 with `torch.where`.
    """
    return build(scale=lambda kept, p: kept / torch.tensor(1 - p))(x, p, training, generator)


def input_changed(x, p, training, generator):
    """The result is right, but you change x itself, and whoever still needs it is deceived.

    `x *= ...`, `x[...] = ...` and names that end in `_` work in place. Make a new tensor.
    """
    return x.copy_(build()(x, p, training, generator))


def evaluation_is_steady(result, x, p, training, seed):
    """In evaluation, x must come back as it is, and nothing must be drawn."""
    steady = result["the rest, at least times"] == result["the rest, at most times"] == 1
    return training or (steady and not result["draws in evaluation"])


def sums_stay(result, x, p, training, seed):
    """In training, what is left times how much it was enlarged must stay near 1."""
    left = (1 - result["share of zeros"]) * result["the rest, at most times"]
    return not training or p == 1 or abs(left - 1) < 0.1


EXERCISE = Exercise(
    id="dropout",
    notebook=14,
    place=3,
    title="Rely on nobody",
    kind="find the bug",
    difficulty=2,
    importance=4,
    minutes=10,
    why="It stands in nearly every Transformer, and a slip in it shows in no shape and no error.",
    signature=(
        'dropout(x: Float[Tensor, "batch seq d_model"], p: float, training: bool, '
        'generator: torch.Generator) -> Float[Tensor, "batch seq d_model"]'
    ),
    statement=(
        "In training, each number becomes 0 with the chance `p`, drawn for itself from "
        "`generator`, and the others are enlarged so that sums stay the same on average. In "
        "evaluation `x` comes back as it is, and nothing is drawn. If `p` is 0, nothing is "
        "dropped; if it is 1, everything.\n\n"
        "The function below was tried with `p = 0.5`, and all was well. It has a bug. Find it and "
        "mend it."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    use=use,
    tolerance=0.03,
    properties=(evaluation_is_steady, sums_stay),
    mistakes=(
        not_rescaled,
        rescaled_by_p,
        made_smaller,
        active_in_evaluation,
        only_in_evaluation,
        never_active,
        rescaled_in_evaluation,
        rescaled_twice,
        share_upside_down,
        always_a_half,
        normal_numbers_drawn,
        whole_vectors,
        one_draw_for_all_positions,
        one_draw_for_all_pieces,
        everything_or_nothing,
        generator_ignored,
        the_same_every_time,
        not_a_number_at_one,
        input_changed,
    ),
    hints=(
        "Ten singers sing the number 1. With p = 0.2, how many fall silent? How loud must the "
        "others be, so that the hall hears 10? Now try the function with p = 0.2.",
        "Random numbers in the shape of x. kept: True where the number is *not* below p, so a "
        "share of 1 - p is True. Where kept: x / (1 - p); elsewhere 0.",
        "`kept = torch.rand(x.shape, generator=...) >= ...`, then "
        "`torch.where(kept, x / (1 - ...), 0.0)`.",
    ),
    explain="Why does nobody see this bug with p = 0.5?",
)

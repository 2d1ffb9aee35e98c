"""early-stopping: when to give up, and which weights to keep."""

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._curve import as_tune

WHOLE = 64  # losses are so many-ths, so that differences are exact


def probes(rng):
    """Yield curves in 64ths: falling, turning, with ties, with small gains; and each drawn one."""
    base = int(rng.integers(60, 90))
    yield _losses(base, 0, -20, -10, -5, -8), 2, 0.0
    yield _losses(base, -9, -25, -20, -30, -24, -21, -20, -40), 3, 0.0  # the last is never reached
    yield _losses(base, -5, -12, -12, -12, -9, -8), 4, 0.0  # ties
    yield _losses(base, 0, -16, -20, -24, -28, -32, -36, -40), 4, 8 / WHOLE  # it creeps
    yield _losses(base, 0, -8, -12, -9, -18, -6, -26, -27), 2, 8 / WHOLE  # just the margin
    yield _losses(base, 0, -9, -18, -27, -36), 2, 4 / WHOLE  # never
    yield _losses(base, -30, -20, -22, -24, -26, -28), 4, 0.0  # it falls, but not below the best
    yield _losses(base), 1, 0.0
    for margin in (0, 6):
        falls = rng.integers(-12, 10, size=20).cumsum() + base
        yield [float(one) / WHOLE for one in falls.clip(1)], 4, margin / WHOLE


def _losses(base, *changes):
    return [(base + change) / WHOLE for change in changes or (0,)]


def reference(losses, patience, margin):
    return build()(losses, patience, margin)


def solution(losses, patience, margin):
    best = 0
    for number, loss in enumerate(losses):
        if loss < losses[best] - margin:
            best = number
        if number - best >= patience:
            return number, best
    return len(losses) - 1, best


def build(
    better=lambda loss, losses, best, number, margin: loss < losses[best] - margin,
    stops=lambda number, best, worse, patience: number - best >= patience,
    says=lambda stop, best, losses, margin: (stop, best),
    end=lambda losses: len(losses) - 1,
):
    """Make a rule that compares, waits, or answers in another way."""

    def rule(losses, patience, margin):
        best, worse = 0, 0
        for number, loss in enumerate(losses):
            if number and better(loss, losses, best, number, margin):
                best = number
            else:
                worse += number > 0
            if stops(number, best, worse, patience):
                return says(number, best, losses, margin)
        return says(end(losses), best, losses, margin)

    return rule


def patience_from_the_start(*inputs):
    """You count patience from the first measurement, and give up while the loss still falls.

    Patience begins anew with each better loss. From which number do you count?
    """
    return build(stops=lambda number, best, worse, patience: number >= patience)(*inputs)


def all_worse_ones_counted(*inputs):
    """You count all measurements that were not better, also those before the best.

    A better loss makes you patient again: what happens to your counter then?
    """
    return build(stops=lambda number, best, worse, patience: worse >= patience)(*inputs)


def one_too_late(*inputs):
    """You wait one measurement too long.

    With patience 1, the first one that is not better ends it. Is it `>` or `>=`?
    """
    return build(stops=lambda number, best, worse, patience: number - best > patience)(*inputs)


def one_too_early(*inputs):
    """You give up one measurement too early.

    With patience 2, the first one that is not better may pass; the second ends it.
    """

    def stops(number, best, worse, patience):
        return number > best and number - best >= patience - 1

    return build(stops=stops)(*inputs)


def never_stops(*inputs):
    """You never stop: patience does not come into it.

    How long ago was the best? Ask it after each measurement.
    """
    return build(stops=lambda *rest: False)(*inputs)


def against_the_one_before(*inputs):
    """You compare each loss with the one before it, not with the best so far.

    A curve that wavers far above its best would then be good enough.
    """

    def better(loss, losses, best, number, margin):
        return loss < losses[number - 1] - margin

    return build(better)(*inputs)


def waits_for_a_rise(losses, patience, margin):
    """You count only how often the loss has risen in a row; any fall makes you patient again.

    Each measurement that does not beat the best so far counts, also one that falls.
    """
    best = rises = 0
    for number, loss in enumerate(losses):
        if loss < losses[best] - margin:
            best = number
        rises = rises + 1 if number and loss >= losses[number - 1] else 0
        if rises >= patience:
            return number, best
    return len(losses) - 1, best


def margin_ignored(*inputs):
    """You take any better loss as a new best; the margin does not come into it.

    A curve that creeps would go on for ever. By how much must a loss be better?
    """

    def better(loss, losses, best, number, margin):
        return loss < losses[best]

    return build(better)(*inputs)


def margin_upside_down(*inputs):
    """The margin has the wrong sign: a loss that is a little worse counts as better.

    Better means lower by more than the margin. On which side do you add it?
    """

    def better(loss, losses, best, number, margin):
        return loss < losses[best] + margin

    return build(better)(*inputs)


def equals_are_better(*inputs):
    """You let a loss count as better that is lower by just the margin, or equal if that is 0.

    It must be lower by *more* than that. Is it `<` or `<=`?
    """

    def better(loss, losses, best, number, margin):
        return loss <= losses[best] - margin

    return build(better)(*inputs)


def higher_is_better(*inputs):
    """You keep the highest loss.

    A loss is a cost. Which way does your comparison point?
    """

    def better(loss, losses, best, number, margin):
        return loss > losses[best] + margin

    return build(better)(*inputs)


def looks_into_the_future(losses, patience, margin):
    """You look for the best in the whole list, also behind the place where you stop.

    At that moment nobody has measured those. Go through the list step by step.
    """
    stop, _ = build()(losses, patience, margin)
    return stop, losses.index(min(losses))


def lowest_so_far(losses, patience, margin):
    """You stop in the right place, but name the lowest loss, even if the margin ruled it out.

    Name the last one that counted as better.
    """
    stop, _ = build()(losses, patience, margin)
    return stop, losses.index(min(losses[: stop + 1]))


def the_last_one_kept(*inputs):
    """You stop in the right place, and then keep the last weights instead of the best.

    They have had bad luck for a while. Which measurement came before it?
    """
    return build(says=lambda stop, best, losses, margin: (stop, stop))(*inputs)


def swapped(*inputs):
    """The two numbers are the wrong way round.

    First where to stop, then which was the best.
    """
    return build(says=lambda stop, best, losses, margin: (best, stop))(*inputs)


def loss_returned(*inputs):
    """You return the best loss, but the number of that measurement is asked for.

    With its number, the weights can be found again.
    """
    return build(says=lambda stop, best, losses, margin: (stop, losses[best]))(*inputs)


def counted_from_one(*inputs):
    """You count measurements from 1; here the first one is 0.

    What does `enumerate` begin with?
    """
    return build(says=lambda stop, best, losses, margin: (stop + 1, best + 1))(*inputs)


def one_past_the_end(*inputs):
    """If patience never runs out, you name a measurement that does not exist.

    How many are there, and which number has the last?
    """
    return build(end=len)(*inputs)


def in_order(result, losses, patience, margin):
    """The best cannot come after the stop, and both must be numbers of measurements."""
    stop, best = (int(one) for one in result)
    return 0 <= best <= stop < len(losses)


def hear(answer):
    """Play a curve until the stop, and then the best note, held."""
    losses = [one / 32 for one in (32, 24, 18, 13, 15, 10, 8, 9, 11, 14, 17, 19, 22, 25)]
    stop, best = (int(one) for one in answer(losses, 4, 0.0))
    return as_tune([*losses[: stop + 1], *[losses[best]] * 4])


EXERCISE = Exercise(
    id="early-stopping",
    notebook=14,
    place=1,
    title="Stop in time",
    kind="implement",
    difficulty=2,
    importance=5,
    minutes=12,
    why="It is the cheapest cure, and nearly every training that you read about uses it.",
    signature=(
        "early_stopping(losses: list[float], patience: int, margin: float) -> tuple[int, int]"
    ),
    statement=(
        "`losses` are the measurements on new pieces, one after another, counted from 0. Return "
        "after which one the training stops, and which one was the best: its weights are kept.\n\n"
        "A loss is *better* only if it lies below the best so far by more than `margin`. Stop as "
        "soon as the last `patience` measurements have brought nothing better. If that never "
        "happens, stop after the last one. What comes after the stop was never measured: do not "
        "look at it."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    hear=hear,
    properties=(in_order,),
    mistakes=(
        patience_from_the_start,
        all_worse_ones_counted,
        one_too_late,
        one_too_early,
        never_stops,
        against_the_one_before,
        waits_for_a_rise,
        margin_ignored,
        margin_upside_down,
        equals_are_better,
        higher_is_better,
        looks_into_the_future,
        lowest_so_far,
        the_last_one_kept,
        swapped,
        loss_returned,
        counted_from_one,
        one_past_the_end,
    ),
    hints=(
        "Take the losses 3, 2, 2.5, 1, 1.5, 1.6 with patience 2. Cover them with your hand and "
        "uncover one after another. When do you give up? Which do you keep?",
        "best: 0 at first. Go through the numbers and losses. If the loss is below the best one "
        "minus the margin: best = this number. If number - best has reached the patience: return "
        "both. After the loop: the last number, and best.",
        "`for number, loss in enumerate(losses):` then `if loss < losses[...] - margin:` and "
        "`best = ...`, then `if number - ... >= patience:` and `return number, ...`.",
    ),
    explain="What do you lose if patience is too small, and what if it is too large?",
)

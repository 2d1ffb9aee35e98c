"""apply-temperature: bend the probabilities of the next token, down to greedy choice at 0."""

import math

import torch
from torch.nn import functional as F

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._probabilities import as_probabilities
from musiclab.check.exercises._singing import sing_with
from musiclab.sampling import filters


def probes(rng):
    """Yield scores and temperatures: above 1, below 1, and 0."""
    yield 2 * normal(rng, 1, 3), 2.0
    yield 2 * normal(rng, 2, 4), 0.0
    yield 2 * normal(rng, 3, 5), float(rng.uniform(0.4, 0.8))
    yield 2 * normal(rng, 4, 7), 0.0


def use(answer, logits, temperature):
    return as_probabilities(answer(logits, temperature))


def hear(answer):
    return sing_with(bend=lambda logits: answer(logits, 0.5))


def reference(logits, temperature):
    if temperature == 0:
        return filters.top_k(logits, 1)
    return filters.apply_temperature(logits, temperature)


def solution(logits, temperature):
    likeliest = logits.max(dim=-1, keepdim=True).values  # batch 1
    # BEGIN SOLUTION
    if temperature == 0:
        return logits.masked_fill(logits < likeliest, -math.inf)
    return logits / temperature
    # END SOLUTION


def favourite(logits):
    return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).bool()


def multiplied(logits, temperature):
    """Your scores are multiplied by the temperature: a high one then makes the choice tamer.

    Compare with the curves of section 12.3: which way should 1.5 bend them?
    """
    return logits * temperature if temperature else reference(logits, 0)


def multiplied_also_at_zero(logits, temperature):
    """Your scores are multiplied by the temperature: 2 sharpens, and 0 makes all tokens alike.

    Both ends are upside down. Where does the temperature stand in the formula of section 12.3?
    """
    return logits * temperature


def temperature_ignored(logits, temperature):
    """Your scores are the same at every temperature but 0.

    Where does `temperature` come in? A division returns a new tensor: do you use that one?
    """
    return logits if temperature else reference(logits, 0)


def zero_refused(logits, temperature):
    """At temperature 0 your function raises an error; greedy choice is asked for.

    Do not divide, and do not refuse: leave only the likeliest token of each row.
    """
    if temperature == 0:
        raise ValueError("temperature is 0")
    return logits / temperature


def zero_divides(logits, temperature):
    """At temperature 0 your function divides by 0, and the scores become infinite or NaN.

    Greedy choice is what the division comes close to, but it must be written as a case of its own.
    """
    return logits / temperature


def zero_changes_nothing(logits, temperature):
    """At temperature 0 your scores stay as they are: that is what temperature 1 does.

    At 0 the likeliest token should take all. What must the others score for that?
    """
    return logits / (temperature or 1)


def zero_makes_all_alike(logits, temperature):
    """At temperature 0 your scores are all the same, so every token is as likely as any other.

    Think of ever smaller temperatures: does the favourite gain or lose?
    """
    return logits / temperature if temperature else torch.zeros_like(logits)


def zero_fills_with_zero(logits, temperature):
    """At temperature 0 the other tokens get the score 0, and a score of 0 can still be drawn.

    A softmax turns 0 into a probability above 0. Which score does it turn into nothing?
    """
    return logits / temperature if temperature else logits.where(favourite(logits), 0)


def zero_as_one_hot(logits, temperature):
    """At temperature 0 you return a 1 and zeros: these are probabilities, but scores are asked for.

    The softmax still comes afterwards. What does it make of a 1 and zeros?
    """
    return logits / temperature if temperature else favourite(logits).float()


def zero_one_for_the_batch(logits, temperature):
    """At temperature 0 you find one favourite for the whole batch; the other rows are empty.

    Each row is a choice of its own. Over which axis do you look for the largest score?
    """
    if temperature:
        return logits / temperature
    return logits.masked_fill(logits < logits.max(), -math.inf)


def zero_takes_the_least(logits, temperature):
    """At temperature 0 the least likely token takes all.

    Your comparison, or your choice between largest and smallest, is turned round.
    """
    return logits / temperature if temperature else reference(-logits, 0)


def zero_returns_ids(logits, temperature):
    """At temperature 0 you return the favourite's id; a score for each token is asked for.

    The drawing comes later, and it needs a row of scores in every case.
    """
    return logits / temperature if temperature else logits.argmax(dim=-1)


def probabilities_returned(logits, temperature):
    """You return probabilities, not scores: the next softmax makes them nearly alike.

    The bending is right. Leave the softmax to whoever draws.
    """
    return reference(logits, temperature).softmax(dim=-1)


def after_the_softmax(logits, temperature):
    """You divide the probabilities by the temperature: they should be raised to a power instead.

    Scores are logarithms. Divide before the softmax, not after it, and leave the softmax out.
    """
    if temperature == 0:
        return reference(logits, 0)
    return logits.softmax(dim=-1) / temperature


def power_of_scores(logits, temperature):
    """You raise the scores to a power, but it is probabilities that the formula raises.

    Scores are logarithms, and the logarithm of a power is a product. A negative score has no such
    power at all: look for NaN.
    """
    return logits ** (1 / temperature) if temperature else reference(logits, 0)


def zero_temperature_is_greedy(probabilities, logits, temperature):
    """At temperature 0 the likeliest token of each row must take all of its probability."""
    best = torch.as_tensor(probabilities).max(dim=-1).values
    return temperature != 0 or torch.allclose(best, torch.ones_like(best))


def the_favourite_stays_the_favourite(probabilities, logits, temperature):
    """No temperature changes the order of the tokens: the likeliest must stay the likeliest."""
    return torch.equal(torch.as_tensor(probabilities).argmax(dim=-1), logits.argmax(dim=-1))


EXERCISE = Exercise(
    id="apply-temperature",
    notebook=12,
    place=1,
    title="Temperature, down to zero",
    kind="fill-in",
    difficulty=2,
    importance=5,
    minutes=8,
    why="One number decides whether the same model sounds dull, alive or drunk.",
    signature=(
        'apply_temperature(logits: Float[Tensor, "batch vocab"], temperature: float) '
        '-> Float[Tensor, "batch vocab"]'
    ),
    statement=(
        "Return scores whose softmax is bent by `temperature`, as in section 12.3: flatter above "
        "1, sharper below. At temperature 0 return scores that leave only the likeliest token of "
        "each row. The answer is scores, not probabilities."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(zero_temperature_is_greedy, the_favourite_stays_the_favourite),
    mistakes=(
        multiplied,
        multiplied_also_at_zero,
        temperature_ignored,
        zero_refused,
        zero_divides,
        zero_changes_nothing,
        zero_makes_all_alike,
        zero_fills_with_zero,
        zero_as_one_hot,
        zero_one_for_the_batch,
        zero_takes_the_least,
        zero_returns_ids,
        probabilities_returned,
        after_the_softmax,
        power_of_scores,
    ),
    hints=(
        "Three notes have the scores 2, 1 and 0. Halve all scores: do they come closer together, "
        "or move apart? Then look at the bars of section 12.3. What happens to the gaps as the "
        "temperature nears 0?",
        "If temperature is 0: keep the largest score of each row, (batch, 1), and set all smaller "
        "ones, (batch, vocab), to minus infinity. Otherwise: one operation on all scores, shape "
        "(batch, vocab). No softmax.",
        "`if temperature == 0: return logits.masked_fill(logits < ..., ...)`, and then "
        "`return logits ... temperature`.",
    ),
    explain="Why does dividing scores do the same as raising probabilities to a power?",
    hear=hear,
)

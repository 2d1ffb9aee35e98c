"""top-k: keep the k likeliest tokens of each row, also where several are equally likely."""

import math

import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._probabilities import as_probabilities
from musiclab.check.exercises._singing import sing_with
from musiclab.sampling.filters import apply_temperature
from musiclab.sampling.filters import top_k as reference


def shuffled(rng, *scores):
    """Put the same scores into a row in any order."""
    return torch.from_numpy(rng.permutation(scores)).float()


def probes(rng):
    """Yield scores with ties across the line, and without."""
    yield torch.stack([shuffled(rng, 2, 1, 1, -1)]), 2
    yield torch.stack([shuffled(rng, 1, 0, -1, -2, -3), shuffled(rng, 9, 8, 7, 6, 5)]), 1
    rows = [shuffled(rng, 3, 2, 1, 1, 1, 0, -1), shuffled(rng, 5, 5, 5, 5, 2, 1, 0)]
    yield torch.stack([shuffled(rng, 4, 3, 2, 1, 0, -1, -2), *rows]), 3
    yield torch.stack([shuffled(rng, *[1] * 24, *[0] * 24) for _ in range(2)]), 17
    yield torch.stack([shuffled(rng, 3, 2, 1)]), 3


def use(answer, logits, k):
    return as_probabilities(answer(logits, k))


def hear(answer):
    return sing_with(bend=lambda logits: answer(apply_temperature(logits, 1.5), 3))


def solution(logits, k):
    # A stable sort leaves equals in the order of their ids.
    likeliest = logits.sort(dim=-1, descending=True, stable=True).indices[:, :k]
    kept = torch.full_like(logits, -math.inf)
    return kept.scatter(-1, likeliest, logits.gather(-1, likeliest))


def line(logits, k):
    """Return the k-th largest score of each row, shape (batch, 1)."""
    return logits.sort(dim=-1, descending=True).values[:, k - 1 : k]


def ties_all_kept(logits, k):
    """Where several tokens are as likely as the last one kept, you keep them all: more than k.

    A line drawn at the k-th score cannot tell equals apart. Choose tokens, not scores.
    """
    return logits.masked_fill(logits < line(logits, k), -math.inf)


def ties_all_dropped(logits, k):
    """Your line also cuts the token that stands on it: fewer than k are left, and with k = 1 none.

    Compare with < where you now have <=, and think of what equals should do.
    """
    return logits.masked_fill(logits <= line(logits, k), -math.inf)


def ties_last_first(logits, k):
    """Among equally likely tokens you keep those of higher id; those of lower id are asked for.

    Something turns the order round: a sort from small to large, read from its end, does so.
    """
    return reference(logits.flip(-1), k).flip(-1)


def ties_by_chance(logits, k):
    """Among equally likely tokens you keep some that nobody chose: `topk` promises no order.

    Exactly k stay, but which of the equals is left to chance. Look for a sort that is stable.
    """
    likeliest = logits.topk(k, dim=-1).indices
    kept = torch.full_like(logits, -math.inf)
    return kept.scatter(-1, likeliest, logits.gather(-1, likeliest))


def one_too_many(logits, k):
    """You keep k + 1 tokens.

    The k-th in order has the number k - 1, since we count from 0. Where does your slice end?
    """
    return reference(logits, k + 1)


def ties_and_one_too_many(logits, k):
    """Your line stands one token too late: one more than k stays, and all its equals.

    Counting from 0, which place has the k-th score? And can a line tell equals apart?
    """
    return logits.masked_fill(logits < line(logits, min(k + 1, logits.shape[-1])), -math.inf)


def one_too_few(logits, k):
    """You keep k - 1 tokens, and with k = 1 there is nothing left to draw.

    Count how many places your slice really takes.
    """
    return reference(logits, k - 1) if k > 1 else torch.full_like(logits, -math.inf)


def unlikeliest(logits, k):
    """You keep the k least likely tokens.

    A sort runs from small to large unless you ask for the opposite.
    """
    lowest = logits.sort(dim=-1, stable=True).indices[:, :k]
    kept = torch.full_like(logits, -math.inf)
    return kept.scatter(-1, lowest, logits.gather(-1, lowest))


def sorted_order_kept(logits, k):
    """Your scores come back sorted: each token now has the score of another one.

    You cut in sorted order, which is fine. Then every score must go home to its own id.
    """
    return reference(logits.sort(dim=-1, descending=True).values, k)


def values_alone(logits, k):
    """You return k scores a row; one for every token is asked for, most at minus infinity.

    Without their places nobody knows which tokens these scores belong to.
    """
    return logits.topk(k, dim=-1).values


def ids_alone(logits, k):
    """You return the ids of the k tokens; their scores are asked for, each in its own place.

    Start from a row full of minus infinity, and put the scores in where the ids say.
    """
    return logits.sort(dim=-1, descending=True, stable=True).indices[:, :k]


def filled_with_zero(logits, k):
    """The dropped tokens get the score 0, and a score of 0 can still be drawn.

    A softmax turns 0 into a probability above 0. Which score does it turn into nothing?
    """
    return reference(logits, k).nan_to_num(neginf=0)


def over_the_whole_batch(logits, k):
    """You keep k tokens of the whole batch, so that some rows keep many and others none.

    Each row is a choice of its own: sort along the tokens, not all numbers at once.
    """
    return reference(logits.reshape(1, -1), k).view_as(logits)


def over_the_batch_axis(logits, k):
    """You compare each token with itself in the other rows: the sort runs over the wrong axis.

    Which axis holds the tokens that one row chooses among?
    """
    return reference(logits.T, k).T


def first_row_decides(logits, k):
    """The first row's line cuts all rows.

    Every row has its own likeliest tokens. Keep the axis of the batch in your line.
    """
    return logits.masked_fill(logits < line(logits, k)[0], -math.inf)


def one_line_for_all(logits, k):
    """One line cuts all rows: the lowest of the batch. Most rows keep too many tokens.

    Every row has its own likeliest tokens. Keep the axis of the batch in your line.
    """
    return logits.masked_fill(logits < line(logits, k).min(), -math.inf)


def upside_down(logits, k):
    """You drop the k likeliest tokens and keep the others: your mask is turned round.

    `masked_fill` fills where its mask is True. What is True in your mask?
    """
    return logits.masked_fill(reference(logits, k) > -math.inf, -math.inf)


def mask_returned(logits, k):
    """You return which tokens stay, True or False; their scores are asked for.

    Keep the scores where your mask is True, and put minus infinity elsewhere.
    """
    return reference(logits, k) > -math.inf


def mask_returned_with_ties(logits, k):
    """You return True or False, where scores are asked for, and keep too many equals.

    Put minus infinity where your mask is False. And a line cannot tell equals apart.
    """
    return logits >= line(logits, k)


def probabilities_returned(logits, k):
    """You return probabilities where scores are asked for: dropped tokens come back at the draw.

    The next softmax turns your zeros into something above 0. Leave the softmax out.
    """
    return reference(logits, k).softmax(dim=-1)


def first_ids(logits, k):
    """You keep the tokens with the ids 0 to k - 1, however likely they are.

    You sorted, and then sliced the wrong thing? Slice what the sort gave you.
    """
    return logits.masked_fill(torch.arange(logits.shape[-1]) >= k, -math.inf)


def exactly_k_tokens_are_left(probabilities, logits, k):
    """In every row exactly k tokens must be left, whatever their scores."""
    return bool(((torch.as_tensor(probabilities) > 0).sum(dim=-1) == k).all())


EXERCISE = Exercise(
    id="top-k",
    notebook=12,
    place=2,
    title="The k likeliest",
    kind="implement",
    difficulty=3,
    importance=3,
    minutes=12,
    further=True,
    why="One absurd note can spoil a bar; this is the oldest way to rule it out.",
    signature=(
        'top_k(logits: Float[Tensor, "batch vocab"], k: int) -> Float[Tensor, "batch vocab"]'
    ),
    statement=(
        "Keep the scores of the `k` likeliest tokens of each row and set all others to minus "
        "infinity. Exactly `k` stay, also where several tokens are equally likely: of equals keep "
        "those of lower id. (`k` is at least 1 and at most the number of tokens.) The `top_k` of "
        "section 12.4 would keep too many."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(exactly_k_tokens_are_left,),
    mistakes=(
        ties_all_kept,
        ties_all_dropped,
        ties_last_first,
        ties_by_chance,
        one_too_many,
        ties_and_one_too_many,
        one_too_few,
        unlikeliest,
        sorted_order_kept,
        values_alone,
        ids_alone,
        filled_with_zero,
        over_the_whole_batch,
        over_the_batch_axis,
        first_row_decides,
        one_line_for_all,
        upside_down,
        mask_returned,
        mask_returned_with_ties,
        probabilities_returned,
        first_ids,
    ),
    hints=(
        "Write down the scores 2, 1, 1, 0 and draw a line under the second largest. With k = 2, "
        "how many tokens lie on or above your line?",
        "order: ids of each row from likely to unlikely, equals by id, shape (batch, vocab). Take "
        "the first k of them, (batch, k). Make a tensor of minus infinity, (batch, vocab), and "
        "copy the scores of these k ids into it, each to its own place.",
        "`likeliest = logits.sort(dim=-1, descending=..., stable=...).indices[...]`, then "
        "`torch.full_like(logits, ...).scatter(-1, ..., logits.gather(-1, ...))`.",
    ),
    explain="Why is a line drawn at the k-th score not enough?",
    hear=hear,
)

"""top-p: keep the fewest likeliest tokens that together reach probability p."""

import math

import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._probabilities import as_probabilities
from musiclab.check.exercises._singing import sing_with
from musiclab.sampling.filters import apply_temperature
from musiclab.sampling.filters import top_p as reference


def row(rng, *percents):
    """Make scores of such probabilities, in any order, not normalised."""
    return torch.from_numpy(rng.permutation(percents) / 100).log().float() + rng.uniform(-3, 3)


def probes(rng):
    """Yield scores and p: several tokens needed, one alone enough, all of them."""
    yield torch.stack([row(rng, 48, 27, 16, 9)]), 0.7
    yield torch.stack([row(rng, 94, 3, 2, 1), row(rng, 37, 31, 19, 13)]), 0.9
    spread = [row(rng, 23, 21, 17, 13, 11, 9, 6), row(rng, 52, 14, 11, 8, 7, 5, 3)]
    yield torch.stack([*spread, row(rng, 61, 25, 5, 4, 2, 2, 1)]), float(rng.uniform(0.81, 0.84))
    yield torch.stack([row(rng, 41, 28, 12, 10, 9), row(rng, 72, 13, 8, 4, 3)]), 0.3
    yield torch.stack([row(rng, 48, 27, 16, 9)]), 1.0


def use(answer, logits, p):
    return as_probabilities(answer(logits, p))


def hear(answer):
    return sing_with(bend=lambda logits: answer(apply_temperature(logits, 1.5), 0.7))


def solution(logits, p):
    ordered, ids = logits.sort(dim=-1, descending=True)
    probabilities = ordered.softmax(dim=-1)
    likelier = probabilities.cumsum(dim=-1) - probabilities  # of the tokens before each
    kept = ordered.masked_fill(likelier >= p, -math.inf)
    return torch.full_like(logits, -math.inf).scatter(-1, ids, kept)


def in_order(logits):
    """Return the scores from likely to unlikely, their ids, and the running sums before each."""
    ordered, ids = logits.sort(dim=-1, descending=True)
    probabilities = ordered.softmax(dim=-1)
    return ordered, ids, probabilities.cumsum(dim=-1) - probabilities


def put_back(kept, ids):
    return torch.empty_like(kept).scatter(-1, ids, kept)


def crossing_token_dropped(logits, p):
    """You drop the token that crosses p, so what is left does not reach p.

    If one token alone is above p, nothing at all is left to draw. Compare with what stands before
    each token, not with the sum that includes it.
    """
    ordered, ids, before = in_order(logits)
    return put_back(ordered.masked_fill(before + ordered.softmax(dim=-1) > p, -math.inf), ids)


def crossing_token_dropped_but_never_the_first(logits, p):
    """You drop the token that crosses p, unless it is the likeliest: the rest falls short of p.

    To save the first token mends one case only. The token that crosses p stays in every case.
    """
    ordered, ids, before = in_order(logits)
    cut = before + ordered.softmax(dim=-1) > p
    cut[:, 0] = False
    return put_back(ordered.masked_fill(cut, -math.inf), ids)


def one_too_many(logits, p):
    """You keep one token more than is needed to reach p.

    The token that crosses p stays, the next one does not. Is your running sum shifted twice?
    """
    ordered, ids, before = in_order(logits)
    cut = torch.cat([torch.zeros_like(before[:, :1]), before[:, :-1]], dim=-1) >= p
    return put_back(ordered.masked_fill(cut, -math.inf), ids)


def sorted_order_kept(logits, p):
    """Your scores come back sorted: each token now has the score of another one.

    You cut in sorted order, which is fine. Then every score must go home to its own id.
    """
    ordered, _, before = in_order(logits)
    return ordered.masked_fill(before >= p, -math.inf)


def put_back_with_gather(logits, p):
    """You put the sorted order back the wrong way: tokens and scores are mixed up.

    `gather` reads from the places that the ids name, `scatter` writes to them. You need to write.
    """
    ordered, ids, before = in_order(logits)
    return ordered.masked_fill(before >= p, -math.inf).gather(-1, ids)


def mask_in_sorted_order(logits, p):
    """The cut is right for the sorted row, but you apply it to the row as it was.

    Place 0 in sorted order is the likeliest token; place 0 in the row is the token with id 0.
    """
    _, _, before = in_order(logits)
    return logits.masked_fill(before >= p, -math.inf)


def not_sorted(logits, p):
    """You add up in the order of the ids, so the first ids stay, not the likeliest tokens.

    What has to happen before the running sum?
    """
    probabilities = logits.softmax(dim=-1)
    return logits.masked_fill(probabilities.cumsum(dim=-1) - probabilities >= p, -math.inf)


def tail_kept(logits, p):
    """You collect the unlikely tokens first: the tail stays, and the favourites are cut.

    A sort runs from small to large unless you ask for the opposite.
    """
    ordered, ids = logits.sort(dim=-1)
    probabilities = ordered.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities
    return put_back(ordered.masked_fill(before >= p, -math.inf), ids)


def softmax_forgotten(logits, p):
    """You add up scores as if they were probabilities.

    Scores may be negative, and they do not add up to 1. What turns them into probabilities?
    """
    ordered, ids, _ = in_order(logits)
    cut = ordered.cumsum(dim=-1) - ordered >= p
    return put_back(ordered.masked_fill(cut, -math.inf), ids)


def not_normalised(logits, p):
    """You add up exp(score). These do not add up to 1, so p means something else in each row.

    The scores are not normalised. What does a softmax do besides the exponential?
    """
    ordered, ids, _ = in_order(logits)
    powers = ordered.exp()
    return put_back(ordered.masked_fill(powers.cumsum(dim=-1) - powers >= p, -math.inf), ids)


def softmax_twice(logits, p):
    """You apply the softmax twice before you add up: the second one makes all tokens nearly alike.

    Look for a softmax on something that is a probability already.
    """
    ordered, ids, _ = in_order(logits)
    flat = ordered.softmax(dim=-1).softmax(dim=-1)
    return put_back(ordered.masked_fill(flat.cumsum(dim=-1) - flat >= p, -math.inf), ids)


def share_of_the_best(logits, p):
    """You keep the tokens that are at least p times as likely as the best one: that is min-p.

    Top-p counts what the tokens have together. Section 12.4 shows both.
    """
    likely = logits.softmax(dim=-1)
    return logits.masked_fill(likely < p * likely.amax(dim=-1, keepdim=True), -math.inf)


def each_alone(logits, p):
    """You keep only tokens whose own probability is p or more, so often none is left.

    It is the tokens together, likeliest first, that must reach p.
    """
    return logits.masked_fill(logits.softmax(dim=-1) < p, -math.inf)


def upside_down(logits, p):
    """You cut p instead of keeping it: the likeliest tokens are dropped and the tail stays.

    Your comparison is turned round. Is your mask True for what stays, or for what goes?
    """
    ordered, ids, before = in_order(logits)
    return put_back(ordered.masked_fill(before < p, -math.inf), ids)


def one_minus_p(logits, p):
    """You keep tokens until they reach 1 - p; p is what should be kept, not what should be cut.

    With p = 0.9 most of the probability stays. Try it in your head on one row.
    """
    ordered, ids, before = in_order(logits)
    cut = before >= 1 - p
    cut[:, 0] = False
    return put_back(ordered.masked_fill(cut, -math.inf), ids)


def filled_with_zero(logits, p):
    """The dropped tokens get the score 0, and a score of 0 can still be drawn.

    A softmax turns 0 into a probability above 0. Which score does it turn into nothing?
    """
    return reference(logits, p).nan_to_num(neginf=0)


def mask_returned(logits, p):
    """You return which tokens stay, True or False; their scores are asked for.

    Keep the scores where your mask is True, and put minus infinity elsewhere.
    """
    return reference(logits, p) > -math.inf


def probabilities_returned(logits, p):
    """You return probabilities where scores are asked for: dropped tokens come back at the draw.

    The next softmax turns your zeros into something above 0. Return the scores themselves.
    """
    return reference(logits, p).softmax(dim=-1)


def over_the_batch_axis(logits, p):
    """Your sort runs over the batch: each token is compared with itself in the other rows.

    Which axis holds the tokens that one row chooses among?
    """
    return reference(logits.T, p).T


def first_row_decides(logits, p):
    """The first row's order decides which tokens are dropped in all rows.

    Every row has its own order. Keep the axis of the batch in the ids.
    """
    kept = reference(logits, p)[0] > -math.inf
    return logits.masked_fill(~kept, -math.inf)


def p_is_reached(probabilities, logits, p):
    """In every row the tokens that are left must have at least p of the probability together."""
    kept = torch.as_tensor(probabilities) > 0
    return bool(((logits.softmax(dim=-1) * kept).sum(dim=-1) > p - 1e-4).all())


def no_token_is_needless(probabilities, logits, p):
    """Without the least likely token that is left, a row must fall short of p."""
    kept = torch.as_tensor(probabilities) > 0
    likely = logits.softmax(dim=-1).where(kept, math.inf)
    least = likely.amin(dim=-1)
    return bool(((likely.where(kept, 0)).sum(dim=-1) - least < p).all())


EXERCISE = Exercise(
    id="top-p",
    notebook=12,
    place=3,
    title="The nucleus",
    kind="implement",
    difficulty=4,
    importance=4,
    minutes=18,
    why="It keeps many notes where the model is in doubt and few where it is sure.",
    signature=(
        'top_p(logits: Float[Tensor, "batch vocab"], p: float) -> Float[Tensor, "batch vocab"]'
    ),
    statement=(
        "Keep the scores of the fewest likeliest tokens of each row that together have at least "
        "probability `p`, and set all others to minus infinity. The token that crosses `p` stays. "
        "The scores are not normalised, and a batch has several rows."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(p_is_reached, no_token_is_needless),
    mistakes=(
        crossing_token_dropped,
        crossing_token_dropped_but_never_the_first,
        one_too_many,
        sorted_order_kept,
        put_back_with_gather,
        mask_in_sorted_order,
        not_sorted,
        tail_kept,
        softmax_forgotten,
        not_normalised,
        softmax_twice,
        share_of_the_best,
        each_alone,
        upside_down,
        one_minus_p,
        filled_with_zero,
        mask_returned,
        probabilities_returned,
        over_the_batch_axis,
        first_row_decides,
    ),
    hints=(
        "Four notes have the probabilities 0.2, 0.5, 0.1 and 0.2. Line them up from tall to small. "
        "With p = 0.6, which ones do you need? What stands before each of them in the line?",
        "Sort each row from likely to unlikely: scores and ids, both (batch, vocab). Softmax, then "
        "the running sum of what stands *before* each token. Where that has reached p, write minus "
        "infinity. Put every score back at its own id.",
        "`ordered, ids = logits.sort(dim=-1, descending=...)`, "
        "`before = ....cumsum(dim=-1) - ...`, `kept = ordered.masked_fill(before ... p, ...)`, "
        "`torch.full_like(logits, ...).scatter(-1, ..., ...)`.",
    ),
    explain="Why can top-p never leave a row empty, while a cut at a fixed probability can?",
    hear=hear,
)

"""my-cut: invent a rule that cuts off the tail, and follows the model's own doubt."""

import math

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._probabilities import as_probabilities
from musiclab.check.exercises._singing import sing_with
from musiclab.sampling.filters import apply_temperature, min_p, top_k

HEAD, TAIL = 30, 20  # tokens that may be likely, and those that are not


def probes(rng):
    """Yield a row where one token is nearly sure, and one where many are as good; with a tail."""
    for share in (0.97, 0.9):
        tail = rng.uniform(0.5, 1.5, size=(2, TAIL))
        tail = torch.from_numpy(tail / tail.sum(axis=1, keepdims=True))
        head = torch.from_numpy(rng.permutation(np.linspace(0.6, 1.4, HEAD)))
        head = torch.stack([torch.eye(HEAD)[0], head / head.sum()])
        rows = torch.cat([share * head + 1e-6, (1 - share) * tail], dim=1)
        ids = torch.from_numpy(rng.permutation(rows.shape[1]))
        yield (rows[:, ids].log().float() + float(rng.uniform(-4, -3)),)


def use(answer, logits):
    """Say what a cut does, whatever its rule."""
    scores = answer(logits.clone())
    cut = as_probabilities(scores)
    if not isinstance(cut, torch.Tensor) or cut.shape != logits.shape:
        return cut
    cut, alone = cut.to(logits), as_probabilities(answer(logits[1:].clone()))
    before, kept = logits.softmax(dim=-1), cut > 0
    left = kept.sum(dim=-1).tolist()
    shares = before.where(kept, 0) / before.where(kept, 0).sum(dim=-1, keepdim=True)
    best = before.argmax(dim=-1, keepdim=True)
    sums = torch.as_tensor(scores).sum(dim=-1)
    return {
        "scores, not probabilities": not torch.allclose(sums, torch.ones_like(sums)),
        "the favourite stays": bool(kept.gather(-1, best).all()),
        "the favourite is still ahead": torch.equal(cut.argmax(dim=-1, keepdim=True), best),
        "the tail is shorter": left[0] < TAIL,
        "more is left in doubt": left[0] < left[1],
        "what is left keeps its ratios": torch.allclose(shares, cut, atol=1e-3),
        "likelier tokens first": likelier_first(before, kept),
        "a row does not depend on the others": same_rows(alone.to(cut), cut[1:]),
    }


def same_rows(one, other):
    return torch.allclose(one, other, atol=1e-4, equal_nan=True)  # an empty row is NaN


def likelier_first(before, kept):
    least = before.where(kept, math.inf).amin(dim=-1)
    most = before.where(~kept, 0).amax(dim=-1)
    return bool((least >= most - 1e-6).all())


def hear(answer):
    return sing_with(bend=lambda logits: answer(apply_temperature(logits, 1.5)))


def reference(logits):
    return min_p(logits, 0.2)


def solution(logits):
    probabilities = logits.softmax(dim=-1)
    # How likely a token is on average when one is drawn: high where the model is sure.
    usual = (probabilities**2).sum(dim=-1, keepdim=True)
    return logits.masked_fill(probabilities < usual / 2, -math.inf)


def nothing_cut(logits):
    """You cut nothing: all the unlikely tokens are still there.

    Together they are hit now and then, and a chorale has hundreds of draws. See section 12.4.
    """
    return logits


def always_as_many(logits):
    """You keep the same number of tokens in both rows, as top-k does.

    Where the model is sure, that is too many; where it is in doubt, too few. What could your rule
    look at, to notice the difference?
    """
    return top_k(logits, 5)


def one_mark_for_all(logits):
    """Your mark is too high for a model in doubt: there the favourite itself is cut.

    A fixed probability knows nothing of how sure the model is. Compare with something in the row.
    """
    return logits.masked_fill(logits.softmax(dim=-1) < 0.3, -math.inf)


def filled_with_zero(logits):
    """The dropped tokens get the score 0, and a score of 0 can still be drawn.

    A softmax turns 0 into a probability above 0. Which score does it turn into nothing?
    """
    return min_p(logits.log_softmax(dim=-1), 0.2).nan_to_num(neginf=0)


def probabilities_returned(logits):
    """You return probabilities where scores are asked for: dropped tokens come back at the draw.

    The next softmax turns your zeros into something above 0. Return scores, with minus infinity.
    """
    return min_p(logits, 0.2).softmax(dim=-1)


def the_head_cut(logits):
    """You cut the likely tokens and keep the tail: your comparison is turned round.

    Is your mask True for what stays, or for what goes?
    """
    likely = logits.softmax(dim=-1)
    return logits.masked_fill(likely > 0.2 * likely.amax(dim=-1, keepdim=True), -math.inf)


def bent_as_well(logits):
    """What is left has other ratios than before: you bend the scores as well as cutting them.

    A cut leaves the survivors as they are. To bend is the work of the temperature.
    """
    return min_p(logits, 0.2) / 0.5


def bent_not_cut(logits):
    """You bend the scores, but cut nothing: an unlikely token can still be drawn.

    A cut writes minus infinity. To bend is the work of the temperature.
    """
    return logits / 0.5


def whole_batch_compared(logits):
    """Your mark is taken from the whole batch, so one piece changes what another may sing.

    Take the largest, or the mean, of each row by itself, and keep the axis.
    """
    likely = logits.softmax(dim=-1)
    return logits.masked_fill(likely < 0.1 * likely.amax(), -math.inf)


def the_favourite_stays(result, logits):
    """The likeliest token of each row must stay, so that there is always one to draw."""
    return not isinstance(result, dict) or result["the favourite stays"]


def scores_are_returned(result, logits):
    """The result must be scores; probabilities would go through a second softmax."""
    return not isinstance(result, dict) or result["scores, not probabilities"]


def a_tail_is_cut(result, logits):
    """Where the model is nearly sure, you must cut off most of the tail."""
    return not isinstance(result, dict) or result["the tail is shorter"]


def doubt_is_followed(result, logits):
    """Where the model is in doubt, more tokens must be left than where it is sure."""
    return not isinstance(result, dict) or result["more is left in doubt"]


def ratios_are_kept(result, logits):
    """A token that stays must keep its score, up to one constant for its row."""
    return not isinstance(result, dict) or result["what is left keeps its ratios"]


def likelier_tokens_first(result, logits):
    """No token may go while a less likely one of its row stays."""
    return not isinstance(result, dict) or result["likelier tokens first"]


def rows_are_independent(result, logits):
    """A row must come out the same, whatever other rows are in the batch."""
    return not isinstance(result, dict) or result["a row does not depend on the others"]


def scores_come_back(result, logits):
    """The result must hold a score for every token of every row."""
    return isinstance(result, dict)


EXERCISE = Exercise(
    id="my-cut",
    notebook=12,
    place=7,
    title="A cut of your own",
    kind="open",
    difficulty=3,
    importance=2,
    minutes=20,
    why="Top-k, top-p and min-p were each somebody's idea; yours may sound better.",
    signature='my_cut(logits: Float[Tensor, "batch vocab"]) -> Float[Tensor, "batch vocab"]',
    statement=(
        "Invent a rule of your own that cuts off the tail: return the scores with minus infinity "
        "for what shall not be drawn. Your rule must follow the model's doubt: few tokens where it "
        "is sure, more where it is not. The favourite always stays, what stays keeps its score, "
        "and each row is cut by itself. You may start from top-p or min-p, but change something. "
        "Then listen: the music is drawn at temperature 1.5 with your cut."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    exact=False,
    properties=(
        scores_come_back,
        scores_are_returned,
        the_favourite_stays,
        a_tail_is_cut,
        likelier_tokens_first,
        ratios_are_kept,
        rows_are_independent,
        doubt_is_followed,
    ),
    mistakes=(
        nothing_cut,
        always_as_many,
        one_mark_for_all,
        filled_with_zero,
        probabilities_returned,
        the_head_cut,
        bent_as_well,
        bent_not_cut,
        whole_batch_compared,
    ),
    hints=(
        "Draw two rows of bars: one with a tower, one like a hedge. What number differs most "
        "between them: the largest bar, the sum of squares, the entropy, the largest gap?",
        "probabilities = softmax of each row, (batch, vocab). doubt = one number for each row, "
        "(batch, 1). mark = some function of doubt. Where a probability lies below its row's mark, "
        "write minus infinity. Make sure that the favourite never does.",
        "`probabilities = logits.softmax(dim=...)`, `mark = ....sum(dim=-1, keepdim=...)`, "
        "`return logits.masked_fill(probabilities < ..., ...)`.",
    ),
    explain="What does your rule notice that top-k does not? Name a place in a chorale.",
    hear=hear,
)

"""grammar-mask: forbid before drawing, and never forbid everything."""

import math

import torch

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._probabilities import as_probabilities
from musiclab.check.exercises._singing import sing
from musiclab.sampling.filters import apply_temperature, sample_next


def probes(rng):
    """Yield scores, what stood before, and which token may follow which; some allow nothing."""
    for batch, vocab in ((1, 3), (2, 4), (5, 7)):
        allowed = torch.from_numpy(rng.random((vocab, vocab)) < 0.5)
        places = torch.arange(vocab)
        # Each token has one that may follow and one that may not, and the table is not symmetric.
        allowed[places, (places + 1) % vocab] = True
        allowed[(places + 1) % vocab, places] = False
        previous = torch.from_numpy(rng.permutation(vocab)[:batch])
        logits = normal(rng, batch, vocab)
        # The likeliest token is forbidden, or a mask would change nothing.
        logits[~allowed[previous]] += 3
        if batch > 1:
            allowed[previous[-1]] = False  # a dead end
        yield logits, previous, allowed


def use(answer, logits, previous, allowed):
    """Watch from which probabilities an answer draws, and what it returns."""
    seen, chance = [], torch.Generator().manual_seed(0)

    def draw(scores):
        seen.append(as_probabilities(scores))
        return sample_next(torch.as_tensor(scores), chance)

    tokens = answer(logits, previous, allowed, draw)
    if tokens is None:
        return None
    return {"tokens": tokens, "drawn from": seen[0] if len(seen) == 1 else f"{len(seen)} draws"}


def hear(answer):
    def choose(scores, previous, allowed, generator):
        def draw(masked):
            return sample_next(torch.as_tensor(masked), generator)

        return answer(apply_temperature(scores, 1.5), previous, allowed, draw)

    return sing(choose)


def reference(logits, previous, allowed, draw):
    may_follow = allowed[previous]
    dead_end = ~may_follow.any(dim=-1, keepdim=True)
    return draw(logits.masked_fill(~(may_follow | dead_end), -math.inf))


def solution(logits, previous, allowed, draw):
    may_follow = allowed[previous]  # batch vocab
    dead_end = ~may_follow.any(dim=-1, keepdim=True)
    return draw(logits.masked_fill(~(may_follow | dead_end), -math.inf))


def start(logits, previous, allowed, draw):
    may_follow = allowed[previous]
    dead_end = ~may_follow.any(dim=-1, keepdim=True)
    tokens = draw(logits)
    forbidden = ~(may_follow | dead_end).gather(-1, tokens[:, None])[:, 0]
    best = logits.masked_fill(~may_follow, -math.inf).argmax(dim=-1)
    return torch.where(forbidden, best, tokens)


def masked_after_the_draw_with_the_first(logits, previous, allowed, draw):
    """You draw first, and replace a forbidden token by the first one that is allowed.

    That token then comes far too often. In section 12.6, where does the mask stand?
    """
    tokens = draw(logits)
    forbidden = ~allowed[previous].gather(-1, tokens[:, None])[:, 0]
    return torch.where(forbidden, allowed[previous].int().argmax(dim=-1), tokens)


def no_mask(logits, previous, allowed, draw):
    """You draw from the scores as they are: the mask is missing, or its result is thrown away.

    `masked_fill` returns a new tensor. Is that what you draw from?
    """
    return draw(logits)


def dead_end_masked(logits, previous, allowed, draw):
    """Where nothing may follow you forbid everything, and there is no token to draw.

    Such a row must stay as it is. Which rows of the mask hold no True at all?
    """
    return draw(logits.masked_fill(~allowed[previous], -math.inf))


def dead_end_frees_all(logits, previous, allowed, draw):
    """One row where nothing may follow takes the mask from all rows of the batch.

    Ask the question for each row by itself: over which axis?
    """
    may_follow = allowed[previous]
    if not may_follow.any(dim=-1).all():
        return draw(logits)
    return draw(logits.masked_fill(~may_follow, -math.inf))


def table_turned(logits, previous, allowed, draw):
    """You read the table the wrong way: what may stand before, instead of what may follow.

    The first axis is the token before, the second the one after. Which one do you choose by?
    """
    return reference(logits, previous, allowed.T, draw)


def upside_down(logits, previous, allowed, draw):
    """Your mask is upside down: you forbid what is allowed, and allow what is forbidden.

    `masked_fill` fills where its mask is True. What is True in your mask?
    """
    may_follow = allowed[previous]
    dead_end = ~may_follow.any(dim=-1, keepdim=True)
    return draw(logits.masked_fill(may_follow & ~dead_end, -math.inf))


def filled_with_zero(logits, previous, allowed, draw):
    """Forbidden tokens get the score 0, and a score of 0 can still be drawn.

    A softmax turns 0 into a probability above 0. Which score does it turn into nothing?
    """
    may_follow = allowed[previous]
    dead_end = ~may_follow.any(dim=-1, keepdim=True)
    return draw(logits.masked_fill(~(may_follow | dead_end), 0))


def filled_with_zero_dead_ends_too(logits, previous, allowed, draw):
    """Your mask multiplies: forbidden tokens score 0, which can be drawn, and dead ends are flat.

    A softmax turns 0 into a probability above 0. Which score does it turn into nothing?
    """
    return draw(logits * allowed[previous])


def dead_end_made_flat(logits, previous, allowed, draw):
    """Where nothing may follow, you draw all tokens equally often; the row should stay as it is.

    Are all scores of that row replaced by one number?
    """
    may_follow = allowed[previous]
    flat = logits.where(may_follow.any(dim=-1, keepdim=True), 0)
    return draw(flat.masked_fill(~may_follow & may_follow.any(dim=-1, keepdim=True), -math.inf))


def first_row_decides(logits, previous, allowed, draw):
    """The first piece of the batch decides what all pieces may do.

    Each row has a token before it. Do you look up all of `previous`, or one of it?
    """
    return reference(logits, previous[:1].expand_as(previous), allowed, draw)


def wrong_rows(logits, previous, allowed, draw):
    """You take the first rows of the table; you should take those of the tokens before.

    Row 0 of the table belongs to token 0, not to the first piece of the batch.
    """
    return reference(logits, torch.arange(len(previous)), allowed, draw)


def greedy(logits, previous, allowed, draw):
    """You take the likeliest token that is allowed; nothing is drawn.

    The mask is there. But who chooses is `draw`.
    """
    may_follow = allowed[previous]
    dead_end = ~may_follow.any(dim=-1, keepdim=True)
    return logits.masked_fill(~(may_follow | dead_end), -math.inf).argmax(dim=-1)


def nothing_drawn(logits, previous, allowed, draw):
    """You return the masked scores; the tokens that are drawn from them are asked for.

    The mask is right. One call is missing.
    """
    return reference(logits, previous, allowed, lambda scores: scores)


def again_and_again(logits, previous, allowed, draw):
    """You draw again and again until the tokens are allowed: that can take for ever.

    Forbid what may not follow before the draw, then one is enough.
    """
    tokens = draw(logits)
    for _ in range(99):
        tokens = draw(logits)
        if allowed[previous].gather(-1, tokens[:, None]).all():
            break
    return tokens


def masked_before_the_draw(result, logits, previous, allowed):
    """When `draw` is called, what is forbidden must have no chance at all any more."""
    seen = torch.as_tensor(result["drawn from"])
    legal = allowed[previous] | ~allowed[previous].any(dim=-1, keepdim=True)
    return bool((seen[~legal] == 0).all())


def only_what_may_follow(result, logits, previous, allowed):
    """Where a token may follow, only such tokens may be returned."""
    tokens = torch.as_tensor(result["tokens"])
    legal = allowed[previous].gather(-1, tokens[:, None])[:, 0]
    return bool((legal | ~allowed[previous].any(dim=-1)).all())


def drawn_once(result, logits, previous, allowed):
    """`draw` must be called once, with the scores of all rows."""
    return not isinstance(result["drawn from"], str)


EXERCISE = Exercise(
    id="grammar-mask",
    notebook=12,
    place=5,
    title="Forbid, then draw",
    kind="find the bug",
    difficulty=3,
    importance=4,
    minutes=12,
    why="With the mask in the right place even an untrained model writes what can be sung.",
    signature=(
        'grammar_mask(logits: Float[Tensor, "batch vocab"], previous: Int[Tensor, "batch"], '
        'allowed: Bool[Tensor, "vocab vocab"], draw: Callable) -> Int[Tensor, "batch"]'
    ),
    statement=(
        "The function should draw the next token of each row, but only one that the grammar "
        "allows: `allowed[a, b]` says whether token b may follow token a, and `previous` holds the "
        "token before. Where nothing may follow, nothing is forbidden. `draw(scores)` draws a "
        "token for each row. Never does the function below return a forbidden token; all the same, "
        "one note comes far too often. Find the bug."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    use=use,
    properties=(drawn_once, masked_before_the_draw, only_what_may_follow),
    mistakes=(
        masked_after_the_draw_with_the_first,
        no_mask,
        dead_end_masked,
        dead_end_frees_all,
        table_turned,
        upside_down,
        filled_with_zero,
        filled_with_zero_dead_ends_too,
        dead_end_made_flat,
        first_row_decides,
        wrong_rows,
        greedy,
        nothing_drawn,
        again_and_again,
    ),
    hints=(
        "A and B are allowed, C is not; all have the same score. Draw 300 times by hand, as the "
        "function does. How often does A come, how often B?",
        "may_follow: the table's rows of the tokens before, (batch, vocab). dead_end: rows without "
        "any True, (batch, 1). Set the scores of what is neither allowed nor in a dead end to "
        "minus infinity. Only then draw.",
        "`masked = logits.masked_fill(~(may_follow | ...), ...)`, and then `return draw(...)`. "
        "Nothing is left to mend.",
    ),
    explain="Why do the chances of the allowed tokens keep their ratios under the mask?",
    hear=hear,
)

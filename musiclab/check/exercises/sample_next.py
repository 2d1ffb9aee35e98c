"""sample-next: draw a token from each row, by the generator that was given."""

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._chance import states
from musiclab.check.exercises._singing import sing_with
from musiclab.sampling.filters import sample_next as reference

MANY = 1000  # draws from each row; shares then lie within a few percent of the probabilities


def probes(rng):
    """Yield scores and a seed; two rows that differ much, one token forbidden."""
    for batch, vocab in ((1, 3), (2, 5)):
        logits = torch.cat([torch.tensor([2.2, 1.0]), torch.linspace(-0.5, -2.5, vocab - 2)])
        rows = [logits[torch.from_numpy(rng.permutation(vocab))] for _ in range(batch)]
        logits = torch.stack(rows) + 2 + float(rng.uniform())
        if vocab > 3:
            logits[logits == logits.min()] = -torch.inf
        yield logits, int(rng.integers(10_000))


def use(answer, logits, seed):
    """Draw many times, and see what the draws depend on."""
    many, few = logits.repeat_interleave(MANY, dim=0), logits.repeat(40, 1)
    chance = torch.Generator().manual_seed(seed)
    tokens = answer(many, chance)
    if np.shape(tokens) not in ((len(many),), (len(many), 1)):
        return None if tokens is None else {"one number for each row": False}
    before = states()
    first, again = draw(answer, few, seed, 1), draw(answer, few, seed, 1)
    places = torch.as_tensor(tokens).reshape(-1, MANY)
    return {
        "one number for each row": np.ndim(tokens) == 1,
        "share of each token": torch.stack([shares(row, logits.shape[-1]) for row in places]),
        "never draws what is forbidden": not forbidden(logits, places),
        "same seed, same tokens": first == again,
        "other seed, other tokens": first != draw(answer, few, seed + 1, 1),
        "next draw, other tokens": first[:1] != draw(answer, few, seed, 2)[1:],
        "leaves other generators alone": states() == before,
    }


def shares(tokens, vocab):
    return tokens.clamp(0, vocab - 1).bincount(minlength=vocab) / len(tokens)


def forbidden(logits, places):
    return bool((logits.gather(-1, places.clamp(0, logits.shape[-1] - 1)) == -torch.inf).any())


def draw(answer, logits, seed, times):
    chance = torch.Generator().manual_seed(seed)
    return [torch.as_tensor(answer(logits, chance)).flatten().tolist() for _ in range(times)]


def hear(answer):
    return sing_with(draw=answer)


def solution(logits, generator):
    ruler = logits.softmax(dim=-1).cumsum(dim=-1)  # batch vocab
    darts = torch.rand(len(logits), 1, generator=generator)
    # Rounding may let a ruler end a little below 1.
    return torch.searchsorted(ruler / ruler[:, -1:], darts, right=True)[:, 0]


def by_shares(weights, generator):
    return torch.multinomial(weights, 1, generator=generator)[:, 0]


def always_the_favourite(logits, generator):
    """You take the likeliest token of each row every time: that is greedy, nothing is drawn.

    Greedy music gets stuck, as in section 12.2. How do the bars become a ruler in section 12.5?
    """
    return logits.argmax(dim=-1)


def generator_ignored(logits, generator):
    """You draw from the global random numbers; the generator that was given is not used.

    Then nobody can write the same piece again. Which argument of the drawing function takes it?
    """
    return torch.multinomial(logits.softmax(dim=-1), 1)[:, 0]


def fresh_chance(logits, generator):
    """You draw from a generator of your own that starts anywhere, so a seed means nothing.

    The generator that was given already stands where the draw should begin.
    """
    own = torch.Generator()
    own.seed()
    return by_shares(logits.softmax(dim=-1), own)


def own_fixed_seed(logits, generator):
    """You draw from a generator of your own with a fixed seed: every seed gives the same piece.

    Use the generator that was given; it knows its seed.
    """
    return by_shares(logits.softmax(dim=-1), torch.Generator().manual_seed(0))


def set_back_each_time(logits, generator):
    """You set the generator back to its seed before each draw, so every draw is the same one.

    The generator moves on by itself, and it should. Do not seed it again.
    """
    return by_shares(logits.softmax(dim=-1), generator.manual_seed(generator.initial_seed()))


def global_seed_set(logits, generator):
    """You set the global seed and draw from that: every draw is the same, and others are disturbed.

    Whoever draws elsewhere in the program now gets your numbers. Pass the generator on instead.
    """
    torch.manual_seed(generator.initial_seed())
    return torch.multinomial(logits.softmax(dim=-1), 1)[:, 0]


def one_dart_for_all(logits, generator):
    """You throw one dart for the whole batch: all pieces take the same turn at the same time.

    Each row needs a random number of its own. Look at the shape that you ask `rand` for.
    """
    ruler = logits.softmax(dim=-1).cumsum(dim=-1)
    dart = torch.rand(1, 1, generator=generator).expand(len(logits), 1).contiguous()
    return torch.searchsorted(ruler / ruler[:, -1:], dart, right=True)[:, 0]


def all_alike(logits, generator):
    """You draw every token equally often, whatever it scores, even a forbidden one.

    The bars of section 12.5 differ in length. Where do your scores come in?
    """
    return by_shares(torch.ones_like(logits), generator)


def all_allowed_alike(logits, generator):
    """You draw all tokens that are not forbidden equally often, whatever they score.

    You only ask whether a probability is above 0. How large it is matters, too.
    """
    return by_shares((logits > -torch.inf).float(), generator)


def softmax_twice(logits, generator):
    """You apply the softmax twice: the likely tokens come too seldom, and forbidden ones come back.

    Look for a softmax on something that is a probability already.
    """
    return by_shares(logits.softmax(dim=-1).softmax(dim=-1), generator)


def scores_as_shares(logits, generator):
    """You use the scores themselves as probabilities, negative ones as 0.

    Scores are logarithms. What turns a row of them into bars that add up to 1?
    """
    return by_shares(logits.clamp(min=1e-9), generator)


def sign_turned(logits, generator):
    """You draw unlikely tokens often and likely ones seldom.

    Somewhere the sign of the scores is turned round, or the ruler is read from its other end.
    """
    return by_shares(logits.nan_to_num(neginf=1e9).neg().softmax(dim=-1), generator)


def over_the_batch(logits, generator):
    """Your softmax runs over the batch, so each token competes with itself in the other rows.

    Which axis holds the tokens that one row chooses among?
    """
    return by_shares(logits.softmax(dim=0) + 1e-12, generator)


def next_door(logits, generator):
    """You return the token next to the one drawn: the number is one too large.

    Count from 0: a dart in the first bar of the ruler means token 0.
    """
    return reference(logits, generator) + 1


def first_row_for_all(logits, generator):
    """You draw for all rows from the probabilities of the first row.

    Every row has bars of its own. Is the axis of the batch still there when you draw?
    """
    return reference(logits[:1].expand_as(logits), generator)


def place_in_order(logits, generator):
    """You return the place in the sorted row, not the token's id.

    After sorting, place 0 is the likeliest token. Which token that is, only the sort can tell.
    """
    return reference(logits.sort(dim=-1, descending=True).values, generator)


def ruler_not_normalised(logits, generator):
    """Your ruler is not of length 1: the bars are exp(score), and a dart from 0 to 1 misses most.

    The scores are not normalised. What does a softmax do besides the exponential?
    """
    darts = torch.rand(len(logits), 1, generator=generator)
    found = torch.searchsorted(logits.exp().cumsum(dim=-1), darts, right=True)[:, 0]
    return found.clamp(max=logits.shape[-1] - 1)


def no_token_for_each_row(logits, generator):
    """Your result has another shape: one number for each row of scores is asked for.

    Do you return the probabilities, all numbers of a row, or a token of the first row alone?
    """
    return logits.softmax(dim=-1)


def column_kept(logits, generator):
    """Your tokens come in a column, shape (batch, 1); one number for each row is asked for.

    The draws are right. One axis of length 1 is left over.
    """
    return reference(logits, generator)[:, None]


def same_seed_same_tokens(result, logits, seed):
    """Two generators with the same seed must give the same tokens: use no other random numbers."""
    return result["same seed, same tokens"]


def every_draw_is_new(result, logits, seed):
    """A second draw from the same generator must not repeat the first: let it move on."""
    return result["next draw, other tokens"]


def forbidden_stays_forbidden(result, logits, seed):
    """A token whose score is minus infinity must never be drawn."""
    return result["never draws what is forbidden"]


EXERCISE = Exercise(
    id="sample-next",
    notebook=12,
    place=4,
    title="Draw by the given chance",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=12,
    why="Every note that a model has ever played for you was drawn by a function like this one.",
    signature=(
        'sample_next(logits: Float[Tensor, "batch vocab"], generator: torch.Generator) '
        '-> Int[Tensor, "batch"]'
    ),
    statement=(
        "Draw one token for each row, each as often as its probability says. All random numbers "
        "come from `generator`, so that the same seed gives the same tokens; any way of drawing "
        "will do. A score of minus infinity is never drawn. The check draws a thousand times and "
        "compares the shares."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    tolerance=0.08,
    properties=(
        same_seed_same_tokens,
        every_draw_is_new,
        forbidden_stays_forbidden,
    ),
    mistakes=(
        always_the_favourite,
        generator_ignored,
        fresh_chance,
        own_fixed_seed,
        set_back_each_time,
        global_seed_set,
        one_dart_for_all,
        all_alike,
        all_allowed_alike,
        softmax_twice,
        scores_as_shares,
        sign_turned,
        over_the_batch,
        next_door,
        first_row_for_all,
        place_in_order,
        ruler_not_normalised,
        no_token_for_each_row,
        column_kept,
    ),
    hints=(
        "Three bars of lengths 0.5, 0.3 and 0.2 lie end to end. A dart falls at 0.6. In which bar "
        "is it? And who throws the dart for the second row?",
        "Softmax of each row, running sum: the ends of the bars, (batch, vocab). One random number "
        "for each row, (batch, 1), from the generator. Find the bar that it falls in, and drop the "
        "last axis. (`torch.multinomial` does all but the softmax.)",
        "`ruler = logits.softmax(dim=...).cumsum(dim=...)`, "
        "`darts = torch.rand(..., 1, generator=...)`, "
        "`torch.searchsorted(ruler, ..., right=True)[:, ...]`.",
    ),
    explain="Why is a generator that is passed in better than a global seed?",
    hear=hear,
)

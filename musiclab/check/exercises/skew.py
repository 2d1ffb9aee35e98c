"""skew: slide each row of scores by distance to its place, so that columns mean keys."""

import math

import torch
from torch.nn import functional as F

from musiclab.check.exercise import Exercise, normal
from musiclab.model.positions import skew as slide


def probes(rng):
    """Yield plain numbers first; then more distances than queries, as with a cache."""
    yield (torch.tensor([[2.0, 1.0, 0.0], [12.0, 11.0, 10.0], [22.0, 21.0, 20.0]]),)
    yield (normal(rng, 2, 4),)
    yield (normal(rng, 1, 5),)
    yield (normal(rng, 2, 3, 4, 4),)
    yield (normal(rng, 3, 2, 4, 7),)


def reference(by_distance):
    q_seq, distance = by_distance.shape[-2:]
    return slide(by_distance).tril(distance - q_seq)


def solution(by_distance):
    q_seq, distance = by_distance.shape[-2:]
    # BEGIN SOLUTION
    padded = F.pad(by_distance, (1, 0))
    in_a_row = padded.flatten(-2)[..., q_seq:]
    by_key = in_a_row.unflatten(-1, (q_seq, distance))
    # END SOLUTION
    return by_key.tril(distance - q_seq)


def past_of(by_key):
    q_seq, distance = by_key.shape[-2:]
    return by_key.tril(distance - q_seq)


def reread(padded, cut, shape):
    """Read padded numbers in a row, leave some out in front, and fold them anew."""
    in_a_row = padded.flatten(-2)[..., cut:]
    return past_of(in_a_row[..., : math.prod(shape)].unflatten(-1, shape))


def not_slid(by_distance):
    """You leave every row where it is: its columns still mean distances, not keys.

    Only the last row is in its place already. See the table in section 7.6.
    """
    return past_of(by_distance)


def one_too_far(by_distance):
    """You slide each row one place too far to the left.

    The last row must stay where it is. Likely cause: the padding stands behind, not in front.
    """
    return reference(F.pad(by_distance, (0, 1))[..., 1:])


def one_too_short(by_distance):
    """You slide each row one place too little.

    The last row must stay where it is, the row before it moves by one. Which row do you start with?
    """
    return reference(F.pad(by_distance, (1, 0))[..., :-1])


def slid_to_the_right(by_distance):
    """You slide the rows to the right; they should go to the left.

    The first query stands far to the left, so its nearest key is there, too. See section 7.6.
    """
    return past_of(slide(by_distance.flip(-1)).flip(-1))


def last_row_most(by_distance):
    """You slide the last row most and the first row not at all; it is the other way round.

    The last row lines up with the keys already. How far must the first one go?
    """
    rows = by_distance.unbind(-2)
    slid = [F.pad(row, (0, place))[..., place:] for place, row in enumerate(rows)]
    return past_of(torch.stack(slid, dim=-2))


def last_row_rolled_most(by_distance):
    """You roll the last row most and the first row not at all; it is the other way round.

    The last row lines up with the keys already. How far must the first one go?
    """
    rows = by_distance.unbind(-2)
    rolled = [row.roll(-place, -1) for place, row in enumerate(rows)]
    return past_of(torch.stack(rolled, dim=-2))


def rolled_to_the_right(by_distance):
    """You roll each row to the right, the last one most; the first one must go, and to the left.

    The last row lines up with the keys already. See the table in section 7.6.
    """
    rows = by_distance.unbind(-2)
    rolled = [row.roll(place, -1) for place, row in enumerate(rows)]
    return past_of(torch.stack(rolled, dim=-2))


def turned_round_and_not_slid(by_distance):
    """You turn every row round, but no row is slid to its place.

    The last row is right as it comes. Draw the table of section 7.6 for three queries.
    """
    return past_of(by_distance.flip(-1))


def read_backwards(by_distance):
    """You read the distances backwards: your first column is taken for the nearest key.

    Column 0 holds the *farthest* distance, the last column distance 0, which is the query itself.
    """
    return reference(by_distance.flip(-1))


def cut_behind(by_distance):
    """You leave numbers out at the end of the long row; they must go at its beginning.

    What you leave out in front decides how far the rows slide. Compare section 7.6.
    """
    return reread(F.pad(by_distance, (1, 0)), 0, by_distance.shape[-2:])


def padded_and_cut_behind(by_distance):
    """You pad behind and leave out at the end: each row slides the wrong way.

    Pad in front, and leave out in front, as section 7.6 does.
    """
    return reread(F.pad(by_distance, (0, 1)), 0, by_distance.shape[-2:])


def square_only(by_distance):
    """Your function fails when there are more keys than queries, as there are with a cache.

    In 7.6 both were 3. Which of your sizes counts queries, and which counts distances?
    """
    q_seq, distance = by_distance.shape[-2:]
    in_a_row = F.pad(by_distance, (1, 0)).flatten(-2)[..., distance:]
    return past_of(in_a_row.unflatten(-1, (q_seq, distance)))


def future_filled(by_distance):
    """You leave numbers at keys of the future; there should be 0.

    What slid in there belongs to the row above. Which keys may a query not see?
    """
    return slide(by_distance)


def future_minus_infinity(by_distance):
    """You put minus infinity at keys of the future; asked for is 0.

    These numbers are added to the scores, and the mask comes after that.
    """
    q_seq, distance = by_distance.shape[-2:]
    past = torch.ones(q_seq, distance, dtype=torch.bool).tril(distance - q_seq)
    return slide(by_distance).masked_fill(~past, -math.inf)


def too_much_future(by_distance):
    """You put 0 at keys that are not in the future, when there are more keys than queries.

    The last query stands beside the last key and sees them all. Which diagonal do you keep?
    """
    return slide(by_distance).tril()


def past_lost(by_distance):
    """You keep what belongs to the future and put 0 at the past.

    Likely cause: the upper triangle in place of the lower one. The given last line does it right.
    """
    q_seq, distance = by_distance.shape[-2:]
    return slide(by_distance).triu(distance - q_seq)


def itself_is_lost(by_distance):
    """You put 0 where a query meets its own key; distance 0 belongs to the past.

    A query may see itself. Which diagonal do you keep?
    """
    q_seq, distance = by_distance.shape[-2:]
    return slide(by_distance).tril(distance - q_seq - 1)


def rolled_round(by_distance):
    """What you push out of a row on the left comes in again on the right.

    Those numbers are too far back: no key is there. At keys of the future, 0 is asked for.
    """
    rows = by_distance.unbind(-2)
    last = len(rows) - 1
    return torch.stack([row.roll(place - last, -1) for place, row in enumerate(rows)], dim=-2)


def the_last_row_stays(by_key, by_distance):
    """The last query stands beside the last key: its row is in place and must not move."""
    return torch.allclose(
        torch.as_tensor(by_key)[..., -1, :].to(by_distance), by_distance[..., -1, :]
    )


def the_future_is_0(by_key, by_distance):
    """At keys that come after their query there must be 0."""
    q_seq, distance = by_distance.shape[-2:]
    return not torch.as_tensor(by_key).triu(distance - q_seq + 1).any()


EXERCISE = Exercise(
    id="skew",
    notebook=7,
    place=3,
    title="The skew",
    kind="fill-in",
    difficulty=4,
    importance=3,
    minutes=15,
    why="This trick let Music Transformer hear minutes of music instead of seconds.",
    signature=(
        'skew(by_distance: Float[Tensor, "*heads q_seq distance"])'
        ' -> Float[Tensor, "*heads q_seq k_seq"]'
    ),
    statement=(
        "Each row holds one query's scores by distance: the last column is distance 0, the one "
        "before it distance 1, and so on. Slide the rows so that columns mean *keys*, without a "
        "loop and without a copy for each pair, as in section 7.6.\n\n"
        "There are as many keys as distances, and there may be more of them than queries. The last "
        "query stands beside the last key, so its row stays; the row before it moves left by one. "
        "At keys of the future there shall be 0; the given last line sees to that."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(the_last_row_stays, the_future_is_0),
    mistakes=(
        not_slid,
        one_too_far,
        one_too_short,
        slid_to_the_right,
        last_row_most,
        last_row_rolled_most,
        rolled_to_the_right,
        turned_round_and_not_slid,
        read_backwards,
        cut_behind,
        padded_and_cut_behind,
        square_only,
        future_filled,
        future_minus_infinity,
        too_much_future,
        past_lost,
        itself_is_lost,
        rolled_round,
    ),
    hints=(
        "Three queries, three keys, and each row says 2 1 0. Query 0 stands beside key 0. Which of "
        "its numbers belongs to key 0? How far must that number move?",
        "1. Put one column of zeros in front: (..., q_seq, distance + 1).\n"
        "2. Read all of it as one long row: (..., q_seq times (distance + 1)).\n"
        "3. Leave out some numbers in front, so that q_seq times distance are left.\n"
        "4. Fold them into rows of the old length: each row has moved one place less than the row "
        "above it.",
        "`padded = F.pad(by_distance, (..., 0))`, then "
        "`in_a_row = padded.flatten(-2)[..., ...:]`, then "
        "`by_key = in_a_row.unflatten(-1, (..., ...))`. How many numbers are left over, if "
        "q_seq times distance are to be kept?",
    ),
    explain="Why does one column of padding move each row by another amount?",
)

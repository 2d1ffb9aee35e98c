"""causal-mask: who may see whom, also when some keys are older than the first query."""

import math

import torch

from musiclab.check.exercise import Exercise
from musiclab.check.heard import play_with
from musiclab.model import attention
from musiclab.model.attention import causal_mask


def probes(rng):
    """Yield as many queries as keys, one query alone, and a few queries after older keys."""
    yield 2, 2
    yield 2, 3
    yield 1, int(rng.integers(2, 6))
    yield 1, 1
    for _ in range(3):
        q_seq = int(rng.integers(3, 6))
        yield q_seq, q_seq + int(rng.integers(2, 6))


def reference(q_seq, k_seq):
    return causal_mask(q_seq, k_seq, torch.device("cpu"))


def solution(q_seq, k_seq):
    visible = torch.zeros(q_seq, k_seq, dtype=torch.bool)
    for query in range(q_seq):
        # BEGIN SOLUTION
        beside = query + k_seq - q_seq  # the key at this query's own position
        visible[query, : beside + 1] = True
        # END SOLUTION
    return visible


def triangle(q_seq, k_seq, diagonal):
    return torch.ones(q_seq, k_seq, dtype=torch.bool).tril(diagonal)


def cannot_see_itself(q_seq, k_seq):
    """In your table no query sees its own position: the diagonal is missing.

    The note at a position has been read when it asks. And the very first row sees nothing at all.
    """
    return triangle(q_seq, k_seq, k_seq - q_seq - 1)


def sees_the_next(q_seq, k_seq):
    """In your table every query sees one key too many: the very note it has to predict.

    The last query stands beside the last key. Count back from there. See section 6.5.
    """
    return triangle(q_seq, k_seq, k_seq - q_seq + 1)


def no_offset(q_seq, k_seq):
    """You let the first query stand at the first key, though older keys come before it.

    The *last* query stands beside the last key. How many keys are older than the first query?
    """
    return triangle(q_seq, k_seq, 0)


def offset_backwards(q_seq, k_seq):
    """You shift the triangle the wrong way: with more keys than queries, rows see too little.

    Likely cause: q_seq and k_seq are swapped in a difference. More keys mean more past to see.
    """
    return triangle(q_seq, k_seq, q_seq - k_seq)


def strict_without_offset(q_seq, k_seq):
    """Two slips: no query sees itself, and older keys are not counted.

    The last query stands beside the last key and sees it. Draw the table for 2 queries and 3 keys.
    """
    return triangle(q_seq, k_seq, -1)


def sees_the_next_without_offset(q_seq, k_seq):
    """Two slips: each query sees the key after its own, and older keys are not counted.

    The last query stands beside the last key and sees it. Draw the table for 2 queries and 3 keys.
    """
    return triangle(q_seq, k_seq, 1)


def upside_down(q_seq, k_seq):
    """Your table is upside down: True stands where a query may *not* look.

    PyTorch's own layer wants it so, but ours says `visible`. See section 6.5.
    """
    return ~triangle(q_seq, k_seq, k_seq - q_seq)


def upside_down_without_offset(q_seq, k_seq):
    """Two slips: True stands where a query may not look, and older keys are not counted.

    Ours says `visible`, and the last query stands beside the last key.
    """
    return ~triangle(q_seq, k_seq, 0)


def sees_the_future_only(q_seq, k_seq):
    """In your table each query sees itself and what comes after it, and nothing of the past.

    Likely cause: the upper triangle in place of the lower one. Rows are queries.
    """
    return ~triangle(q_seq, k_seq, k_seq - q_seq - 1)


def future_without_offset(q_seq, k_seq):
    """In your table queries see what comes after them, and older keys are not counted.

    Which triangle do you keep? And where does the last query stand? See section 6.5.
    """
    return ~triangle(q_seq, k_seq, -1)


def older_keys_hidden(q_seq, k_seq):
    """You hide all keys that are older than the first query, but these are the past.

    A query sees itself and *every* key before it. The model remembers them from earlier steps.
    """
    return triangle(q_seq, k_seq, k_seq - q_seq) & (torch.arange(k_seq) >= k_seq - q_seq)


def itself_only(q_seq, k_seq):
    """In your table each query sees itself and nothing else: the past is hidden, too.

    A row should get longer from query to query. See section 6.5.
    """
    return triangle(q_seq, k_seq, k_seq - q_seq).triu(k_seq - q_seq)


def everything_visible(q_seq, k_seq):
    """In your table every query sees every key, also those of the future.

    What should the first query not see? Then go on row by row.
    """
    return torch.ones(q_seq, k_seq, dtype=torch.bool)


def rows_upside_down(q_seq, k_seq):
    """Your rows are in the wrong order: the first query sees most, and the last one least.

    Time goes down the rows. The later a query stands, the more it has to look back on.
    """
    return triangle(q_seq, k_seq, k_seq - q_seq).flip(0)


def columns_backwards(q_seq, k_seq):
    """Your columns are in the wrong order: the oldest key is hidden first, not the newest.

    Time goes to the right. What the first query may not see stands at the right end of its row.
    """
    return triangle(q_seq, k_seq, k_seq - q_seq).flip(1)


def minus_infinity(q_seq, k_seq):
    """You return 0 and minus infinity, to be added to scores; asked for is True and False.

    The minus infinity comes later, in the scores. Here a query may see a key, or not.
    """
    return torch.zeros(q_seq, k_seq).masked_fill(~triangle(q_seq, k_seq, k_seq - q_seq), -math.inf)


def ones_and_zeros(q_seq, k_seq):
    """Your table holds the numbers 1 and 0, where True and False are asked for.

    In the right places, but `~` and `masked_fill` need True and False. Look at the `dtype`.
    """
    return triangle(q_seq, k_seq, k_seq - q_seq).float()


def all_queries_square(q_seq, k_seq):
    """Your table is square, with one row for each key, where one for each query is asked for.

    With a cache there may be one new query and many older keys. Which rows would you keep?
    """
    return triangle(k_seq, k_seq, 0)


def only_new_keys(q_seq, k_seq):
    """Your table is square, with one column for each query, where one for each key is asked for.

    Keys older than the first query need columns, too. All of them belong to the past.
    """
    return triangle(q_seq, q_seq, 0)


def the_newest_sees_all(visible, q_seq, k_seq):
    """The last query stands beside the last key: its row must be all True."""
    return bool(torch.as_tensor(visible)[-1].all())


def one_key_fewer_each_row(visible, q_seq, k_seq):
    """From each row to the one above it, exactly one key fewer may be seen."""
    seen = torch.as_tensor(visible).sum(dim=-1)
    return bool((seen.diff() == 1).all())


def hear(answer):
    """Let the model write under this mask."""

    def mask(q_seq, k_seq, device):
        return torch.as_tensor(answer(q_seq, k_seq), device=device)

    return play_with(attention, "causal_mask", mask)


EXERCISE = Exercise(
    id="causal-mask",
    notebook=6,
    place=2,
    title="The mask",
    kind="fill-in",
    difficulty=2,
    importance=5,
    minutes=10,
    why="Without it a model learns to copy the answer, and its loss means nothing.",
    signature='causal_mask(q_seq: int, k_seq: int) -> Bool[Tensor, "q_seq k_seq"]',
    statement=(
        "Write the table of who may see whom: a row for each query, a column for each key, True "
        "where the query may look. It sees itself and all that came before.\n\n"
        "There may be more keys than queries: the older keys were read in earlier steps. So the "
        "**last** query stands beside the last key, the one before it beside the key before that, "
        "and so on. For 2 queries and 3 keys, the rows are True True False and True True True."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(the_newest_sees_all, one_key_fewer_each_row),
    mistakes=(
        cannot_see_itself,
        sees_the_next,
        no_offset,
        offset_backwards,
        strict_without_offset,
        sees_the_next_without_offset,
        upside_down,
        upside_down_without_offset,
        sees_the_future_only,
        future_without_offset,
        older_keys_hidden,
        itself_only,
        everything_visible,
        rows_upside_down,
        columns_backwards,
        minus_infinity,
        ones_and_zeros,
        all_queries_square,
        only_new_keys,
    ),
    hints=(
        "Draw the table for 2 queries and 4 keys. The last row is all True. What does the row "
        "above it look like? Where would a third row go?",
        "1. The last query stands beside the last key. So `k_seq - q_seq` keys are older than the "
        "first query.\n"
        "2. For each query, find the number of the key beside it.\n"
        "3. Set the row to True from key 0 up to that key, and leave the rest False. The table has "
        "shape (q_seq, k_seq).",
        "`beside = query + ...`, then `visible[query, : ...] = True`. A slice stops *before* its "
        "end: does yours hold the query's own key? Without a loop: `torch.ones(...).tril(...)` "
        "with the right diagonal, and the right `dtype`.",
    ),
    explain="With a cache, one new query meets many keys. What is its row, and why?",
    hear=hear,
)

"""rotary-attention: rotary positions inside attention; the given code turns too much."""

import torch
from einops import rearrange

from musiclab.check.exercise import Exercise, normal
from musiclab.check.heard import play_with
from musiclab.model.attention import (
    MERGE,
    SPLIT,
    MultiHeadAttention,
    attention_weights,
    causal_mask,
)
from musiclab.model.positions import rotate
from musiclab.model.positions import rotate as turn


def probes(rng):
    """Yield positions that start late and have gaps, so that each turn shows."""
    for batch, heads, seq, head_dim in ((1, 1, 2, 2), (1, 2, 3, 4), (2, 3, 5, 8)):
        query, key, value = (normal(rng, batch, heads, seq, head_dim) for _ in range(3))
        positions = torch.from_numpy(rng.choice(30, size=seq, replace=False)).sort()[0] + 1
        yield query, key, value, positions


def solution(query, key, value, positions):
    query, key = turn(query, positions), turn(key, positions)
    visible = causal_mask(len(positions), len(positions), query.device)
    return attention_weights(query, key, visible) @ value


def start(query, key, value, positions):
    query, key, value = (turn(one, positions) for one in (query, key, value))
    visible = causal_mask(len(positions), len(positions), query.device)
    return attention_weights(query, key, visible) @ value


def mixed(query, key, value):
    """Attend as the solution does, whatever was turned before."""
    visible = causal_mask(query.shape[2], key.shape[2], query.device)
    return attention_weights(query, key, visible) @ value


def nothing_turned(query, key, value, positions):
    """Now nothing is turned any more: the function does not know positions at all.

    Some turns are right. What depends on distance: the scores, or what is reported?
    """
    return mixed(query, key, value)


def queries_only(query, key, value, positions):
    """You turn the queries but not the keys, so scores depend on where the query stands.

    Only if both turn does the distance alone remain. See section 7.5.
    """
    return mixed(rotate(query, positions), key, value)


def keys_only(query, key, value, positions):
    """You turn the keys but not the queries, so scores depend on where the key stands.

    Only if both turn does the distance alone remain. See section 7.5.
    """
    return mixed(query, rotate(key, positions), value)


def values_only(query, key, value, positions):
    """You turn the values alone; it should be the other two.

    The score needs the distance. A value is what a note reports, wherever it stands.
    """
    return mixed(query, key, rotate(value, positions))


def keys_and_values(query, key, value, positions):
    """You turn keys and values; it should be queries and keys.

    The score is made of two vectors, and both must turn. See section 7.5.
    """
    return mixed(query, rotate(key, positions), rotate(value, positions))


def queries_and_values(query, key, value, positions):
    """You turn queries and values; it should be queries and keys.

    The score is made of two vectors, and both must turn. See section 7.5.
    """
    return mixed(rotate(query, positions), key, rotate(value, positions))


def turned_apart(query, key, value, positions):
    """You turn queries and keys in opposite directions, so their angles add up.

    Then the score depends on the sum of both positions. Only the distance should count.
    """
    return mixed(rotate(query, positions), rotate(key, -positions), value)


def turned_twice(query, key, value, positions):
    """You turn queries and keys twice, so every distance counts double.

    Is `turn` called once for each of them?
    """
    once = rotate(query, positions), rotate(key, positions)
    return mixed(*(rotate(one, positions) for one in once), value)


def result_turned(query, key, value, positions):
    """You turn the result as well: it arrives twisted by the position of its query.

    Nothing later undoes this. Only the scores should know of positions.
    """
    return rotate(solution(query, key, value, positions), positions)


def result_turned_back(query, key, value, positions):
    """You keep the turned values and turn the result back, so a trace of distance stays in it.

    Some models do this on purpose. Rotary positions leave the values alone: see section 7.5.
    """
    return rotate(start(query, key, value, positions), -positions)


def positions_counted_anew(query, key, value, positions):
    """You count the positions from 0 yourself, so gaps between the notes are lost.

    Two notes that stand far apart look like neighbours. Use the `positions` that are given.
    """
    return solution(query, key, value, torch.arange(len(positions)))


def mask_lost(query, key, value, positions):
    """You turn the right things, but the mask is gone: notes see the future.

    Keep that part of the given code.
    """
    return attention_weights(rotate(query, positions), rotate(key, positions), None) @ value


def weights_only(query, key, value, positions):
    """You return the weights: the values are not mixed any more.

    Keep the end of the given code.
    """
    visible = causal_mask(len(positions), len(positions), query.device)
    return attention_weights(rotate(query, positions), rotate(key, positions), visible)


def the_first_reports_its_value(result, query, key, value, positions):
    """The first note sees only itself, so its result must be its own value, untouched."""
    first = torch.as_tensor(result).to(value)[..., 0, :]
    return torch.allclose(first, value[..., 0, :], atol=1e-4)


def hear(answer):
    """Let the model write with this attention."""

    def forward(self, x, **settings):
        query, key, value = rearrange(self.to_qkv(x), SPLIT, part=3, heads=self.n_heads)
        found = torch.as_tensor(answer(query, key, value, torch.arange(x.shape[1])))
        return self.to_out(rearrange(found.to(x), MERGE))

    return play_with(MultiHeadAttention, "forward", forward)


EXERCISE = Exercise(
    id="rotary-attention",
    notebook=7,
    place=4,
    title="Too much turning",
    kind="find the bug",
    difficulty=3,
    importance=4,
    minutes=10,
    why="The shapes are right, the model learns, and it never finds out why it sings badly.",
    signature=(
        'rotary_attention(query: Float[Tensor, "batch heads seq head_dim"], '
        'key: Float[Tensor, "batch heads seq head_dim"], '
        'value: Float[Tensor, "batch heads seq head_dim"], '
        'positions: Int[Tensor, "seq"]) -> Float[Tensor, "batch heads seq head_dim"]'
    ),
    statement=(
        "This function attends with rotary positions and a causal mask. A tune that comes a bar "
        "later should give the same result as before, but here it does not. Find the bug and "
        "repair it. `attention_weights`, `causal_mask` and `turn`, which is `rotate`, are the "
        "library's, and they are right."
    ),
    given=(
        "from musiclab.model.attention import attention_weights, causal_mask\n"
        "from musiclab.model.positions import rotate as turn"
    ),
    reference=solution,
    solution=solution,
    start=start,
    probes=probes,
    properties=(the_first_reports_its_value,),
    mistakes=(
        nothing_turned,
        queries_only,
        keys_only,
        values_only,
        keys_and_values,
        queries_and_values,
        turned_apart,
        turned_twice,
        result_turned,
        result_turned_back,
        positions_counted_anew,
        mask_lost,
        weights_only,
    ),
    hints=(
        "The first note sees only itself, so its weight is 1. What should it get back? Call the "
        "function with one note at position 0, then with the same note at position 5.",
        "1. The scores need the distance. They are made of query and key.\n"
        "2. The result is a weighted mean of values, of shape (batch, heads, seq, head_dim). "
        "Should it know at which position a value stood?\n"
        "3. Section 7.5 says in one sentence what is turned and what is not.",
        "`query, key = turn(..., positions), turn(..., positions)`. The lines with the mask "
        "and the weights stay. What of the three is left as it came?",
    ),
    explain="Why does a value not need to know how far away it stood?",
    hear=hear,
)

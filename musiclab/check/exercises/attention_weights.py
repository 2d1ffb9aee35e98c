"""attention-weights: share each query's attention among the keys that it may see."""

import math

import torch
from einops import einsum

from musiclab.check.exercise import Exercise, normal
from musiclab.model.attention import attention_weights as reference
from musiclab.model.attention import causal_mask

MATCH = "batch heads q_seq head_dim, batch heads k_seq head_dim -> batch heads q_seq k_seq"


def probes(rng):
    """Yield queries, keys and masks of all-different sizes; some keys before the first query."""
    for batch, heads, q_seq, k_seq, head_dim in ((1, 1, 2, 2, 3), (1, 2, 3, 5, 4), (2, 3, 4, 7, 5)):
        query = normal(rng, batch, heads, q_seq, head_dim)
        key = normal(rng, batch, heads, k_seq, head_dim)
        yield query, key, causal_mask(q_seq, k_seq, query.device)


def solution(query, key, visible):
    scores = einsum(query, key, MATCH) / math.sqrt(query.shape[-1])
    scores = scores.masked_fill(~visible, -math.inf)
    return scores.softmax(dim=-1)


def no_scale(query, key, visible):
    """The scores are not scaled: they grow with head_dim, and the softmax saturates.

    Look at what happens to a score before the softmax when head_dim is four times as large.
    """
    return einsum(query, key, MATCH).masked_fill(~visible, -math.inf).softmax(dim=-1)


def softmax_over_queries(query, key, visible):
    """The softmax runs over the queries: each column sums to 1, where each row should.

    Which axis holds the keys that one query chooses among?
    """
    scores = einsum(query, key, MATCH) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~visible, -math.inf).softmax(dim=-2)


def every_row_sums_to_one(weights, query, key, visible):
    """Each query shares out its whole attention: every row of weights must sum to 1."""
    return torch.allclose(weights.sum(dim=-1), torch.ones(weights.shape[:-1]), atol=1e-4)


def hidden_keys_get_nothing(weights, query, key, visible):
    """A key that the query may not see must get a weight of exactly 0."""
    return bool((weights[..., ~visible] == 0).all())


EXERCISE = Exercise(
    id="attention-weights",
    notebook=6,
    place=1,
    title="Attention weights",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=15,
    why="These three lines are what every Transformer does, in every layer, for every note.",
    signature=(
        'attention_weights(query: Float[Tensor, "batch heads q_seq head_dim"], '
        'key: Float[Tensor, "batch heads k_seq head_dim"], '
        'visible: Bool[Tensor, "q_seq k_seq"]) -> Float[Tensor, "batch heads q_seq k_seq"]'
    ),
    statement=(
        "Share each query's attention among the keys that it may see. Score every query against "
        "every key by their dot product, scale, hide the keys where `visible` is False, and let "
        "every row sum to 1."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(every_row_sums_to_one, hidden_keys_get_nothing),
    mistakes=(no_scale, softmax_over_queries),
    hints=(
        "Draw a table with a row for each query and a column for each key. What stands in a cell "
        "before the softmax? Which cells are empty?",
        "scores = query times key, summed over head_dim: (batch, heads, q_seq, k_seq). Divide by "
        "the square root of one size. Put minus infinity where `visible` is False. Softmax.",
        "`scores = einsum(query, key, ...) / math.sqrt(...)`, then "
        "`scores.masked_fill(~visible, ...)`, then `.softmax(dim=...)`.",
    ),
    explain="Why minus infinity, and not 0? Say it in one sentence.",
)

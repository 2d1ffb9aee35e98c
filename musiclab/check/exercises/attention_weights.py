"""attention-weights: share each query's attention among the keys that it may see."""

import math

import torch
from einops import einsum

from musiclab.check.exercise import Exercise, normal
from musiclab.check.heard import play_with
from musiclab.model import attention

MATCH = "batch heads q_seq head_dim, batch heads k_seq head_dim -> batch heads q_seq k_seq"


def probes(rng):
    """Yield all-different sizes; keys older than the first query, and holes in the past."""
    for batch, heads, q_seq, k_seq, head_dim in ((1, 1, 2, 3, 4), (1, 2, 5, 5, 3), (2, 3, 4, 7, 5)):
        query = normal(rng, batch, heads, q_seq, head_dim)
        key = normal(rng, batch, heads, k_seq, head_dim)
        past = attention.causal_mask(q_seq, k_seq, query.device)
        holes = torch.from_numpy(rng.random((q_seq, k_seq)) < 0.2)
        holes[:, 0] = False  # so that every query sees a key
        visible = past & ~holes
        yield query, key, visible | ~visible.any(dim=0)  # and every key is seen by a query


def solution(query, key, visible):
    match = "batch heads q_seq head_dim, batch heads k_seq head_dim -> batch heads q_seq k_seq"
    scores = einsum(query, key, match) / math.sqrt(query.shape[-1])
    scores = scores.masked_fill(~visible, -math.inf)
    return scores.softmax(dim=-1)


def scaled(query, key):
    return einsum(query, key, MATCH) / math.sqrt(query.shape[-1])


def hide_and_share(scores, visible, dim=-1):
    return scores.masked_fill(~visible, -math.inf).softmax(dim=dim)


def no_scale(query, key, visible):
    """Your scores are not scaled: the longer the vectors, the larger the scores.

    Then the softmax gives nearly all to one key. Look at section 6.4 for what is missing.
    """
    return hide_and_share(einsum(query, key, MATCH), visible)


def root_forgotten(query, key, visible):
    """You divide the scores by the size itself, so all weights come out too much alike.

    How large is a typical dot product? Its variance is not its size: see section 6.4.
    """
    return hide_and_share(einsum(query, key, MATCH) / query.shape[-1], visible)


def scale_multiplied(query, key, visible):
    """You multiply the scores by the scale, which makes large scores even larger.

    The scale is there to make them smaller. Compare the formula in section 6.3.
    """
    return hide_and_share(einsum(query, key, MATCH) * math.sqrt(query.shape[-1]), visible)


def d_model_for_head_dim(query, key, visible):
    """You scale by the width of all heads together, though each head sums over its own alone.

    How many products does one score add up? See section 6.4.
    """
    d_model = query.shape[1] * query.shape[-1]
    return hide_and_share(einsum(query, key, MATCH) / math.sqrt(d_model), visible)


def scaled_by_queries(query, key, visible):
    """You scale by the number of queries, not by the length of a query.

    Likely cause: the wrong place in the shape. Which axis does the dot product sum over?
    """
    return hide_and_share(einsum(query, key, MATCH) / math.sqrt(query.shape[2]), visible)


def scaled_by_keys(query, key, visible):
    """You scale by the number of keys, not by the length of a key.

    Likely cause: the wrong place in the shape. Which axis does the dot product sum over?
    """
    return hide_and_share(einsum(query, key, MATCH) / math.sqrt(key.shape[2]), visible)


def scaled_after_softmax(query, key, visible):
    """You scale after the softmax, so the rows no longer sum to 1, and it was not kept soft.

    What should be divided: the scores or the weights? Look at the order in section 6.3.
    """
    return hide_and_share(einsum(query, key, MATCH), visible) / math.sqrt(query.shape[-1])


def softmax_over_queries(query, key, visible):
    """Your softmax runs over the queries: each column sums to 1, where each row should.

    Which axis holds the keys that one query chooses among? See the end of section 6.3.
    """
    return hide_and_share(scaled(query, key), visible, dim=-2)


def softmax_over_heads(query, key, visible):
    """Your softmax runs over the heads, so they compete, and no row sums to 1.

    Each head shares out its attention on its own. Which axis holds the keys?
    """
    return hide_and_share(scaled(query, key), visible, dim=1)


def softmax_over_all_pairs(query, key, visible):
    """Your softmax runs over all pairs of a head, so a whole table sums to 1, not each row.

    Every query has an attention of its own to share. Which axis holds the keys?
    """
    scores = scaled(query, key).masked_fill(~visible, -math.inf)
    return scores.flatten(-2).softmax(dim=-1).view_as(scores)


def no_mask(query, key, visible):
    """You do not use the mask: every query sees every key, also those of the future.

    A model trained like this copies the answer. See section 6.5.
    """
    return scaled(query, key).softmax(dim=-1)


def mask_upside_down(query, key, visible):
    """Your mask is upside down: you hide the keys that may be seen and show the others.

    `visible` is True where the query may look. A row with nothing left turns into nan.
    """
    return hide_and_share(scaled(query, key), ~visible)


def mask_after_softmax(query, key, visible):
    """You mask after the softmax: hidden keys took their share, and it is lost.

    Add up a row: it comes to less than 1. Look at the order in section 6.5.
    """
    return scaled(query, key).softmax(dim=-1).masked_fill(~visible, 0)


def no_scale_and_mask_after(query, key, visible):
    """Two slips: your scores are not scaled, and you mask after the softmax.

    A row sums to less than 1, and one key takes nearly all. See sections 6.4 and 6.5.
    """
    return einsum(query, key, MATCH).softmax(dim=-1).masked_fill(~visible, 0)


def no_scale_and_no_mask(query, key, visible):
    """Two slips: your scores are not scaled, and the mask is not used.

    What is the square root for, and who hides the future? See sections 6.4 and 6.5.
    """
    return einsum(query, key, MATCH).softmax(dim=-1)


def no_scale_and_upside_down(query, key, visible):
    """Two slips: your scores are not scaled, and your mask hides what may be seen.

    `visible` is True where the query may look. For the scale, see section 6.4.
    """
    return hide_and_share(einsum(query, key, MATCH), ~visible)


def no_scale_and_masked_with_zero(query, key, visible):
    """Two slips: your scores are not scaled, and a hidden score of 0 still gets a weight.

    The softmax takes the exponential. What is it of 0? For the scale, see section 6.4.
    """
    return einsum(query, key, MATCH).masked_fill(~visible, 0).softmax(dim=-1)


def over_queries_and_no_mask(query, key, visible):
    """Two slips: your softmax runs over the queries, and the mask is not used.

    Which axis holds the keys? And who hides the future? See sections 6.3 and 6.5.
    """
    return scaled(query, key).softmax(dim=-2)


def mask_after_and_upside_down(query, key, visible):
    """Two slips: you mask after the softmax, and you keep what should be hidden.

    `visible` is True where the query may look. For the order, see section 6.5.
    """
    return scaled(query, key).softmax(dim=-1).masked_fill(visible, 0)


def always_causal(query, key, visible):
    """You make a causal mask of your own and do not use the one that is given.

    `visible` hides some notes of the past, too. Use it as it comes.
    """
    past = attention.causal_mask(query.shape[2], key.shape[2], query.device)
    return hide_and_share(scaled(query, key), past)


def masked_with_zero(query, key, visible):
    """You set hidden scores to 0 (or nearly 0), but a score of 0 still gets a weight.

    The softmax takes the exponential. What is it of 0, and which score makes it 0?
    """
    return scaled(query, key).masked_fill(~visible, 0).softmax(dim=-1)


def masked_with_minus_one(query, key, visible):
    """You set hidden scores to -1, which is not low enough: those keys still get a weight.

    The softmax takes the exponential of each score. Which score makes it exactly 0?
    """
    return scaled(query, key).masked_fill(~visible, -1).softmax(dim=-1)


def hidden_scores_negated(query, key, visible):
    """You multiply hidden scores by -1: a low one becomes high, and none is hidden.

    Multiplying cannot hide a key. Section 6.5 says what a hidden score is set to.
    """
    return (scaled(query, key) * torch.where(visible, 1, -1)).softmax(dim=-1)


def mask_added(query, key, visible):
    """You add the mask as 0 and 1, so a visible key gains a little and none is hidden.

    Likely cause: some code adds a mask of zeros and minus infinity. This mask holds True and False.
    """
    return (scaled(query, key) + visible.float()).softmax(dim=-1)


def nothing_but_nan(query, key, visible):
    """All your weights are nan, which is what 0 times infinity and a row without any key give.

    Likely cause: the mask is multiplied by infinity. Set hidden scores, and leave others untouched.
    """
    return (scaled(query, key) + (~visible) * -math.inf).softmax(dim=-1)


def no_softmax(query, key, visible):
    """You return the masked scores: the softmax that turns them into weights is missing.

    Weights are positive and each row sums to 1. Which of the three steps of 6.2 is left?
    """
    return scaled(query, key).masked_fill(~visible, -math.inf)


def log_weights(query, key, visible):
    """You return the logarithms of the weights, not the weights.

    Likely cause: `log_softmax` where `softmax` was meant. A row of weights sums to 1.
    """
    return scaled(query, key).masked_fill(~visible, -math.inf).log_softmax(dim=-1)


def not_normalised(query, key, visible):
    """You take exponentials but do not divide them by their sum, so rows do not sum to 1.

    Compare the line with `total` in the loops of section 6.2.
    """
    return scaled(query, key).exp().masked_fill(~visible, 0)


def divided_by_the_sum_of_scores(query, key, visible):
    """You divide the scores by their sum without taking exponentials first.

    Some scores are negative, so such weights can be negative too. See section 6.2.
    """
    scores = scaled(query, key).masked_fill(~visible, 0)
    return scores / scores.sum(dim=-1, keepdim=True)


def cosine_instead_of_dot(query, key, visible):
    """You make all queries and keys equally long first, but here length counts.

    A long key may ask for more attention. Use the vectors as they come, then scale: section 6.4.
    """
    unit = torch.nn.functional.normalize
    return hide_and_share(einsum(unit(query, dim=-1), unit(key, dim=-1), MATCH), visible)


def every_row_sums_to_one(weights, query, key, visible):
    """Each query shares out its whole attention: every row of weights must sum to 1."""
    sums = torch.as_tensor(weights).double().sum(dim=-1)
    return torch.allclose(sums, torch.ones_like(sums), atol=1e-3)


def hidden_keys_get_nothing(weights, query, key, visible):
    """A key that the query may not see must get a weight of exactly 0."""
    return bool((torch.as_tensor(weights)[..., ~visible] == 0).all())


def visible_keys_get_something(weights, query, key, visible):
    """A key that the query may see must get a weight above 0, if only a small one."""
    return bool((torch.as_tensor(weights)[..., visible] > 0).all())


def hear(answer):
    """Let the model write with these weights."""

    def weights(query, key, visible, relative):
        return torch.as_tensor(answer(query, key, visible)).to(query)

    return play_with(attention, "attention_weights", weights)


EXERCISE = Exercise(
    id="attention-weights",
    notebook=6,
    place=1,
    title="Attention weights",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=15,
    why="Each Transformer does this in each of its layers, for each note.",
    signature=(
        'attention_weights(query: Float[Tensor, "batch heads q_seq head_dim"], '
        'key: Float[Tensor, "batch heads k_seq head_dim"], '
        'visible: Bool[Tensor, "q_seq k_seq"]) -> Float[Tensor, "batch heads q_seq k_seq"]'
    ),
    statement=(
        "Share each query's attention among the keys that it may see. Score every query against "
        "every key by their dot product, scale the scores as in section 6.4, hide the keys where "
        "`visible` is False, and let every row sum to 1.\n\n"
        "There may be more keys than queries, and the mask may have any shape: some notes of the "
        "past are hidden, too. Every query sees at least one key."
    ),
    reference=attention.attention_weights,
    solution=solution,
    probes=probes,
    properties=(every_row_sums_to_one, hidden_keys_get_nothing, visible_keys_get_something),
    mistakes=(
        no_scale,
        root_forgotten,
        scale_multiplied,
        d_model_for_head_dim,
        scaled_by_queries,
        scaled_by_keys,
        scaled_after_softmax,
        softmax_over_queries,
        softmax_over_heads,
        softmax_over_all_pairs,
        no_mask,
        mask_upside_down,
        mask_after_softmax,
        no_scale_and_mask_after,
        no_scale_and_no_mask,
        no_scale_and_upside_down,
        no_scale_and_masked_with_zero,
        over_queries_and_no_mask,
        mask_after_and_upside_down,
        always_causal,
        masked_with_zero,
        masked_with_minus_one,
        hidden_scores_negated,
        mask_added,
        nothing_but_nan,
        no_softmax,
        log_weights,
        not_normalised,
        divided_by_the_sum_of_scores,
        cosine_instead_of_dot,
    ),
    hints=(
        "Draw a table with a row for each query and a column for each key. What stands in a cell "
        "before the softmax? Which cells must stay empty? What does each row add up to at the end?",
        "1. For each pair, multiply query and key number by number and add up over `head_dim`. "
        "This gives scores of shape (batch, heads, q_seq, k_seq).\n"
        "2. Divide by the square root of one size. Which axis did you sum over?\n"
        "3. Where `visible` is False, put minus infinity.\n"
        "4. Take the softmax over the keys.",
        '`scores = einsum(query, key, "batch heads q_seq head_dim, ... -> ...") / math.sqrt(...)`, '
        "then `scores = scores.masked_fill(..., -math.inf)`, then "
        "`return scores.softmax(dim=...)`. Which keys does `masked_fill` change: those where its "
        "mask is True, or False?",
    ),
    explain="Why minus infinity, and not 0? Say it in one sentence.",
    hear=hear,
)

"""cross-attention: queries from the target, keys and values from the memory, its pads hidden."""

import math

import numpy as np
import torch
from einops import rearrange
from torch import nn

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._parts import with_weights
from musiclab.model import CrossAttention as LibraryCrossAttention
from musiclab.model.attention import attention_weights

PARTS = "batch seq (part heads head_dim) -> part batch heads seq head_dim"


def probes(rng):
    """Yield targets longer and shorter than the memory; pads at the end of all but one piece."""
    for batch, q_seq, k_seq, d_model, n_heads, pads in (
        (1, 2, 3, 4, 2, (1,)),
        (2, 5, 3, 6, 2, (0, 1)),
        (3, 4, 7, 12, 3, (2, 0, 4)),
        (2, 5, 5, 6, 3, (0, 2)),
    ):
        x, memory = normal(rng, batch, q_seq, d_model), normal(rng, batch, k_seq, d_model)
        visible = torch.arange(k_seq) < k_seq - torch.tensor(pads)[:, None]
        yield 2 * x, 2 * memory, visible, n_heads, int(rng.integers(1000))


def draw_weights(seed, d_model):
    rng = np.random.default_rng(seed)
    sizes = {"to_query": 1, "to_key_value": 2, "to_out": 1}
    return {
        f"{name}.weight": normal(rng, n * d_model, d_model) / math.sqrt(d_model)
        for name, n in sizes.items()
    }


def use(answer, x, memory, visible, n_heads, seed_of_weights):
    """Build the layer and call it."""
    d_model = x.shape[-1]
    return with_weights(answer(d_model, n_heads), draw_weights(seed_of_weights, d_model))(
        x, memory, visible
    )


class _Reference(LibraryCrossAttention):
    def forward(self, x, memory, visible):
        for_all = rearrange(visible, "batch k_seq -> batch 1 1 k_seq")
        return super().forward(x, memory, visible=for_all)


class _Solution(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.to_query = nn.Linear(d_model, d_model, bias=False)
        self.to_key_value = nn.Linear(d_model, 2 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, memory, visible):
        split = "batch seq (part heads head_dim) -> part batch heads seq head_dim"
        (query,) = rearrange(self.to_query(x), split, part=1, heads=self.n_heads)
        key, value = rearrange(self.to_key_value(memory), split, part=2, heads=self.n_heads)
        visible = rearrange(visible, "batch k_seq -> batch 1 1 k_seq")
        mixed = attention_weights(query, key, visible) @ value
        return self.to_out(rearrange(mixed, "batch heads seq dim -> batch seq (heads dim)"))


class Changed(_Solution):
    """The solution in small steps, each of which a mistake can replace."""

    parts = PARTS
    merge = "batch heads seq dim -> batch seq (heads dim)"

    def read(self, x, memory):
        """Return query, key and value."""
        (query,) = self.split(self.to_query(x), 1)
        return query, *self.split(self.to_key_value(memory), 2)

    def split(self, x, parts):
        """Cut into parts and heads."""
        return rearrange(x, self.parts, part=parts, heads=self.n_heads)

    def mask(self, visible, q_seq):
        """Return what may be seen, as the scores are shaped."""
        return rearrange(visible, "batch k_seq -> batch 1 1 k_seq")

    def weigh(self, query, key, mask):
        """Return the weights."""
        return attention_weights(query, key, mask)

    def forward(self, x, memory, visible):
        """Do it step by step."""
        query, key, value = self.read(x, memory)
        weights = self.weigh(query, key, self.mask(visible, x.shape[1]))
        return self.to_out(rearrange(weights @ value, self.merge))


def build(**steps):
    """Make a class in which some steps are replaced."""
    return type("Changed", (Changed,), steps)


def keys_from_the_decoder(*sizes):
    """Your keys and values are made of `x`: the target looks at itself, and never across.

    Who asks, and who answers? The memory is what is looked at.
    """

    def read(self, x, memory):
        (query,) = self.split(self.to_query(x), 1)
        return query, *self.split(self.to_key_value(x), 2)

    def mask(self, visible, q_seq):
        return None

    return build(read=read, mask=mask)(*sizes)


def keys_from_the_decoder_masked(*sizes):
    """Your keys and values are made of `x`, and the mask of the memory is laid over them.

    Who asks, and who answers? The memory is what is looked at.
    """

    def read(self, x, memory):
        (query,) = self.split(self.to_query(x), 1)
        return query, *self.split(self.to_key_value(x), 2)

    return build(read=read)(*sizes)


def queries_from_the_memory(*sizes):
    """The two sides are exchanged: your queries come from the memory, keys and values from `x`.

    The result should have a vector for each position of the target.
    """

    def read(self, x, memory):
        (query,) = self.split(self.to_query(memory), 1)
        return query, *self.split(self.to_key_value(x), 2)

    def mask(self, visible, q_seq):
        return None

    return build(read=read, mask=mask)(*sizes)


def memory_alone(*sizes):
    """Query, key and value all come from the memory: what the target asks makes no difference.

    The queries belong to the positions that are being written.
    """

    def read(self, x, memory):
        (query,) = self.split(self.to_query(memory), 1)
        return query, *self.split(self.to_key_value(memory), 2)

    return build(read=read)(*sizes)


def mask_ignored(*sizes):
    """`visible` is not used: your queries also look at the padding of short pieces.

    Where it is False, nothing is there to be heard.
    """
    return build(mask=lambda self, visible, q_seq: None)(*sizes)


def mask_upside_down(*sizes):
    """Your mask is upside down: the padding is seen, and the melody is hidden.

    Here True means "may be seen". `nn.MultiheadAttention` has it the other way round.
    """
    return build(mask=lambda self, visible, q_seq: ~visible[:, None, None])(*sizes)


def mask_upside_down_and_soft(*sizes):
    """Your mask is upside down: where `visible` is True, you put a very low score.

    Here True means "may be seen". And minus infinity would have shown the slip sooner.
    """

    def weigh(self, query, key, mask):
        scores = query @ key.mT / math.sqrt(query.shape[-1])
        return scores.masked_fill(mask, -1e9).softmax(dim=-1)

    return build(weigh=weigh)(*sizes)


def causal_mask_alone(*sizes):
    """You hide the memory's "future" (and not its padding), but the source is known as a whole.

    A causal mask belongs to the decoder's own positions. Section 8.8 says which mask goes where.
    """

    def mask(self, visible, q_seq):
        return torch.ones(q_seq, visible.shape[1], dtype=torch.bool).tril()

    return build(mask=mask)(*sizes)


def causal_mask_too(*sizes):
    """You hide the memory's "future", but the source is known as a whole.

    A causal mask belongs to the decoder's own positions. Section 8.8 says which mask goes where.
    """

    def mask(self, visible, q_seq):
        past = torch.ones(q_seq, visible.shape[1], dtype=torch.bool).tril()
        return past & visible[:, None, None]

    return build(mask=mask)(*sizes)


def causal_mask_from_the_end(*sizes):
    """You hide the memory's "future", counted so that the last query sees all of it.

    The source is known as a whole. A causal mask belongs to the decoder's own positions.
    """

    def mask(self, visible, q_seq):
        k_seq = visible.shape[1]
        past = torch.ones(q_seq, k_seq, dtype=torch.bool).tril(k_seq - q_seq)
        return past & visible[:, None, None]

    return build(mask=mask)(*sizes)


def causal_mask_from_the_end_alone(*sizes):
    """You take `causal_mask`, which hides the memory's "future" and shows its padding.

    The source is known as a whole. A causal mask belongs to the decoder's own positions. Some
    queries may even see nothing at all: then the result is "not a number".
    """

    def mask(self, visible, q_seq):
        k_seq = visible.shape[1]
        return torch.ones(q_seq, k_seq, dtype=torch.bool).tril(k_seq - q_seq)

    return build(mask=mask)(*sizes)


def mask_without_axes(*sizes):
    """Your mask has two axes, batch and k_seq, and is laid over the last two axes of the scores.

    Those are q_seq and k_seq. Between batch and k_seq, two axes of size 1 are missing.
    """
    return build(mask=lambda self, visible, q_seq: visible)(*sizes)


def mask_with_an_axis_missing(*sizes):
    """Your mask has three axes, so its batch is laid over the heads.

    The scores are (batch, heads, q_seq, k_seq). How many axes of size 1 does the mask need?
    """
    return build(mask=lambda self, visible, q_seq: visible[:, None])(*sizes)


def mask_of_the_first_piece(*sizes):
    """The mask of the first piece serves for the whole batch.

    Each piece has its own padding. Which axis of the scores is the batch?
    """
    return build(mask=lambda self, visible, q_seq: visible[:1, None, None])(*sizes)


def mask_on_the_queries(*sizes):
    """Your mask lies along the queries; it should lie along the keys.

    The scores are (batch, heads, q_seq, k_seq). Which of these axes is the memory?
    """
    return build(mask=lambda self, visible, q_seq: visible[:, None, :, None])(*sizes)


def pads_count_in_the_sum(*sizes):
    """You hide the padding after the softmax, or in the values: it still takes its share.

    The weights of what is really there must sum to 1. Hide the padding in the scores.
    """

    def weigh(self, query, key, mask):
        return attention_weights(query, key, None) * mask

    return build(weigh=weigh)(*sizes)


def pads_score_nought(*sizes):
    """You give hidden positions the score 0, and after the softmax that is not nothing.

    Which score becomes a weight of exactly 0?
    """

    def weigh(self, query, key, mask):
        scores = query @ key.mT / math.sqrt(query.shape[-1])
        return scores.masked_fill(~mask, 0).softmax(dim=-1)

    return build(weigh=weigh)(*sizes)


def memory_set_to_zero(*sizes):
    """You set the padding to 0 in the memory, but its keys still get a share of the attention.

    A score of 0 is not nothing. Hide the padding in the scores.
    """

    def forward(self, x, memory, visible):
        everything = torch.ones_like(visible)
        return Changed.forward(self, x, memory * visible[..., None], everything)

    return build(forward=forward)(*sizes)


def no_scale(*sizes):
    """Your scores are not scaled: they grow with head_dim, and the softmax saturates.

    `attention_weights` of notebook 6 does it for you.
    """

    def weigh(self, query, key, mask):
        return (query @ key.mT).masked_fill(~mask, -math.inf).softmax(dim=-1)

    return build(weigh=weigh)(*sizes)


def scaled_by_d_model(*sizes):
    """You scale by the root of d_model, where each head has only head_dim numbers.

    How many products are summed up in one score?
    """

    def weigh(self, query, key, mask):
        scores = query @ key.mT / math.sqrt(self.to_out.in_features)
        return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)

    return build(weigh=weigh)(*sizes)


def scaled_by_the_heads(*sizes):
    """You scale by the root of the number of heads.

    How many products are summed up in one score? There are head_dim of them.
    """

    def weigh(self, query, key, mask):
        scores = query @ key.mT / math.sqrt(self.n_heads)
        return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)

    return build(weigh=weigh)(*sizes)


def softmax_over_queries(*sizes):
    """Your softmax runs over the queries: the keys of one query no longer share its attention.

    Which axis holds the keys that one query chooses among?
    """

    def weigh(self, query, key, mask):
        scores = query @ key.mT / math.sqrt(query.shape[-1])
        return scores.masked_fill(~mask, -math.inf).softmax(dim=-2)

    return build(weigh=weigh)(*sizes)


def one_head(d_model, n_heads):
    """You use one head, however many are asked for.

    Each head makes weights of its own, from its own share of the numbers.
    """
    return Changed(d_model, 1)


def heads_averaged(*sizes):
    """You average the weights of all heads, and every head uses the mean.

    Each head makes weights of its own, and keeps them.
    """

    def weigh(self, query, key, mask):
        return attention_weights(query, key, mask).mean(dim=1, keepdim=True)

    return build(weigh=weigh)(*sizes)


def keys_and_values_woven(*sizes):
    """You cut `to_key_value` by heads first, and take key and value from each piece.

    All keys come first, then all values. Look at the order inside the brackets in section 8.8.
    """

    def read(self, x, memory):
        (query,) = self.split(self.to_query(x), 1)
        woven = "batch seq (heads part head_dim) -> part batch heads seq head_dim"
        return query, *rearrange(self.to_key_value(memory), woven, part=2, heads=self.n_heads)

    return build(read=read)(*sizes)


def heads_and_numbers_exchanged(*sizes):
    """Heads and head_dim are exchanged as the vector is cut up: each head gets every n-th number.

    A head has numbers that stand side by side. Look at the order inside the brackets in section
    8.8.
    """
    return build(
        parts="batch seq (part head_dim heads) -> part batch heads seq head_dim",
        merge="batch heads seq dim -> batch seq (dim heads)",
    )(*sizes)


def merged_in_another_order(*sizes):
    """Heads and head_dim are exchanged as the heads are put together again.

    They must come back in the order in which they were cut.
    """
    return build(merge="batch heads seq dim -> batch seq (dim heads)")(*sizes)


def merged_by_reshape(*sizes):
    """You put the heads together by a bare reshape: positions and heads are mixed up.

    The axes must be brought beside each other first, then merged.
    """

    def forward(self, x, memory, visible):
        query, key, value = self.read(x, memory)
        mixed = self.weigh(query, key, self.mask(visible, x.shape[1])) @ value
        return self.to_out(mixed.reshape(x.shape))

    return build(forward=forward)(*sizes)


def split_by_reshape(*sizes):
    """You cut out the heads by a bare reshape: positions and heads are mixed up.

    First cut the vector, then move the axis of the heads to the front.
    """

    def split(self, x, parts):
        batch, seq, _ = x.shape
        every = x.chunk(parts, dim=-1)
        return [one.reshape(batch, self.n_heads, seq, -1) for one in every]

    return build(split=split)(*sizes)


def value_before_key(*sizes):
    """Keys and values are exchanged.

    `to_key_value` makes the keys first, as its name says.
    """

    def read(self, x, memory):
        (query,) = self.split(self.to_query(x), 1)
        value, key = self.split(self.to_key_value(memory), 2)
        return query, key, value

    return build(read=read)(*sizes)


def keys_as_values(*sizes):
    """You mix the keys, not the values.

    The weights say how much of each value is heard.
    """

    def read(self, x, memory):
        query, key, _ = Changed.read(self, x, memory)
        return query, key, key

    return build(read=read)(*sizes)


def no_output_matrix(*sizes):
    """Your result does not pass through `to_out`.

    It lets the heads speak to each other once they stand side by side.
    """

    def forward(self, x, memory, visible):
        query, key, value = self.read(x, memory)
        mixed = self.weigh(query, key, self.mask(visible, x.shape[1])) @ value
        return rearrange(mixed, self.merge)

    return build(forward=forward)(*sizes)


def residual_inside(*sizes):
    """Your layer adds x itself: the block will add it once more.

    The residual is the business of the block (section 8.8, `MyDecoderBlock`).
    """
    return build(forward=lambda self, *given: given[0] + Changed.forward(self, *given))(*sizes)


def hidden_memory_is_never_heard(result, x, memory, visible, n_heads, seed_of_weights):
    """What the mask hides must make no difference: the result must be finite, and shaped like x."""
    return result.shape == x.shape and bool(torch.as_tensor(result).isfinite().all())


EXERCISE = Exercise(
    id="cross-attention",
    notebook=8,
    place=5,
    title="Cross-attention",
    kind="implement",
    difficulty=4,
    importance=4,
    minutes=20,
    further=True,
    why="This is how a harmony hears the melody that it harmonises.",
    signature=(
        "CrossAttention(d_model: int, n_heads: int), a module that takes "
        'x: Float[Tensor, "batch q_seq d_model"], memory: Float[Tensor, "batch k_seq d_model"], '
        'visible: Bool[Tensor, "batch k_seq"] -> Float[Tensor, "batch q_seq d_model"]'
    ),
    statement=(
        "Let each position of the target gather from the memory, with several heads. The parts are "
        "called `to_query`, `to_key_value` (keys first) and `to_out`, all without biases. Pieces "
        "have different lengths: `visible` is False where the memory is padding, and that must "
        "never be heard. `attention_weights(query, key, visible)` of notebook 6 is there for you; "
        "its mask may have the axes batch, heads, q_seq, k_seq, or 1 in place of any of them."
    ),
    given="from musiclab.model.attention import attention_weights",
    reference=_Reference,
    solution=_Solution,
    probes=probes,
    use=use,
    tolerance=3e-5,
    properties=(hidden_memory_is_never_heard,),
    mistakes=(
        keys_from_the_decoder,
        keys_from_the_decoder_masked,
        queries_from_the_memory,
        memory_alone,
        mask_ignored,
        mask_upside_down,
        mask_upside_down_and_soft,
        causal_mask_alone,
        causal_mask_too,
        causal_mask_from_the_end,
        causal_mask_from_the_end_alone,
        mask_without_axes,
        mask_with_an_axis_missing,
        mask_of_the_first_piece,
        mask_on_the_queries,
        pads_count_in_the_sum,
        pads_score_nought,
        memory_set_to_zero,
        no_scale,
        scaled_by_d_model,
        scaled_by_the_heads,
        softmax_over_queries,
        one_head,
        heads_averaged,
        keys_and_values_woven,
        heads_and_numbers_exchanged,
        merged_in_another_order,
        merged_by_reshape,
        split_by_reshape,
        value_before_key,
        keys_as_values,
        no_output_matrix,
        residual_inside,
    ),
    hints=(
        "Two rows of notes: a melody that is finished, and a harmony that is being written. Which "
        "row asks, and which answers? Which notes of the melody may be heard? And which are no "
        "notes at all?",
        "query: (batch, heads, q_seq, head_dim), from x. key and value: (batch, heads, k_seq, "
        "head_dim), from memory. Weights: (batch, heads, q_seq, k_seq), with `visible` as (batch, "
        "1, 1, k_seq). Mix the values, merge the heads, `to_out`.",
        "`(query,) = rearrange(self.to_query(...), split, part=1, heads=self.n_heads)`, then "
        "`key, value = rearrange(self.to_key_value(...), split, part=2, ...)`, then "
        "`visible = rearrange(visible, ...)`, then `attention_weights(...) @ value`.",
    ),
    explain="Why is looking at the whole melody no cheating here?",
)

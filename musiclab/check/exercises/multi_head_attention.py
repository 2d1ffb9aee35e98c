"""multi-head-attention: the whole layer, from the stream and back to it."""

from functools import wraps

import torch
from einops import rearrange
from torch import nn

from musiclab.check.exercise import Exercise, normal
from musiclab.model import attention
from musiclab.model.attention import MERGE, attention_weights, causal_mask
from musiclab.model.attention import MultiHeadAttention as LibraryAttention


def probes(rng):
    """Yield sizes, weights, a stream and a mask; the last masks have holes in the past."""
    for batch, seq, heads, head_dim in ((1, 2, 2, 2), (2, 5, 3, 4), (3, 4, 2, 5)):
        d_model = heads * head_dim
        to_qkv, to_out = normal(rng, 3 * d_model, d_model), normal(rng, d_model, d_model)
        visible = causal_mask(seq, seq, to_qkv.device)
        if seq > 2:
            visible[-1, 1:3] = False
        scale = d_model**0.5  # keeps what flows through the layer at its size
        yield (
            d_model,
            heads,
            to_qkv / scale,
            to_out / scale,
            normal(rng, batch, seq, d_model),
            visible,
        )


@torch.no_grad()
def use(answer, d_model, n_heads, to_qkv, to_out, x, visible):
    """Build the layer, give it the weights, and let it read."""
    layer = answer(d_model, n_heads).eval()
    layer.to_qkv.weight.copy_(to_qkv)
    if hasattr(layer, "to_out"):
        layer.to_out.weight.copy_(to_out)
    for name, parameter in layer.named_parameters():
        if name.endswith("bias"):
            parameter.fill_(0.5)  # shows
    return layer(x, visible)


class Reference(LibraryAttention):
    """The library's layer, with a mask in place of its own."""

    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads, causal=False)

    def forward(self, x, visible):
        """Gather from what is visible."""
        return super().forward(x, visible=visible[None, None])


class MultiHeadAttention(nn.Module):
    """Let every position gather from what it may see, with several heads."""

    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.to_qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, visible):
        """Gather from what is visible."""
        split = "batch seq (part heads head_dim) -> part batch heads seq head_dim"
        query, key, value = rearrange(self.to_qkv(x), split, part=3, heads=self.n_heads)
        mixed = attention.attention_weights(query, key, visible) @ value
        merge = "batch heads seq head_dim -> batch seq (heads head_dim)"
        return self.to_out(rearrange(mixed, merge))


def cut(order=(0, 1, 2), packed="part heads head_dim"):
    """Make a step that cuts what `to_qkv` gives: packed how, and taken in which order."""

    def split(layer, qkv, x):
        pattern = f"batch seq ({packed}) -> part batch heads seq head_dim"
        found = rearrange(qkv, pattern, part=3, heads=layer.n_heads)
        return [found[place] for place in order]

    return split


def reshape(layer, qkv, x):
    return [one.reshape(len(x), layer.n_heads, x.shape[1], -1) for one in qkv.chunk(3, dim=-1)]


def keep_input(layer, qkv, x):
    query, key, _ = cut()(layer, qkv, x)
    _, _, whole = cut()(layer, torch.cat([x, x, x], dim=-1), x)
    return query, key, whole


def collect(mixed):
    return rearrange(mixed, "batch heads seq head_dim -> batch seq (head_dim heads)")


class Flawed(MultiHeadAttention):
    """The layer in four steps, each of which a mistake may replace."""

    split = staticmethod(cut())
    mix = staticmethod(
        lambda query, key, value, visible: attention_weights(query, key, visible) @ value
    )
    merge = staticmethod(lambda mixed: rearrange(mixed, MERGE))
    finish = staticmethod(lambda layer, merged, x: layer.to_out(merged))

    def __init__(self, d_model, n_heads, *, bias_in=False, bias_out=False, **replaced):
        super().__init__(d_model, n_heads)
        self.to_qkv = nn.Linear(d_model, 3 * d_model, bias=bias_in)
        self.to_out = nn.Linear(d_model, d_model, bias=bias_out)
        for step, replacement in replaced.items():
            setattr(self, step, replacement)

    def forward(self, x, visible):
        """Take the four steps."""
        query, key, value = self.split(self, self.to_qkv(x), x)
        mixed = self.mix(query, key, value, visible)
        return self.finish(self, self.merge(mixed), x)


def flaw(**replaced):
    """Make a mistake of a name and a message: the layer with these steps replaced."""

    def build(described):
        @wraps(described)
        def mistake(d_model, n_heads):
            return Flawed(d_model, n_heads, **replaced)

        return mistake

    return build


@flaw(finish=lambda layer, merged, x: merged)
def no_output_projection(d_model, n_heads):
    """The output projection is missing: what the heads found is put side by side, but not mixed.

    `to_out` has the last word. Look at the end of the layer in section 6.6.
    """


@flaw(finish=lambda layer, merged, x: layer.to_out(layer.to_out(merged)))
def projected_twice(d_model, n_heads):
    """You use the output projection twice.

    Each of the two linear layers is called once. Count the calls in your `forward`.
    """


@flaw(finish=lambda layer, merged, x: x + layer.to_out(merged))
def residual_added(d_model, n_heads):
    """You add the input to the output; that is the business of the block around this layer.

    Notebook 8 adds what this layer finds to the stream. Here, return the findings alone.
    """


def biases_left(d_model, n_heads):
    """Your linear layers have biases; asked for are layers without.

    `nn.Linear` adds a bias unless it is told not to. See the layer in section 6.6.
    """
    return Flawed(d_model, n_heads, bias_in=True, bias_out=True)


def bias_in_output(d_model, n_heads):
    """Your output projection has a bias; asked for are layers without.

    `nn.Linear` adds a bias unless it is told not to. You told one of the two.
    """
    return Flawed(d_model, n_heads, bias_out=True)


def bias_in_input(d_model, n_heads):
    """Your layer for queries, keys and values has a bias; asked for are layers without.

    `nn.Linear` adds a bias unless it is told not to. You told one of the two.
    """
    return Flawed(d_model, n_heads, bias_in=True)


@flaw(split=cut((1, 0, 2)))
def keys_before_queries(d_model, n_heads):
    """You take the first third for the keys and the second for the queries; they are exchanged.

    The order is in the name of the layer: `to_qkv`.
    """


@flaw(split=cut((1, 2, 0)))
def values_first(d_model, n_heads):
    """You take the first third for the values, before queries and keys.

    The order is in the name of the layer: `to_qkv`.
    """


@flaw(split=cut((0, 2, 1)))
def values_before_keys(d_model, n_heads):
    """You take the second third for the values and the last for the keys; they are exchanged.

    The order is in the name of the layer: `to_qkv`.
    """


@flaw(split=cut((2, 1, 0)))
def values_for_queries(d_model, n_heads):
    """You take the first third for the values and the last for the queries; they are exchanged.

    The order is in the name of the layer: `to_qkv`.
    """


@flaw(split=cut(packed="heads part head_dim"))
def heads_before_parts(d_model, n_heads):
    """You cut into heads first and into query, key and value then; it is the other way round.

    The first third of `to_qkv` holds the queries of *all* heads. Which axis moves slowest?
    """


@flaw(split=cut(packed="part head_dim heads"))
def dealt_like_cards(d_model, n_heads):
    """You deal numbers out to the heads like cards, where each should get a block of neighbours.

    In the pattern: (heads head_dim) or (head_dim heads)? See section 6.6.
    """


@flaw(split=cut(packed="part head_dim heads"), merge=collect)
def dealt_and_collected(d_model, n_heads):
    """You deal numbers out to the heads like cards, and collect them like that, too.

    Each head should work on a block of neighbours. See section 6.6.
    """


@flaw(merge=collect)
def collected_like_cards(d_model, n_heads):
    """You merge by taking one number of each head in turn; each head should stay together.

    In the pattern: (heads head_dim) or (head_dim heads)? See the exercise merge-heads.
    """


@flaw(split=reshape)
def bare_reshape_at_split(d_model, n_heads):
    """You cut into heads with a bare reshape: the shape is right, but it mixes time and heads.

    Compare `rearrange` and `reshape` in section 6.6.
    """


@flaw(merge=lambda mixed: mixed.reshape(len(mixed), mixed.shape[2], -1))
def bare_reshape_at_merge(d_model, n_heads):
    """You merge the heads with a bare reshape: the shape is right, but it mixes time and heads.

    Before the reshape, heads must stand beside head_dim. See the exercise merge-heads.
    """


@flaw(split=reshape, merge=lambda mixed: mixed.reshape(len(mixed), mixed.shape[2], -1))
def bare_reshape_twice(d_model, n_heads):
    """You cut and merge with a bare reshape: the shapes are right, but both mix time and heads.

    Compare `rearrange` and `reshape` in section 6.6.
    """


def one_head(d_model, n_heads):
    """You use one head as wide as the stream, whatever `n_heads` says.

    One softmax has one focus. Where do you cut into heads? See section 6.6.
    """
    return Flawed(d_model, 1)


@flaw(merge=lambda mixed: mixed.mean(dim=1).repeat(1, 1, mixed.shape[1]))
def heads_averaged(d_model, n_heads):
    """You take the mean of the heads, so what each found on its own is lost.

    Put them side by side before the output projection.
    """


@flaw(
    mix=lambda query, key, value, visible: (
        attention_weights(query, key, visible).mean(dim=1, keepdim=True) @ value
    )
)
def weights_averaged(d_model, n_heads):
    """You take the mean of the weights of all heads, so every head looks at the same notes.

    Each head mixes its own values by its own weights. See section 6.6.
    """


@flaw(mix=lambda query, key, value, visible: attention_weights(query, key, None) @ value)
def mask_ignored(d_model, n_heads):
    """You do not use the mask, so every position sees the future.

    `forward` is given `visible`. Who needs it? See section 6.5.
    """


@flaw(
    mix=lambda query, key, value, visible: (
        attention_weights(query, key, torch.ones_like(visible).tril()) @ value
    )
)
def always_causal(d_model, n_heads):
    """You build a causal mask of your own and do not use the one that is given.

    Here `visible` may hide parts of the past, too. Pass it on as it is.
    """


@flaw(mix=lambda query, key, value, visible: attention_weights(query, key, ~visible) @ value)
def mask_upside_down(d_model, n_heads):
    """You turn the mask round, so you hide what may be seen.

    PyTorch's layer wants True where one may *not* look; `attention_weights` wants the reverse.
    """


@flaw(mix=lambda query, key, value, visible: attention_weights(query, key, visible.T) @ value)
def mask_turned(d_model, n_heads):
    """Rows and columns of your mask are exchanged, so notes see the future and not the past.

    Rows are queries already. Pass the mask on as it is.
    """


@flaw(mix=lambda query, key, value, visible: attention_weights(query, key, visible).mT @ value)
def weights_turned(d_model, n_heads):
    """Rows and columns of the weights are exchanged before you mix the values.

    The sum runs over the *keys*. Which axis of the weights is that?
    """


@flaw(mix=lambda query, key, value, visible: attention_weights(query, query, visible) @ value)
def queries_for_keys(d_model, n_heads):
    """You compare queries with queries; the keys are not used.

    Is the same name given twice to `attention_weights`?
    """


@flaw(mix=lambda query, key, value, visible: attention_weights(key, key, visible) @ value)
def keys_for_queries(d_model, n_heads):
    """You compare keys with keys; the queries are not used.

    Is the same name given twice to `attention_weights`?
    """


@flaw(mix=lambda query, key, value, visible: attention_weights(query, key, visible) @ key)
def keys_mixed(d_model, n_heads):
    """You mix the keys by the weights; mixed should be the values.

    The key says why to listen, the value says what is heard. See section 6.2.
    """


@flaw(mix=lambda query, key, value, visible: value)
def values_not_mixed(d_model, n_heads):
    """You return the values as they are: the weights are never used.

    Each position should get a weighted mean of all values that it may see.
    """


@flaw(
    mix=lambda query, key, value, visible: (
        attention_weights(query / query.shape[-1] ** 0.5, key, visible) @ value
    )
)
def scaled_twice(d_model, n_heads):
    """You divide by the root of head_dim, which `attention_weights` has done already.

    Then the scores are too small, and the weights too much alike.
    """


@flaw(
    mix=lambda query, key, value, visible: (
        attention_weights(query * query.shape[-1] ** 0.5, key, visible) @ value
    )
)
def no_scale(d_model, n_heads):
    """Your scores are not scaled by the root of head_dim.

    `attention_weights` does it for you. If you write it anew, see section 6.4.
    """


@flaw(
    mix=lambda query, key, value, visible: (
        attention_weights(query / query.shape[1] ** 0.5, key, visible) @ value
    )
)
def d_model_for_head_dim(d_model, n_heads):
    """You scale by the width of all heads together, though each head sums over its own alone.

    `attention_weights` does it right. If you write it anew, see section 6.4.
    """


@flaw(finish=lambda layer, merged, x: merged @ layer.to_out.weight)
def output_turned(d_model, n_heads):
    """You multiply by the weights of `to_out` the wrong way round: rows and columns are exchanged.

    Call the layer itself, `self.to_out(...)`; it knows which way round.
    """


@flaw(split=keep_input)
def values_not_projected(d_model, n_heads):
    """You mix the input itself in place of the values that `to_qkv` makes of it.

    The last third of `to_qkv` holds the values. Is it used?
    """


EXERCISE = Exercise(
    id="multi-head-attention",
    notebook=6,
    place=5,
    title="The whole layer",
    kind="implement",
    difficulty=4,
    importance=5,
    minutes=20,
    why="Half of a Transformer is this layer, and you will build a whole model from yours.",
    signature=(
        'MultiHeadAttention(d_model: int, n_heads: int); forward(x: Float[Tensor, "batch seq '
        'd_model"], visible: Bool[Tensor, "seq seq"]) -> Float[Tensor, "batch seq d_model"]'
    ),
    statement=(
        "Write the layer of section 6.6 from memory, as a class. `to_qkv` makes queries, keys and "
        "values, in this order, side by side; cut each into `n_heads` heads; weigh, mix, and put "
        "the heads side by side again; `to_out` has the last word. Both are `nn.Linear` without a "
        "bias.\n\n"
        "Here the mask is not made inside, but given: `forward(x, visible)`. It may also hide "
        "parts of the past. `attention.attention_weights` is there for you."
    ),
    given="from musiclab.model import attention",
    reference=Reference,
    solution=MultiHeadAttention,
    probes=probes,
    use=use,
    mistakes=(
        no_output_projection,
        projected_twice,
        residual_added,
        biases_left,
        bias_in_output,
        bias_in_input,
        keys_before_queries,
        values_first,
        values_before_keys,
        values_for_queries,
        heads_before_parts,
        dealt_like_cards,
        dealt_and_collected,
        collected_like_cards,
        bare_reshape_at_split,
        bare_reshape_at_merge,
        bare_reshape_twice,
        one_head,
        heads_averaged,
        weights_averaged,
        mask_ignored,
        always_causal,
        mask_upside_down,
        mask_turned,
        weights_turned,
        queries_for_keys,
        keys_for_queries,
        keys_mixed,
        values_not_mixed,
        scaled_twice,
        no_scale,
        d_model_for_head_dim,
        output_turned,
        values_not_projected,
    ),
    hints=(
        "Follow one number. It comes in with the vector of one note. Where is it used three times? "
        "In which head? What does it meet before it leaves the layer?",
        "1. `to_qkv`: (batch, seq, 3 d_model). Cut it into three parts, and each part into heads: "
        "(batch, heads, seq, head_dim), three times.\n"
        "2. Weights: (batch, heads, seq, seq). Mix the values with them.\n"
        "3. Heads side by side: (batch, seq, d_model).\n"
        "4. `to_out`.",
        "In `__init__`: `self.to_qkv = nn.Linear(d_model, ..., bias=False)` and one more. In "
        '`forward`: `query, key, value = rearrange(self.to_qkv(x), "batch seq (part heads '
        'head_dim) -> ...", part=3, heads=...)`, then `mixed = attention_weights(...) @ ...`, '
        "then `return self.to_out(rearrange(mixed, ...))`.",
    ),
    explain="What would be lost without `to_out`? Say it in one sentence.",
)

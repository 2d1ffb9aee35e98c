"""multi-head-attention: the whole layer, from the stream and back to it."""

import torch
from einops import rearrange
from torch import nn

from musiclab.check.exercise import Exercise, normal
from musiclab.model.attention import MultiHeadAttention as LibraryAttention
from musiclab.model.attention import attention_weights, causal_mask

SPLIT = "batch seq (part heads head_dim) -> part batch heads seq head_dim"
MERGE = "batch heads seq head_dim -> batch seq (heads head_dim)"


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
        mixed = attention_weights(query, key, visible) @ value
        merge = "batch heads seq head_dim -> batch seq (heads head_dim)"
        return self.to_out(rearrange(mixed, merge))


def cut(n_heads, order=(0, 1, 2), pattern=SPLIT):
    """Make a function that cuts queries, keys and values, in this order."""

    def split(x):
        found = rearrange(x, pattern, part=3, heads=n_heads)
        return [found[place] for place in order]

    return split


class Flawed(MultiHeadAttention):
    """The layer in four steps, each of which a mistake may replace."""

    def __init__(self, d_model, n_heads, **replaced):
        super().__init__(d_model, n_heads)
        self.split = cut(n_heads)
        self.mix = lambda query, key, value, visible: attention_weights(query, key, visible) @ value
        self.merge = lambda mixed: rearrange(mixed, MERGE)
        self.finish = lambda merged, x: self.to_out(merged)
        for name, part in replaced.items():
            setattr(self, name, part)

    def forward(self, x, visible):
        """Take the four steps."""
        query, key, value = self.split(self.to_qkv(x))
        return self.finish(self.merge(self.mix(query, key, value, visible)), x)


def no_output_projection(d_model, n_heads):
    """The output projection is missing: what the heads found is put side by side, but not mixed.

    `to_out` has the last word. Look at the end of the layer in section 6.6.
    """
    return Flawed(d_model, n_heads, finish=lambda merged, x: merged)


def projected_twice(d_model, n_heads):
    """You use the output projection twice.

    Each of the two linear layers is called once. Count the calls in your `forward`.
    """
    layer = Flawed(d_model, n_heads)
    layer.finish = lambda merged, x: layer.to_out(layer.to_out(merged))
    return layer


def residual_added(d_model, n_heads):
    """You add the input to the output; that is the business of the block around this layer.

    Notebook 8 adds what this layer finds to the stream. Here, return the findings alone.
    """
    layer = Flawed(d_model, n_heads)
    layer.finish = lambda merged, x: x + layer.to_out(merged)
    return layer


def biases_left(d_model, n_heads):
    """Your linear layers have biases; asked for are layers without.

    `nn.Linear` adds a bias unless it is told not to. See the layer in section 6.6.
    """
    layer = Flawed(d_model, n_heads)
    layer.to_qkv = nn.Linear(d_model, 3 * d_model)
    layer.to_out = nn.Linear(d_model, d_model)
    return layer


def bias_in_output(d_model, n_heads):
    """Your output projection has a bias; asked for are layers without.

    `nn.Linear` adds a bias unless it is told not to. You told one of the two.
    """
    return Flawed(d_model, n_heads, to_out=nn.Linear(d_model, d_model))


def bias_in_input(d_model, n_heads):
    """Your layer for queries, keys and values has a bias; asked for are layers without.

    `nn.Linear` adds a bias unless it is told not to. You told one of the two.
    """
    return Flawed(d_model, n_heads, to_qkv=nn.Linear(d_model, 3 * d_model))


def keys_before_queries(d_model, n_heads):
    """You take the first third for the keys and the second for the queries; they are exchanged.

    The order is in the name of the layer: `to_qkv`.
    """
    return Flawed(d_model, n_heads, split=cut(n_heads, (1, 0, 2)))


def values_first(d_model, n_heads):
    """You take the first third for the values, before queries and keys.

    The order is in the name of the layer: `to_qkv`.
    """
    return Flawed(d_model, n_heads, split=cut(n_heads, (1, 2, 0)))


def values_before_keys(d_model, n_heads):
    """You take the second third for the values and the last for the keys; they are exchanged.

    The order is in the name of the layer: `to_qkv`.
    """
    return Flawed(d_model, n_heads, split=cut(n_heads, (0, 2, 1)))


def values_for_queries(d_model, n_heads):
    """You take the first third for the values and the last for the queries; they are exchanged.

    The order is in the name of the layer: `to_qkv`.
    """
    return Flawed(d_model, n_heads, split=cut(n_heads, (2, 1, 0)))


def heads_before_parts(d_model, n_heads):
    """You cut into heads first and into query, key and value then; it is the other way round.

    The first third of `to_qkv` holds the queries of *all* heads. Which axis moves slowest?
    """
    pattern = "batch seq (heads part head_dim) -> part batch heads seq head_dim"
    return Flawed(d_model, n_heads, split=cut(n_heads, pattern=pattern))


def dealt_like_cards(d_model, n_heads):
    """You deal numbers out to the heads like cards, where each should get a block of neighbours.

    In the pattern: (heads head_dim) or (head_dim heads)? See section 6.6.
    """
    pattern = "batch seq (part head_dim heads) -> part batch heads seq head_dim"
    return Flawed(d_model, n_heads, split=cut(n_heads, pattern=pattern))


def dealt_and_collected(d_model, n_heads):
    """You deal numbers out to the heads like cards, and collect them like that, too.

    Each head should work on a block of neighbours. See section 6.6.
    """
    pattern = "batch seq (part head_dim heads) -> part batch heads seq head_dim"
    layer = Flawed(d_model, n_heads, split=cut(n_heads, pattern=pattern))
    layer.merge = collect
    return layer


def collected_like_cards(d_model, n_heads):
    """You merge by taking one number of each head in turn; each head should stay together.

    In the pattern: (heads head_dim) or (head_dim heads)? See the exercise merge-heads.
    """
    return Flawed(d_model, n_heads, merge=collect)


def collect(mixed):
    return rearrange(mixed, "batch heads seq head_dim -> batch seq (head_dim heads)")


def bare_reshape_at_split(d_model, n_heads):
    """You cut into heads with a bare reshape: the shape is right, but it mixes time and heads.

    Compare `rearrange` and `reshape` in section 6.6.
    """

    def split(x):
        batch, seq, _ = x.shape
        return [one.reshape(batch, n_heads, seq, -1) for one in x.chunk(3, dim=-1)]

    return Flawed(d_model, n_heads, split=split)


def bare_reshape_at_merge(d_model, n_heads):
    """You merge the heads with a bare reshape: the shape is right, but it mixes time and heads.

    Before the reshape, heads must stand beside head_dim. See the exercise merge-heads.
    """

    def merge(x):
        return x.reshape(x.shape[0], x.shape[2], -1)

    return Flawed(d_model, n_heads, merge=merge)


def bare_reshape_twice(d_model, n_heads):
    """You cut and merge with a bare reshape: the shapes are right, but both mix time and heads.

    Compare `rearrange` and `reshape` in section 6.6.
    """
    layer = bare_reshape_at_split(d_model, n_heads)
    layer.merge = bare_reshape_at_merge(d_model, n_heads).merge
    return layer


def one_head(d_model, n_heads):
    """You use one head as wide as the stream, whatever `n_heads` says.

    One softmax has one focus. Where do you cut into heads? See section 6.6.
    """
    return Flawed(d_model, 1)


def heads_averaged(d_model, n_heads):
    """You take the mean of the heads, so what each found on its own is lost.

    Put them side by side before the output projection.
    """

    def merge(x):
        return x.mean(dim=1).repeat(1, 1, n_heads)

    return Flawed(d_model, n_heads, merge=merge)


def weights_averaged(d_model, n_heads):
    """You take the mean of the weights of all heads, so every head looks at the same notes.

    Each head mixes its own values by its own weights. See section 6.6.
    """

    def mix(query, key, value, visible):
        return attention_weights(query, key, visible).mean(dim=1, keepdim=True) @ value

    return Flawed(d_model, n_heads, mix=mix)


def mask_ignored(d_model, n_heads):
    """You do not use the mask, so every position sees the future.

    `forward` is given `visible`. Who needs it? See section 6.5.
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, _: attention_weights(query, key, None) @ value,
    )


def always_causal(d_model, n_heads):
    """You build a causal mask of your own and do not use the one that is given.

    Here `visible` may hide parts of the past, too. Pass it on as it is.
    """

    def mix(query, key, value, visible):
        return attention_weights(query, key, torch.ones_like(visible).tril()) @ value

    return Flawed(d_model, n_heads, mix=mix)


def mask_upside_down(d_model, n_heads):
    """You turn the mask round, so you hide what may be seen.

    PyTorch's layer wants True where one may *not* look; `attention_weights` wants the reverse.
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: attention_weights(query, key, ~visible) @ value,
    )


def mask_turned(d_model, n_heads):
    """Rows and columns of your mask are exchanged, so notes see the future and not the past.

    Rows are queries already. Pass the mask on as it is.
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: attention_weights(query, key, visible.T) @ value,
    )


def weights_turned(d_model, n_heads):
    """Rows and columns of the weights are exchanged before you mix the values.

    The sum runs over the *keys*. Which axis of the weights is that?
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: attention_weights(query, key, visible).mT @ value,
    )


def queries_for_keys(d_model, n_heads):
    """You compare queries with queries; the keys are not used.

    Is the same name given twice to `attention_weights`?
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: attention_weights(query, query, visible) @ value,
    )


def keys_for_queries(d_model, n_heads):
    """You compare keys with keys; the queries are not used.

    Is the same name given twice to `attention_weights`?
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: attention_weights(key, key, visible) @ value,
    )


def keys_mixed(d_model, n_heads):
    """You mix the keys by the weights; mixed should be the values.

    The key says why to listen, the value says what is heard. See section 6.2.
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: attention_weights(query, key, visible) @ key,
    )


def values_not_mixed(d_model, n_heads):
    """You return the values as they are: the weights are never used.

    Each position should get a weighted mean of all values that it may see.
    """
    return Flawed(d_model, n_heads, mix=lambda query, key, value, visible: value)


def scaled_twice(d_model, n_heads):
    """You divide by the root of head_dim, which `attention_weights` has done already.

    Then the scores are too small, and the weights too much alike.
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: (
            attention_weights(query / query.shape[-1] ** 0.5, key, visible) @ value
        ),
    )


def no_scale(d_model, n_heads):
    """Your scores are not scaled by the root of head_dim.

    `attention_weights` does it for you. If you write it anew, see section 6.4.
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: (
            attention_weights(query * query.shape[-1] ** 0.5, key, visible) @ value
        ),
    )


def d_model_for_head_dim(d_model, n_heads):
    """You scale by the width of all heads together, though each head sums over its own alone.

    `attention_weights` does it right. If you write it anew, see section 6.4.
    """
    return Flawed(
        d_model,
        n_heads,
        mix=lambda query, key, value, visible: (
            attention_weights(query / n_heads**0.5, key, visible) @ value
        ),
    )


def output_turned(d_model, n_heads):
    """You multiply by the weights of `to_out` the wrong way round: rows and columns are exchanged.

    Call the layer itself, `self.to_out(...)`; it knows which way round.
    """
    layer = Flawed(d_model, n_heads)
    layer.finish = lambda merged, x: merged @ layer.to_out.weight
    return layer


def values_not_projected(d_model, n_heads):
    """You mix the input itself in place of the values that `to_qkv` makes of it.

    The last third of `to_qkv` holds the values. Is it used?
    """
    layer = Flawed(d_model, n_heads)

    def forward(x, visible):
        query, key, _ = layer.split(layer.to_qkv(x))
        _, _, value = layer.split(x.repeat(1, 1, 3))
        return layer.to_out(layer.merge(layer.mix(query, key, value, visible)))

    layer.forward = forward
    return layer


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
        "parts of the past. `attention_weights` is there for you."
    ),
    given="from musiclab.model.attention import attention_weights",
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

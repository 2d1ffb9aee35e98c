"""block: attention and feed-forward, each with its norm and its residual; pre- and post-norm."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._parts import with_weights
from musiclab.check.heard import play_with
from musiclab.model import Block as LibraryBlock
from musiclab.model import FeedForward, MultiHeadAttention
from musiclab.model.block import PostNormBlock
from musiclab.model.stack import Stack


def probes(rng):
    """Yield both kinds of block in evaluation, then both in training with everything dropped."""
    for batch, seq, d_model, dropout, training in (
        (1, 1, 4, 0.5, False),
        (2, 5, 6, 0.1, False),
        (2, 3, 4, 1.0, True),
    ):
        for norm in ("pre", "post"):
            x, seed = 2 * normal(rng, batch, seq, d_model), int(rng.integers(1000))
            yield x, dropout, norm, training, seed


def draw_weights(seed, d_model):
    """Draw weights, large enough that every part is seen in the result."""
    rng, d_ff = np.random.default_rng(seed), 5
    return {
        "attention_norm.weight": normal(rng, d_model),
        "attention_norm.bias": normal(rng, d_model),
        "attention.to_qkv.weight": normal(rng, 3 * d_model, d_model) / 2,
        "attention.to_out.weight": normal(rng, d_model, d_model),
        "feed_forward_norm.weight": normal(rng, d_model),
        "feed_forward_norm.bias": normal(rng, d_model),
        "feed_forward.0.weight": normal(rng, d_ff, d_model),
        "feed_forward.2.weight": normal(rng, d_model, d_ff),
    }


def use(answer, x, dropout, norm, training, seed_of_weights):
    """Build the block with two heads and call it."""
    weights = draw_weights(seed_of_weights, d_model=x.shape[-1])
    block = with_weights(answer(x.shape[-1], 2, 5, dropout, norm), weights).train(training)
    result = block(x)
    if not training and not all(torch.equal(result, block(x)) for _ in range(2)):
        return "another result at each call"
    return result


def reference(d_model, n_heads, d_ff, dropout=0.1, norm="pre"):
    kind = LibraryBlock if norm == "pre" else PostNormBlock
    return kind(d_model, n_heads, d_ff, dropout, positions="none")


class _Solution(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.1, norm="pre"):
        super().__init__()
        self.norm = norm
        self.attention_norm = nn.LayerNorm(d_model)
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        if self.norm == "pre":
            x = x + self.dropout(self.attention(self.attention_norm(x)))
            return x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        x = self.attention_norm(x + self.dropout(self.attention(x)))
        return self.feed_forward_norm(x + self.dropout(self.feed_forward(x)))


def hear(answer):
    """Let bach-plain run through blocks of the learner's, which have what its own have learned."""
    blocks = []

    def forward(stack, x, **options):
        blocks.extend(dressed(answer, block) for block in stack.blocks[len(blocks) :])
        for block in blocks:
            x = block(x)
        return stack.norm(x)

    return play_with(Stack, "forward", forward, bars=2)


def dressed(answer, trained):
    """Build a block of an answer from the parts of a trained one."""
    block = answer(trained.attention.to_out.in_features, 1, 1, 0.0, "pre")
    for name, part in trained.named_children():
        if name != "dropout":
            setattr(block, name, part)
    return block.eval()


def build(pre=None, post=None):
    """Make a class like the solution that runs differently, as one or as the other kind."""

    class Changed(_Solution):
        def forward(self, x):
            parts = (
                nn.Sequential(self.attention, self.dropout),
                nn.Sequential(self.feed_forward, self.dropout),
                self.attention_norm,
                self.feed_forward_norm,
            )
            changed = pre if self.norm == "pre" else post
            return changed(x, *parts) if changed else super().forward(x)

    return Changed


def pre_norm(x, attend, think, norm, other):
    x = x + attend(norm(x))
    return x + think(other(x))


def post_norm(x, attend, think, norm, other):
    x = norm(x + attend(x))
    return other(x + think(x))


def no_residual(*sizes):
    """Each part replaces what it reads: nothing of x itself is left.

    A part adds to the stream. Look for `x +` in section 8.4, once for each part.
    """
    return build(
        lambda x, attend, think, norm, other: think(other(attend(norm(x)))),
        lambda x, attend, think, norm, other: other(think(norm(attend(x)))),
    )(*sizes)


def no_residual_at_attention(*sizes):
    """What attention finds replaces the stream, where it should be added to it.

    The feed-forward layer does it rightly. Do the same for attention.
    """

    def pre(x, attend, think, norm, other):
        x = attend(norm(x))
        return x + think(other(x))

    def post(x, attend, think, norm, other):
        x = norm(attend(x))
        return other(x + think(x))

    return build(pre, post)(*sizes)


def no_residual_at_feed_forward(*sizes):
    """What feed-forward makes replaces the stream, where it should be added to it.

    Attention does it rightly. Do the same for the feed-forward layer.
    """
    return build(
        lambda x, attend, think, norm, other: think(other(x + attend(norm(x)))),
        lambda x, attend, think, norm, other: other(think(norm(x + attend(x)))),
    )(*sizes)


def residual_from_the_beginning(*sizes):
    """The second addition starts from the block's input: what attention added is lost.

    The feed-forward layer must add to the stream as attention has left it.
    """

    def pre(x, attend, think, norm, other):
        return x + think(other(x + attend(norm(x))))

    def post(x, attend, think, norm, other):
        return other(x + think(norm(x + attend(x))))

    return build(pre, post)(*sizes)


def adds_to_the_normalised(*sizes):
    """As pre-norm, your block adds to the normalised copy: the stream itself is lost.

    Only the part reads the copy. Do you overwrite `x` with its norm?
    """

    def pre(x, attend, think, norm, other):
        x = norm(x)
        x = x + attend(x)
        x = other(x)
        return x + think(x)

    return build(pre)(*sizes)


def always_pre_norm(*sizes):
    """Your block is pre-norm, whatever `norm` says.

    With "post", the norm comes after each addition.
    """
    return build(post=pre_norm)(*sizes)


def always_post_norm(*sizes):
    """Your block is post-norm, whatever `norm` says.

    With "pre", a part reads a normalised copy, and the stream itself is only added to.
    """
    return build(pre=post_norm)(*sizes)


def norms_exchanged(*sizes):
    """Pre- and post-norm are exchanged.

    "pre" means: first the norm, then the part, then the addition.
    """
    return build(post_norm, pre_norm)(*sizes)


def norm_of_what_is_added(*sizes):
    """As pre-norm, your norm acts on what a part returns, not on what it reads.

    The part should read a normalised copy. What it finds is added as it is.
    """

    def pre(x, attend, think, norm, other):
        x = x + norm(attend(x))
        return x + other(think(x))

    return build(pre)(*sizes)


def norm_before_the_addition(*sizes):
    """As post-norm, your norm acts before the addition, so the stream is never normalised.

    In 2017 the order was: the part, the addition, the norm.
    """

    def post(x, attend, think, norm, other):
        x = x + norm(attend(x))
        return x + other(think(x))

    return build(post=post)(*sizes)


def the_same_norm_twice(*sizes):
    """Both parts use the norm of attention.

    Each part has learned a gain and a bias of its own.
    """
    return build(
        lambda x, attend, think, norm, other: pre_norm(x, attend, think, norm, norm),
        lambda x, attend, think, norm, other: post_norm(x, attend, think, norm, norm),
    )(*sizes)


def the_other_norm_first(*sizes):
    """The two norms are exchanged: attention uses that of the feed-forward layer.

    Each part has learned a gain and a bias of its own.
    """
    return build(
        lambda x, attend, think, norm, other: pre_norm(x, attend, think, other, norm),
        lambda x, attend, think, norm, other: post_norm(x, attend, think, other, norm),
    )(*sizes)


def no_norm(*sizes):
    """Nothing is normalised.

    Where does each of the two norms belong, in pre-norm and in post-norm?
    """

    def neither(x, attend, think, norm, other):
        x = x + attend(x)
        return x + think(x)

    return build(neither, neither)(*sizes)


def no_norm_before_feed_forward(*sizes):
    """As pre-norm, your feed-forward layer reads the stream itself, not a normalised copy.

    It has a norm of its own.
    """

    def pre(x, attend, think, norm, other):
        x = x + attend(norm(x))
        return x + think(x)

    return build(pre)(*sizes)


def no_norm_before_attention(*sizes):
    """As pre-norm, your attention reads the stream itself, not a normalised copy.

    It has a norm of its own.
    """

    def pre(x, attend, think, norm, other):
        x = x + attend(x)
        return x + think(other(x))

    return build(pre)(*sizes)


def side_by_side(*sizes):
    """Both parts read the same x, side by side.

    The feed-forward layer thinks about what attention has found: it comes second.
    """

    def pre(x, attend, think, norm, other):
        return x + attend(norm(x)) + think(other(x))

    def post(x, attend, think, norm, other):
        return other(norm(x + attend(x)) + think(x))

    return build(pre, post)(*sizes)


def feed_forward_first(*sizes):
    """The feed-forward layer comes before attention.

    First gather, then think about what was gathered.
    """

    def pre(x, attend, think, norm, other):
        x = x + think(other(x))
        return x + attend(norm(x))

    def post(x, attend, think, norm, other):
        x = other(x + think(x))
        return norm(x + attend(x))

    return build(pre, post)(*sizes)


def a_norm_too_many(*sizes):
    """As pre-norm, your block also normalises the stream at its end.

    Then it is no longer only added to. The one norm at the end belongs to the model.
    """
    return build(lambda *given: given[-1](pre_norm(*given)))(*sizes)


def sees_the_future(d_model, n_heads, *rest):
    """Every position sees the ones that come after it.

    The attention of a block that composes is causal, as it is unless you switch that off.
    """
    block = _Solution(d_model, n_heads, *rest)
    block.attention.causal = False
    return block


def without_dropout(d_model, n_heads, d_ff, dropout=0.1, norm="pre"):
    """Your block never drops anything, not even in training.

    What each part adds goes through dropout first.
    """
    return _Solution(d_model, n_heads, d_ff, 0.0, norm)


def dropout_in_evaluation(*sizes):
    """Your block drops in evaluation too: two calls never give the same.

    `F.dropout` drops unless it is told otherwise, and so does an `nn.Dropout` that is made inside
    `forward`. A dropout that is made in `__init__` knows whether the lesson is over.
    """
    block = _Solution(*sizes)
    share = block.dropout.p
    block.dropout.forward = lambda x: F.dropout(x, share)
    return block


def drops_attention_alone(*sizes):
    """Your dropout acts on what attention adds, but not on what feed-forward adds.

    Both parts go through it.
    """
    return build(
        lambda x, attend, think, norm, other: pre_norm(x, attend, think[0], norm, other),
        lambda x, attend, think, norm, other: post_norm(x, attend, think[0], norm, other),
    )(*sizes)


def drops_feed_forward_alone(*sizes):
    """Your dropout acts on what feed-forward adds, but not on what attention adds.

    Both parts go through it.
    """
    return build(
        lambda x, attend, think, norm, other: pre_norm(x, attend[0], think, norm, other),
        lambda x, attend, think, norm, other: post_norm(x, attend[0], think, norm, other),
    )(*sizes)


def dropout_of_the_stream(*sizes):
    """Your dropout acts on the whole stream: in training, what earlier blocks wrote is lost.

    Drop only what a part adds.
    """

    class Changed(_Solution):
        def forward(self, x):
            drop = self.dropout
            if self.norm == "pre":
                x = drop(x + self.attention(self.attention_norm(x)))
                return drop(x + self.feed_forward(self.feed_forward_norm(x)))
            x = self.attention_norm(drop(x + self.attention(x)))
            return self.feed_forward_norm(drop(x + self.feed_forward(x)))

    return Changed(*sizes)


def adds_to_the_stream(result, x, dropout, norm, training, seed_of_weights):
    """In training with dropout 1, nothing is added: a pre-norm block must return x as it is."""
    return not training or norm == "post" or torch.allclose(result, x, atol=1e-4)


def normalised_at_the_end(result, x, dropout, norm, training, seed_of_weights):
    """A post-norm block must end in the feed-forward layer's norm."""
    if norm == "pre":
        return True
    weights = draw_weights(seed_of_weights, d_model=x.shape[-1])
    plain = (result - weights["feed_forward_norm.bias"]) / weights["feed_forward_norm.weight"]
    return bool((plain.mean(dim=-1).abs() < 1e-2).all())


EXERCISE = Exercise(
    id="block",
    notebook=8,
    place=3,
    title="A block, pre- and post-norm",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=20,
    why="A Transformer is this block, again and again.",
    signature=(
        "Block(d_model: int, n_heads: int, d_ff: int, dropout: float = 0.1, "
        'norm: str = "pre"), a module that takes '
        'x: Float[Tensor, "batch seq d_model"] -> Float[Tensor, "batch seq d_model"]'
    ),
    statement=(
        "Write the block as a module. Its four parts are called `attention`, `attention_norm`, "
        "`feed_forward` and `feed_forward_norm`; take `MultiHeadAttention(d_model, n_heads)`, "
        '`FeedForward(d_model, d_ff)` and `nn.LayerNorm`. With `norm="pre"` each part reads a '
        'normalised copy of the stream; with `norm="post"` the stream is normalised after each '
        "addition. In training, dropout acts on what each part adds."
    ),
    given="from musiclab.model import FeedForward, MultiHeadAttention",
    reference=reference,
    solution=_Solution,
    probes=probes,
    use=use,
    tolerance=1e-4,
    hear=hear,
    properties=(adds_to_the_stream, normalised_at_the_end),
    mistakes=(
        no_residual,
        no_residual_at_attention,
        no_residual_at_feed_forward,
        residual_from_the_beginning,
        adds_to_the_normalised,
        always_pre_norm,
        always_post_norm,
        norms_exchanged,
        norm_of_what_is_added,
        norm_before_the_addition,
        the_same_norm_twice,
        the_other_norm_first,
        no_norm,
        no_norm_before_attention,
        no_norm_before_feed_forward,
        side_by_side,
        feed_forward_first,
        a_norm_too_many,
        sees_the_future,
        without_dropout,
        dropout_in_evaluation,
        drops_attention_alone,
        drops_feed_forward_alone,
        dropout_of_the_stream,
    ),
    hints=(
        "Draw the stream as a straight line from left to right. Where do the two parts branch off, "
        "and where do they come back? Put the two norms into the picture: once for pre-norm, once "
        "for post-norm.",
        "All is (batch, seq, d_model). Pre-norm, for each part: stream = stream + "
        "dropout(part(norm(stream))). Post-norm, for each part: stream = norm(stream + "
        "dropout(part(stream))). Attention comes first, then feed-forward.",
        "`x = x + self.dropout(self.attention(...))`, then "
        "`return x + self.dropout(self.feed_forward(...))`. For post-norm: "
        "`x = self.attention_norm(x + ...)`, then `return self.feed_forward_norm(...)`.",
    ),
    explain="In which of the two does a note's vector reach the last block without being rescaled?",
)

"""block: attention and feed-forward, each with its norm and its residual; pre- and post-norm."""

import copy
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from musiclab import model as parts
from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._parts import with_weights
from musiclab.check.heard import play_with
from musiclab.model import Block as LibraryBlock
from musiclab.model.block import PostNormBlock
from musiclab.model.stack import Stack

PARTS = ("attention", "feed_forward")
CALLS = 12  # in training, to see how much is dropped


def probes(rng):
    """Yield both kinds of block in evaluation, then both in training."""
    for batch, seq, d_model, dropout, training in (
        (1, 1, 4, 0.5, False),
        (2, 5, 6, 0.1, False),
        (2, 40, 4, 0.5, True),
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
    """Build the block with two heads and call it; in training, tell how it drops."""
    sizes, weights = (x.shape[-1], 2, 5), draw_weights(seed_of_weights, d_model=x.shape[-1])
    block = with_weights(answer(*sizes, dropout, norm), weights)
    result = block.eval()(x)
    if result is None:
        return None
    if training:
        right = with_weights(reference(*sizes, 0.0, norm), weights)
        return how_it_drops(block.train(), right, x, dropout)
    same = all(torch.equal(result, block(x)) for _ in range(2))
    return result if same else "another result at each call"


@torch.no_grad()
def how_it_drops(block, right, x, dropout):
    """Tell what dropout does to the stream, and to what each part adds while the other is silent.

    It is random; but every vector must be what some choice of dropped numbers gives.
    """
    weights, told = copy.deepcopy(right.state_dict()), {}
    for silent, speaking in ((PARTS, None), (PARTS[1:], PARTS[0]), (PARTS[:1], PARTS[1])):
        prefixes = tuple(f"{part}." for part in silent)
        chosen = {name: one * (not name.startswith(prefixes)) for name, one in weights.items()}
        for each in (block, right):
            each.load_state_dict(chosen)
        if speaking:
            rows = block(x.repeat(CALLS, 1, 1)).unflatten(0, (CALLS, len(x)))
            told[f"of {speaking}"] = choice_made(rows, right, x, speaking, dropout)
        else:
            told["the stream is kept"] = torch.allclose(block(x), right(x), atol=1e-4)
    return told


def choice_made(rows, right, x, part, dropout):
    """Find the share of numbers that were dropped, and by what the rest was multiplied."""
    choices = torch.tensor(list(product((0.0, 1.0), repeat=x.shape[-1])))
    every = x.repeat(len(choices), 1, 1)
    for scale in (1 / (1 - dropout), 1.0, 1 - dropout):
        factors = (scale * choices).repeat_interleave(len(x), dim=0)[:, None]
        hook = getattr(right, part).register_forward_hook(lambda *call, by=factors: call[-1] * by)
        possible = right(every).unflatten(0, (len(choices), len(x)))
        hook.remove()
        fits = ((rows[:, None] - possible).abs() < 1e-3).all(dim=-1)  # calls choices batch seq
        if fits.any(dim=1).float().mean() > 0.99:
            kept = choices[fits.float().argmax(dim=1)].mean().item()
            return {"dropped": round(1 - kept, 1), "the rest times": scale}
    return "something else is dropped"


def reference(d_model, n_heads, d_ff, dropout=0.1, norm="pre"):
    kind = LibraryBlock if norm == "pre" else PostNormBlock
    return kind(d_model, n_heads, d_ff, dropout, positions="none")


class _Solution(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.1, norm="pre"):
        super().__init__()
        self.norm = norm
        self.attention_norm = nn.LayerNorm(d_model)
        self.attention = parts.MultiHeadAttention(d_model, n_heads)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.feed_forward = parts.FeedForward(d_model, d_ff)
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

    return play_with(Stack, "forward", forward)


def dressed(answer, trained):
    """Build a block of an answer from the parts of a trained one."""
    block = answer(trained.attention.to_out.in_features, 1, 1, 0.0, "pre")
    for name, part in trained.named_children():
        if name != "dropout":
            setattr(block, name, part)
    return block.eval()


def slips(name, says, look, pre=None, post=None, each=True):
    """Make mistakes of a block that runs differently: as both kinds, and as one of the two alone.

    Args:
        name: Of the mistake; the others say in their names which kind they are.
        says: What is wrong, in a line.
        look: Where to look.
        pre: How a pre-norm block goes wrong. It takes the stream x, attention a and feed-forward f
            (each followed by dropout; ``a[0]`` is attention alone), their norms n and o, and
            dropout d. None where only a post-norm block can.
        post: The same for a post-norm block.
        each: Whether one kind alone may be wrong, too.
    """
    if not (pre and post):
        kind = "As pre-norm" if pre else "As post-norm"
        return (_slip(name, f"{kind}, {says[0].lower()}{says[1:]}", look, pre, post),)
    found = (_slip(name, says, look, pre, post),)
    if each:
        found += slips(f"{name}_in_pre_norm", says, look, pre=pre)
        found += slips(f"{name}_in_post_norm", says, look, post=post)
    return found


def _slip(name, says, look, pre, post):
    class Changed(_Solution):
        def forward(self, x):
            changed = pre if self.norm == "pre" else post
            if not changed:
                return super().forward(x)
            attend = nn.Sequential(self.attention, self.dropout)
            think = nn.Sequential(self.feed_forward, self.dropout)
            norms = self.attention_norm, self.feed_forward_norm
            return changed(x, attend, think, *norms, self.dropout)

    def mistake(*sizes):
        return Changed(*sizes)

    mistake.__name__, mistake.__doc__ = name, f"{says}\n\n{look}"
    return mistake


def pre_norm(x, a, f, n, o, d):
    x = x + a(n(x))
    return x + f(o(x))


def post_norm(x, a, f, n, o, d):
    x = n(x + a(x))
    return o(x + f(x))


OWN = "Each part has learned a gain and a bias of its own."
SLIPS = (
    *slips(
        "no_residual",
        "Each part replaces what it reads: nothing of x itself is left.",
        "A part adds to the stream. Look for `x +` in section 8.4, once for each part.",
        pre=lambda x, a, f, n, o, d: f(o(a(n(x)))),
        post=lambda x, a, f, n, o, d: o(f(n(a(x)))),
    ),
    *slips(
        "no_residual_at_attention",
        "What attention finds replaces the stream, where it should be added to it.",
        "Look for `x +` in section 8.4, once for each part.",
        pre=lambda x, a, f, n, o, d: (y := a(n(x))) + f(o(y)),
        post=lambda x, a, f, n, o, d: o((y := n(a(x))) + f(y)),
    ),
    *slips(
        "no_residual_at_feed_forward",
        "What feed-forward makes replaces the stream, where it should be added to it.",
        "Look for `x +` in section 8.4, once for each part.",
        pre=lambda x, a, f, n, o, d: f(o(x + a(n(x)))),
        post=lambda x, a, f, n, o, d: o(f(n(x + a(x)))),
    ),
    *slips(
        "residual_from_the_beginning",
        "The second addition starts from the block's input: what attention added is lost.",
        "The feed-forward layer must add to the stream as attention has left it.",
        pre=lambda x, a, f, n, o, d: x + f(o(x + a(n(x)))),
        post=lambda x, a, f, n, o, d: o(x + f(n(x + a(x)))),
    ),
    *slips(
        "adds_to_the_normalised",
        "Your block adds to the normalised copy: the stream itself is lost.",
        "Only the part reads the copy. Do you overwrite `x` with its norm?",
        pre=lambda x, a, f, n, o, d: (z := o((y := n(x)) + a(y))) + f(z),
    ),
    *slips(
        "second_adds_to_the_normalised",
        "Your second part adds to the normalised copy: the stream itself is lost there.",
        "Only the part reads the copy. Do you overwrite `x` with its norm?",
        pre=lambda x, a, f, n, o, d: (y := o(x + a(n(x)))) + f(y),
    ),
    *slips(
        "always_pre_norm",
        "Your block is a pre-norm block all the same.",
        'With "post", the norm comes after each addition.',
        post=pre_norm,
    ),
    *slips(
        "always_post_norm",
        "Your block is a post-norm block all the same.",
        'With "pre", a part reads a normalised copy, and the stream itself is only added to.',
        pre=post_norm,
    ),
    *slips(
        "norms_exchanged",
        "Pre- and post-norm are exchanged.",
        '"pre" means: first the norm, then the part, then the addition.',
        pre=post_norm,
        post=pre_norm,
        each=False,
    ),
    *slips(
        "norm_of_what_is_added",
        "Your norm acts on what a part returns, not on what it reads.",
        "The part should read a normalised copy. What it finds is added as it is.",
        pre=lambda x, a, f, n, o, d: (y := x + n(a(x))) + o(f(y)),
    ),
    *slips(
        "norm_before_the_addition",
        "Your norm acts before the addition, so the stream is never normalised.",
        "In 2017 the order was: the part, the addition, the norm.",
        post=lambda x, a, f, n, o, d: (y := x + n(a(x))) + o(f(y)),
    ),
    *slips(
        "no_last_norm",
        "Your block does not normalise at its end.",
        "Each addition is followed by a norm. There are two additions.",
        post=lambda x, a, f, n, o, d: (y := n(x + a(x))) + f(y),
    ),
    *slips(
        "no_first_norm",
        "Your block does not normalise after attention.",
        "Each addition is followed by a norm. There are two additions.",
        post=lambda x, a, f, n, o, d: o((y := x + a(x)) + f(y)),
    ),
    *slips(
        "the_same_norm_twice",
        "Both parts use the norm of attention.",
        OWN,
        pre=lambda x, a, f, n, o, d: pre_norm(x, a, f, n, n, d),
        post=lambda x, a, f, n, o, d: post_norm(x, a, f, n, n, d),
    ),
    *slips(
        "the_second_norm_twice",
        "Both parts use the norm of the feed-forward layer.",
        OWN,
        pre=lambda x, a, f, n, o, d: pre_norm(x, a, f, o, o, d),
        post=lambda x, a, f, n, o, d: post_norm(x, a, f, o, o, d),
    ),
    *slips(
        "the_other_norm_first",
        "The two norms are exchanged: attention uses that of the feed-forward layer.",
        OWN,
        pre=lambda x, a, f, n, o, d: pre_norm(x, a, f, o, n, d),
        post=lambda x, a, f, n, o, d: post_norm(x, a, f, o, n, d),
    ),
    *slips(
        "no_norm",
        "Nothing is normalised.",
        "Where does each of the two norms belong, in pre-norm and in post-norm?",
        pre=lambda x, a, f, n, o, d: (y := x + a(x)) + f(y),
        post=lambda x, a, f, n, o, d: (y := x + a(x)) + f(y),
    ),
    *slips(
        "no_norm_before_feed_forward",
        "Your feed-forward layer reads the stream itself, not a normalised copy.",
        "It has a norm of its own.",
        pre=lambda x, a, f, n, o, d: (y := x + a(n(x))) + f(y),
    ),
    *slips(
        "no_norm_before_attention",
        "Your attention reads the stream itself, not a normalised copy.",
        "It has a norm of its own.",
        pre=lambda x, a, f, n, o, d: (y := x + a(x)) + f(o(y)),
    ),
    *slips(
        "side_by_side",
        "Both parts read the same x, side by side.",
        "The feed-forward layer thinks about what attention has found: it comes second.",
        pre=lambda x, a, f, n, o, d: x + a(n(x)) + f(o(x)),
        post=lambda x, a, f, n, o, d: o(n(x + a(x)) + f(x)),
    ),
    *slips(
        "feed_forward_first",
        "The feed-forward layer comes before attention.",
        "First gather, then think about what was gathered.",
        pre=lambda x, a, f, n, o, d: pre_norm(x, f, a, o, n, d),
        post=lambda x, a, f, n, o, d: post_norm(x, f, a, o, n, d),
    ),
    *slips(
        "a_norm_too_many",
        "Your block also normalises the stream at its end.",
        "Then it is no longer only added to. The one norm at the end belongs to the model.",
        pre=lambda x, a, f, n, o, d: o(pre_norm(x, a, f, n, o, d)),
    ),
    *slips(
        "drops_attention_alone",
        "Your dropout acts on what attention adds, but not on what feed-forward adds.",
        "Both parts go through it.",
        pre=lambda x, a, f, n, o, d: pre_norm(x, a, f[0], n, o, d),
        post=lambda x, a, f, n, o, d: post_norm(x, a, f[0], n, o, d),
    ),
    *slips(
        "drops_feed_forward_alone",
        "Your dropout acts on what feed-forward adds, but not on what attention adds.",
        "Both parts go through it.",
        pre=lambda x, a, f, n, o, d: pre_norm(x, a[0], f, n, o, d),
        post=lambda x, a, f, n, o, d: post_norm(x, a[0], f, n, o, d),
    ),
    *slips(
        "dropout_of_the_stream",
        "Your dropout acts on the whole stream: in training, what earlier blocks wrote is lost.",
        "Drop only what a part adds.",
        pre=lambda x, a, f, n, o, d: d((y := d(x + a[0](n(x)))) + f[0](o(y))),
        post=lambda x, a, f, n, o, d: o(d((y := n(d(x + a[0](x)))) + f[0](y))),
    ),
    *slips(
        "dropout_of_what_is_read",
        "Your dropout acts on what each part reads, not on what it adds.",
        "Drop last: what the part has found, just before it is added.",
        pre=lambda x, a, f, n, o, d: (y := x + a[0](d(n(x)))) + f[0](d(o(y))),
        post=lambda x, a, f, n, o, d: o((y := n(x + a[0](d(x)))) + f[0](d(y))),
    ),
)


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


def normalised_at_the_end(result, x, dropout, norm, training, seed_of_weights):
    """A post-norm block must end in the feed-forward layer's norm."""
    if norm == "pre" or training:
        return True
    weights = draw_weights(seed_of_weights, d_model=x.shape[-1])
    plain = (result - weights["feed_forward_norm.bias"]) / weights["feed_forward_norm.weight"]
    return bool((plain.mean(dim=-1).abs() < 1e-2).all())


def drops_what_is_added(result, x, dropout, norm, training, seed_of_weights):
    """In training, dropout must act on what each part adds, and on nothing else."""
    right = {"dropped": dropout, "the rest times": 1 / (1 - dropout)}
    return not training or all(result[f"of {part}"] == right for part in PARTS)


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
        "`feed_forward` and `feed_forward_norm`; take "
        "`parts.MultiHeadAttention(d_model, n_heads)`, "
        '`parts.FeedForward(d_model, d_ff)` and `nn.LayerNorm`. With `norm="pre"` each part reads '
        'a normalised copy of the stream; with `norm="post"` the stream is normalised after each '
        "addition. In training, dropout acts on what each part adds."
    ),
    given="from musiclab import model as parts",
    reference=reference,
    solution=_Solution,
    probes=probes,
    use=use,
    tolerance=1e-4,
    hear=hear,
    properties=(normalised_at_the_end, drops_what_is_added),
    mistakes=(*SLIPS, sees_the_future, without_dropout, dropout_in_evaluation),
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

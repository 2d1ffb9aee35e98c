"""feed-forward: widen, bend, narrow, at every position alone; dropout in training only."""

import torch
import torch.nn.functional as F
from torch import nn

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._dropping import how_it_drops
from musiclab.check.exercises._parts import with_weights
from musiclab.model import FeedForward as LibraryFeedForward

CALLS = 8  # in training, to see how much is dropped


def probes(rng):
    """Yield two calls in evaluation, then one in training, with input enough to count."""
    for *shape, d_ff, share, training in (
        (1, 1, 2, 2, 0.5, False),
        (2, 3, 4, 7, 0.2, False),
        (3, 40, 5, 6, 0.2, True),
    ):
        d_model = shape[-1]
        widen, narrow = normal(rng, d_ff, d_model), normal(rng, d_model, d_ff)
        yield normal(rng, *shape), widen, narrow, share, training


def use(answer, x, widen, narrow, dropout, training):
    """Build the layer and call it; in training, tell how it drops, since that is random."""
    d_ff, d_model = widen.shape
    weights = {"widen.weight": widen, "narrow.weight": narrow}
    layer = with_weights(answer(d_model, d_ff, dropout), weights)
    steady = layer.eval()(x)
    if steady is None:
        return None
    if not training:
        same = all(torch.equal(steady, layer(x)) for _ in range(6))
        return steady if same else "another result at each call"
    layer.train()
    return how_it_drops(torch.stack([layer(x) for _ in range(CALLS)]).detach(), steady.detach())


def reference(d_model, d_ff, dropout=0.1):
    library = LibraryFeedForward(d_model, d_ff)
    own = build(lambda layer, x: layer.drop(library(x)))(d_model, d_ff, dropout)
    library[0].weight, library[2].weight = own.widen.weight, own.narrow.weight
    return own


class _Solution(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.1):
        super().__init__()
        self.widen = nn.Linear(d_model, d_ff, bias=False)
        self.narrow = nn.Linear(d_ff, d_model, bias=False)
        self.dropout = dropout  # probability that a number of the result becomes 0, in training

    def forward(self, x):
        # BEGIN SOLUTION
        bent = F.gelu(self.widen(x))
        return F.dropout(self.narrow(bent), self.dropout, self.training)
        # END SOLUTION


def build(forward):
    """Make a class like the solution, with another ``forward``."""

    class Changed(_Solution):
        def drop(self, x):
            return F.dropout(x, self.dropout, self.training)

    Changed.forward = forward
    return Changed


def bend_with(bend):
    return build(lambda self, x: self.drop(self.narrow(bend(self.widen(x)))))


def dropout_in_evaluation(*sizes):
    """Your layer drops in evaluation too: two calls never give the same.

    `F.dropout` drops unless it is told otherwise, and so does an `nn.Dropout` that is made inside
    `forward`. How does a module know whether it is in training?
    """
    return build(lambda self, x: F.dropout(self.narrow(F.gelu(self.widen(x))), self.dropout))(
        *sizes
    )


def dropout_only_in_evaluation(*sizes):
    """Your layer drops in evaluation and not in training: the switch is upside down.

    `self.training` is True while the model learns.
    """

    def forward(self, x):
        return F.dropout(self.narrow(F.gelu(self.widen(x))), self.dropout, not self.training)

    return build(forward)(*sizes)


def no_dropout(*sizes):
    """Nothing is dropped in training.

    What `forward` returns should pass through dropout last.
    """
    return build(lambda self, x: self.narrow(F.gelu(self.widen(x))))(*sizes)


def dropout_not_rescaled(*sizes):
    """You drop numbers but do not scale up the rest: in training the layer is too quiet.

    What is kept must make up for what is dropped, so that the mean stays the same.
    """

    def forward(self, x):
        x = self.narrow(F.gelu(self.widen(x)))
        return x * (torch.rand_like(x) >= self.dropout) if self.training else x

    return build(forward)(*sizes)


def rescaled_by_the_share(*sizes):
    """What is kept is multiplied by the share that is kept, which makes it quieter still.

    Divide by that share: what is left must make up for what is gone.
    """

    def forward(self, x):
        x, kept = self.narrow(F.gelu(self.widen(x))), 1 - self.dropout
        return x * (torch.rand_like(x) < kept) * kept if self.training else x

    return build(forward)(*sizes)


def rescaled_in_evaluation(*sizes):
    """You drop without scaling up, and make evaluation quieter instead.

    That was the first way to do it. Today training is scaled up, and evaluation left alone.
    """

    def forward(self, x):
        x = self.narrow(F.gelu(self.widen(x)))
        kept = 1 - self.dropout
        return x * (torch.rand_like(x) < kept) if self.training else x * kept

    return build(forward)(*sizes)


def keeps_what_it_should_drop(*sizes):
    """You drop the share that should be kept, and keep the share that should be dropped.

    `dropout` is the probability that a number becomes 0.
    """

    def forward(self, x):
        return F.dropout(self.narrow(F.gelu(self.widen(x))), 1 - self.dropout, self.training)

    return build(forward)(*sizes)


def dropout_too_early(*sizes):
    """Your dropout acts before the last matrix: no number of the result is ever 0.

    Drop what the layer adds to the stream, at the very end.
    """
    return build(lambda self, x: self.narrow(self.drop(F.gelu(self.widen(x)))))(*sizes)


def dropout_twice(*sizes):
    """You drop twice, within the layer and at its end.

    Once is enough: drop what the layer adds to the stream.
    """

    def forward(self, x):
        return self.drop(self.narrow(self.drop(F.gelu(self.widen(x)))))

    return build(forward)(*sizes)


def drops_whole_vectors(*sizes):
    """You drop whole vectors: a position loses everything, or nothing.

    Each number has a chance of its own. What shape should your random numbers have?
    """

    def forward(self, x):
        x, kept = self.narrow(F.gelu(self.widen(x))), 1 - self.dropout
        return x * (torch.rand_like(x[..., :1]) < kept) / kept if self.training else x

    return build(forward)(*sizes)


def no_bend(*sizes):
    """Nothing bends between the two matrices: together they do no more than one.

    Which function does section 8.2 put between them?
    """
    return bend_with(lambda x: x)(*sizes)


def relu(*sizes):
    """Your bend is ReLU, which cuts off everything below 0. Asked for is GELU.

    GELU is softer: just below 0 it lets a little through.
    """
    return bend_with(F.relu)(*sizes)


def another_soft_bend(*sizes):
    """Your bend is SiLU (also called swish). Asked for is GELU.

    The two look much alike, but the weights were learned with one of them.
    """
    return bend_with(F.silu)(*sizes)


def approximate_gelu(*sizes):
    """Your GELU is the approximation by tanh: near, but not the same.

    PyTorch's own GELU is exact unless told otherwise.
    """
    return bend_with(lambda x: F.gelu(x, approximate="tanh"))(*sizes)


def squashed(*sizes):
    """Your bend is tanh: it presses everything into -1 to 1. Asked for is GELU.

    GELU leaves large numbers as they are.
    """
    return bend_with(torch.tanh)(*sizes)


def bend_at_the_end(*sizes):
    """The bend comes after the second matrix, so the layer can hardly take anything away.

    Bend where the vector is wide.
    """
    return build(lambda self, x: self.drop(F.gelu(self.narrow(self.widen(x)))))(*sizes)


def bend_at_the_beginning(*sizes):
    """The bend comes before the first matrix.

    Bend where the vector is wide, between the two matrices.
    """
    return build(lambda self, x: self.drop(self.narrow(self.widen(F.gelu(x)))))(*sizes)


def bend_twice(*sizes):
    """You bend after both matrices, so the layer can hardly take anything away.

    One bend is enough, where the vector is wide.
    """
    return build(lambda self, x: self.drop(F.gelu(self.narrow(F.gelu(self.widen(x))))))(*sizes)


def residual_inside(*sizes):
    """Your layer adds x itself: the block will add it once more.

    The residual is the business of the block (section 8.4).
    """
    return build(lambda self, x: x + self.drop(self.narrow(F.gelu(self.widen(x)))))(*sizes)


def drops_the_set_share(result, x, widen, narrow, dropout, training):
    """In training, the share `dropout` of the numbers must become 0, and none in evaluation.

    Training and evaluation are told apart by `self.training`.
    """
    if not training:
        return not isinstance(result, str)
    return result["dropped"] == round(dropout, 1)


def makes_up_for_it(result, x, widen, narrow, dropout, training):
    """In training, what is kept must be scaled up, so that the mean stays the same."""
    return not training or result["the rest times"] == round(1 / (1 - dropout), 2)


EXERCISE = Exercise(
    id="feed-forward",
    notebook=8,
    place=2,
    title="Feed-forward, with dropout",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=10,
    why="Two thirds of a block's weights are here.",
    signature=(
        "FeedForward(d_model: int, d_ff: int, dropout: float = 0.1), a module that takes "
        'x: Float[Tensor, "batch seq d_model"] -> Float[Tensor, "batch seq d_model"]'
    ),
    statement=(
        "Fill in `forward`: widen the vector, bend it by GELU, narrow it again, then drop some of "
        "the result. In training, each number becomes 0 with the probability `dropout`, and the "
        "rest is scaled up so that the mean stays. In evaluation nothing is dropped."
    ),
    reference=reference,
    solution=_Solution,
    probes=probes,
    use=use,
    properties=(drops_the_set_share, makes_up_for_it),
    mistakes=(
        dropout_in_evaluation,
        dropout_only_in_evaluation,
        no_dropout,
        dropout_not_rescaled,
        rescaled_by_the_share,
        rescaled_in_evaluation,
        keeps_what_it_should_drop,
        dropout_too_early,
        dropout_twice,
        drops_whole_vectors,
        no_bend,
        relu,
        another_soft_bend,
        approximate_gelu,
        squashed,
        bend_at_the_end,
        bend_at_the_beginning,
        bend_twice,
        residual_inside,
    ),
    hints=(
        "A vector goes in, a wider one stands in the middle, and one as wide as the first comes "
        "out. Where does it bend? And who tells the layer that the lesson is over?",
        "x: (batch, seq, d_model). Widen: (batch, seq, d_ff). GELU. Narrow: (batch, seq, d_model). "
        "Dropout on that, only if `self.training`.",
        "`bent = F.gelu(...)`, then `return F.dropout(..., self.dropout, ...)`. The last gap is a "
        "switch that every module carries.",
    ),
    explain="Why would two matrices without a bend do no more than one?",
)

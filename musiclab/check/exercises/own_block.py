"""own-block: any block that keeps the stream, hears the past, and not the future."""

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn

from musiclab.check.exercise import Exercise, normal

TWO = ((0, 1), (1, 0))  # pieces of a batch


def probes(rng):
    """Yield streams of all-different sizes; widths that four heads could share."""
    for batch, seq, d_model in ((2, 17, 4), (3, 18, 12), (2, 19, 8)):
        yield (normal(rng, batch, seq, d_model),)


def use(answer, x):
    """Build the block and find out what it does."""
    block = answer(x.shape[-1]).eval()
    shaken(block)
    result = block(x)
    facts = {"has the shape of x": result.shape == x.shape}
    if not facts["has the shape of x"]:
        return facts
    facts["gives the same twice"] = torch.equal(result, block(x))
    facts["hears the past"] = moved(block, x, (0, 0))[0, 1:].any()
    facts["hears the future"] = moved(block, x, (0, -1))[0, :-1].any()
    facts["hears other pieces"] = any(
        moved(block, x, (speaker, slice(None)))[listener].any() for speaker, listener in TWO
    )
    facts["every weight learns"] = learns(block, x)
    with torch.no_grad():
        for weight in block.parameters():
            weight.zero_()
    facts["keeps the stream"] = torch.allclose(block(x), x, atol=1e-5)
    return {name: bool(fact) for name, fact in facts.items()}


def shaken(block):
    """Move every weight a little, since some parts begin at 0 and do nothing yet."""
    chance = torch.Generator().manual_seed(8)
    with torch.no_grad():
        for weight in block.parameters():
            weight.add_(torch.randn(weight.shape, generator=chance), alpha=0.1)


def moved(block, x, speaker):
    """Tell which results move when x is changed somewhere."""
    changed = x.clone()
    changed[speaker] += torch.linspace(1, 3, x.shape[-1])
    return ((block(x) - block(changed)).abs() > 1e-5).any(dim=-1)


def learns(block, x):
    """Tell whether every weight of a block makes a difference."""
    weights = list(block.parameters())
    if not weights:
        return False
    loss = (block(x) * torch.linspace(1, 2, x.numel()).view_as(x)).square().sum()
    gradients = torch.autograd.grad(loss, weights, allow_unused=True)
    return all(one is not None and bool(one.any()) for one in gradients)


class _Solution(nn.Module):
    def __init__(self, d_model):
        super().__init__()
        self.norm = nn.LayerNorm(d_model)
        self.listen = nn.Conv1d(d_model, d_model, kernel_size=4)  # hears the last four positions

    def forward(self, x):
        heard = rearrange(self.norm(x), "batch seq d_model -> batch d_model seq")
        heard = F.pad(heard, (3, 0))  # silence before the beginning, none after the end
        found = F.gelu(self.listen(heard))
        return x + rearrange(found, "batch d_model seq -> batch seq d_model")


def build(forward):
    """Make a class like the solution that runs differently."""
    return type("Changed", (_Solution,), {"forward": forward})


def convolve(self, x, left, right):
    heard = F.pad(self.norm(x).transpose(1, 2), (left, right))
    return F.gelu(self.listen(heard)).transpose(1, 2)


def hears_the_future(d_model):
    """In your block a position hears what comes after it.

    It may gather from the past alone. A mean over all positions, or a convolution that is filled up
    on both sides, looks ahead.
    """
    return build(lambda self, x: x + convolve(self, x, 2, 1))(d_model)


def hears_only_the_future(d_model):
    """Your block looks the wrong way: a position hears what comes after it, not what came before.

    In which direction did you move the positions?
    """
    return build(lambda self, x: x + convolve(self, x, 0, 3))(d_model)


def hears_nothing(d_model):
    """In your block nothing travels from one position to another.

    Without that, it can know no more than the newest token. Let each position gather something from
    earlier ones.
    """

    def forward(self, x):
        alone = self.listen.weight.sum(dim=-1)
        return x + F.gelu(F.linear(self.norm(x), alone, self.listen.bias))

    return build(forward)(d_model)


def hears_other_pieces(d_model):
    """In your block a piece hears the other pieces of its batch.

    They have been put together by chance. Which axis is the batch?
    """

    def forward(self, x):
        found = convolve(self, x, 3, 0)
        return x + found + found.mean(dim=0)

    return build(forward)(d_model)


def hears_only_other_pieces(d_model):
    """Your block mixes the pieces of a batch, where it should mix the positions of a piece.

    Which axis comes first, batch or seq?
    """
    return build(lambda self, x: x + convolve(self, x.transpose(0, 1), 3, 0).transpose(0, 1))(
        d_model
    )


def hears_everything(d_model):
    """In your block a position hears the future, and the other pieces of the batch too.

    Does a mean or a norm run over the batch, or over all axes?
    """

    def forward(self, x):
        return x + convolve(self, x, 2, 1) + convolve(self, x, 3, 0).mean(dim=(0, 1))

    return build(forward)(d_model)


def no_residual(d_model):
    """Your block replaces the stream, where it should add to it.

    With all weights at 0, nothing is found, so nothing should be added: x comes out as it went in.
    """
    return build(lambda self, x: convolve(self, x, 3, 0))(d_model)


def future_and_no_residual(d_model):
    """Two things: your block hears the future, and it replaces the stream.

    Gather from the past alone, and add what is found to x.
    """
    return build(lambda self, x: convolve(self, x, 2, 1))(d_model)


def different_each_time(d_model):
    """Your block gives another result at each call.

    Is there dropout that does not know about evaluation, or a layer that is made anew in `forward`?
    """

    class Changed(_Solution):
        def forward(self, x):
            return F.dropout(super().forward(x), 0.5)

    return Changed(d_model)


def idle_weights(d_model):
    """Your block has weights that make no difference.

    Is a part made in `__init__` that `forward` never calls? Or cut off by `detach`?
    """
    block = _Solution(d_model)
    block.spare = nn.Linear(d_model, d_model)
    return block


def nothing_to_learn(d_model):
    """Your block has no weights of its own, so it cannot learn anything.

    Give it at least one layer, made in `__init__`.
    """

    class Changed(nn.Module):
        def forward(self, x):
            return x + x.cumsum(dim=1)

    return Changed()


def another_shape(d_model):
    """What comes out does not have the shape of x: no further block could be stacked on yours.

    Follow the axes batch, seq and d_model through `forward`.
    """
    return build(lambda self, x: x[:, 3:] + convolve(self, x, 0, 0))(d_model)


def shape_is_kept(facts, x):
    """What comes out must have the shape of x: (batch, seq, d_model)."""
    return facts["has the shape of x"]


def same_again(facts, x):
    """In evaluation, the same x must give the same result."""
    return facts.get("gives the same twice", True)


def past_is_heard(facts, x):
    """A change at the first position must reach some later one."""
    return facts.get("hears the past", True)


def future_is_not_heard(facts, x):
    """A change at the last position must reach no earlier one."""
    return not facts.get("hears the future", False)


def pieces_are_apart(facts, x):
    """A change in one piece must not reach another."""
    return not facts.get("hears other pieces", False)


def stream_is_kept(facts, x):
    """With all weights at 0, x must come out as it went in."""
    return facts.get("keeps the stream", True)


def weights_learn(facts, x):
    """Every weight must make a difference to the result, and there must be some."""
    return facts.get("every weight learns", True)


EXERCISE = Exercise(
    id="own-block",
    notebook=8,
    place=7,
    title="A block of your own",
    kind="open",
    difficulty=4,
    importance=2,
    minutes=25,
    why="Attention is one way to gather from the past; others were found by people who tried.",
    signature=(
        "OwnBlock(d_model: int), a module that takes "
        'x: Float[Tensor, "batch seq d_model"] -> Float[Tensor, "batch seq d_model"]'
    ),
    statement=(
        "Invent a block that gathers without attention: a running mean, a convolution, a gate, an "
        "echo, whatever you like. Five rules make it fit into a Transformer. It keeps the shape. "
        "Each position hears something of the 16 positions before it, and nothing of the future. "
        "Pieces of a batch do not hear each other. It only adds to the stream: with all its "
        "weights at 0, x comes out as it "
        "went in. And all its weights can learn."
    ),
    reference=_Solution,
    solution=_Solution,
    exact=False,
    probes=probes,
    use=use,
    properties=(
        shape_is_kept,
        same_again,
        past_is_heard,
        future_is_not_heard,
        pieces_are_apart,
        stream_is_kept,
        weights_learn,
    ),
    mistakes=(
        hears_the_future,
        hears_only_the_future,
        hears_nothing,
        hears_other_pieces,
        hears_only_other_pieces,
        hears_everything,
        no_residual,
        future_and_no_residual,
        different_each_time,
        idle_weights,
        nothing_to_learn,
        another_shape,
    ),
    hints=(
        "How could a note know what came before it, if it may not ask each of them? Think of what "
        "you remember of a tune: the last note, an average, a slow echo?",
        "x: (batch, seq, d_model). Norm. Gather along seq, from the left alone. A linear layer, a "
        "bend. Add to x. Zero weights must give zero to add.",
        "`heard = self.norm(x).cumsum(dim=...)`, divided by how many there are so far; then "
        "`return x + F.gelu(self.listen(...))`. Or move x one place to the right with "
        "`F.pad(x, (0, 0, 1, 0))[:, :-1]`.",
    ),
    explain="What can attention do that your block cannot?",
)

"""split-heads: cut the width into heads, the same cut at every position."""

import torch
from einops import rearrange, repeat

from musiclab.check.exercise import Exercise
from musiclab.check.heard import play_with
from musiclab.model import attention


def probes(rng):
    """Yield whole numbers, all different, so that one sees where each of them went."""
    yield torch.arange(8.0).view(1, 2, 4), 2
    for batch, seq, heads, head_dim in ((1, 3, 2, 3), (2, 3, 5, 4), (3, 4, 2, 5), (2, 1, 3, 2)):
        numbers = rng.permutation(batch * seq * heads * head_dim).astype("float32")
        yield torch.from_numpy(numbers).view(batch, seq, heads * head_dim), heads


def solution(x, heads):
    return rearrange(x, "batch seq (heads head_dim) -> batch heads seq head_dim", heads=heads)


def bare_reshape(x, heads):
    """Your shape is right, your content is not: a bare reshape gives each head a piece of time.

    Head 0 should hold the first numbers of *every* position. Compare the two prints in 6.6.
    """
    batch, seq, d_model = x.shape
    return x.reshape(batch, heads, seq, d_model // heads)


def every_other_number(x, heads):
    """You deal the numbers out like cards: head 0 gets every second one, or third, or so.

    A head is a block of *neighbouring* numbers. In the pattern: (heads head_dim) or the reverse?
    """
    return rearrange(x, "batch seq (head_dim heads) -> batch heads seq head_dim", heads=heads)


def heads_for_head_dim(x, heads):
    """You cut as many numbers for a head as there should be heads: the two sizes are exchanged.

    Each head gets d_model / heads numbers. Which size do you give to `rearrange` or `view`?
    """
    return rearrange(x, "batch seq (heads head_dim) -> batch heads seq head_dim", head_dim=heads)


def seq_before_heads(x, heads):
    """You cut the heads rightly, but they still stand after the positions, not before them.

    Attention wants (batch, heads, seq, head_dim). Which two axes must change places?
    """
    return rearrange(x, "batch seq (heads head_dim) -> batch seq heads head_dim", heads=heads)


def seq_before_heads_dealt(x, heads):
    """Two slips: numbers are dealt out like cards, and heads stand after positions.

    A head is a block of neighbouring numbers. Asked for is (batch, heads, seq, head_dim).
    """
    return rearrange(x, "batch seq (head_dim heads) -> batch seq heads head_dim", heads=heads)


def head_dim_before_seq(x, heads):
    """The last two axes of your result are exchanged: head_dim should stand last.

    Asked for is (batch, heads, seq, head_dim), so that each position keeps its vector in one row.
    """
    return rearrange(x, "batch seq (heads head_dim) -> batch heads head_dim seq", heads=heads)


def turned_before_cut(x, heads):
    """You exchange two axes first and reshape then, so positions and numbers mix.

    Cut the last axis while it is still the last. Only then move the new axes.
    """
    batch, seq, d_model = x.shape
    return x.transpose(1, 2).reshape(batch, heads, seq, d_model // heads)


def columns_for_rows(x, heads):
    """You reshape to rows of length seq and then exchange the axes, so positions mix.

    Cut the last axis only: (batch, seq, heads, head_dim) comes first, whatever comes after.
    """
    batch, seq, d_model = x.shape
    return x.reshape(batch, heads, d_model // heads, seq).transpose(2, 3)


def cut_in_time(x, heads):
    """You cut the *time* into parts, one for each head, and leave the vectors whole.

    Each head sees all positions, but only a part of each vector. See section 6.6.
    """
    return torch.stack(x.chunk(heads, dim=1), dim=1)


def heads_inside_batch(x, heads):
    """You put the heads into the batch axis, where they should have an axis of their own.

    It works too, in some libraries. Asked for are four axes: (batch, heads, seq, head_dim).
    """
    return rearrange(x, "batch seq (heads head_dim) -> (batch heads) seq head_dim", heads=heads)


def heads_first(x, heads):
    """Your heads stand before the batch; the batch should come first.

    Likely cause: `torch.stack` without `dim`. Asked for is (batch, heads, seq, head_dim).
    """
    return rearrange(x, "batch seq (heads head_dim) -> heads batch seq head_dim", heads=heads)


def every_head_whole(x, heads):
    """You give every head the whole vector, where each should get only its own part.

    The parts side by side make up d_model. See section 6.6.
    """
    return repeat(x, "batch seq d_model -> batch heads seq d_model", heads=heads)


def heads_backwards(x, heads):
    """Your heads come in the reverse order: head 0 holds the last numbers of each vector.

    Head 0 should hold the first ones. From which end do you count or stack?
    """
    return solution(x, heads).flip(1)


def every_number_is_kept(split, x, heads):
    """Splitting only moves numbers: each one of the input must be there exactly once."""
    return torch.equal(torch.as_tensor(split).flatten().sort()[0], x.flatten().sort()[0])


def head_0_starts_every_position(split, x, heads):
    """The first number of each position must be the first number of head 0 at that position."""
    return torch.equal(torch.as_tensor(split)[:, 0, :, 0], x[:, :, 0])


def hear(answer):
    """Let the model write with heads cut like this."""

    def cut(x, pattern, **sizes):
        if pattern != attention.SPLIT:
            return rearrange(x, pattern, **sizes)
        return torch.stack([torch.as_tensor(answer(one, sizes["heads"])) for one in x.chunk(3, -1)])

    return play_with(attention, "rearrange", cut)


EXERCISE = Exercise(
    id="split-heads",
    notebook=6,
    place=3,
    title="Cut into heads",
    kind="implement",
    difficulty=1,
    importance=3,
    minutes=5,
    further=True,
    why="A wrong cut has the right shape and raises no error; only the music gets worse.",
    signature=(
        'split_heads(x: Float[Tensor, "batch seq d_model"], heads: int)'
        ' -> Float[Tensor, "batch heads seq head_dim"]'
    ),
    statement=(
        "Cut each vector into `heads` parts of equal length. Head 0 gets the first part of the "
        "vector at *every* position, head 1 the next part, and so on. `d_model` is `heads` times "
        "`head_dim`."
    ),
    reference=solution,
    solution=solution,
    probes=probes,
    properties=(every_number_is_kept, head_0_starts_every_position),
    mistakes=(
        bare_reshape,
        every_other_number,
        heads_for_head_dim,
        seq_before_heads,
        seq_before_heads_dealt,
        head_dim_before_seq,
        turned_before_cut,
        columns_for_rows,
        cut_in_time,
        heads_inside_batch,
        heads_first,
        every_head_whole,
        heads_backwards,
    ),
    hints=(
        "Frame 0 holds 0 1 2 3, frame 1 holds 4 5 6 7. There are two heads. Which numbers does "
        "head 0 get? Write them down before you go on.",
        "1. Cut the last axis into two: (batch, seq, heads, head_dim). Which of the two new axes "
        "moves faster from number to number?\n"
        "2. Let heads and seq change places: (batch, heads, seq, head_dim).",
        '`return rearrange(x, "batch seq (... ...) -> batch ... ... head_dim", heads=heads)`. '
        "In the brackets, the axis that moves faster stands last.",
    ),
    explain="Why is there no error when you use a bare `reshape`? How would you notice?",
    hear=hear,
)

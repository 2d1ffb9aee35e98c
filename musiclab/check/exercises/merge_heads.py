"""merge-heads: put the heads side by side again; the given code does it wrongly, without error."""

import torch
from einops import rearrange, reduce

from musiclab.check.exercise import Exercise
from musiclab.check.heard import play_with
from musiclab.model import attention


def probes(rng):
    """Yield whole numbers, all different, so that one sees where each of them went."""
    yield (torch.arange(8.0).view(1, 2, 2, 2),)
    for batch, heads, seq, head_dim in ((1, 2, 3, 4), (2, 5, 3, 4), (3, 2, 4, 5), (2, 3, 1, 2)):
        numbers = rng.permutation(batch * heads * seq * head_dim).astype("float32")
        yield (torch.from_numpy(numbers).view(batch, heads, seq, head_dim),)


def solution(x):
    return rearrange(x, "batch heads seq head_dim -> batch seq (heads head_dim)")


def start(x):
    batch, heads, seq, head_dim = x.shape
    return x.reshape(batch, seq, heads * head_dim)


def dealt_like_cards(x):
    """You take one number of each head in turn; each head's numbers should stay together.

    In the pattern: (heads head_dim) or (head_dim heads)? Or which two axes did you exchange?
    """
    return rearrange(x, "batch heads seq head_dim -> batch seq (head_dim heads)")


def reshaped_after_wrong_turn(x):
    """You exchange the wrong two axes before you reshape, so heads and positions still mix.

    Before the reshape, heads and head_dim must be the last two axes, in this order.
    """
    batch, heads, seq, head_dim = x.shape
    return x.transpose(2, 3).reshape(batch, seq, heads * head_dim)


def heads_and_numbers_exchanged(x):
    """You exchange heads and head_dim before you reshape; heads and positions should move.

    Before the reshape, heads and head_dim must be the last two axes, in this order.
    """
    batch, heads, seq, head_dim = x.shape
    return x.transpose(1, 3).reshape(batch, seq, heads * head_dim)


def batch_mixed_in(x):
    """You exchange heads and batch before you reshape, so pieces of music get mixed.

    The batch stays in front, untouched. Which two axes should change places?
    """
    batch, heads, seq, head_dim = x.shape
    return x.transpose(0, 1).reshape(batch, seq, heads * head_dim)


def heads_averaged(x):
    """You take the mean of the heads, but each found something of its own that is lost then.

    Put them side by side: the width becomes heads times head_dim.
    """
    return reduce(x, "batch heads seq head_dim -> batch seq head_dim", "mean")


def heads_summed(x):
    """You add the heads up, but each found something of its own that is lost then.

    Put them side by side: the width becomes heads times head_dim.
    """
    return reduce(x, "batch heads seq head_dim -> batch seq head_dim", "sum")


def first_head_only(x):
    """You keep head 0 and lose all others.

    Put all heads side by side: the width becomes heads times head_dim.
    """
    return x[:, 0]


def not_flattened(x):
    """You moved the heads behind the positions, but did not make one axis of the last two.

    Asked for are three axes: (batch, seq, d_model).
    """
    return rearrange(x, "batch heads seq head_dim -> batch seq heads head_dim")


def one_after_another_in_time(x):
    """You put the heads one after another in time, where they should stand side by side.

    The number of positions stays as it is; the *width* grows. See section 6.6.
    """
    return rearrange(x, "batch heads seq head_dim -> batch (heads seq) head_dim")


def width_before_time(x):
    """The last two axes of your result are exchanged: positions should come before the width.

    Asked for is (batch, seq, d_model).
    """
    return rearrange(x, "batch heads seq head_dim -> batch (heads head_dim) seq")


def heads_backwards(x):
    """Your heads stand in the reverse order, the last head first.

    Head 0 gives the first numbers of each vector. From which end do you count?
    """
    return solution(x.flip(1))


def every_number_is_kept(merged, x):
    """Merging only moves numbers: each one of the input must be there exactly once."""
    return torch.equal(torch.as_tensor(merged).flatten().sort()[0], x.flatten().sort()[0])


def each_position_keeps_its_own(merged, x):
    """A position of the result may hold only numbers of that same position, from all heads."""
    own = rearrange(x, "batch heads seq head_dim -> batch seq (heads head_dim)").sort()[0]
    return torch.equal(torch.as_tensor(merged).sort(dim=-1)[0], own)


def hear(answer):
    """Let the model write with heads merged like this."""

    def merge(x, pattern, **sizes):
        if pattern != attention.MERGE:
            return rearrange(x, pattern, **sizes)
        return torch.as_tensor(answer(x))

    return play_with(attention, "rearrange", merge)


EXERCISE = Exercise(
    id="merge-heads",
    notebook=6,
    place=4,
    title="Heads side by side again",
    kind="find the bug",
    difficulty=2,
    importance=3,
    minutes=5,
    why="This bug is in many a home-made Transformer: it runs, it trains, and it sounds wrong.",
    signature=(
        'merge_heads(x: Float[Tensor, "batch heads seq head_dim"])'
        ' -> Float[Tensor, "batch seq d_model"]'
    ),
    statement=(
        "This function shall put the heads side by side again, so that it undoes `split_heads`: "
        "each position gets the numbers of head 0, then those of head 1, and so on. The shape is "
        "right and there is no error, yet a model with it writes nonsense. Find the bug and "
        "repair it."
    ),
    reference=solution,
    solution=solution,
    start=start,
    probes=probes,
    properties=(every_number_is_kept, each_position_keeps_its_own),
    mistakes=(
        dealt_like_cards,
        reshaped_after_wrong_turn,
        heads_and_numbers_exchanged,
        batch_mixed_in,
        heads_averaged,
        heads_summed,
        first_head_only,
        not_flattened,
        one_after_another_in_time,
        width_before_time,
        heads_backwards,
    ),
    hints=(
        "Head 0 says 0 1 at the first position and 2 3 at the second. Head 1 says 4 5, then 6 7. "
        "What should stand at the first position? What does the given code put there?",
        "1. The numbers lie in memory as (batch, heads, seq, head_dim): all positions of head 0 "
        "come first.\n"
        "2. Before they are read in rows of d_model, heads must stand beside head_dim: "
        "(batch, seq, heads, head_dim).",
        'With words: `rearrange(x, "batch heads seq head_dim -> batch seq (... ...)")`. Without: '
        "`x.transpose(..., ...)` before the `reshape`. Which two axes change places?",
    ),
    explain="Which two axes did the bare `reshape` mix, and why did the shape come out right?",
    hear=hear,
)

"""ablate-head: replace what one head hands on by its mean, before the output projection."""

import torch
from torch import nn

from musiclab.check.exercise import Exercise, normal


def probes(rng):
    """Yield what the heads hand on, the projection, which head, and how many; all sizes differ."""
    for batch, seq, n_heads, head_dim, head in ((2, 3, 2, 3, 1), (3, 5, 4, 2, 0), (2, 7, 3, 5, 1)):
        width = n_heads * head_dim
        to_out = nn.Linear(width, width, bias=False)
        to_out.weight.data = normal(rng, width, width)
        mixed = normal(rng, batch, seq, width) + 2 * normal(rng, width)
        yield mixed, to_out, head, n_heads


def use(answer, mixed, to_out, head, n_heads):
    """Call it without keeping gradients."""
    with torch.no_grad():
        return answer(mixed, to_out, head, n_heads)


def solution(mixed, to_out, head, n_heads):
    width = mixed.shape[-1] // n_heads
    mine = slice(head * width, (head + 1) * width)
    changed = mixed.clone()
    changed[..., mine] = mixed[..., mine].mean(dim=(0, 1))
    return to_out(changed)


def own(mixed, head, n_heads):
    """Mark the numbers of one head."""
    return torch.arange(mixed.shape[-1]) // (mixed.shape[-1] // n_heads) == head


def over_all(mixed):
    return mixed.mean(dim=(0, 1), keepdim=True)


def build(columns=own, fill=over_all, project=True):
    """Make a function that takes other columns, or fills them with something else."""

    def ablate(mixed, to_out, head, n_heads):
        changed = torch.where(columns(mixed, head, n_heads), fill(mixed), mixed)
        return to_out(changed) if project else changed

    return ablate


def reference(*inputs):
    """Replace the head's numbers by their mean over all notes of all pieces."""
    return build()(*inputs)


def zero_instead_of_mean(*inputs):
    """You put zeros where the head's mean belongs.

    What follows has never met zeros there, so you measure its surprise as well. The mean says
    nothing of this moment, and is a usual value.
    """
    return build(fill=torch.zeros_like)(*inputs)


def counted_from_one(mixed, to_out, head, n_heads):
    """You replace the head before the one that was asked for.

    Heads are counted from 0: where do the numbers of head 0 begin?
    """
    width = mixed.shape[-1] // n_heads
    changed = mixed.clone()
    mine = slice((head - 1) * width, head * width)
    changed[..., mine] = mixed[..., mine].mean(dim=(0, 1))
    return to_out(changed)


def next_head(*inputs):
    """You replace the head after the one that was asked for.

    Heads are counted from 0. Where do the numbers of head 0 end?
    """
    return build(lambda mixed, head, n_heads: own(mixed, head + 1, n_heads))(*inputs)


def last_head(*inputs):
    """You replace another head: they stand in order, the first at the left.

    Did you count from the right?
    """
    return build(lambda mixed, head, n_heads: own(mixed, n_heads - 1 - head, n_heads))(*inputs)


def all_heads(*inputs):
    """You replace all heads, and not one of them.

    How many numbers belong to one head, and where do they begin?
    """
    return build(lambda mixed, head, n_heads: torch.ones(mixed.shape[-1], dtype=torch.bool))(
        *inputs
    )


def the_others(*inputs):
    """You replace all heads but the one that was asked for.

    That asks what one head can do alone. Here we ask what the layer can do without it.
    """
    return build(lambda mixed, head, n_heads: ~own(mixed, head, n_heads))(*inputs)


def this_and_those_before(*inputs):
    """You replace all numbers up to the end of this head: the heads before it, too.

    Where does the slice begin?
    """

    def columns(mixed, head, n_heads):
        width = mixed.shape[-1] // n_heads
        return torch.arange(mixed.shape[-1]) < (head + 1) * width

    return build(columns)(*inputs)


def after_the_projection(mixed, to_out, head, n_heads):
    """You replace numbers after the output projection, where the heads are mixed already.

    In what `to_out` gives, no column belongs to one head. Replace first, then project.
    """
    made = to_out(mixed)
    return torch.where(own(mixed, head, n_heads), over_all(made), made)


def not_projected(*inputs):
    """You return what goes into the projection, not what comes out of it.

    The rest of the model reads what `to_out` makes of the heads.
    """
    return build(project=False)(*inputs)


def heads_and_width_exchanged(*inputs):
    """You take `n_heads` numbers for a head, but a head has `d_model / n_heads`.

    With 4 heads in 128 numbers, how many has each?
    """

    def columns(mixed, head, n_heads):
        return torch.arange(mixed.shape[-1]) // n_heads == head

    return build(columns)(*inputs)


def every_nth_number(*inputs):
    """You take every n-th number, as if the heads were shuffled together like cards.

    In what they hand on, all numbers of head 0 come first, then all of head 1.
    """
    return build(lambda mixed, head, n: torch.arange(mixed.shape[-1]) % n == head)(*inputs)


def mean_over_pieces(*inputs):
    """Your mean is over the pieces only, so it still says at which place in the piece we are.

    Average over both the pieces and their notes.
    """
    return build(fill=lambda mixed: mixed.mean(dim=0, keepdim=True))(*inputs)


def mean_over_notes(*inputs):
    """Each piece gets a mean of its own, which still says something of that piece.

    Average over both the pieces and their notes.
    """
    return build(fill=lambda mixed: mixed.mean(dim=1, keepdim=True))(*inputs)


def mean_over_numbers(*inputs):
    """You average the numbers of each note, so the head still speaks of that note.

    One mean for each of the head's numbers, over all notes. Which axes go, and which stays?
    """

    def ablate(mixed, to_out, head, n_heads):
        mine = own(mixed, head, n_heads)
        mean = mixed[..., mine].mean(dim=-1, keepdim=True)
        return to_out(torch.where(mine, mean, mixed))

    return ablate(*inputs)


def one_number_for_all(mixed, to_out, head, n_heads):
    """You put one single number into all places of the head.

    Each of the head's numbers has a mean of its own. A `dim` is missing.
    """
    mine = own(mixed, head, n_heads)
    return to_out(torch.where(mine, mixed[..., mine].mean(), mixed))


def mean_of_the_heads(mixed, to_out, head, n_heads):
    """You put the average of all heads in this head's place, and that still speaks of this note.

    The mean is one head's own, over all notes.
    """
    each = mixed.unflatten(-1, (n_heads, -1)).mean(dim=2)
    return to_out(torch.where(own(mixed, head, n_heads), each.repeat(1, 1, n_heads), mixed))


def projected_the_wrong_way(*inputs):
    """You multiply by the projection's weights the wrong way round.

    Call `to_out(...)`, which knows how; or take the transpose of `to_out.weight`.
    """
    return build(project=False)(*inputs) @ inputs[1].weight


def mean_subtracted(*inputs):
    """You take the mean away and keep the rest: the head says all that it said before.

    The other way round: keep the mean, and drop what differs from it.
    """
    return build(fill=lambda mixed: mixed - over_all(mixed))(*inputs)


def nothing_replaced(mixed, to_out, head, n_heads):
    """Nothing is replaced: the layer gives what it always gives.

    Do you change a copy, and then project the original?
    """
    return to_out(mixed)


def has_the_shape(result, mixed, to_out, head, n_heads):
    """The result must have the shape of what came in, (batch, seq, d_model)."""
    return tuple(result.shape) == tuple(mixed.shape)


def the_others_speak(result, mixed, to_out, head, n_heads):
    """Only the part of the chosen head may change in what the projection is given."""
    mine = own(mixed, head, n_heads)
    with torch.no_grad():
        rest = result - mixed[..., ~mine] @ to_out.weight[:, ~mine].mT
        basis = to_out.weight[:, mine]
        found = torch.linalg.lstsq(basis, rest.flatten(0, 1).mT).solution
    return torch.allclose(basis @ found, rest.flatten(0, 1).mT, atol=1e-3)


EXERCISE = Exercise(
    id="ablate-head",
    notebook=18,
    place=3,
    title="Silence a head",
    kind="implement",
    difficulty=3,
    importance=4,
    minutes=15,
    why="Looking at a head shows where it looks; silencing it shows what depends on it.",
    signature=(
        'ablate_head(mixed: Float[Tensor, "batch seq d_model"], to_out: nn.Linear, head: int, '
        'n_heads: int) -> Float[Tensor, "batch seq d_model"]'
    ),
    statement=(
        "`mixed` is what the heads of a layer hand on, side by side: all numbers of head 0, then "
        "all of head 1, and so on. `to_out` is the output projection. Return what the layer gives "
        "when one head says only its mean, over all notes of all pieces of the batch.\n\n"
        "Here the mean comes from the batch itself. Leave `mixed` as it is."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    tolerance=1e-4,
    properties=(has_the_shape, the_others_speak),
    mistakes=(
        zero_instead_of_mean,
        counted_from_one,
        next_head,
        last_head,
        all_heads,
        the_others,
        this_and_those_before,
        after_the_projection,
        not_projected,
        heads_and_width_exchanged,
        every_nth_number,
        mean_over_pieces,
        mean_over_notes,
        mean_over_numbers,
        one_number_for_all,
        mean_of_the_heads,
        projected_the_wrong_way,
        mean_subtracted,
        nothing_replaced,
    ),
    hints=(
        "Draw 12 boxes for `d_model`, and share them among three heads. Which boxes belong to "
        "head 1? What would stand there if that head said the same at every note?",
        "width = d_model / n_heads. Head h has the columns from h * width up to (h + 1) * width. "
        "Their mean over batch and seq has the shape (width,). Write it into a copy of mixed, at "
        "all notes. Then project the copy.",
        "`changed = mixed.clone()`, `mine = slice(..., ...)`, "
        "`changed[..., mine] = mixed[..., mine].mean(dim=(..., ...))`, `return to_out(...)`.",
    ),
    explain="Why the mean, and not zero? And what does a low cost *not* prove?",
)

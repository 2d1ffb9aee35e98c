"""shift-targets: inputs and targets are the same music, one token apart."""

import torch
from einops import rearrange

from musiclab.check.exercise import Exercise
from musiclab.training.batches import shift_targets


def probes(rng):
    """Yield batches of all-different sizes, ids without repeats; the last with pads at its end."""
    for batch, seq in ((1, 5), (3, 6), (4, 9)):
        ids = rng.permutation(range(1, 57))[: batch * seq].reshape(batch, seq)
        yield (torch.from_numpy(ids),)
    padded = torch.from_numpy(rng.permutation(range(1, 57))[:21].reshape(3, 7))
    padded[0, -2:] = padded[2, -1:] = 0
    yield (padded,)


def reference(ids):
    pair = shift_targets(ids.T)  # the library's moves along the first axis
    return tuple(rearrange(one, "seq batch -> batch seq") for one in pair)


def solution(ids):
    # BEGIN SOLUTION
    inputs, targets = ids[:, :-1], ids[:, 1:]
    # END SOLUTION
    return inputs, targets


def not_shifted(ids):
    """Inputs and targets are the same tokens: the model only has to repeat what it reads.

    Its loss falls to almost nothing, and it learns no music. What should it say after the first
    token?
    """
    return ids, ids


def not_shifted_and_cut(ids):
    """You cut both alike, at the end: the model only has to repeat what it reads.

    Its loss falls to almost nothing, and it learns no music. What should it say after the first
    token?
    """
    return ids[:, :-1], ids[:, :-1]


def not_shifted_and_begun_late(ids):
    """You cut both alike, at the beginning: the model only has to repeat what it reads.

    Its loss falls to almost nothing, and it learns no music. What should it say after the first
    token?
    """
    return ids[:, 1:], ids[:, 1:]


def the_wrong_way(ids):
    """You shift the wrong way: the model is asked for the token before, not the one after.

    Then it learns to play backwards. Which of the two begins one token later?
    """
    return ids[:, 1:], ids[:, :-1]


def shifted_twice(ids):
    """You shift by two: the model must leap over a token.

    In a row of voices, it would guess the tenor after the soprano. Is something shifted twice?
    """
    return ids[:, :-2], ids[:, 2:]


def shifted_by_a_frame(ids):
    """You shift by four tokens, a whole frame: each voice is to guess its own next note.

    The model says one token after another: after the soprano comes the alto of the same frame.
    """
    return ids[:, :-4], ids[:, 4:]


def along_the_batch(ids):
    """You shift along the batch: each piece gets another piece as its target.

    The first axis is the batch. Which axis is time?
    """
    return ids[:-1], ids[1:]


def round_the_corner(ids):
    """Your last target is the first token of the piece: `roll` brings round what falls off the end.

    After the last token nothing is known. Leave that place out, in both.
    """
    return ids, ids.roll(-1, dims=1)


def round_and_across(ids):
    """Your last target is the first token of the next piece in the batch.

    `roll` without an axis treats all pieces as one long row. Leave the last place out, in both.
    """
    return ids, ids.roll(-1)


def pads_at_the_end(ids):
    """You fill the last target up with 0, where there should be none.

    Leave the last place out, in inputs and targets alike: both are one shorter than the ids.
    """
    return ids, torch.cat([ids[:, 1:], torch.zeros_like(ids[:, :1])], dim=1)


def marked_at_the_end(ids):
    """You fill the last target up with -100, where there should be none.

    Some libraries mark so what does not count. Here, leave the last place out, in both.
    """
    return ids, torch.cat([ids[:, 1:], torch.full_like(ids[:, :1], -100)], dim=1)


def inputs_pushed_back(ids):
    """You push the inputs back by one, behind a 0 that stands for a start.

    The ids bring their own start. Cut one token off, at the end of the inputs.
    """
    return torch.cat([torch.zeros_like(ids[:, :1]), ids[:, :-1]], dim=1), ids


def inputs_not_cut(ids):
    """Your inputs have one token more than your targets.

    Every input needs a target. What follows the last token? Nobody knows.
    """
    return ids, ids[:, 1:]


def targets_not_cut(ids):
    """Your targets have one token more than your inputs, and begin with the first token.

    Nothing comes before the first token, so nobody can be asked for it.
    """
    return ids[:, :-1], ids


def one_too_few(ids):
    """You lose a token too many: both rows are right, but one shorter than they could be.

    From n tokens come n - 1 pairs. Print the last of yours.
    """
    return ids[:, :-2], ids[:, 1:-1]


def first_pair_lost(ids):
    """You lose the first pair: the model is never asked what follows the start.

    From n tokens come n - 1 pairs. Print the first of yours.
    """
    return ids[:, 1:-1], ids[:, 2:]


def last_token_alone(ids):
    """Your target is the last token of each piece, and no more.

    The model learns at every place at once: each token but the first is a target.
    """
    return ids[:, :-1], ids[:, -1]


def one_long_row(ids):
    """You lay all pieces end to end in one long row.

    The end of a piece says nothing about how the next one begins. Keep the axis of the batch.
    """
    row = ids.flatten()
    return row[:-1], row[1:]


def one_target_for_each_input(pair, ids):
    """Inputs and targets must have one shape: as many rows as ids, and one column fewer."""
    inputs, targets = (torch.as_tensor(one) for one in pair)
    return inputs.shape == targets.shape == ids[:, 1:].shape


def what_follows(pair, ids):
    """The target of each input must be the token that follows it in its own piece."""
    return torch.equal(torch.as_tensor(pair[1]), ids[:, 1:])


EXERCISE = Exercise(
    id="shift-targets",
    notebook=9,
    place=1,
    title="Inputs and targets",
    kind="fill-in",
    difficulty=1,
    importance=5,
    minutes=5,
    why="A model whose inputs hold the answers learns nothing, and its loss looks wonderful.",
    signature=(
        'shift_targets(ids: Int[Tensor, "batch seq"]) -> '
        'tuple[Int[Tensor, "batch inputs"], Int[Tensor, "batch inputs"]]'
    ),
    statement=(
        "A batch holds several pieces, one in each row. Make of it what the model reads and what "
        "it should predict: the target of every input is the token that follows it. No input is "
        "without a target, and none is made up."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(one_target_for_each_input, what_follows),
    mistakes=(
        not_shifted,
        not_shifted_and_cut,
        not_shifted_and_begun_late,
        the_wrong_way,
        shifted_twice,
        shifted_by_a_frame,
        along_the_batch,
        round_the_corner,
        round_and_across,
        pads_at_the_end,
        marked_at_the_end,
        inputs_pushed_back,
        inputs_not_cut,
        targets_not_cut,
        one_too_few,
        first_pair_lost,
        last_token_alone,
        one_long_row,
    ),
    hints=(
        "Write the tokens 5, 6, 7, 8 in a row. After 5, what should the model say? Write that "
        "below the 5, and go on. Where do you have to stop?",
        "ids: (batch, seq). inputs: all columns but one, (batch, seq - 1). targets: all columns "
        "but one, but not the same one. Rows stay as they are.",
        "`inputs, targets = ids[:, ...], ids[:, ...]`. One of the gaps leaves out the last column, "
        "the other the first.",
    ),
    explain="What would the model learn if inputs and targets were the same?",
)

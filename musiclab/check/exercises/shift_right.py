"""shift-right: what a decoder reads while it is asked for the labels."""

import torch

from musiclab.check.exercise import Exercise


def probes(rng):
    """Yield labels of all-different sizes, some rows filled up with -100, and two special ids."""
    for batch, seq in ((1, 4), (2, 5), (3, 7)):
        start_id, pad_id, *words = rng.permutation(range(1, 60)).tolist()
        labels = torch.tensor(words[: batch * seq]).view(batch, seq)
        if batch > 1:
            labels[0, -2:] = -100
        if batch > 2:
            labels[2, -3:] = -100
        yield labels, start_id, pad_id


def solution(labels, start_id, pad_id):
    late = torch.full_like(labels, start_id)
    # BEGIN SOLUTION
    late[:, 1:] = labels[:, :-1]
    late[late == -100] = pad_id
    # END SOLUTION
    return late


def reference(labels, start_id, pad_id):
    return build()(labels, start_id, pad_id)


def first(labels, start_id):
    return torch.full_like(labels[:, :1], start_id)


def build(
    shift=lambda labels, start: torch.cat([first(labels, start), labels[:, :-1]], dim=1),
    fill=lambda late, start, pad: late.masked_fill(late == -100, pad),
):
    """Make a function that shifts or fills up in another way."""
    return lambda labels, start, pad: fill(shift(labels, start), start, pad)


def not_shifted(*inputs):
    """You do not shift: the decoder reads the very word that it is asked for.

    Its loss falls to almost nothing, and it cannot write. What should it have read before its
    first word?
    """
    return build(lambda labels, start: labels)(*inputs)


def labels_returned(labels, start_id, pad_id):
    """You return the labels as they are, -100 and all.

    The decoder has no word -100, and it must not read what it is asked for. There are two steps
    to take.
    """
    return labels.clone()


def start_written_over(*inputs):
    """You write the start over the first word, and all other words stay where they were.

    So the decoder still reads what it is asked for. All words have to move first.
    """
    return build(lambda labels, start: torch.cat([first(labels, start), labels[:, 1:]], dim=1))(
        *inputs
    )


def the_wrong_way(*inputs):
    """You shift the wrong way: the decoder reads the word that comes after the one asked for.

    Which way do the words move, if a start goes in front of them?
    """
    return build(lambda labels, start: torch.cat([labels[:, 1:], first(labels, start)], dim=1))(
        *inputs
    )


def last_word_kept(*inputs):
    """Your rows are one longer than the labels: the last word is still there.

    Nothing is asked for after the last word, so the decoder need not read it.
    """
    return build(lambda labels, start: torch.cat([first(labels, start), labels], dim=1))(*inputs)


def no_start(*inputs):
    """Your rows are one shorter than the labels: nothing stands before the first word.

    The first word is asked for as well. What does the decoder read there?
    """
    return build(lambda labels, start: labels[:, :-1])(*inputs)


def round_the_corner(*inputs):
    """Your rows begin with their own last word: `roll` brings round what falls off the end.

    Moving is right. Then one column has to be written over.
    """
    return build(lambda labels, start: labels.roll(1, dims=1))(*inputs)


def across_the_rows(*inputs):
    """Each row begins with the last word of the row before.

    `roll` without an axis treats the batch as one long row. Each target begins anew.
    """

    def shift(labels, start):
        late = labels.roll(1)
        late[0, 0] = start
        return late

    return build(shift)(*inputs)


def along_the_batch(*inputs):
    """You shift along the batch: each row reads the words of another piece.

    The first axis is the batch. Which axis is time?
    """

    def shift(labels, start):
        return torch.cat([torch.full_like(labels[:1], start), labels[:-1]])

    return build(shift)(*inputs)


def shifted_twice(*inputs):
    """You shift by two, so the decoder never reads the word just before the one asked for.

    T5 shifts by itself. Whoever shifts once more, before or after, is one place off.
    """

    def shift(labels, start):
        return torch.cat([first(labels, start), first(labels, start), labels[:, :-2]], dim=1)

    return build(shift)(*inputs)


def shifted_by_a_quarter(*inputs):
    """You shift by three words: each voice reads its own last note, and not the voice above it.

    The row runs alto, tenor, bass. One word is written at a time.
    """

    def shift(labels, start):
        return torch.cat([first(labels, start).expand(-1, 3), labels[:, :-3]], dim=1)

    return build(shift)(*inputs)


def begins_with_a_pad(labels, start_id, pad_id):
    """Your rows begin with `pad_id`. T5's do, but here the start has an id of its own.

    Which argument says so?
    """
    return reference(labels, pad_id, pad_id)


def begins_with_0(labels, start_id, pad_id):
    """Your rows begin with 0, whatever the start's id is.

    In T5 it happens to be 0. Which argument says what it is here?
    """
    return reference(labels, 0, pad_id)


def begins_with_1(labels, start_id, pad_id):
    """Your rows begin with 1, whatever the start's id is.

    Which argument says what it is here?
    """
    return reference(labels, 1, pad_id)


def minus_100_left_in(*inputs):
    """You leave -100 in, and a table of words has no row -100.

    It tells the loss what not to count. What should the decoder read there?
    """
    return build(fill=lambda late, start, pad: late)(*inputs)


def minus_100_becomes_0(*inputs):
    """You put 0 for -100, whatever the pad's id is.

    In T5 it happens to be 0. Which argument says what it is here?
    """
    return build(fill=lambda late, start, pad: late.clamp(min=0))(*inputs)


def minus_100_becomes_the_start(*inputs):
    """You put the start for -100: as if the target began again at its end.

    Which id is there to fill up rows?
    """
    return build(fill=lambda late, start, pad: late.masked_fill(late == -100, start))(*inputs)


def the_two_ids_exchanged(labels, start_id, pad_id):
    """You take the start for the pad, and the pad for the start.

    Look at the order in the signature.
    """
    return reference(labels, pad_id, start_id)


def fillings_cut_off(labels, start_id, pad_id):
    """You leave out the last columns, where some rows are filled up.

    The decoder must read as many places as there are labels, also in short rows.
    """
    late = reference(labels, start_id, pad_id)
    full = int((labels != -100).all(dim=0).sum())
    return late[:, : max(full, 1)]


def same_shape(late, labels, start_id, pad_id):
    """The decoder reads as many places as it is asked for."""
    return torch.as_tensor(late).shape == labels.shape


def starts_with_the_start(late, labels, start_id, pad_id):
    """Each row must begin with `start_id`."""
    return bool((torch.as_tensor(late)[:, 0] == start_id).all())


def one_place_late(late, labels, start_id, pad_id):
    """At each place but the first stands the word that was asked for one place before."""
    late, before = torch.as_tensor(late)[:, 1:], labels[:, :-1]
    return torch.equal(late[before != -100], before[before != -100])


EXERCISE = Exercise(
    id="shift-right",
    notebook=16,
    place=2,
    title="One place late",
    kind="fill-in",
    difficulty=1,
    importance=5,
    minutes=8,
    why="A decoder that reads the word it is asked for learns to copy, and nothing else.",
    signature=(
        'shift_right(labels: Int[Tensor, "batch target"], start_id: int, pad_id: int) -> '
        'Int[Tensor, "batch target"]'
    ),
    statement=(
        "Give what the decoder reads while it is asked for `labels`: a start, then each label one "
        "place late. The last label is not read. Where the labels hold -100, which is no word, "
        "the decoder reads `pad_id`. Unlike in T5, start and pad are two different ids here, and "
        "neither need be 0."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(same_shape, starts_with_the_start, one_place_late),
    mistakes=(
        not_shifted,
        labels_returned,
        start_written_over,
        the_wrong_way,
        last_word_kept,
        no_start,
        round_the_corner,
        across_the_rows,
        along_the_batch,
        shifted_twice,
        shifted_by_a_quarter,
        begins_with_a_pad,
        begins_with_0,
        begins_with_1,
        minus_100_left_in,
        minus_100_becomes_0,
        minus_100_becomes_the_start,
        the_two_ids_exchanged,
        fillings_cut_off,
    ),
    hints=(
        "Write the labels 5, 6, 7 in a row. Below each, write what the decoder has read when it "
        "must say it. What stands below the 5?",
        "late: (batch, target), all start_id. Its columns from the second on: the labels without "
        "their last column. Then every -100 becomes pad_id.",
        "`late[:, 1:] = labels[:, ...]`, then `late[late == ...] = ...`.",
    ),
    explain="Why may the decoder read Bach's word before, and not its own, while it learns?",
)

"""label-mask: labels that ask for what is to be written, and for nothing else."""

import torch

from musiclab.check.exercise import Exercise

NOT_COUNTED = -100  # what Hugging Face's loss leaves out


def probes(rng):
    """Yield targets that are filled up and partly given; one's pad is also a word, the end."""
    for batch, seq, shared, least in ((2, 5, 0, 1), (3, 7, 0, 0), (3, 8, 1, 0), (4, 9, 0, 1)):
        pad_id, end_id, *words = rng.permutation(range(1, 70)).tolist()
        if shared:
            pad_id = end_id
        target = torch.tensor(words[: batch * seq]).view(batch, seq)
        target[0, 3] = 0  # a word like any other
        mask, given = torch.ones_like(target), least + torch.arange(batch) % 3
        for row in range(batch):
            length = seq - row  # the first row is full
            mask[row, length:], target[row, length:] = 0, pad_id
            target[row, length - 1] = end_id
        yield target, mask, given.flip(0)


def start(target, mask, given):
    labels = target * mask
    labels[:, : given.max()] = -100
    return labels


def solution(target, mask, given):
    labels = target.clone()
    labels[mask == 0] = -100
    for row, length in enumerate(given.tolist()):
        labels[row, :length] = -100
    return labels


def reference(target, mask, given):
    return build()(target, mask, given)


def places(target):
    return torch.arange(target.shape[1])[None]


def build(
    pads=lambda target, mask: mask == 0,
    prompt=lambda target, given: places(target) < given[:, None],
    sign=NOT_COUNTED,
):
    """Make a function that leaves out other cells, or marks them in another way."""

    def labels(target, mask, given):
        return target.masked_fill(pads(target, mask) | prompt(target, given), sign)

    return labels


def nothing(target, *_):
    return torch.zeros_like(target, dtype=torch.bool)


def pads_become_words(target, mask, given):
    """The pads have become 0, and 0 is a word: the model is asked for it behind each end.

    What you do with what is given is right. Which sign means "do not count this"?
    """
    return reference(target, torch.ones_like(mask), given).masked_fill(mask == 0, 0)


def longest_for_all(*inputs):
    """The longest given part is left out of every row, so short ones lose words to be learnt.

    Each row has a number of its own in `given`. Where is the maximum taken?
    """
    return build(prompt=lambda target, given: places(target) < given.max())(*inputs)


def shortest_for_all(*inputs):
    """The shortest given part is left out of every row, so in longer ones given words count.

    Each row has a number of its own in `given`.
    """
    return build(prompt=lambda target, given: places(target) < given.min())(*inputs)


def first_for_all(*inputs):
    """The number of the first row is used for all rows.

    Each row has a number of its own in `given`.
    """
    return build(prompt=lambda target, given: places(target) < given[0])(*inputs)


def given_counted(*inputs):
    """What is given still counts: the model is asked for what stands in the question.

    The first words of each row are known. How many, `given` says.
    """
    return build(prompt=nothing)(*inputs)


def pads_counted(*inputs):
    """Pads still count, so a model that writes pads behind the end looks good.

    Where is `mask` 0?
    """
    return build(pads=nothing)(*inputs)


def nothing_left_out(*inputs):
    """Nothing is left out: pads count, and so does what is given.

    Both have to become -100.
    """
    return build(pads=nothing, prompt=nothing)(*inputs)


def mask_upside_down(*inputs):
    """You ask for the pads, and leave the music out: the mask is upside down.

    It is 1 where there is a word.
    """
    return build(pads=lambda target, mask: mask == 1)(*inputs)


def given_upside_down(*inputs):
    """You ask for what is given, and leave out what is to be written.

    Which side of the number in `given` is known?
    """
    return build(prompt=lambda target, given: places(target) >= given[:, None])(*inputs)


def one_given_too_many(*inputs):
    """You leave out one word too many: the first that the model has to write.

    Of 2 given words, places 0 and 1 are known. Is place 2?
    """
    return build(prompt=lambda target, given: places(target) <= given[:, None])(*inputs)


def one_given_too_few(*inputs):
    """You leave out one word too few: the last of the given ones counts.

    Of 2 given words, places 0 and 1 are known.
    """
    return build(prompt=lambda target, given: places(target) < given[:, None] - 1)(*inputs)


def given_at_the_end(*inputs):
    """You leave out the last words of the row, but the first ones are given.

    A slice with `-n:` counts from the end.
    """

    def prompt(target, given):
        return places(target) >= target.shape[1] - given[:, None]

    return build(prompt=prompt)(*inputs)


def the_end_left_out(*inputs):
    """You leave out the end as well, so the model never learns to stop.

    The last 1 in each row of the mask belongs to the end, which is a word like others.
    """

    def pads(target, mask):
        return places(target) >= mask.sum(dim=1, keepdim=True) - 1

    return build(pads=pads)(*inputs)


def told_by_the_id(target, mask, given):
    """You tell pads by their id, but an id may serve for two: here, the pad is the end as well.

    Then every end is lost. Only `mask` knows which is which.
    """
    pad_ids = target[mask == 0].unique()
    return build(pads=lambda target, mask: torch.isin(target, pad_ids))(target, mask, given)


def zero_taken_for_a_pad(target, mask, given):
    """You take every 0 for a pad, but 0 is a word like any other.

    `target * mask` makes two kinds of zeros one. Only `mask` knows where the pads are.
    """
    return build(lambda target, mask: target * mask == 0)(target, mask, given)


def place_instead_of_length(target, mask, given):
    """You leave out a single word of each row, the one at the place `given`.

    `given` counts the words at the beginning. A slice has a colon.
    """
    return build(prompt=lambda target, given: places(target) == given[:, None])(target, mask, given)


def marked_by_minus_1(*inputs):
    """You mark by -1, which Hugging Face's loss does not know: it raises an error.

    Which number does it leave out?
    """
    return build(sign=-1)(*inputs)


def marked_by_0(*inputs):
    """You mark by 0, and 0 is a word: the model is asked for it.

    Which number does Hugging Face's loss leave out?
    """
    return build(sign=0)(*inputs)


def words_alone(target, mask, given):
    """You return the words in one row, without the others: the shape is lost.

    Labels have the shape of the target. What does not count stays in its place, as -100.
    """
    labels = reference(target, mask, given)
    return labels[labels != NOT_COUNTED]


def true_and_false(*inputs):
    """You return which cells count, and not what is asked for there.

    Labels are ids. Take them from `target`.
    """
    return reference(*inputs) != NOT_COUNTED


def asks_for_every_word(labels, target, mask, given):
    """Each word that is neither given nor a pad must be asked for, the end too."""
    labels, wanted = torch.as_tensor(labels), reference(target, mask, given)
    return torch.equal(labels[wanted != NOT_COUNTED], target[wanted != NOT_COUNTED])


def asks_for_nothing_else(labels, target, mask, given):
    """Pads and given words must be -100 in the labels."""
    left_out = reference(target, mask, given) == NOT_COUNTED
    return bool((torch.as_tensor(labels)[left_out] == NOT_COUNTED).all())


EXERCISE = Exercise(
    id="label-mask",
    notebook=16,
    place=1,
    title="What is not asked for",
    kind="find the bug",
    difficulty=2,
    importance=4,
    minutes=12,
    why="A model that is paid for pads learns to write pads, and its loss looks fine.",
    signature=(
        'label_mask(target: Int[Tensor, "batch seq"], mask: Int[Tensor, "batch seq"], '
        'given: Int[Tensor, "batch"]) -> Int[Tensor, "batch seq"]'
    ),
    statement=(
        "This should turn targets into labels. `mask` is 1 where a target has a word and 0 where "
        "it was filled up. And the first words of each row may be `given` (so many: a number for "
        "each row), such as a bar that the model has to go on from. Pads and given words "
        "are not asked for: Hugging Face's loss leaves out -100. All else is asked for, the end "
        "of the text too. The code runs, and the loss falls. Find what is wrong, in two places."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    properties=(asks_for_every_word, asks_for_nothing_else),
    mistakes=(
        pads_become_words,
        longest_for_all,
        shortest_for_all,
        first_for_all,
        given_counted,
        pads_counted,
        nothing_left_out,
        mask_upside_down,
        given_upside_down,
        one_given_too_many,
        one_given_too_few,
        given_at_the_end,
        the_end_left_out,
        told_by_the_id,
        zero_taken_for_a_pad,
        place_instead_of_length,
        marked_by_minus_1,
        marked_by_0,
        words_alone,
        true_and_false,
    ),
    hints=(
        "Two rows: in one, a single word is given, in the other, three. Print the labels of both. "
        "And what stands behind the end of the shorter row?",
        "labels: a copy of target. -100 wherever mask is 0. Then, row by row: -100 in the first "
        "given[row] places.",
        "`labels[mask == ...] = -100`, then `for row, length in enumerate(given.tolist()):` "
        "`labels[row, :...] = ...`.",
    ),
    explain="Would a model learn anything from the given words if they did count?",
)

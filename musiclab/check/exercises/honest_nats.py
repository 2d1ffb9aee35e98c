"""honest-nats: charge for every token, and divide by the notes."""

import math

import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips


def probes(rng):
    """Yield pieces of unequal length, with few labels or many."""
    for sizes in (((2, 1), (4, 3)), ((7, 2), (3, 1), (12, 5)), ((5, 4),), ((9, 1), (4, 4), (6, 2))):
        nats = [[torch.from_numpy(rng.exponential(size=n)).float() for n in one] for one in sizes]
        notes, labels = (list(one) for one in zip(*nats, strict=True))
        yield notes, labels


def solution(note_nats, label_nats):
    # BEGIN SOLUTION
    paid = sum(nats.sum() for nats in note_nats) + sum(nats.sum() for nats in label_nats)
    notes = sum(len(nats) for nats in note_nats)
    # END SOLUTION
    return float(paid / notes)


def reference(note_nats, label_nats):
    """Divide all that was paid by the number of notes."""
    return float((_all(note_nats).sum() + _all(label_nats).sum()) / len(_all(note_nats)))


def _all(pieces):
    return torch.cat(pieces)


def _mean(numbers):
    return sum(numbers) / len(numbers)


def labels_not_charged(note_nats, label_nats):
    """The labels cost nothing in your sum, though they tell half of the answer.

    That is the world record of section 5.1. Who pays for the labels?
    """
    return float(_all(note_nats).mean())


def divided_by_all_tokens(note_nats, label_nats):
    """You divide by notes and labels together: cheap labels then make the notes look cheap.

    The figure is per note. In section 5.7, TonicNet's five tokens are paid by four notes.
    """
    return float(_all([*note_nats, *label_nats]).mean())


def mean_of_piece_means(note_nats, label_nats):
    """A mean of means: a note in a short piece weighs more than a note in a long one.

    Add up over all pieces first, and divide once.
    """
    pairs = zip(note_nats, label_nats, strict=True)
    return float(_mean([(notes.sum() + labels.sum()) / len(notes) for notes, labels in pairs]))


def mean_of_piece_means_without_labels(note_nats, label_nats):
    """Two slips at once: the labels are not charged, and you take a mean of the pieces' means.

    Who pays for the labels? And how much does a note in a short piece weigh?
    """
    return float(_mean([notes.mean() for notes in note_nats]))


def mean_of_piece_means_over_tokens(note_nats, label_nats):
    """Two slips at once: you divide by notes and labels together, and take a mean of means.

    The figure is per note. And every note weighs the same.
    """
    pairs = zip(note_nats, label_nats, strict=True)
    return float(_mean([torch.cat(pair).mean() for pair in pairs]))


def sum_of_means(note_nats, label_nats):
    """You add nats per label to nats per note, as if each note had a label of its own.

    A label is shared by several notes. How much of it does one note pay?
    """
    return float(_all(note_nats).mean() + _all(label_nats).mean())


def mean_of_both_means(note_nats, label_nats):
    """You take the mean of two means, so a label weighs as much as all its notes.

    Add up nats, not means.
    """
    return float(_all(note_nats).mean() + _all(label_nats).mean()) / 2


def a_quarter_of_a_label(note_nats, label_nats):
    """You give each note a quarter of a label. Here a label need not have four notes.

    Section 5.7 has a chord in every frame. Do not count on it: add up what was paid.
    """
    return float(_all(note_nats).mean() + _all(label_nats).mean() / 4)


def divided_by_labels(note_nats, label_nats):
    """You divide by the labels: nats for each label, with all its notes.

    The figure is per note. How many notes are there?
    """
    return reference(note_nats, label_nats) * len(_all(note_nats)) / len(_all(label_nats))


def divided_by_pieces(note_nats, label_nats):
    """You divide by the pieces: nats for each piece.

    The figure is per note. How many notes are there?
    """
    return reference(note_nats, label_nats) * len(_all(note_nats)) / len(note_nats)


def labels_paid_back(note_nats, label_nats):
    """You take the labels' nats away, as if they were a gain.

    A label is one more thing that the model had to guess.
    """
    return float((_all(note_nats).sum() - _all(label_nats).sum()) / len(_all(note_nats)))


def only_labels(note_nats, label_nats):
    """Only the labels are charged; the notes are free.

    Both must be paid for.
    """
    return float(_all(label_nats).sum() / len(_all(note_nats)))


def not_divided(note_nats, label_nats):
    """This is what all the music costs. The figure asked for is per note.

    One division is missing.
    """
    return float(_all([*note_nats, *label_nats]).sum())


def first_piece_only(note_nats, label_nats):
    """Only the first piece is counted.

    Does your loop return too soon?
    """
    return reference(note_nats[:1], label_nats[:1])


def in_bits(note_nats, label_nats):
    """This is the right figure in bits; it should be in nats.

    The inputs are nats already. Why divide by log 2?
    """
    return reference(note_nats, label_nats) / math.log(2)


def label_total_on_every_note(note_nats, label_nats):
    """You add all that the labels cost to the mean of the notes: one is a sum, one is a mean.

    Add up both first, and divide once.
    """
    return float(_all(note_nats).mean() + _all(label_nats).sum())


def four_notes_a_label(note_nats, label_nats):
    """You take it that each label has four notes. Here it may have any number.

    Count the notes.
    """
    return float((_all(note_nats).sum() + _all(label_nats).sum()) / (4 * len(_all(label_nats))))


def _answer(figure=None, over=None, unit=None):
    def answer(note_nats, label_nats):
        pairs = list(zip(note_nats, label_nats, strict=True))
        if over is None:
            pairs = [(_all(note_nats), _all(label_nats))]
        nats = (over or _mean)([(figure or _honest)(*pair) for pair in pairs])
        return float(unit(nats) if unit else nats)

    return answer


def _honest(notes, labels):
    return (notes.sum() + labels.sum()) / len(notes)


BOTH = two_slips(
    _answer,
    figure={
        "labels_free": (lambda notes, labels: notes.mean(), "The labels are not charged."),
        "all_tokens": (
            lambda notes, labels: torch.cat([notes, labels]).mean(),
            "You divide by notes and labels.",
        ),
        "whole_labels": (
            lambda notes, labels: notes.mean() + labels.mean(),
            "Each note pays for a whole label.",
        ),
        "quarter_labels": (
            lambda notes, labels: notes.mean() + labels.mean() / 4,
            "Each note pays for a quarter of a label.",
        ),
        "two_means": (
            lambda notes, labels: (notes.mean() + labels.mean()) / 2,
            "You take the mean of two means.",
        ),
        "by_labels": (
            lambda notes, labels: (notes.sum() + labels.sum()) / len(labels),
            "You divide by the labels.",
        ),
        "paid_back": (
            lambda notes, labels: (notes.sum() - labels.sum()) / len(notes),
            "The labels are subtracted.",
        ),
    },
    over={
        "means_of_pieces": (_mean, "You take a mean of the pieces' means."),
        "pieces_added": (sum, "You add up the pieces' means."),
        "first_piece": (lambda figures: figures[0], "Only the first piece is counted."),
    },
    unit={"bits": (lambda nats: nats / math.log(2), "The unit is bits.")},
    without=("labels_free_and_means_of_pieces", "all_tokens_and_means_of_pieces"),
)


def labels_make_it_dearer(figure, note_nats, label_nats):
    """With its labels charged, a model costs at least what its notes alone cost."""
    return float(figure) >= float(_all(note_nats).mean()) - 1e-5


EXERCISE = Exercise(
    id="honest-nats",
    notebook=5,
    place=4,
    title="Honest nats",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=10,
    why="A published record fell by this one sum; the next paper that you read may need it too.",
    signature=(
        'honest_nats(note_nats: list[Float[Tensor, "note"]], '
        'label_nats: list[Float[Tensor, "label"]]) -> float'
    ),
    statement=(
        "A model writes labels, such as chords, between its notes. `note_nats` holds a row for "
        "each piece: what each of its notes cost. `label_nats` holds the same for its labels. A "
        "label may serve any number of notes. Return the honest figure in nats per note, over all "
        "pieces."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(labels_make_it_dearer,),
    mistakes=(
        labels_not_charged,
        divided_by_all_tokens,
        mean_of_piece_means,
        mean_of_piece_means_without_labels,
        mean_of_piece_means_over_tokens,
        sum_of_means,
        mean_of_both_means,
        a_quarter_of_a_label,
        divided_by_labels,
        divided_by_pieces,
        labels_paid_back,
        only_labels,
        not_divided,
        first_piece_only,
        in_bits,
        label_total_on_every_note,
        four_notes_a_label,
        *BOTH,
    ),
    hints=(
        "A bus of four pays one toll, and each of the four pays a ticket. What does the trip cost "
        "a head?",
        "paid = the sum of all notes' nats, plus the sum of all labels' nats, over all pieces. "
        "notes = how many notes there are, labels left out. Divide.",
        "`paid = sum(nats.sum() for nats in ...) + sum(...)`, then `notes = sum(len(nats) for "
        "nats in ...)`.",
    ),
    explain="Why are the labels above the line, but not below it? Say it in one sentence.",
)

"""back-off: take a little off every count, and give it to the shorter context's guess."""

import math

import torch
from einops import reduce

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips


def probes(rng):
    """Yield counts with zeros, ones and a context never heard, and a guess that is not even."""
    for contexts, vocab, discount in ((2, 3, 0.5), (5, 4, 0.75), (7, 6, 0.25)):
        counts = rng.integers(1, 9, size=(contexts, vocab)) * (rng.random((contexts, vocab)) < 0.6)
        counts[0, 0], counts[0, -1] = 3, 0  # heard, and not heard
        counts[-1] = 0  # a context never heard
        shorter = rng.uniform(0.1, 1, size=vocab)
        yield (
            torch.from_numpy(counts).float(),
            torch.from_numpy(shorter / shorter.sum()).float(),
            discount,
        )


def start(counts, shorter, discount):
    total = reduce(counts, "context vocab -> context 1", "sum")
    kept = (counts - discount).clamp(min=0)
    saved = discount * total
    known = (kept + saved * shorter) / total.clamp(min=1)
    return torch.where(total > 0, known, shorter)


def solution(counts, shorter, discount):
    total = reduce(counts, "context vocab -> context 1", "sum")
    kept = (counts - discount).clamp(min=0)
    saved = discount * reduce((counts > 0).float(), "context vocab -> context 1", "sum")
    known = (kept + saved * shorter) / total.clamp(min=1)
    return torch.where(total > 0, known, shorter)


def reference(counts, shorter, discount):
    """Discount every count above zero; what was saved goes to ``shorter``."""
    return _known(counts, discount * _company(counts) * shorter, discount, shorter)


def _company(counts):
    """Count how many different notes followed each context."""
    return (counts > 0).sum(dim=1, keepdim=True)


def _known(counts, given, discount, unheard):
    """Add what is given to the discounted counts; contexts never heard get ``unheard``."""
    total = counts.sum(dim=1, keepdim=True)
    known = ((counts - discount).clamp(min=0) + given) / total.clamp(min=1)
    return torch.where(total > 0, known, unheard)


def saved_once(counts, shorter, discount):
    """You saved the discount once for each context; it is taken off every count above zero.

    How many counts in a row lose something?
    """
    return _known(counts, discount * shorter, discount, shorter)


def saved_from_zeros_too(counts, shorter, discount):
    """You count zeros among those that lose something, so the rows sum to more than 1.

    A count of zero has nothing to give.
    """
    return _known(counts, discount * counts.shape[1] * shorter, discount, shorter)


def nothing_given_back(counts, shorter, discount):
    """What was taken off is lost: rows sum to less than 1, and a new note stays impossible.

    Where should the savings go?
    """
    return _known(counts, 0, discount, shorter)


def spread_evenly(counts, shorter, discount):
    """The savings go to all notes alike, and the shorter context is not asked.

    Which guess do you back off to?
    """
    given = discount * _company(counts) / counts.shape[1]
    return _known(counts, given, discount, shorter)


def only_to_new_notes(counts, shorter, discount):
    """The savings go only to notes never heard in this context, so they do not all arrive.

    Here every note gets its share of them, heard or not.
    """
    given = discount * _company(counts) * shorter * (counts == 0)
    return _known(counts, given, discount, shorter)


def nothing_taken_off(counts, shorter, discount):
    """You give without taking: the counts are whole, so the rows sum to more than 1.

    What is given to the shorter context must come from somewhere.
    """
    return _known(counts, discount * _company(counts) * shorter, 0, shorter)


def below_zero(counts, shorter, discount):
    """Zeros are discounted too and fall below zero, which no probability may.

    What is the least that a count can become?
    """
    total = counts.sum(dim=1, keepdim=True)
    known = (counts - discount + discount * _company(counts) * shorter) / total.clamp(min=1)
    return torch.where(total > 0, known, shorter)


def unheard_is_zero(counts, shorter, discount):
    """A context never heard gets a row of zeros.

    Nothing was heard, so nothing was learnt. Whose guess is left?
    """
    return _known(counts, discount * _company(counts) * shorter, discount, torch.zeros(()))


def unheard_is_nan(counts, shorter, discount):
    """A context never heard is divided by its total of 0, which is no number.

    Treat that row by itself. Whose guess is left?
    """
    total = counts.sum(dim=1, keepdim=True)
    return ((counts - discount).clamp(min=0) + discount * _company(counts) * shorter) / total


def unheard_is_even(counts, shorter, discount):
    """In a context never heard you take all notes as alike; the shorter context knows better.

    Whose guess is left?
    """
    even = torch.full_like(shorter, 1 / len(shorter))
    return _known(counts, discount * _company(counts) * shorter, discount, even)


def normalised_by_force(counts, shorter, discount):
    """The rows sum to 1 only because you divide by their sum; the savings have the wrong size.

    With the right savings there is nothing to mend. How many counts lose something?
    """
    rows = start(counts, shorter, discount)
    return rows / rows.sum(dim=1, keepdim=True)


def company_of_columns(counts, shorter, discount):
    """You count in how many contexts each note occurs; here each context counts its own notes.

    Along which axis stand the notes of one context?
    """
    given = discount * (counts > 0).sum(dim=0) * shorter
    return _known(counts, given, discount, shorter)


def discount_not_counted(counts, shorter, discount):
    """You give back a whole count for each note heard, but you took only the discount.

    What exactly was taken off each of them?
    """
    return _known(counts, _company(counts) * shorter, discount, shorter)


def saved_of_all_rows(counts, shorter, discount):
    """Each context gets the savings of all contexts together.

    Each row keeps its own. Along which axis do you add?
    """
    return _known(counts, discount * (counts > 0).sum() * shorter, discount, shorter)


def saved_for_each_new_note(counts, shorter, discount):
    """You count the notes that were not heard; the savings come from those that were.

    A count of zero has nothing to give.
    """
    new = (counts == 0).sum(dim=1, keepdim=True)
    return _known(counts, discount * new * shorter, discount, shorter)


def single_counts_left_out(counts, shorter, discount):
    """You count only the notes heard more than once; a note heard once gives, too.

    Which counts lose something?
    """
    often = (counts > 1).sum(dim=1, keepdim=True)
    return _known(counts, discount * often * shorter, discount, shorter)


def share_and_counts_mixed(counts, shorter, discount):
    """You take 1 less the counts that are left; 1 is a sum of shares, and these are counts.

    Divide by the row's total first, or subtract from it.
    """
    kept = (counts - discount).clamp(min=0).sum(dim=1, keepdim=True)
    return _known(counts, (1 - kept) * shorter, discount, shorter)


def _answer(saved=None, unheard=None):
    def answer(counts, shorter, discount):
        given = discount * (saved or _company)(counts) * shorter
        rows = ((counts - discount).clamp(min=0) + given) / counts.sum(dim=1, keepdim=True)
        rest = unheard(shorter) if unheard else shorter
        return torch.where(counts.sum(dim=1, keepdim=True) > 0, rows, rest)

    return answer


BOTH = two_slips(
    _answer,
    saved={
        "saved_once": (lambda counts: 1, "You saved the discount once for each row."),
        "zeros_give": (lambda counts: counts.shape[1], "Zeros are counted among the givers."),
        "not_given_back": (lambda counts: 0, "Nothing is given back."),
        "occurrences": (lambda counts: counts.sum(1, keepdim=True), "You count occurrences."),
    },
    unheard={
        "unheard_zero": (torch.zeros_like, "A context never heard gets zeros."),
        "unheard_nan": (lambda one: one * math.nan, "A context never heard is divided by 0."),
        "unheard_even": (lambda one: one * 0 + 1 / len(one), "A context never heard is even."),
    },
)


def every_row_sums_to_one(table, counts, shorter, discount):
    """What is taken is given: every row sums to 1, also of a context never heard."""
    rows = torch.as_tensor(table).sum(dim=1).double()
    return torch.allclose(rows, torch.ones_like(rows), atol=1e-5)


def nothing_is_impossible(table, counts, shorter, discount):
    """The shorter context rules nothing out: every probability lies above 0."""
    return bool((torch.as_tensor(table) > 0).all())


EXERCISE = Exercise(
    id="back-off",
    notebook=4,
    place=4,
    title="Back off",
    kind="find the bug",
    difficulty=3,
    importance=3,
    minutes=15,
    why="A good model trusts a long context as far as it knows it, and no further.",
    signature=(
        'back_off(counts: Float[Tensor, "context vocab"], shorter: Float[Tensor, "vocab"], '
        'discount: float) -> Float[Tensor, "context vocab"]'
    ),
    statement=(
        "This is section 4.7 with one discount for all counts. Take `discount` off every count "
        "above zero. Give what was saved in a row to that row, shared out as `shorter` says. "
        "Divide by the row's total. A context never heard has only `shorter`. The function below "
        "has a bug: its rows do not sum to 1. Find it and mend it."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    properties=(every_row_sums_to_one, nothing_is_impossible),
    mistakes=(
        saved_once,
        saved_from_zeros_too,
        nothing_given_back,
        spread_evenly,
        only_to_new_notes,
        nothing_taken_off,
        below_zero,
        unheard_is_zero,
        unheard_is_nan,
        unheard_is_even,
        normalised_by_force,
        company_of_columns,
        discount_not_counted,
        saved_of_all_rows,
        saved_for_each_new_note,
        single_counts_left_out,
        share_and_counts_mixed,
        *BOTH,
    ),
    hints=(
        "A context was followed by C three times and by D once. Take half off each. How much did "
        "you save: half of one, or half of four, or something else?",
        "total: (context, 1). kept = counts less the discount, not below 0: (context, vocab). "
        "saved = discount times how many counts lose it: (context, 1). Add saved times shorter. "
        "Divide by total.",
        "One line is wrong. It should read `saved = discount * reduce((counts ...).float(), "
        "'context vocab -> context 1', ...)`.",
    ),
    explain="Why do the savings depend on how many different notes were heard? Say it briefly.",
)

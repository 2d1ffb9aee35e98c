"""bigram-probabilities: count what follows what, smooth, and turn each row into probabilities."""

import numpy as np
import torch
from einops import einsum, reduce
from torch.nn import functional as F

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips
from musiclab.music import Chorale
from musiclab.music.corpus import corpus


def probes(rng):
    """Yield ids with repeats, some never heard; at last a single one, with no pair."""
    for seq, vocab_size, used, alpha in ((6, 3, 2, 1.0), (40, 7, 5, 0.5), (60, 11, 8, 0.1)):
        ids = torch.from_numpy(rng.integers(used, size=seq))
        ids[1:3] = ids[0]  # one pair comes twice at least
        yield ids, vocab_size, alpha
    yield torch.from_numpy(rng.integers(5, size=1)), 5, 0.25


def solution(ids, vocab_size, alpha=1.0):
    before, now = F.one_hot(ids[:-1], vocab_size), F.one_hot(ids[1:], vocab_size)
    counts = einsum(before, now, "step before, step now -> before now") + alpha
    return counts / reduce(counts, "before now -> before 1", "sum")


def reference(ids, vocab_size, alpha=1.0):
    """Count the pairs, add ``alpha`` to every count, divide each row by its sum."""
    return _rows(_count(ids[:-1], ids[1:], vocab_size) + alpha)


def _count(before, now, vocab_size):
    counts = torch.zeros(vocab_size, vocab_size)
    return counts.index_put((before, now), torch.ones(len(now)), accumulate=True)


def _rows(counts):
    return counts / counts.sum(dim=1, keepdim=True)


def columns_normalised(ids, vocab_size, alpha=1.0):
    """Each column sums to 1, where each row should.

    A row holds all that may follow one pitch. Along which axis do these stand?
    """
    counts = _count(ids[:-1], ids[1:], vocab_size) + alpha
    return counts / counts.sum(dim=0)


def divided_by_other_rows(ids, vocab_size, alpha=1.0):
    """The row sums are right, but each entry is divided by the sum of another row.

    Look at the shape of the sums. A flat row of them is laid along the columns.
    """
    counts = _count(ids[:-1], ids[1:], vocab_size) + alpha
    return counts / counts.sum(dim=1)


def backwards_in_time(ids, vocab_size, alpha=1.0):
    """Each row tells what came before a pitch, where it should tell what comes after it.

    Which index of your table is the earlier note?
    """
    return _rows(_count(ids[1:], ids[:-1], vocab_size) + alpha)


def transposed(ids, vocab_size, alpha=1.0):
    """The probabilities are right, but the pitch before stands in the columns, not in the rows.

    A row belongs to the pitch before. Check which index you count first.
    """
    return reference(ids, vocab_size, alpha).T


def no_smoothing(ids, vocab_size, alpha=1.0):
    """Nothing is smoothed: a pair never heard has probability 0, so its surprise is infinite.

    Where does `alpha` come in? Section 4.3 shows why it must.
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return counts / counts.sum(dim=1, keepdim=True).clamp(min=1)


def not_smoothed_nan(ids, vocab_size, alpha=1.0):
    """Nothing is smoothed: a pitch with nothing after it has an empty row, and 0 / 0 is no number.

    Where does `alpha` come in? It gives every row something to divide.
    """
    return _rows(_count(ids[:-1], ids[1:], vocab_size))


def alpha_after_normalising(ids, vocab_size, alpha=1.0):
    """You add alpha to the probabilities, so the rows no longer sum to 1.

    Alpha is a number of imagined notes. To what do you add notes: to counts, or to shares?
    """
    return no_smoothing(ids, vocab_size) + alpha


def alpha_weighs_as_much_as_all(ids, vocab_size, alpha=1.0):
    """You add alpha to the shares and normalise again: alpha then outweighs all that was heard.

    A row heard a thousand times should hardly notice it. Add it at an earlier step.
    """
    return _rows(alpha_after_normalising(ids, vocab_size, alpha))


def total_without_alpha(ids, vocab_size, alpha=1.0):
    """The rows sum to more than 1: alpha is in the counts, but not in the total below.

    What must a row be divided by so that its sum is 1?
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return (counts + alpha) / counts.sum(dim=1, keepdim=True).clamp(min=1)


def total_with_one_alpha(ids, vocab_size, alpha=1.0):
    """The total below has alpha once. But each entry of the row got one, so the sum is not 1.

    How many imagined notes does a row get in all?
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return (counts + alpha) / (counts.sum(dim=1, keepdim=True) + alpha)


def alpha_spread_over_the_row(ids, vocab_size, alpha=1.0):
    """You share one alpha out over the whole row; here every count gets a whole one.

    Section 4.3 imagines one note in all after each pitch. This exercise imagines more.
    """
    return reference(ids, vocab_size, alpha / vocab_size)


def alpha_only_where_zero(ids, vocab_size, alpha=1.0):
    """Only the empty counts get alpha; every count should.

    Otherwise a pair heard once may end up below a pair never heard.
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return _rows(counts.masked_fill(counts == 0, alpha))


def alpha_always_one(ids, vocab_size, alpha=1.0):
    """Every count gets 1, whatever alpha is.

    Look for a number in your code that should be a name.
    """
    return reference(ids, vocab_size, 1.0)


def each_pair_counted_once(ids, vocab_size, alpha=1.0):
    """A pair that comes often counts as one.

    `counts[before, now] += 1` with whole rows of indices adds 1 only once to each place.
    """
    return _rows(_count(ids[:-1], ids[1:], vocab_size).clamp(max=1) + alpha)


def pair_of_all_pairs(ids, vocab_size, alpha=1.0):
    """The whole table sums to 1: the chance of a pair, not of a pitch after a given pitch.

    Once the pitch before is known, only its own row counts.
    """
    counts = _count(ids[:-1], ids[1:], vocab_size) + alpha
    return counts / counts.sum()


def last_pair_lost(ids, vocab_size, alpha=1.0):
    """The last pair is not counted.

    How many pairs do six notes make? Look at where your loop or slice ends.
    """
    return (
        reference(ids[:-1], vocab_size, alpha)
        if len(ids) > 1
        else _rows(torch.full((vocab_size, vocab_size), alpha))
    )


def first_pair_lost(ids, vocab_size, alpha=1.0):
    """The first pair is not counted.

    Look at where your loop or slice begins.
    """
    return (
        last_pair_lost(ids.flip(0), vocab_size, alpha)
        if len(ids) < 2
        else reference(ids[1:], vocab_size, alpha)
    )


def wraps_round(ids, vocab_size, alpha=1.0):
    """One pair too many: your last note is followed by the first one again.

    `roll` brings the end round to the beginning. What follows the last note?
    """
    return _rows(_count(ids, ids.roll(-1), vocab_size) + alpha)


def held_notes_left_out(ids, vocab_size, alpha=1.0):
    """A note that is followed by itself is not counted; a bigram counts it like any other.

    In section 4.3, what most often follows B4?
    """
    moved = ids[1:] != ids[:-1]
    return _rows(_count(ids[:-1][moved], ids[1:][moved], vocab_size) + alpha)


def last_note_in_the_total(ids, vocab_size, alpha=1.0):
    """You divide by how often a pitch occurs. The last note has nothing after it, yet it counts.

    Add up the row itself: how many pairs does it hold?
    """
    total = ids.bincount(minlength=vocab_size)[:, None] + alpha * vocab_size
    return (_count(ids[:-1], ids[1:], vocab_size) + alpha) / total


def ignores_the_note_before(ids, vocab_size, alpha=1.0):
    """All rows are alike: a unigram, which does not ask what came before.

    The count needs two indices.
    """
    return _rows(ids[1:].bincount(minlength=vocab_size).expand(vocab_size, -1) + alpha)


def both_directions(ids, vocab_size, alpha=1.0):
    """Each pair is counted forwards and backwards, as if music could run both ways.

    Is C followed by D the same as D followed by C?
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return _rows(counts + counts.T + alpha)


def softmax_of_counts(ids, vocab_size, alpha=1.0):
    """The softmax takes exponentials of the counts: a pitch heard ten times swallows its row.

    Counts are no logits. Section 4.3 says how counts become probabilities.
    """
    return (_count(ids[:-1], ids[1:], vocab_size) + alpha).softmax(dim=1)


def counts_not_divided(ids, vocab_size, alpha=1.0):
    """These are smoothed counts, not yet probabilities.

    What must a row sum to?
    """
    return _count(ids[:-1], ids[1:], vocab_size) + alpha


def pairs_two_apart(ids, vocab_size, alpha=1.0):
    """Your pairs are two notes apart: one note in between is skipped.

    Write the two slices below each other. Which note stands under which?
    """
    return _rows(_count(ids[:-2], ids[2:], vocab_size) + alpha)


def every_other_pair(ids, vocab_size, alpha=1.0):
    """You cut the melody into pairs that do not overlap, so every other pair is lost.

    Each note but the last has a next one. How many pairs do six notes make?
    """
    before, now = ids[::2], ids[1::2]
    return _rows(_count(before[: len(now)], now, vocab_size) + alpha)


def total_with_vocab_size(ids, vocab_size, alpha=1.0):
    """The total below grows by vocab_size, as if alpha were 1.

    How much was added to the whole row?
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return (counts + alpha) / (counts.sum(dim=1, keepdim=True) + vocab_size)


def alpha_only_below(ids, vocab_size, alpha=1.0):
    """Alpha is in the total below, but not in the counts above: a new pair stays impossible.

    What is added to the sum must be in the parts.
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return counts / (counts.sum(dim=1, keepdim=True) + alpha * vocab_size)


def divided_by_all_notes(ids, vocab_size, alpha=1.0):
    """You divide by the length of the melody; a row should be divided by its own sum.

    Once the pitch before is known, only its own row counts.
    """
    return (_count(ids[:-1], ids[1:], vocab_size) + alpha) / len(ids)


def only_empty_rows_smoothed(ids, vocab_size, alpha=1.0):
    """Only rows with nothing in them are filled; in all others, new pairs stay impossible.

    Every count gets its alpha, in every row.
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return _rows(torch.where(counts.sum(dim=1, keepdim=True) > 0, counts, torch.tensor(1.0)))


def numbers_never_heard_left_out(ids, vocab_size, alpha=1.0):
    """The table ends at the largest number heard; numbers above it need a place as well.

    Who tells you how large the table is?
    """
    return reference(ids, int(ids.max()) + 1, alpha)


def _answer(pairs=None, alpha=None, axis=None):
    def answer(ids, vocab_size, strength=1.0):
        before, now = (pairs or (lambda ids: (ids[:-1], ids[1:])))(ids)
        counts = _count(before, now, vocab_size)
        if alpha is None:
            return (axis or _rows)(counts + strength)
        return alpha(counts, strength, lambda table: (axis or _rows)(table))

    return answer


def _moved_only(ids):
    moved = ids[1:] != ids[:-1]
    return ids[:-1][moved], ids[1:][moved]


BOTH = two_slips(
    _answer,
    pairs={
        "backwards": (lambda ids: (ids[1:], ids[:-1]), "Before and after are swapped."),
        "end_lost": (lambda ids: (ids[:-2], ids[1:-1]), "The last pair is lost."),
        "round_again": (lambda ids: (ids, ids.roll(-1)), "The end is joined to the beginning."),
        "held_left_out": (_moved_only, "Held notes are left out."),
    },
    alpha={
        "not_smoothed": (lambda counts, alpha, rows: rows(counts), "Nothing is smoothed."),
        "alpha_is_one": (lambda counts, alpha, rows: rows(counts + 1), "Alpha is always 1."),
        "alpha_late": (
            lambda counts, alpha, rows: rows(counts) + alpha,
            "Alpha is added after dividing.",
        ),
        "alpha_late_again": (
            lambda counts, alpha, rows: rows(rows(counts) + alpha),
            "Alpha is added to shares.",
        ),
        "alpha_above_only": (
            lambda counts, alpha, rows: (counts + alpha) / (counts / rows(counts)),
            "Alpha is missing in the total.",
        ),
    },
    axis={
        "columns": (lambda table: table / table.sum(dim=0), "Columns sum to 1, not rows."),
        "whole_table": (lambda table: table / table.sum(), "The whole table sums to 1."),
        "other_rows": (lambda table: table / table.sum(dim=1), "Rows are divided by wrong sums."),
    },
    without=("backwards_and_columns", "round_again_and_other_rows"),
)


def alpha_after_nan(ids, vocab_size, alpha=1.0):
    """You add alpha after dividing: too late for a pitch with nothing after it, where 0 / 0 stays.

    Alpha is a number of imagined notes. To what do you add notes: to counts, or to shares?
    """
    return not_smoothed_nan(ids, vocab_size) + alpha


def shares_smoothed_nan(ids, vocab_size, alpha=1.0):
    """You add alpha to shares and divide again; an empty row has no shares, only 0 / 0.

    Add alpha at an earlier step: to the counts.
    """
    return _rows(alpha_after_nan(ids, vocab_size, alpha))


def total_without_alpha_infinite(ids, vocab_size, alpha=1.0):
    """The total below has no alpha, so a pitch with nothing after it is divided by 0.

    What must a row be divided by so that its sum is 1?
    """
    counts = _count(ids[:-1], ids[1:], vocab_size)
    return (counts + alpha) / counts.sum(dim=1, keepdim=True)


def every_row_sums_to_one(table, ids, vocab_size, alpha):
    """Something must follow each pitch: every row sums to 1."""
    return torch.allclose(
        torch.as_tensor(table).sum(dim=1).double(), torch.ones(vocab_size).double()
    )


def nothing_is_impossible(table, ids, vocab_size, alpha):
    """With smoothing, every probability lies above 0."""
    return bool((torch.as_tensor(table) > 0).all())


def hear(answer):
    """Draw Markov's Bach from the learner's table, each voice by itself."""
    pieces = corpus("train", progress=False)[:24]
    lines = np.maximum(np.concatenate([one.pitches for one in pieces]) - 35, 0)
    rng, voices = np.random.default_rng(5), []
    for line in torch.from_numpy(lines).T:
        table = torch.as_tensor(answer(line, 47, 0.001)).double().numpy()
        table = np.nan_to_num(table, posinf=0).clip(0)
        sung = [int(line[0])]
        for _ in range(47):
            ladder = (table[sung[-1]] + 1e-12).cumsum()
            sung.append(int(np.searchsorted(ladder, rng.random() * ladder[-1])))
        voices.append(sung)
    numbers = np.array(voices).T
    return Chorale(pitches=np.where(numbers > 0, numbers + 35, -1), tempo=96.0)


EXERCISE = Exercise(
    id="bigram-probabilities",
    notebook=4,
    place=1,
    title="A bigram, counted",
    kind="implement",
    difficulty=2,
    importance=5,
    minutes=15,
    why="It is the smallest model of music, and what every larger one must beat.",
    signature=(
        'bigram_probabilities(ids: Int[Tensor, "seq"], vocab_size: int, alpha: float = 1.0) '
        '-> Float[Tensor, "before now"]'
    ),
    statement=(
        "`ids` is a melody in numbers. Count how often each number follows each number. Add "
        "`alpha` to every count, so that nothing is impossible. Then turn each row into "
        "probabilities. Row: the number before. Column: the number now. There are `vocab_size` of "
        "each, also for numbers that never occur."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(every_row_sums_to_one, nothing_is_impossible),
    mistakes=(
        columns_normalised,
        divided_by_other_rows,
        backwards_in_time,
        transposed,
        no_smoothing,
        not_smoothed_nan,
        alpha_after_normalising,
        alpha_weighs_as_much_as_all,
        total_without_alpha,
        total_with_one_alpha,
        alpha_spread_over_the_row,
        alpha_only_where_zero,
        alpha_always_one,
        each_pair_counted_once,
        pair_of_all_pairs,
        last_pair_lost,
        first_pair_lost,
        wraps_round,
        held_notes_left_out,
        last_note_in_the_total,
        ignores_the_note_before,
        both_directions,
        softmax_of_counts,
        counts_not_divided,
        pairs_two_apart,
        every_other_pair,
        total_with_vocab_size,
        alpha_only_below,
        divided_by_all_notes,
        only_empty_rows_smoothed,
        numbers_never_heard_left_out,
        alpha_after_nan,
        shares_smoothed_nan,
        total_without_alpha_infinite,
        *BOTH,
    ),
    hints=(
        "Take the melody 0 0 1 0 and write down its pairs. How many are there? Now draw a table "
        "with a row for the note before and a column for the note now, and put a stroke for each "
        "pair.",
        "counts = zeros (vocab_size, vocab_size). For each pair, add 1 at [before, now]. Add "
        "alpha everywhere. Sum each row: (vocab_size, 1). Divide.",
        "`before, now = ids[:-1], ids[...]`. Then `for b, n in zip(before, now): counts[...] += "
        "1`. Then `counts = counts + ...`, and at last `counts / counts.sum(dim=..., "
        "keepdim=...)`.",
    ),
    explain="Why is alpha added before dividing, and not after? Say it in one sentence.",
    hear=hear,
)

"""The table against Kneser-Ney written out with dictionaries, straight from its definition."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from musiclab.evaluate.kneser_ney_table import KneserNeyTable, discounts

N_NOTES = 5
BASE = np.array([0.1, 0.3, 0.2, 0.25, 0.15])


def by_definition(rows, notes, asked, note):
    """The probability of ``note`` after the features ``asked``, counted anew each time."""
    n_features = len(asked)
    occurrences = Counter(zip(map(tuple, rows), notes, strict=True))
    counts = [None] * n_features + [occurrences]
    for length in reversed(range(n_features)):
        extensions = defaultdict(set)  # by context and note: the longer contexts it occurs in
        for context, sung in counts[length + 1]:
            extensions[context[:length], sung].add(context)
        counts[length] = Counter({pair: len(found) for pair, found in extensions.items()})

    def probability(length):
        if length < 0:
            return BASE[note]
        lower = probability(length - 1)
        here = {s: n for (c, s), n in counts[length].items() if c == tuple(asked[:length])}
        if not here:
            return lower
        taken = discounts(np.array(list(counts[length].values())))
        total = sum(here.values())
        own = max(here.get(note, 0) - taken[min(here.get(note, 0), 3)], 0) / total
        return own + sum(taken[min(n, 3)] for n in here.values()) / total * lower

    return probability(n_features)


@given(st.integers(1, 40), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_it_is_kneser_ney_by_definition(n_rows, n_features, seed):
    rng = np.random.default_rng(seed)
    rows, notes = rng.integers(0, 3, (n_rows, n_features)), rng.integers(0, N_NOTES, n_rows)
    table = KneserNeyTable(rows, notes, N_NOTES)
    asked, sung = (
        rng.integers(0, 4, (7, n_features)),
        rng.integers(0, N_NOTES, 7),
    )  # 3 was never met
    found = table.probabilities(asked, sung, BASE)
    expected = [by_definition(rows, notes, a, s) for a, s in zip(asked, sung, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(hnp.arrays(np.int64, (23, 3), elements=st.integers(0, 4)))
def test_every_distribution_sums_to_one_and_forbids_nothing(rows):
    notes = rows.sum(axis=1) % N_NOTES
    table = KneserNeyTable(rows, notes, N_NOTES)
    for asked in ([9, 9, 9], [0, 9, 0], [0, 0, 9], rows[0]):
        chances = table.distribution(np.array(asked), BASE)
        assert chances.sum() == pytest.approx(1) and (chances > 0).all()


def test_a_note_that_follows_many_things_beats_one_that_follows_one_thing_often():
    """The point of Kneser and Ney: in a new place 2 is the better guess, though 1 is heard more."""
    feature = np.array([[0]] * 9 + [[1], [2], [3], [4]])
    notes = np.array([1] * 9 + [2, 2, 2, 2])
    chances = KneserNeyTable(feature, notes, N_NOTES).distribution(np.array([7]), BASE)
    assert chances[2] > 2 * chances[1]


def test_features_beyond_the_first_unknown_one_are_ignored():
    rows = np.array([[0, 1], [0, 2], [1, 1], [1, 1]])
    table = KneserNeyTable(rows, np.array([0, 1, 2, 2]), N_NOTES)
    new = table.distribution(np.array([3, 1]), BASE)
    np.testing.assert_array_equal(new, table.distribution(np.array([3, 0]), BASE))
    assert not np.allclose(new, table.distribution(np.array([1, 1]), BASE))


def test_discounts_are_those_of_chen_and_goodman():
    counts = np.repeat([1, 2, 3, 4, 9], [40, 11, 5, 3, 2])
    luck = 40 / (40 + 22)
    expected = [0, 1 - 2 * luck * 11 / 40, 2 - 3 * luck * 5 / 11, 3 - 4 * luck * 3 / 5]
    np.testing.assert_allclose(discounts(counts), expected)


@pytest.mark.parametrize("counts", [[1], [2, 2, 2], [4] * 9 + [3], [7], [1] * 50])
def test_discounts_leave_something_and_take_no_more_than_there_is(counts):
    taken = discounts(np.array(counts))
    assert taken[0] == 0
    assert all(0 < taken[many] <= many for many in (1, 2, 3))

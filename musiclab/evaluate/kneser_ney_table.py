"""Count what follows what, after Kneser and Ney: discount what was seen, back off to what is known.

``KneserNey`` turns music into the features and notes that are counted here, all small numbers.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

Rows = Int[np.ndarray, " row"]
Keys = Int[np.ndarray, " key"]  # sorted
_SMALLEST_DISCOUNT = 0.05  # something is always left over for what was never seen


class Level(NamedTuple):
    """What is known from the first so many features; a context is one combination of them.

    Both lists of keys are sorted, so that a key is found by halving.
    """

    contexts: Int[np.ndarray, " context"]  # key: number of the shorter context, one more feature
    pairs: Int[np.ndarray, " pair"]  # key: number of the context, and the note that followed
    share: Float[np.ndarray, " pair"]  # probability that is the note's own, after the discount
    left_over: Float[np.ndarray, " context"]  # probability that goes to the shorter context


class KneserNeyTable:
    """Interpolated Kneser-Ney smoothing with three discounts, for any list of features.

    With all features, notes are counted as they come. With fewer, a note counts once for each
    different context of one feature more in which it occurred: what follows many things is a better
    guess in a new place than what follows one thing often.

    Args:
        features: Int (row, feature), the most telling feature first; none negative.
        notes: Int (row,), what was sung there, from 0 to ``n_notes`` - 1.
        n_notes: How many notes there are.

    Source:
        Kneser and Ney (1995), "Improved backing-off for m-gram language modeling"; Chen and
        Goodman (1999), "An empirical study of smoothing techniques for language modeling": the
        interpolation and the three discounts.
    """

    def __init__(self, features: Int[np.ndarray, "row feature"], notes: Rows, n_notes: int) -> None:
        self.n_notes = n_notes
        self.n_values = int(features.max(initial=0)) + 2  # one more, for a value never met
        contexts = [np.zeros(1, dtype=np.int64)]  # with no feature, there is one context
        number = np.zeros(len(notes), dtype=np.int64)  # of each row's context
        for feature in features.T:
            keys, number = np.unique(number * self.n_values + feature, return_inverse=True)
            contexts.append(keys)
        pairs, counts = np.unique(number * n_notes + notes, return_counts=True)
        levels = []
        for keys in reversed(contexts):
            levels.append(_discounted(keys, pairs, counts, n_notes))
            # One feature fewer: each different pair counts once.
            shorter = keys[pairs // n_notes] // self.n_values
            pairs, counts = np.unique(shorter * n_notes + pairs % n_notes, return_counts=True)
        self.levels: list[Level] = levels[::-1]

    def probabilities(
        self,
        features: Int[np.ndarray, "row feature"],
        notes: Rows,
        base: Float[np.ndarray, " note"],
    ) -> Float[np.ndarray, " row"]:
        """Say how probable each row's note is, given its features.

        Args:
            features: As for making the table.
            notes: One a row.
            base: What to believe of each note with no feature and no count at all; sums to 1.
        """
        chance = base[notes]
        number, known = np.zeros_like(notes), np.ones(len(notes), dtype=bool)
        for place, level in enumerate(self.levels):
            if place:
                value = np.minimum(features[:, place - 1], self.n_values - 1)
                number, found = _find(level.contexts, number * self.n_values + value)
                known = known & found  # from the first feature that was never met, no longer
            pair, found = _find(level.pairs, number * self.n_notes + notes)
            refined = np.where(found, level.share[pair], 0) + level.left_over[number] * chance
            chance = np.where(known, refined, chance)
        return chance

    def distribution(
        self, features: Int[np.ndarray, " feature"], base: Float[np.ndarray, " note"]
    ) -> Float[np.ndarray, " note"]:
        """Say how probable every note is after these features."""
        rows = np.tile(features, (self.n_notes, 1))
        return self.probabilities(rows, np.arange(self.n_notes), base)


def discounts(counts: Int[np.ndarray, " pair"]) -> Float[np.ndarray, "4"]:
    """Find how much to take off a count of 0, 1, 2, and 3 or more.

    Compares how many pairs were seen once, twice, three and four times: where most were seen
    once, much is luck, and much is taken off.

    Example:
        >>> discounts(np.array([1, 1, 1, 1, 2, 2, 3, 4])).round(2)
        array([0.  , 0.5 , 1.25, 1.  ])
    """
    once, twice, thrice, four = (max(1, int((counts == many).sum())) for many in (1, 2, 3, 4))
    luck = once / (once + 2 * twice)
    found = [
        1 - 2 * luck * twice / once,
        2 - 3 * luck * thrice / twice,
        3 - 4 * luck * four / thrice,
    ]
    return np.array([0, *np.clip(found, _SMALLEST_DISCOUNT, [1, 2, 3])])


def _discounted(contexts: Keys, pairs: Rows, counts: Rows, n_notes: int) -> Level:
    taken = discounts(counts)[np.minimum(counts, 3)]  # 3 stands for 3 or more
    number = pairs // n_notes
    total = np.bincount(number, counts, len(contexts))
    share = (counts - taken) / total[number]
    return Level(contexts, pairs, share, np.bincount(number, taken, len(contexts)) / total)


def _find(keys: Keys, wanted: Rows) -> tuple[Rows, Bool[np.ndarray, " row"]]:
    """Return where each wanted key stands, or some place where it does not, and whether it does."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted

"""split-by-piece: deal whole pieces out to training, validation and test."""

import copy
from itertools import combinations

import numpy as np

from musiclab.check.exercise import Exercise


def probes(rng):
    """Yield pieces as lists of pitches; at last so many that the shares are no whole numbers."""
    for number, fractions in ((5, (0.6, 0.2, 0.2)), (20, (0.5, 0.3, 0.2)), (17, (0.7, 0.2, 0.1))):
        pieces = [rng.integers(50, 80, size=rng.integers(4, 9)).tolist() for _ in range(number)]
        yield pieces, fractions, int(rng.integers(1, 1000))


def use(answer, pieces, fractions, seed):
    """Split with seven seeds, twice with each, and say what came of the pieces."""
    originals = copy.deepcopy(pieces)
    seeds = range(seed, seed + 7)
    first = answer(pieces, fractions, seed)
    splits = [first, *(answer(copy.deepcopy(originals), fractions, one) for one in seeds[1:])]
    again = [answer(copy.deepcopy(originals), fractions, one) for one in seeds]
    if first is None:
        return None
    if any(len(_parts(one)) != 3 for one in splits):
        return {"three lists": False}
    splits, again = ([_parts(one) for one in each] for each in (splits, again))
    found = {"three lists": True} | _pieces(splits, [_written(one) for one in originals])
    if all(found.values()):
        found["sizes"] = _sizes(splits, fractions)
    return found | {
        "the same again with the same seed": splits == again,
        "another split with another seed": any(one != splits[0] for one in splits),
        "dealt out by chance": any(parts != splits[0] for parts in splits)
        or splits[0][0] != [_written(one) for one in originals[: len(splits[0][0])]],
    }


def _parts(split):
    """Write each piece of each part as text; nothing where it is not a list of lists."""
    try:
        return [[_written(piece) for piece in part] for part in split]
    except TypeError:
        return []


def _written(piece):
    return repr(np.asarray(piece).tolist())


def _pieces(splits, originals):
    """Say whether all pieces are there, whole, and only once, in every split."""
    dealt = [[piece for part in parts for piece in part] for parts in splits]
    found = {"only whole pieces": all(set(one) <= set(originals) for one in dealt)}
    if not found["only whole pieces"]:
        before, *after = (_notes(one) for one in (originals, *dealt))
        ways = {
            "fewer" if one < before else "more" if one > before else "as before" for one in after
        }
        return found | {"notes in all": " or ".join(sorted(ways))}
    return found | {
        "every piece somewhere": all(set(one) == set(originals) for one in dealt),
        "no piece twice in a part": all(
            len(part) == len(set(part)) for parts in splits for part in parts
        ),
        "no part empty": all(part for parts in splits for part in parts),
        "no piece in two parts": all(
            not set(one) & set(other) for parts in splits for one, other in combinations(parts, 2)
        ),
    }


def _notes(pieces):
    return sum(text.count(",") + 1 for text in pieces)


def _sizes(splits, fractions):
    """Give the sizes, or say that they are right: each within one piece of its share."""
    sizes = {tuple(map(len, parts)) for parts in splits}
    if len(sizes) > 1:
        return "not always the same"
    (sizes,) = sizes
    shares = [much * sum(sizes) for much in fractions]
    right = all(abs(size - share) < 0.999 for size, share in zip(sizes, shares, strict=True))
    return "right" if right else list(sizes)


def solution(pieces, fractions, seed):
    order = np.random.default_rng(seed).permutation(len(pieces))
    ends = np.round(np.cumsum(fractions) * len(pieces)).astype(int)
    train, valid, test = np.split(order, ends[:-1])
    return tuple([pieces[number] for number in part] for part in (train, valid, test))


def _deal(pieces, fractions, order):
    """Give the pieces out in an order; the last part takes what is left."""
    first, second = (round(sum(fractions[:n]) * len(order)) for n in (1, 2))
    parts = order[:first], order[first:second], order[second:]
    return tuple([pieces[number] for number in part] for part in parts)


def _shuffled(count, seed):
    return np.random.default_rng(seed).permutation(count)


def not_shuffled(pieces, fractions, seed):
    """The pieces are dealt out in the order in which they come.

    A catalogue is sorted: by year, by key, by feast. What would the test part hold then?
    """
    return _deal(pieces, fractions, range(len(pieces)))


def never_twice_the_same(pieces, fractions, seed):
    """Every call splits anew, so nobody can repeat your figures, not even you.

    Who tells your random generator where to start?
    """
    return _deal(pieces, fractions, _shuffled(len(pieces), None))


def seed_ignored(pieces, fractions, seed):
    """Every seed gives the same split.

    Is another seed written into your function, or is nothing drawn by chance at all?
    """
    return _deal(pieces, fractions, _shuffled(len(pieces), 0))


def cut_first(pieces, fractions, seed):
    """You cut the pieces into windows and deal out the windows, so a piece lands on both sides.

    That is the leak of section 5.3. What has to come first?
    """
    cut = [part for one in pieces for part in (one[: len(one) // 2], one[len(one) // 2 :])]
    return _deal(cut, fractions, _shuffled(len(cut), seed))


def transposed_first(pieces, fractions, seed):
    """There is more music than before: copies in other keys, split after they were made.

    That is the leak of section 5.4. What has to come first?
    """
    more = [*pieces, *([pitch + 2 for pitch in one] for one in pieces)]
    return _deal(more, fractions, _shuffled(len(more), seed))


def each_piece_split(pieces, fractions, seed):
    """You split each piece: its beginning goes to training and its end to the test.

    Chorales repeat whole lines (section 5.3). A piece belongs to one part, whole.
    """
    each = [_deal(one, fractions, range(len(one))) for one in pieces]
    return tuple(list(part) for part in zip(*each, strict=True))


def some_lost(pieces, fractions, seed):
    """Some pieces are in no part.

    Do you round each size by itself, or lose a piece where one part ends and the next begins?
    """
    order = _shuffled(len(pieces), seed).tolist()
    sizes = [int(one * len(pieces) + 1e-9) for one in fractions]
    parts = [[pieces[order.pop()] for _ in range(size)] for size in sizes]
    return tuple(parts)


def one_piece_twice(pieces, fractions, seed):
    """The piece at each border is in both parts: the test has been seen in training.

    Does a slice hold its end? Does the next begin with it?
    """
    order = _shuffled(len(pieces), seed)
    first, second = (round(sum(fractions[:n]) * len(order)) for n in (1, 2))
    parts = order[: first + 1], order[first : second + 1], order[second:]
    return tuple([pieces[number] for number in part] for part in parts)


def drawn_with_replacement(pieces, fractions, seed):
    """You put each piece back after drawing it: some come twice, and some never.

    A deck of cards is shuffled and dealt out. Which function does that?
    """
    drawn = np.random.default_rng(seed).integers(len(pieces), size=len(pieces))
    return _deal(pieces, fractions, drawn)


def each_part_from_all(pieces, fractions, seed):
    """Each part is drawn from all pieces by itself, so the parts share some.

    What is in training is gone. From what may the next part be taken?
    """
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(pieces))[: round(one * len(pieces))] for one in fractions]
    return tuple([pieces[number] for number in order] for order in orders)


def ends_not_added_up(pieces, fractions, seed):
    """You take the fractions as the places of the cuts, so the parts overlap or lie empty.

    The second part ends where both shares together end.
    """
    order = _shuffled(len(pieces), seed)
    first, second = (round(one * len(pieces)) for one in fractions[:2])
    parts = order[:first], order[first:second], order[second:]
    return tuple([pieces[number] for number in part] for part in parts)


def halves_of_the_rest(pieces, fractions, seed):
    """What is left after training is cut in two halves, whatever the fractions say.

    Which share is meant for validation, and which for the test?
    """
    rest = (1 - fractions[0]) / 2
    return _deal(pieces, (fractions[0], rest, rest), _shuffled(len(pieces), seed))


def parts_in_reverse(pieces, fractions, seed):
    """The sizes are the wrong way round: the parts stand in another order than the fractions.

    First training, then validation, then the test.
    """
    return _deal(pieces, fractions, _shuffled(len(pieces), seed))[::-1]


def last_two_exchanged(pieces, fractions, seed):
    """Validation and test have each other's size.

    Which of the last two fractions belongs to which part?
    """
    order = _shuffled(len(pieces), seed)
    train, test, valid = _deal(pieces, [fractions[n] for n in (0, 2, 1)], order)
    return train, test, valid


def each_piece_by_a_coin(pieces, fractions, seed):
    """You draw for each piece by itself, so the sizes come out by luck.

    Shuffle all pieces first, and then cut where the shares end.
    """
    parts, rng = ([], [], []), np.random.default_rng(seed)
    for piece in pieces:
        parts[rng.choice(3, p=fractions)].append(piece)
    return parts


def two_parts_only(pieces, fractions, seed):
    """You do not return three lists.

    Training, validation and test, side by side, are three.
    """
    train, valid, test = _deal(pieces, fractions, _shuffled(len(pieces), seed))
    return train, valid + test


def not_shuffled_and_some_lost(pieces, fractions, seed):
    """Two slips at once: the pieces come in their old order, and some are in no part.

    Shuffle first. Then look at how you round.
    """
    first, second, third = (int(one * len(pieces) + 1e-9) for one in fractions)
    return pieces[:first], pieces[first : first + second], pieces[first + second :][:third]


def numbers_returned(pieces, fractions, seed):
    """You return the numbers of the pieces; the pieces themselves are asked for.

    One step is missing: look up each number in `pieces`.
    """
    return _deal(range(len(pieces)), fractions, _shuffled(len(pieces), seed).tolist())


def input_shuffled(pieces, fractions, seed):
    """You shuffle the list that you were given; whoever lent it finds it out of order.

    Shuffle a copy, or only the numbers of the pieces.
    """
    np.random.default_rng(seed).shuffle(pieces)
    return _deal(pieces, fractions, range(len(pieces)))


def whole_pieces_only(found, pieces, fractions, seed):
    """What is dealt out must be the pieces as they are: whole, and in their own key."""
    return isinstance(found, dict) and found.get("only whole pieces", True)


def nothing_lost_or_doubled(found, pieces, fractions, seed):
    """Every piece must be in one part, and in no other."""
    keys = ("every piece somewhere", "no piece twice in a part", "no piece in two parts")
    return all(found.get(key, True) for key in keys)


def shares_kept(found, pieces, fractions, seed):
    """Each part must hold its share of the pieces, give or take less than one."""
    return found.get("sizes", "right") == "right"


def seeds_decide(found, pieces, fractions, seed):
    """The same seed gives the same split; another seed gives another."""
    keys = ("the same again with the same seed", "another split with another seed")
    return all(found.get(key, True) for key in keys)


EXERCISE = Exercise(
    id="split-by-piece",
    notebook=5,
    place=1,
    title="Split by piece",
    kind="implement",
    difficulty=2,
    importance=5,
    minutes=15,
    why="Every figure in this course rests on these few lines.",
    signature=(
        "split_by_piece(pieces: list, fractions: tuple[float, float, float], seed: int) "
        "-> tuple[list, list, list]"
    ),
    statement=(
        "Deal whole pieces out to training, validation and test by chance. The fractions add up "
        "to 1; each part may miss its share by less than one piece. Nothing may be lost, and "
        "nothing may come twice. The same seed gives the same split, and another seed another. "
        "The list that you are given stays as it is."
    ),
    reference=solution,
    solution=solution,
    probes=probes,
    use=use,
    properties=(whole_pieces_only, nothing_lost_or_doubled, shares_kept, seeds_decide),
    mistakes=(
        not_shuffled,
        never_twice_the_same,
        seed_ignored,
        cut_first,
        transposed_first,
        each_piece_split,
        some_lost,
        one_piece_twice,
        drawn_with_replacement,
        each_part_from_all,
        ends_not_added_up,
        halves_of_the_rest,
        parts_in_reverse,
        last_two_exchanged,
        each_piece_by_a_coin,
        two_parts_only,
        not_shuffled_and_some_lost,
        numbers_returned,
        input_shuffled,
    ),
    hints=(
        "Think of a deck of cards: you shuffle it once, then deal three heaps. Where does the "
        "second heap begin?",
        "order = the numbers 0 to n - 1, shuffled by a generator with `seed`. Two cuts: at the "
        "first share, and at the first two shares together, times n, rounded. Three slices of "
        "order. Look up the pieces.",
        "`order = np.random.default_rng(...).permutation(...)`, then `first = round(fractions[0] * "
        "...)` and `second = round((fractions[0] + ...) * ...)`, then `[pieces[n] for n in "
        "order[:first]]` and so on.",
    ),
    explain="Why must the split come before cutting and transposing? Say it in one sentence.",
)

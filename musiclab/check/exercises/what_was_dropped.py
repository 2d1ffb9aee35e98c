"""what-was-dropped: how many pieces lost something on the way in, and how much."""

from musiclab.check.exercise import Exercise

KINDS = ("grace note", "ABC sign", "ornament", "chord symbol", "dynamic mark", "articulation")


def probes(rng):
    """Yield what each piece lost; some lost nothing, some the same kind in two of their parts."""
    one, other, third = rng.permutation(KINDS)[:3].tolist()
    yield ([[(4, one)], [], [(2, one), (3, other)]],)
    yield ([[(1, one), (5, one)], [(2, other)], [], [(3, one)]],)
    yield ([[], []],)
    pieces = [[(7, third), (2, one), (1, third)], [], [(6, other)], [(9, one)], [(3, other)]]
    for _ in range(12):
        chosen = rng.choice(KINDS, size=int(rng.integers(4))).tolist()
        pieces.append([(int(rng.integers(1, 30)), kind) for kind in chosen])
    yield (pieces,)


def use(answer, pieces):
    """Let the tally be any mapping, of any pairs."""
    tally = answer(pieces)
    if not hasattr(tally, "items"):
        return tally
    try:
        return {str(kind): tuple(map(float, pair)) for kind, pair in sorted(tally.items())}
    except (TypeError, ValueError):
        return dict(tally)


def solution(pieces):
    tally = {}
    for losses in pieces:
        seen = set()
        for count, kind in losses:
            touched, total = tally.get(kind, (0, 0))
            # BEGIN SOLUTION
            tally[kind] = (touched + (kind not in seen), total + count)
            seen.add(kind)
            # END SOLUTION
    return tally


def gathered(pieces):
    """List for each kind what each piece lost of it, a list a piece."""
    kinds = dict.fromkeys(kind for losses in pieces for _, kind in losses)
    found = {}
    for one in kinds:
        each = [[count for count, kind in losses if kind == one] for losses in pieces]
        found[one] = [counts for counts in each if counts]
    return found


def reference(pieces):
    return {kind: (len(each), sum(map(sum, each))) for kind, each in gathered(pieces).items()}


def sentences_counted(pieces):
    """You count a piece twice where it lost the same kind twice, say in two of its parts.

    "How many pieces" asks for pieces. What could remember that this one was counted?
    """
    found = gathered(pieces)
    return {k: (sum(map(len, each)), sum(map(sum, each))) for k, each in found.items()}


def counts_ignored(pieces):
    """Your second number counts the entries: a piece that lost 40 notes weighs as one that lost 1.

    Each entry says how many. Where does that number go?
    """
    return {kind: (len(each), sum(map(len, each))) for kind, each in gathered(pieces).items()}


def both_are_pieces(pieces):
    """Both of your numbers say how many pieces; how much was lost stands nowhere.

    Each entry says how many. Where does that number go?
    """
    return {kind: (len(each), len(each)) for kind, each in gathered(pieces).items()}


def seen_is_never_emptied(pieces):
    """You count the first piece that lost something, and none after it.

    What `seen` remembers belongs to one piece. Where must it begin anew?
    """
    return {kind: (1, total) for kind, (_, total) in reference(pieces).items()}


def both_are_totals(pieces):
    """Both of your numbers say how much was lost; how many pieces stands nowhere.

    A piece counts once, however much it lost.
    """
    return {kind: (total, total) for kind, (_, total) in reference(pieces).items()}


def numbers_swapped(pieces):
    """Your two numbers stand the wrong way round.

    First how many pieces, then how much in all.
    """
    return {kind: pair[::-1] for kind, pair in reference(pieces).items()}


def last_piece_only(pieces):
    """You keep the last piece's loss alone: each new one replaces what was there.

    Add to what the tally holds already.
    """
    return {kind: (1, sum(each[-1])) for kind, each in gathered(pieces).items()}


def last_total_only(pieces):
    """You count the pieces, but the amount is the last entry's alone.

    Add to what the tally holds already, in both places.
    """
    return {kind: (len(each), each[-1][-1]) for kind, each in gathered(pieces).items()}


def first_entry_only(pieces):
    """You read the first loss of each piece, and pass over the others.

    Look at where your inner loop ends.
    """
    return reference([losses[:1] for losses in pieces])


def doubles_dropped(pieces):
    """Where a piece lost the same kind twice, you leave out the second amount.

    The piece is counted once. What it lost must still be added up.
    """
    return {kind: (len(e), sum(one[0] for one in e)) for kind, e in gathered(pieces).items()}


def largest_loss(pieces):
    """Your second number is the largest loss of all, not the sum.

    How much was lost in all pieces together?
    """
    return {k: (len(each), max(map(max, each))) for k, each in gathered(pieces).items()}


def mean_loss(pieces):
    """Your second number is the mean over the pieces that lost something.

    How much was lost in all pieces together?
    """
    return {k: (len(e), sum(map(sum, e)) / len(e)) for k, e in gathered(pieces).items()}


def share_of_pieces(pieces):
    """Your first number is a share of the pieces; it should count them.

    A reader can divide, if you also say how many pieces there are.
    """
    return {k: (touched / len(pieces), total) for k, (touched, total) in reference(pieces).items()}


def all_pieces_counted(pieces):
    """Your first number counts all pieces, those that lost nothing among them.

    Which pieces lost something of this kind?
    """
    return {kind: (len(pieces), total) for kind, (_, total) in reference(pieces).items()}


def totals_alone(pieces):
    """You give one number for each kind, where two are asked for.

    One piece may have lost everything, or each piece a little. A total does not tell which.
    """
    return {kind: total for kind, (_, total) in reference(pieces).items()}


def a_pair_for_each(tally, pieces):
    """Each kind that was lost must have two numbers, and no other kind may be there."""
    return isinstance(tally, dict) and set(tally) == {kind for one in pieces for _, kind in one}


def touched_at_most_all(tally, pieces):
    """No more pieces can have lost something than there are."""
    return all(pair[0] <= len(pieces) for pair in tally.values() if isinstance(pair, tuple))


EXERCISE = Exercise(
    id="what-was-dropped",
    notebook=21,
    place=1,
    title="What was dropped?",
    kind="fill-in",
    difficulty=1,
    importance=4,
    minutes=8,
    why="Whoever reads your report must know what your model has never been shown.",
    signature="what_was_dropped(pieces: list[list[tuple[int, str]]]) -> dict[str, tuple[int, int]]",
    statement=(
        "Each piece comes with a list of its losses: `(4, 'grace note')` says that four grace "
        "notes are gone. A piece in two parts may have two such entries of one kind.\n\n"
        "Return for each kind two numbers: how many *pieces* lost any of it, and how much was "
        "lost in *all*. What nobody lost does not stand there."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(a_pair_for_each, touched_at_most_all),
    mistakes=(
        sentences_counted,
        counts_ignored,
        both_are_pieces,
        seen_is_never_emptied,
        both_are_totals,
        numbers_swapped,
        last_piece_only,
        last_total_only,
        first_entry_only,
        doubles_dropped,
        largest_loss,
        mean_loss,
        share_of_pieces,
        all_pieces_counted,
        totals_alone,
    ),
    hints=(
        "A piece has lost one grace note in its first part and five in its second. By how much "
        "does each of the two numbers grow?",
        "tally: kind -> (pieces, total). seen: the kinds that this piece was counted for, an empty "
        "set for each new piece. For each entry: pieces grow by 1 only if the kind is not in seen; "
        "the total grows by the count.",
        "`tally[kind] = (touched + (kind not in ...), total + ...)`, then `seen.add(...)`.",
    ),
    explain="Why is one total not enough for a report?",
)

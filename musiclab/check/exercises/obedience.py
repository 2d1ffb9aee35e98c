"""obedience: how often was the wish heard, and how often would chance be?"""

from collections import Counter

from musiclab.check.exercise import Exercise

VALUES = {"mode": ("major", "minor"), "range": ("low", "middle", "high")}


def probes(rng):
    """Yield wishes and what was heard; some ask or hear nothing of an attribute."""
    yield (
        [{"mode": "minor"}, {"mode": "minor"}, {"mode": "major"}, {"mode": "minor"}],
        [{"mode": "minor"}, {"mode": "major"}, {"mode": "minor"}, {"mode": "minor"}],
        [True, True, True, False],
    )
    for pieces in (7, 23, 40):
        asked, heard = [], []
        for _ in range(pieces):
            wish = {name: str(rng.choice(values)) for name, values in VALUES.items()}
            there = {n: v if rng.random() < 0.4 else VALUES[n][-1] for n, v in wish.items()}
            asked.append({n: v for n, v in wish.items() if n == "mode" or rng.random() < 0.7})
            heard.append({n: v for n, v in there.items() if n == "range" or rng.random() < 0.7})
        asked[0], asked[1] = {"mode": "major", "range": "low"}, {"mode": "minor", "range": "high"}
        heard[0], heard[1] = {"mode": "minor", "range": "low"}, {"mode": "minor", "range": "low"}
        held_out = (rng.random(pieces) < 0.6).tolist()
        held_out[:2], held_out[2] = [True, True], False
        asked[2] = heard[2] = {"mode": "minor", "range": "middle"}
        yield asked, heard, held_out


def start(asked, heard, held_out):
    report = {}
    for name in sorted({name for wish in asked for name in wish}):
        pairs = [
            (a[name], h[name]) for a, h in zip(asked, heard, strict=True) if name in a and name in h
        ]
        hits = sum(wish == there for wish, there in pairs)
        chance = 1 / len({there for _, there in pairs})
        report[name] = (hits / len(pairs), chance)
    return report


def solution(asked, heard, held_out):
    report = {}
    for name in sorted({name for wish in asked for name in wish}):
        trials = zip(asked, heard, held_out, strict=True)
        pairs = [(a[name], h[name]) for a, h, new in trials if new and name in a and name in h]
        hits = sum(wish == there for wish, there in pairs)
        # Every wish meets every piece, not only its own.
        dealt = sum(wish == there for wish, _ in pairs for _, there in pairs)
        report[name] = (hits / len(pairs), dealt / len(pairs) ** 2)
    return report


def dealt_anew(pairs):
    """Expect so many hits, as a share, if the wishes were dealt anew among the pieces."""
    wishes, there = (Counter(one) for one in zip(*pairs, strict=True))
    return sum(many * there[value] for value, many in wishes.items()) / len(pairs) ** 2


def share_of(pairs, *_):
    return sum(wish == there for wish, there in pairs) / max(len(pairs), 1)


def build(
    counts=lambda new: new,
    share=share_of,
    chance=dealt_anew,
    judged=lambda name, wish, there: name in wish and name in there,
):
    """Make a report that counts other trials, or reckons a share or chance in another way."""

    def obedience(asked, heard, held_out):
        trials = list(zip(asked, heard, held_out, strict=True))
        report = {}
        for name in sorted({name for wish in asked for name in wish}):
            chosen = [(a, h) for a, h, new in trials if counts(new) and judged(name, a, h)]
            pairs = [(a.get(name), h.get(name)) for a, h in chosen]
            both = [(a, h) for a, h in pairs if a is not None and h is not None]
            report[name] = (share(pairs, trials), chance(both))
        return report

    return obedience


reference = build()


def known_wordings_counted(*inputs):
    """You also count the wordings that were used in training.

    There a model may obey the form of a sentence. Which argument says what is held out?
    """
    return build(counts=lambda new: True)(*inputs)


def only_known_wordings(asked, heard, held_out):
    """You count the wordings that were used in training, and leave out the others.

    True in `held_out` means that no training had it.
    """
    turned = [not new for new in held_out]
    if not any(turned):
        return {}
    return build()(asked, heard, turned)


def chance_by_values(*inputs):
    """Your chance is one in so many values, as if a model chose them all alike often.

    A model that always writes minor obeys every wish for minor. Deal the wishes that there were
    anew among the pieces that there are.
    """
    return build(chance=lambda pairs: 1 / len({there for _, there in pairs}))(*inputs)


def chance_of_the_commonest(*inputs):
    """Your chance is the share of the value that was heard most often.

    That would be right only if everybody had asked for it. How often was each value asked for?
    """

    def commonest(pairs):
        return Counter(there for _, there in pairs).most_common(1)[0][1] / len(pairs)

    return build(chance=commonest)(*inputs)


def dealt_among_all_wordings(asked, heard, held_out):
    """You deal wishes anew among all trials, and count obedience in the held-out ones alone.

    A share and its control must be of the same trials.
    """
    own, every = reference(asked, heard, held_out), build(counts=lambda new: True)
    return {n: (own[n][0], chance) for n, (_, chance) in every(asked, heard, held_out).items()}


def own_piece_left_out(*inputs):
    """You deal each wish to all pieces but its own.

    That is a fair control, too, but a little lower for good models; here every piece counts, its
    own as well.
    """

    def others(pairs):
        many = len(pairs)
        hits = sum(wish == there for wish, there in pairs)
        return (dealt_anew(pairs) * many**2 - hits) / max(many * (many - 1), 1)

    return build(chance=others)(*inputs)


def dealt_to_the_next(*inputs):
    """You judge each piece by the next one's wish: that is one dealing out of many.

    With few pieces it is itself a matter of chance. Take all pairs of a wish and a piece.
    """

    def rolled(pairs):
        wishes = [wish for wish, _ in pairs]
        turned = zip(wishes[1:] + wishes[:1], (there for _, there in pairs), strict=True)
        return share_of(list(turned))

    return build(chance=rolled)(*inputs)


def averaged_over_attributes(*inputs):
    """You give every attribute the same numbers, the mean over all of them.

    One that is obeyed well then hides one that is not obeyed at all.
    """
    report = reference(*inputs)
    mean = tuple(sum(column) / len(report) for column in zip(*report.values(), strict=True))
    if len(report) == 1:
        return reference(*inputs)
    return dict.fromkeys(report, mean)


def divided_by_all_trials(*inputs):
    """You divide by all trials, and also by those in which the attribute was not asked for.

    What nobody asked for cannot be obeyed. Divide by as many as you judged.
    """
    return build(share=lambda pairs, trials: share_of(pairs) * len(pairs) / len(trials))(*inputs)


def unheard_is_disobedient(*inputs):
    """You count a wish as not obeyed where the ruler heard nothing at all.

    Such a piece cannot be judged, so it counts neither way.
    """
    return build(judged=lambda name, wish, there: name in wish)(*inputs)


def unasked_is_judged(*inputs):
    """You also judge pieces for what nobody asked of them.

    Without a wish there is no obedience. Is the attribute in `asked`?
    """
    return build(judged=lambda name, wish, there: name in there)(*inputs)


def counts_returned(*inputs):
    """Your first number is a count, not a share.

    Divide by as many as you judged.
    """
    return build(share=lambda pairs, trials: share_of(pairs) * len(pairs))(*inputs)


def shares_swapped(*inputs):
    """You return chance first, and what was obeyed second.

    Look at the order that is asked for.
    """
    return {name: pair[::-1] for name, pair in reference(*inputs).items()}


def one_row_an_attribute(report, asked, heard, held_out):
    """The report must have each attribute that was asked for, with two numbers."""
    names = {name for wish in asked for name in wish}
    return set(report) == names and all(len(pair) == 2 for pair in report.values())


def between_0_and_1(report, *inputs):
    """A share lies between 0 and 1."""
    return all(0 <= one <= 1 for pair in report.values() for one in pair)


EXERCISE = Exercise(
    id="obedience",
    notebook=20,
    place=3,
    title="Too obedient to be true",
    kind="find the bug",
    difficulty=3,
    importance=5,
    minutes=15,
    why="Nearly every claim that a model does as it is told rests on such a table.",
    signature=(
        "obedience(asked: list[dict[str, str]], heard: list[dict[str, str]], "
        "held_out: list[bool]) -> dict[str, tuple[float, float]]"
    ),
    statement=(
        "For each trial there is what was `asked`, what was `heard`, and whether its wording was "
        "`held_out` from training. The report should give, for each attribute, two shares. First: "
        "in how many held-out trials that asked for it, and in which it was heard at all, was the "
        "wish obeyed? Second: in how many would it be obeyed if the same wishes were dealt anew "
        "among the same pieces, on average over all pairs of a wish and a piece?\n\n"
        "This function is too kind to the model, in two ways. Find both."
    ),
    start=start,
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(one_row_an_attribute, between_0_and_1),
    mistakes=(
        known_wordings_counted,
        only_known_wordings,
        chance_by_values,
        chance_of_the_commonest,
        dealt_among_all_wordings,
        own_piece_left_out,
        dealt_to_the_next,
        averaged_over_attributes,
        divided_by_all_trials,
        unheard_is_disobedient,
        unasked_is_judged,
        counts_returned,
        shares_swapped,
    ),
    hints=(
        "A model always writes in minor, and three wishes of four ask for minor. How many does it "
        "obey? How well does it listen? And which argument does the function never use?",
        "Keep the trials that are held out, asked for the attribute, and heard it. First share: "
        "pairs that agree, divided by the pairs. Second: go through all wishes, and for each "
        "through all pieces; count where they agree; divide by the number of pairs squared.",
        "`dealt = sum(wish == there for wish, _ in pairs for _, there in pairs)`, then "
        "`dealt / len(pairs) ** 2`; in the first list, `for a, h, new in zip(...) if new and ...`.",
    ),
    explain="Why is one in three no fair chance for an attribute with three values?",
)

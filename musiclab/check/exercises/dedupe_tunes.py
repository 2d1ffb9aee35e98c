"""dedupe-tunes: give relatives the same number, whatever their key, repeats or title."""

from collections import Counter

import numpy as np

from musiclab.check.exercise import Exercise

STEPS = 4  # in a window


def melody(rng, length):
    """Draw a melody in which no window of steps comes twice."""
    while True:
        tune = (67 + rng.integers(-7, 8, size=length)).tolist()
        found = list(windows(tune))
        if len(set(found)) == len(found):
            return tune


def probes(rng):
    """Yield collections in which each pair tells one idea of "the same tune" from the right one."""
    up = int(rng.integers(1, 6))
    a, b, c, d = (melody(rng, 12) for _ in range(4))  # of eight windows each
    yield ([a, b, [pitch + up for pitch in a]],)
    yield ([a, [pitch + 12 for pitch in b], b, a],)  # an octave is a key like any other
    yield ([a + a + b, b + a, c],)  # other repeats
    yield ([c[:3], d[:4], c],)  # too short for any window
    for order in ([b, a, a + b, c], [a, c, b, a + b]):  # A and B share nothing, but both with AB
        yield (order,)
    yield ([a, a[:7] + c],)  # three of eight windows
    yield ([a[:11], a[:7] + c],)  # three of seven; of windows of three steps, half
    yield ([a, c + a[:8] + d],)  # exactly half of the shorter
    yield ([a, a[:8] + c[:4]],)  # half of each
    yield ([a, d + a[4:]],)  # half, at the end
    yield ([a + b + c, d, a[2:12]],)  # a part of a long one
    yield ([a, [134 - pitch for pitch in a], a[::-1]],)  # upside down, and backwards
    yield ([a, [2 * (pitch - 67) + 67 for pitch in a]],)  # the same ups and downs, wider
    yield ([a, [pitch + 12 * (place % 2) for place, pitch in enumerate(a)]],)
    yield ([d[:6] * 5 + a, d[:6] * 5 + b],)  # a strain that is repeated weighs once
    yield ([a, [a[0] - 1, *a[1:]], [*a[:-1], a[-1] + 1]],)


def use(answer, tunes):
    """Read the numbers as plain numbers."""
    family = answer([list(tune) for tune in tunes])
    try:
        return [int(one) for one in family]
    except (TypeError, ValueError):
        return family


def windows(tune, steps=STEPS, step_of=lambda a, b: b - a):
    line = [step_of(a, b) for a, b in zip(tune, tune[1:], strict=False)]
    return (tuple(line[at : at + steps]) for at in range(len(line) - steps + 1))


def solution(tunes):
    found = []
    for tune in tunes:
        line = np.diff(tune).tolist()
        found.append({tuple(line[at : at + 4]) for at in range(len(line) - 3)})
    family = list(range(len(tunes)))
    for a in range(len(tunes)):
        for b in range(a + 1, len(tunes)):
            shorter = min(len(found[a]), len(found[b]))
            if shorter and len(found[a] & found[b]) >= shorter / 2:
                first, other = sorted((family[a], family[b]))
                family = [first if one == other else one for one in family]
    return family


def reference(tunes):
    return build()(tunes)


def half_of_the_shorter(one, other):
    return bool(one and other) and 2 * len(one & other) >= min(len(one), len(other))


def join_all(related, count):
    """Let relatives of relatives belong together."""
    family = list(range(count))
    for a, b in related:
        first, other = sorted((family[a], family[b]))
        family = [first if one == other else one for one in family]
    return family


def build(found=lambda tune: set(windows(tune)), related=half_of_the_shorter, join=join_all):
    """Make a function that looks at other windows, compares or joins in another way."""

    def dedupe(tunes):
        each = [found(tune) for tune in tunes]
        pairs = [(a, b) for b in range(len(tunes)) for a in range(b) if related(each[a], each[b])]
        return join(sorted(pairs), len(tunes))

    return dedupe


def pitches_compared(tunes):
    """You compare pitches, so a tune in another key counts as another tune.

    What stays the same when a fiddler starts higher?
    """
    return build(lambda tune: {tuple(tune[at : at + 5]) for at in range(len(tune) - 4)})(tunes)


def whole_tunes_compared(tunes):
    """You compare whole tunes, so other repeats make another tune of it.

    Cut each line of steps into windows of four, and ask how many are shared.
    """
    return build(lambda tune: tuple(np.diff(tune).tolist()), lambda one, other: one == other)(tunes)


def relatives_of_relatives_lost(tunes):
    """A is related to B, and B to C, but you leave A and C apart.

    When two families meet, all members of both need one number, not only the two that you compare.
    """

    def join(related, count):
        family = list(range(count))
        for a, b in related:
            family[b] = min(family[b], a)
        return family

    return build(join=join)(tunes)


def half_of_the_longer(tunes):
    """You divide by the longer tune: a short tune inside a long one is missed.

    A tune played once is related to the same tune played with three others.
    """
    return build(related=lambda a, b: bool(a and b) and 2 * len(a & b) >= max(len(a), len(b)))(
        tunes
    )


def half_of_both_together(tunes):
    """You divide by the windows of both tunes together, and miss a short tune in a long one.

    Divide by the number of windows of the shorter one.
    """
    return build(related=lambda a, b: bool(a and b) and 2 * len(a & b) >= len(a | b))(tunes)


def repeats_weigh_more(tunes):
    """You count a window as often as it comes, so a strain that is repeated outweighs the rest.

    Each *different* window counts once. Which Python type forgets repeats?
    """

    def related(a, b):
        shorter = min(a.total(), b.total())
        return shorter > 0 and 2 * (a & b).total() >= shorter

    return build(lambda tune: Counter(windows(tune)), related)(tunes)


def ups_and_downs_only(tunes):
    """You compare whether a step goes up or down, but not how far.

    Then a scale and an arpeggio are relatives. A step has a direction and a size.
    """
    sign = lambda a, b: (b > a) - (b < a)  # noqa: E731
    return build(lambda tune: set(windows(tune, step_of=sign)))(tunes)


def octaves_folded(tunes):
    """You fold octaves away: a leap of an octave more passes for the same step.

    Where does 12 come in? A whole tune an octave higher has the same steps anyway.
    """
    return build(lambda tune: set(windows(tune, step_of=lambda a, b: (b - a) % 12)))(tunes)


def one_window_is_enough(tunes):
    """You call tunes related that share any window at all.

    Four steps of a scale stand in a thousand tunes. How many windows must be shared?
    """
    return build(related=lambda a, b: bool(a & b))(tunes)


def more_than_half(tunes):
    """Two tunes that share exactly half are relatives, too.

    "At least half" includes the half.
    """
    return build(related=lambda a, b: bool(a and b) and 2 * len(a & b) > min(len(a), len(b)))(tunes)


def short_ones_related_to_all(tunes):
    """A tune that is too short for any window is related to every other in your answer.

    It shares 0 of 0 windows, and 0 is not less than half of 0. What should come first?
    """
    return build(related=lambda a, b: 2 * len(a & b) >= min(len(a), len(b)))(tunes)


def last_window_lost(tunes):
    """You lose the last window of each tune.

    A line of n steps has n - 3 windows of four.
    """
    return build(lambda tune: set(list(windows(tune))[:-1]))(tunes)


def windows_of_three(tunes):
    """Your windows have three steps, four notes; they should have four steps.

    Five notes lie at both ends of four steps.
    """
    return build(lambda tune: set(windows(tune, 3)))(tunes)


def numbered_in_turn(tunes):
    """The families are right, but you number them 0, 1, 2 as they come.

    A family is called by the place of its first tune in the list.
    """
    family = reference(tunes)
    return [sorted(set(family)).index(one) for one in family]


def a_number_a_tune(family, tunes):
    """There must be one number for each tune."""
    return isinstance(family, list) and len(family) == len(tunes)


def named_by_its_first(family, tunes):
    """The number of a family must be the place of its first tune, from 0."""
    return all(one <= number and family[one] == one for number, one in enumerate(family))


EXERCISE = Exercise(
    id="dedupe-tunes",
    notebook=21,
    place=2,
    title="Relatives under other names",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=20,
    why="A tune whose relative is in training tests nothing but the memory.",
    signature="dedupe_tunes(tunes: list[list[int]]) -> list[int]",
    statement=(
        "Each tune is a list of MIDI pitches, without rests. Find the families, and return for "
        "each tune the place of the first tune of its family in the list, from 0.\n\n"
        "Two tunes are related if they share at least half of the windows of the one that has "
        "fewer. A window is four steps in a row (five notes); each *different* window counts "
        "once. Relatives of relatives are of the same family. A tune that is too short for a "
        "window is alone. (The notebook takes eight steps and a quarter.)"
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(a_number_a_tune, named_by_its_first),
    mistakes=(
        pitches_compared,
        whole_tunes_compared,
        relatives_of_relatives_lost,
        half_of_the_longer,
        half_of_both_together,
        repeats_weigh_more,
        ups_and_downs_only,
        octaves_folded,
        one_window_is_enough,
        more_than_half,
        short_ones_related_to_all,
        last_window_lost,
        windows_of_three,
        numbered_in_turn,
    ),
    hints=(
        "Write the steps of a tune, and of the same tune with its first half played twice. Which "
        "windows of four steps stand in both?",
        "1. For each tune a set of its windows of steps.\n"
        "2. family: each tune its own number.\n"
        "3. For each pair: how many windows are in both sets? Are they half of the smaller set, "
        "and is that set not empty?\n"
        "4. If so, all who have the larger of the two family numbers get the smaller one.",
        "`shared = len(found[a] & found[b])`, `shorter = min(len(found[a]), len(...))`, then "
        "`if shorter and shared >= ...:` `first, other = sorted((family[a], family[b]))` and "
        "`family = [first if one == ... else one for one in family]`.",
    ),
    explain="Why do relatives of relatives have to stay together, though they share nothing?",
)

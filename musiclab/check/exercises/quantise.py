"""quantise: move notes to a grid, and find the bug that makes neighbours overlap."""

import math

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import bwv_66_6, in_quarters


def probes(rng):
    """Yield notes one after another, some shorter than the grid, with halves that are exact."""
    pitches = rng.permutation(range(50, 80)).tolist()
    yield [(0.0, 0.375, pitches[0]), (0.375, 0.375, pitches[1])], 4
    for grid in (2, 4, 3):
        durations = rng.permutation([1, 2, 3, 4, 6, 8, 10, 13]) / 16
        notes, onset = [], float(rng.integers(1, 16)) / 16
        for duration in durations.tolist():
            notes.append((onset, duration, pitches.pop()))
            onset += duration
        yield notes, grid
    yield [(0.125, 0.125, pitches[2]), (0.625, 0.125, pitches[3]), (1.0, 0.75, pitches[4])], 4


def solution(notes, grid):
    moved = []
    for onset, duration, pitch in notes:
        first = math.floor(onset * grid + 0.5)
        last = math.floor((onset + duration) * grid + 0.5)
        if last > first:
            moved.append((first / grid, (last - first) / grid, pitch))
    return moved


def start(notes, grid):
    moved = []
    for onset, duration, pitch in notes:
        first = math.floor(onset * grid + 0.5)
        length = math.floor(duration * grid + 0.5)
        if length > 0:
            moved.append((first / grid, length / grid, pitch))
    return moved


def nearest(lines):
    """Round to a whole number of grid lines; halves go up."""
    return math.floor(lines + 0.5)


def move(notes, grid, rounded=nearest):
    """Round starts and ends in some way, and keep notes that have no length left."""
    moved = []
    for onset, duration, pitch in notes:
        first, last = rounded(onset * grid), rounded((onset + duration) * grid)
        moved.append((first / grid, (last - first) / grid, pitch))
    return moved


def lasting(notes):
    return [one for one in notes if one[1] > 0]


def ends_left_where_they_were(notes, grid):
    """Only the starts are moved; the notes still end between the lines.

    Section 2.6 says what quantising moves. There are two things.
    """
    starts = [(nearest(a * grid) / grid, a + length, pitch) for a, length, pitch in notes]
    return lasting([(first, last - first, pitch) for first, last, pitch in starts])


def durations_left_as_they_were(notes, grid):
    """The starts lie on the grid, but the durations are as before, and the ends do not fit.

    On a grid of quarters, how long can a note be?
    """
    return [(nearest(onset * grid) / grid, duration, pitch) for onset, duration, pitch in notes]


def starts_left_where_they_were(notes, grid):
    """Only the ends are moved; the notes still begin between the lines.

    Section 2.6 says what quantising moves. There are two things.
    """
    ends = [(a, nearest((a + length) * grid) / grid, pitch) for a, length, pitch in notes]
    return lasting([(first, last - first, pitch) for first, last, pitch in ends])


def always_earlier(notes, grid):
    """Everything moves to the line before it, not to the nearest one.

    A note that comes a little early would land a whole line too soon.
    """
    return lasting(move(notes, grid, math.floor))


def always_later(notes, grid):
    """Everything moves to the line after it, not to the nearest one.

    A note that comes a little late would land a whole line too late.
    """
    return lasting(move(notes, grid, math.ceil))


def halves_to_even(notes, grid):
    """A moment halfway between two lines goes to the even one: some go up, some go down.

    Python's own rounding does that. Section 2.4 says what we do instead.
    """
    return lasting(move(notes, grid, round))


def empty_notes_kept(notes, grid):
    """Notes that begin and end on the same line are kept, with a duration of 0.

    What would a player do with such a note? What does the statement say?
    """
    return move(notes, grid)


def short_notes_stretched(notes, grid):
    """Notes that have no length left are made one line long, and sound together with the next.

    A voice sings one note at a time. What does the statement say about such notes?
    """
    return [(first, max(length, 1 / grid), pitch) for first, length, pitch in move(notes, grid)]


def short_notes_dropped_first(notes, grid):
    """Every note shorter than the grid is dropped, but some of them still have a line to sound on.

    A short note may reach from one line to the next after both its ends have moved.
    """
    return lasting(move([one for one in notes if one[1] * grid >= 1], grid))


def in_lines(notes, grid):
    """Onset and duration count lines of the grid; they should count quarters, as before.

    After rounding, which step leads back to quarters?
    """
    return [(a * grid, length * grid, pitch) for a, length, pitch in solution(notes, grid)]


def grid_upside_down(notes, grid):
    """Your lines are `grid` quarters apart, not `grid` lines in a quarter: it is far too coarse.

    A grid of 4 has four lines in each quarter. Multiply or divide first?
    """
    return lasting(move(notes, 1 / grid))


def grid_ignored(notes, grid):
    """You always use four lines to a quarter, whatever `grid` says.

    Which number in your code should be the argument?
    """
    return solution(notes, 4)


def ends_from_the_old_onsets(notes, grid):
    """The ends lie on the grid, but a duration is counted from where the note began before.

    Once the start has moved, from where to where does the note last?
    """
    return [
        (first, first + length - onset, pitch)
        for (onset, _, _), (first, length, pitch) in zip(notes, move(notes, grid), strict=True)
        if length > 0
    ]


def end_for_duration(notes, grid):
    """Your second number is the moment at which the note ends; it should say how long it lasts.

    A note's duration is the same wherever in the piece it stands.
    """
    return [(first, first + length, pitch) for first, length, pitch in solution(notes, grid)]


def starts_down_ends_up(notes, grid):
    """Starts move to the line before, ends to the line after: notes grow, and overlap.

    Both ends of a note follow the same rule. Which line is nearest?
    """
    return [
        (math.floor(a * grid) / grid, (math.ceil((a + b) * grid) - math.floor(a * grid)) / grid, p)
        for a, b, p in notes
    ]


def all_on_the_grid(result, notes, grid):
    """Every note must begin and end on a line of the grid, counted in quarters.

    Multiply your numbers by `grid`. Which of them is not whole?
    """
    lines = [line * grid for one in result for line in one[:2]]
    return all(abs(line - round(line)) < 1e-6 for line in lines)


def none_without_length(result, notes, grid):
    """A note that begins and ends on the same line must vanish.

    What does your function do if `last` equals `first`?
    """
    return all(one[1] > 0 for one in result)


def neighbours_still_touch(result, notes, grid):
    """Two notes overlap, or leave a gap, though they followed each other without one.

    Compare where the first one ends with where the second one begins. Who rounded what?
    """
    touching = [a[0] + a[1] == b[0] for a, b in zip(notes, notes[1:], strict=False)]
    pairs = zip(result, result[1:], strict=False)
    return not all(touching) or all(abs(a[0] + a[1] - b[0]) < 1e-6 for a, b in pairs)


def hear(answer):
    """Quantise three lines of a chorale that are played a little unevenly."""
    voices = []
    for part, line in enumerate(bwv_66_6()):
        moments = [first / 4 + 0.09 * math.sin(5 * first + part) for first, _, _ in line]
        moments = [max(0.0, one) for one in moments] + [12.0]
        pairs = zip(moments[:-1], moments[1:], line, strict=True)
        voices.append(answer([(begin, end - begin, note[2]) for begin, end, note in pairs], 4))
    return in_quarters(voices)


EXERCISE = Exercise(
    id="quantise",
    notebook=2,
    place=4,
    title="A sieve with a fault",
    kind="find the bug",
    difficulty=3,
    importance=3,
    minutes=10,
    why="Music that was quantised wrongly still looks like music, and a model would learn from it.",
    signature=(
        "quantise(notes: list[tuple[float, float, int]], grid: int) "
        "-> list[tuple[float, float, int]]"
    ),
    statement=(
        "The function below moves notes to a grid of `grid` lines to a quarter. Notes that "
        "followed each other without a gap overlap afterwards, or leave a gap. Find the bug and "
        "mend it. A note is (onset, duration, pitch) in quarters, before and after. Its start and "
        "its end each go to the nearest line, halves to the later one. A note that begins and "
        "ends on the same line vanishes."
    ),
    reference=solution,
    solution=solution,
    start=start,
    probes=probes,
    properties=(
        all_on_the_grid,
        none_without_length,
        neighbours_still_touch,
    ),
    mistakes=(
        ends_left_where_they_were,
        durations_left_as_they_were,
        starts_left_where_they_were,
        always_earlier,
        always_later,
        halves_to_even,
        empty_notes_kept,
        short_notes_stretched,
        short_notes_dropped_first,
        in_lines,
        grid_upside_down,
        grid_ignored,
        ends_from_the_old_onsets,
        end_for_duration,
        starts_down_ends_up,
    ),
    hints=(
        "Two notes of one and a half lines each, the second right after the first. On which line "
        "does the first one end, and on which does the second one begin? Draw it, then run it.",
        "For each note: first = the line nearest to its start; last = the line nearest to its "
        "end, that is, to onset plus duration. The new duration is what lies between the two "
        "lines. Go back to quarters at the end.",
        "`last = math.floor((... + ...) * grid + 0.5)`, then `if last > first:` and "
        "`moved.append((first / grid, (...) / grid, pitch))`.",
    ),
    explain="Two notes touch. Why do they still touch once start and end are both rounded?",
    hear=hear,
)

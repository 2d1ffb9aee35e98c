"""flatten-bars: take the notes out of their bars, and find the bug that a pickup reveals."""

from collections import namedtuple

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import bwv_66_6, in_quarters

Tone = namedtuple("Tone", "onset duration pitch")
Bar = namedtuple("Bar", "length notes")


def probes(rng):
    """Yield pieces whose bars differ in length, some of them ending in a rest or wholly silent."""
    shapes = (((1, 3), (0, 1)), ((2, 3, 4), (0, 2, 1)), ((1, 4, 3, 5, 2), (0, 1, 3, 2, 0)))
    for lengths, rests in shapes:
        bars = []
        for length, rest in zip(lengths, rests, strict=True):
            cuts = [cut / 2 for cut in range(0, 2 * (length - rest) + 1)]
            pitches = rng.permutation(range(60, 80)).tolist()
            bars.append(Bar(float(length), [Tone(cut, 0.5, pitches.pop()) for cut in cuts[:-1]]))
        yield (bars,)


def solution(bars):
    flat, begin = [], 0
    for bar in bars:
        flat += [note._replace(onset=begin + note.onset) for note in bar.notes]
        begin += bar.length
    return flat


def start(bars):
    flat = []
    for number, bar in enumerate(bars):
        begin = 4 * number
        flat += [note._replace(onset=begin + note.onset) for note in bar.notes]
    return flat


def begun_at(begins, bars):
    """Flatten with the beginnings of the bars given."""
    pairs = zip(begins, bars, strict=False)
    return [one._replace(onset=begin + one.onset) for begin, bar in pairs for one in bar.notes]


def sums(bars):
    """Add up the lengths: where each bar ends."""
    return [sum(bar.length for bar in bars[: number + 1]) for number in range(len(bars))]


def bars_at_once(bars):
    """All bars sound at once: each onset still counts from the beginning of its own bar.

    What must be added to a note of the second bar? Section 1.3 prints both numbers.
    """
    return begun_at([0] * len(bars), bars)


def every_bar_as_the_first(bars):
    """Every bar counts as long as the first one, which may be a pickup.

    The bars of a piece can differ in length. Which length do you need, and when?
    """
    return begun_at([number * bars[0].length for number in range(len(bars))], bars)


def own_length_times_number(bars):
    """Each bar is placed as if all bars before it were as long as itself.

    What matters is how long the bars before it are, each with its own length.
    """
    return begun_at([number * bar.length for number, bar in enumerate(bars)], bars)


def one_bar_late(bars):
    """Every note sounds a bar too late: a bar's own length is added before its notes are placed.

    Where does the first bar begin? Look at the order of your two steps.
    """
    return begun_at(sums(bars), bars)


def only_the_bar_before(bars):
    """Each bar begins where one bar would end: only the bar just before it is counted.

    The third bar comes after two others. Is your running sum a sum?
    """
    return begun_at([0, *[bar.length for bar in bars]], bars)


def begins_at_the_last_note(bars):
    """A bar begins where the last note before it ends; the rest at the end of a bar is lost.

    Silence lasts, too. Which number says how long a bar is, notes or no notes?
    """
    flat, begin = [], 0
    for bar in bars:
        flat += begun_at([begin], [bar])
        begin = flat[-1].onset + flat[-1].duration
    return flat


def silent_bar_skipped(bars):
    """A bar without notes takes no time in your version, and all that follows comes too early.

    In a silent bar the clock goes on. What happens there in your code?
    """
    return solution([bar for bar in bars if bar.notes])


def pickup_before_zero(bars):
    """Your piece begins before 0, so that the second bar begins at 0.

    The pickup is the first thing that is heard. Which moment is 0 in this course?
    """
    return [one._replace(onset=one.onset - bars[0].length) for one in solution(bars)]


def pickup_lost(bars):
    """The first bar is missing.

    A pickup is not counted on paper, but it is sung.
    """
    return solution(bars)[len(bars[0].notes) :]


def last_bar_lost(bars):
    """The last bar is missing.

    How far does your loop go?
    """
    return solution(bars[:-1])


def duration_moved_too(bars):
    """The beginning of the bar was added to the durations as well, so notes get longer and longer.

    An onset is a moment, a duration is a length of time. Which of them changes when bars move?
    """
    pairs = zip(solution(bars), [note for bar in bars for note in bar.notes], strict=True)
    return [flat._replace(duration=flat.onset - own.onset + own.duration) for flat, own in pairs]


def fours_after_the_pickup(bars):
    """The first bar has its own length, but all others still count as four quarters.

    That mends pieces in 4/4. What about a piece in 3/4, or one whose metre changes?
    """
    return begun_at([0, *[bars[0].length + 4 * number for number in range(len(bars) - 1)]], bars)


def all_like_the_second(bars):
    """The first bar has its own length, but all others count as long as the second one.

    The metre may change within a piece. Which lengths have to be added up?
    """
    first, second = bars[0].length, bars[1].length
    return begun_at([0, *[first + second * number for number in range(len(bars) - 1)]], bars)


def all_like_the_longest(bars):
    """Every bar counts as long as the longest one, so a pickup is followed by a gap.

    The bars of a piece can differ in length. Which length do you need, and when?
    """
    longest = max(bar.length for bar in bars)
    return begun_at([longest * number for number in range(len(bars))], bars)


def all_notes_at_the_bar_line(bars):
    """All notes of a bar begin with it: their own onsets are gone.

    A note has a place in its bar, and the bar a place in the piece. What becomes of the two?
    """
    flat = zip(solution(bars), [note for bar in bars for note in bar.notes], strict=True)
    return [one._replace(onset=one.onset - note.onset) for one, note in flat]


def notes_counted_as_quarters(bars):
    """A bar counts as many quarters as it has notes, but notes differ in length.

    Which number says how long a bar is?
    """
    counts = [sum(len(bar.notes) for bar in bars[:number]) for number in range(len(bars))]
    return begun_at(counts, bars)


def still_in_bars(bars):
    """The onsets are right, but there is still a list for each bar; one flat list is asked for.

    Should your loop add a list to the result, or the notes in it?
    """
    begins = [0, *sums(bars)]
    return [begun_at([begin], [bar]) for begin, bar in zip(begins, bars, strict=False)]


def no_note_is_lost(result, bars):
    """The result must hold every note once, in the order of the bars, with its own pitch.

    Count the notes of the bars, and those that you return.
    """
    return [one[2] for one in result] == [note.pitch for bar in bars for note in bar.notes]


def durations_stay(result, bars):
    """The notes must last as long as before; only their onsets change.

    Which of the three values of a note do you replace?
    """
    return [one[1] for one in result] == [note.duration for bar in bars for note in bar.notes]


def first_bar_stays(result, bars):
    """The first bar must stay where it is: it begins with the piece, at 0.

    What do you add to the notes of the first bar?
    """
    count = len(bars[0].notes)
    return [one[0] for one in result[:count]] == [note.onset for note in bars[0].notes]


def bars_begin_where_others_end(result, bars):
    """A later bar begins too early or too late: not where the bar before it ends.

    Add up the lengths by hand. At which bar does your sum go another way?
    """
    return [one[0] for one in result] == [one.onset for one in solution(bars)]


def hear(answer):
    """Cut three lines of a chorale into bars, and play what the answer makes of them."""
    lengths, voices = (1.0, 4.0, 4.0, 3.0), []
    for line in bwv_66_6():
        bars, begin = [], 0.0
        for length in lengths:
            inside = [one for one in line if begin <= one[0] / 4 < begin + length]
            notes = [Tone(a / 4 - begin, frames / 4, pitch) for a, frames, pitch in inside]
            bars.append(Bar(length, notes))
            begin += length
        voices.append(answer(bars))
    return in_quarters(voices)


EXERCISE = Exercise(
    id="flatten-bars",
    notebook=1,
    place=3,
    title="Out of the bars",
    kind="find the bug",
    difficulty=2,
    importance=3,
    minutes=10,
    why="A bug that shows only in pieces with a pickup can hide for a long time.",
    signature="flatten_bars(bars: list[Bar]) -> list[Tone]",
    statement=(
        "The function below takes the notes of one voice out of their bars. It is right for many "
        "pieces, and wrong for our chorale. Find the bug and mend it. A `Bar` has a length in "
        "quarters, and notes whose onset counts from the beginning of the bar. Each is a `Tone`, a "
        "note without a tie. In the result, onsets count from the beginning of the piece. The bars "
        "need not be equally long, and a bar may be silent."
    ),
    given=(
        "from collections import namedtuple\n\n"
        'Tone = namedtuple("Tone", "onset duration pitch")\n'
        'Bar = namedtuple("Bar", "length notes")'
    ),
    reference=solution,
    solution=solution,
    start=start,
    probes=probes,
    properties=(
        no_note_is_lost,
        durations_stay,
        first_bar_stays,
        bars_begin_where_others_end,
    ),
    mistakes=(
        bars_at_once,
        every_bar_as_the_first,
        own_length_times_number,
        one_bar_late,
        only_the_bar_before,
        begins_at_the_last_note,
        silent_bar_skipped,
        pickup_before_zero,
        pickup_lost,
        last_bar_lost,
        duration_moved_too,
        fours_after_the_pickup,
        all_like_the_second,
        all_like_the_longest,
        all_notes_at_the_bar_line,
        notes_counted_as_quarters,
        still_in_bars,
    ),
    hints=(
        "Draw the first three bars of a piece with a pickup, and a ruler in quarters below them. "
        "At which number does each bar begin? Which line of the code says so?",
        "begin = 0. For each bar: put its notes at begin plus their own onset; then move begin on "
        "by how long this bar is.",
        "`flat, begin = [], 0`, then `for bar in bars:` the line that places the notes, and after "
        "it `begin += ...`. What was `begin` before?",
    ),
    explain="Why did nobody notice this bug in pieces without a pickup?",
    hear=hear,
)

"""split-at-bars: write notes as a page shows them, with tied heads wherever a bar line is."""

import numpy as np

from musiclab.check.exercise import Exercise
from musiclab.check.exercises.merge_ties import NOTE, Note


def probes(rng):
    """Yield a voice, its pickup and its bar; some notes cross no bar line, some one, some more."""
    pitches = rng.permutation(range(55, 80)).tolist()
    for pickup, bar, durations in (
        (1.0, 4.0, (2.0, 1.0)),
        (2.0, 3.0, (2.0, 4.0, 0.5, 8.0, 1.5)),
        (1.0, 4.0, (1.0, 4.0, 0.5, 10.0, 0.5, 2.5)),
    ):
        notes, onset = [], 0.0
        for duration in durations:
            notes.append(Note(onset, duration, pitches.pop(), None))
            onset += duration + 0.5 * (duration == 0.5)  # a rest after each short note
        yield notes, pickup, bar


def solution(notes, pickup, bar):
    heads = []
    for note in notes:
        end = note.onset + note.duration
        lines = np.arange(pickup, end, bar)
        cuts = [note.onset, *lines[lines > note.onset].tolist(), end]
        for begin, stop in zip(cuts[:-1], cuts[1:], strict=True):
            if begin == note.onset:
                tie = None if stop == end else "start"
            else:
                tie = "stop" if stop == end else "continue"
            heads.append(Note(begin, stop - begin, note.pitch, tie))
    return heads


def as_heads(result):
    """Read plain data as heads."""
    return [Note(*one) for one in result]


def every_head_has_a_length(result, notes, pickup, bar):
    """Every head must last longer than 0 quarters.

    What happens to a note that ends exactly at a bar line?
    """
    return all(head.duration > 0 for head in as_heads(result))


def no_head_crosses_a_bar_line(result, notes, pickup, bar):
    """No head may reach over a bar line; the first bar line is where the pickup ends."""
    lines = [pickup + number * bar for number in range(20)]
    return not any(
        head.onset < line < head.onset + head.duration
        for head in as_heads(result)
        for line in lines
    )


def ties_follow_each_other(result, notes, pickup, bar):
    """A tie must be written "start", then "continue" where there are more heads, then "stop"."""
    words = " ".join(str(head.tie) for head in as_heads(result))
    words = words.replace("continue ", "").replace("start stop", "")
    return set(words.split()) <= {"None"}


def merging_gives_the_notes_back(result, notes, pickup, bar):
    """Merging the tied heads must give back the very notes that you were given."""
    merged = []
    for head in as_heads(result):
        if head.tie in ("continue", "stop") and merged:
            merged[-1] = merged[-1]._replace(duration=merged[-1].duration + head.duration)
        else:
            merged.append(head._replace(tie=None))
    return merged == list(notes)


def split(notes, lines_of, spell=lambda words: words):
    """Cut each note at the bar lines given for it, and write the ties in some way."""
    heads = []
    for note in notes:
        end = note.onset + note.duration
        inside = [line for line in lines_of(note) if note.onset < line < end]
        cuts = [note.onset, *inside, end]
        words = ["start", *["continue"] * (len(inside) - 1), "stop"] if inside else [None]
        for begin, stop, tie in zip(cuts[:-1], cuts[1:], spell(words), strict=True):
            heads.append(Note(begin, stop - begin, note.pitch, tie))
    return heads


def every(begin, bar):
    """List the bar lines from a moment on."""
    return [begin + number * bar for number in range(20)]


def never_split(notes, pickup, bar):
    """The notes come back as they were, and some heads reach over a bar line.

    How do you find out whether a bar line lies between the onset and the end of a note?
    """
    return notes


def no_ties(notes, pickup, bar):
    """The heads are right, but nothing ties them: a singer would begin a new note at each bar line.

    Look at the two heads in section 1.2. Which small words do they carry?
    """
    return split(notes, lambda note: every(pickup, bar), lambda words: [None] * len(words))


def no_continue(notes, pickup, bar):
    """A head in the middle of a chain says "stop", although the note goes on after it.

    There is a third word, for a head that is tied on both sides.
    """
    return split(
        notes,
        lambda note: every(pickup, bar),
        lambda words: [*words[:1], *["stop"] * len(words[1:])],
    )


def every_head_starts(notes, pickup, bar):
    """All heads of a tied note say "start", so nobody knows where the note ends.

    A tie has two ends. What must the last head say?
    """
    return split(notes, lambda note: every(pickup, bar), lambda words: [words[0]] * len(words))


def whole_notes_tied(notes, pickup, bar):
    """Notes that cross no bar line carry "start", but nothing follows that they are tied to.

    What should the tie be where one head is enough?
    """
    return [one._replace(tie=one.tie or "start") for one in solution(notes, pickup, bar)]


def split_once(notes, pickup, bar):
    """Each note is cut at one bar line only, but a long one may cross several.

    After your cut, look at what is left of the note: could there be another bar line in it?
    """
    return split(notes, lambda note: [one for one in every(pickup, bar) if one > note.onset][:1])


def pickup_ignored(notes, pickup, bar):
    """The bar lines are counted from 0, as if there were no pickup.

    Where is the first bar line of a piece whose pickup lasts one quarter?
    """
    return split(notes, lambda note: every(0, bar))


def lines_from_the_note(notes, pickup, bar):
    """Each note is cut a bar after its own onset, wherever the bar lines are.

    A bar line has its place in the piece, the same for all notes.
    """
    return split(notes, lambda note: every(note.onset, bar))


def rest_of_the_note_lost(notes, pickup, bar):
    """Notes are cut off at the bar line, and the rest of them is lost.

    Add up the durations of the heads. Do they make the whole note?
    """
    return [
        one._replace(tie=None)
        for one in solution(notes, pickup, bar)
        if one.tie not in ("continue", "stop")
    ]


def empty_head_at_the_line(notes, pickup, bar):
    """A note that ends exactly at a bar line gets one more head, which lasts 0 quarters.

    Does such a note cross the line, or only touch it?
    """
    heads = []
    for note in notes:
        heads += solution([note], pickup, bar)
        end = note.onset + note.duration
        if end in every(pickup, bar):
            heads[-1] = heads[-1]._replace(tie="continue" if heads[-1].tie else "start")
            heads.append(Note(end, 0.0, note.pitch, "stop"))
    return heads


def empty_head_at_the_start(notes, pickup, bar):
    """A note that begins exactly at a bar line gets a first head, which lasts 0 quarters.

    Does such a note cross the line, or only touch it?
    """
    heads = []
    for note in notes:
        own = solution([note], pickup, bar)
        if note.onset in every(pickup, bar):
            after = {None: "stop", "start": "continue"}
            own[0] = own[0]._replace(tie=after[own[0].tie])
            own.insert(0, Note(note.onset, 0.0, note.pitch, "start"))
        heads += own
    return heads


def whole_duration_in_each_head(notes, pickup, bar):
    """Each head lasts as long as the whole note, and reaches over the bar line.

    How long is a head, from one cut to the next?
    """
    whole = {note.pitch: note.duration for note in notes}
    return [one._replace(duration=whole[one.pitch]) for one in solution(notes, pickup, bar)]


def onset_kept_in_each_head(notes, pickup, bar):
    """All heads of a note begin at the same moment, that of the note itself.

    Where does the second head begin?
    """
    begin = {note.pitch: note.onset for note in notes}
    return [one._replace(onset=begin[one.pitch]) for one in solution(notes, pickup, bar)]


EXERCISE = Exercise(
    id="split-at-bars",
    notebook=1,
    place=4,
    title="Back onto the page",
    kind="open",
    difficulty=3,
    importance=2,
    minutes=15,
    why="Whoever lets a program write scores must know what a page can and cannot show.",
    signature="split_at_bars(notes: list[Note], pickup: float, bar: float) -> list[Note]",
    statement=(
        "The way back from `merge_ties`. Write the notes of one voice as a page shows them, so "
        'that no head crosses a bar line, and tie the heads of each note: `"start"`, then '
        '`"continue"` as often as needed, then `"stop"`; None where one head is enough. The first '
        "bar line stands where the pickup ends, then one after every `bar` quarters. The spelling "
        "is yours: you may also cut at the beats, as some printers do. What counts is that the "
        "ties lead back to the notes."
    ),
    given=NOTE,
    exact=False,
    reference=solution,
    solution=solution,
    probes=probes,
    properties=(
        every_head_has_a_length,
        no_head_crosses_a_bar_line,
        ties_follow_each_other,
        merging_gives_the_notes_back,
    ),
    mistakes=(
        never_split,
        no_ties,
        no_continue,
        every_head_starts,
        whole_notes_tied,
        split_once,
        pickup_ignored,
        lines_from_the_note,
        rest_of_the_note_lost,
        empty_head_at_the_line,
        empty_head_at_the_start,
        whole_duration_in_each_head,
        onset_kept_in_each_head,
    ),
    hints=(
        "Draw the bar lines on a ruler in quarters, with the pickup first. Lay a long note above "
        "it. Where would you cut it, and what do you write at each piece?",
        "For each note: find all bar lines that lie strictly between its onset and its end. The "
        "onset, these lines and the end are the cuts. Between two cuts is a head. The word of "
        "its tie depends on two things: is it the first piece, and is it the last?",
        "`lines = np.arange(pickup, end, bar)`, then "
        "`cuts = [note.onset, *lines[lines > ...].tolist(), end]`. For each pair of cuts: "
        "`heads.append(Note(begin, ..., note.pitch, tie))`.",
    ),
    explain="When would you cut a note at a beat, too, though no bar line is there?",
)
